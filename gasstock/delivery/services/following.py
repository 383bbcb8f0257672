"""What becomes of a delivery when something happens to its order, by whatever door.

Orders may not see deliveries; they call `follow_order` (ORDER_FOLLOWERS in the settings) in the
transaction of each step. So an order that is on the way has one delivery that is out, always.
"""

from collections.abc import Callable
from typing import Any

from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import User
from gasstock.core import clock
from gasstock.delivery.models import Delivery, DeliveryQuerySet, DeliveryStatus
from gasstock.notifications.services import notify
from gasstock.orders.models import EventKind, Order


def follow_order(actor: User | None, order: Order, kind: EventKind) -> None:
    """Move the order's delivery along with it. A part of the transaction of the step."""
    follow = FOLLOWED.get(kind)
    if follow and order.is_delivery:
        follow(actor, order)


def _leave(actor: User | None, order: Order) -> None:
    """Send the assigned one off; if nobody assigned it, this is when it was."""
    left: dict[str, Any] = {
        "status": DeliveryStatus.ON_THE_WAY,
        "rider": order.rider,
        "departed_at": order.dispatched_at,
    }
    if not _of(order).filter(status=DeliveryStatus.ASSIGNED).update(**left):
        by = {"assigned_by": actor or order.rider, "assigned_at": order.dispatched_at}
        Delivery.objects.create(order=order, station=order.station, **by, **left)


def _arrive(actor: User | None, order: Order) -> None:
    _of(order).out().update(status=DeliveryStatus.DELIVERED, ended_at=clock.now(), goes_back=False)


def _come_back(actor: User | None, order: Order) -> None:
    _of(order).out().update(status=DeliveryStatus.BROUGHT_BACK, ended_at=clock.now())


def _end(actor: User | None, order: Order) -> None:
    """Tell the rider too, who might be about to ring at the door."""
    for delivery in _of(order).waiting().select_related("rider"):
        Delivery.objects.filter(pk=delivery.pk).update(
            status=DeliveryStatus.ENDED, ended_at=clock.now()
        )
        if delivery.rider != actor:
            notify(
                [delivery.rider],
                kind="run.ended",
                text=format_lazy(_("Order {order} is called off: do not deliver it."), order=order),
                url=reverse("delivery:runs", args=[order.station.slug]),
            )


def _of(order: Order) -> DeliveryQuerySet:
    return Delivery.objects.filter(order=order)


FOLLOWED: dict[EventKind, Callable[[User | None, Order], None]] = {
    EventKind.DISPATCHED: _leave,
    EventKind.DELIVERED: _arrive,
    EventKind.BROUGHT_BACK: _come_back,
    EventKind.CANCELLED: _end,
}
