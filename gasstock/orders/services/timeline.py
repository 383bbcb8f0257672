"""What every step of an order has in common: the guarded change, the timeline, the news."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from gasstock.accounts.models import Membership, User
from gasstock.accounts.permissions import Role
from gasstock.audit.services import record
from gasstock.notifications.services import notify
from gasstock.orders.errors import WrongStatus
from gasstock.orders.models import EventKind, Order, OrderEvent, OrderStatus

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def step(
    order: Order, expected: Collection[OrderStatus], to: OrderStatus, **fields: object
) -> None:
    """Change the status in the statement that checks it. Raises WrongStatus.

    From then until the end of the transaction the row is locked against other steps.
    """
    rows = Order.objects.filter(pk=order.pk, status__in=expected)
    if not rows.update(status=to, **fields):
        order.refresh_from_db(fields=["status"])
        raise WrongStatus(order)
    order.refresh_from_db(fields=["status", *fields])


def write_event(actor: User | None, order: Order, kind: EventKind, note: str = "") -> None:
    """Put it on the order's timeline and in the audit log, and tell who follows orders."""
    OrderEvent.objects.create(order=order, kind=kind, actor=actor, note=note)
    record(actor, f"order.{kind.value}", order, note=note)
    for path in settings.ORDER_FOLLOWERS:
        import_string(path)(actor, order, kind)


def tell_buyer(order: Order, kind: EventKind, text: "StrOrPromise") -> None:
    """Tell the buyer, in the app and by e-mail; a walk-in buyer nobody can reach.

    The subject, which admins see in the list of messages, says less than the text: the code for
    the hand-over may stand there.
    """
    notify(
        [order.buyer] if order.buyer else [],
        kind=f"order.{kind.value}",
        text=text,
        url=order.get_absolute_url(),
        subject=f"{order}: {kind.label}",
        body=text,
    )


def tell_station(actor: User | None, order: Order, kind: EventKind, text: "StrOrPromise") -> None:
    """Tell those who serve orders at the station, but not the one who did it."""
    members = Membership.objects.filter(
        station_id=order.station_id, role__in=[Role.MANAGER, Role.CLERK]
    ).select_related("user")
    notify(
        [member.user for member in members if member.user != actor],
        kind=f"desk.{kind.value}",
        text=text,
        url=f"{order.station.get_absolute_url()}{order.number}/",
        subject=text,
        body=text,
    )


def tell_rider(order: Order, rider: User, text: "StrOrPromise") -> None:
    """Tell the rider that a run waits for them."""
    notify(
        [rider],
        kind="run.given",
        text=text,
        url=reverse("delivery:runs", args=[order.station.slug]),
        subject=text,
        body=text,
    )


def tell_admins(order: Order, kind: EventKind, text: "StrOrPromise", url: str) -> None:
    """Tell those who run the platform."""
    notify(
        list(User.objects.filter(is_admin=True, is_active=True)),
        kind=f"approval.{kind.value}",
        text=text,
        url=url,
        subject=text,
        body=text,
    )
