"""The life of an order after it was placed, one function per step, in the order they happen."""

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import Membership, User
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.billing.services.invoices import void_invoice
from gasstock.core import clock
from gasstock.inventory.errors import OutOfStock
from gasstock.inventory.models import Condition, LocationKind, Reason
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.reservations import release, reserve
from gasstock.orders.errors import AboveLimit, NotOfTheTeam, OwnOrder, PaidOrder, ReasonMissing
from gasstock.orders.models import EventKind, Fulfilment, Order, OrderStatus
from gasstock.orders.services.placing import sums_of
from gasstock.orders.services.timeline import (
    step,
    tell_buyer,
    tell_rider,
    tell_station,
    write_event,
)


@transaction.atomic
def approve_order(actor: User, *, order: Order) -> Order:
    """Promise the buyer that the gas comes.

    An admin approves anything, a station's team up to the station's limit, nobody their own
    purchase. Raises OwnOrder, AboveLimit, WrongStatus.
    """
    if actor.pk == order.buyer_id:
        raise OwnOrder
    if not actor.is_admin and order.total > order.station.approval_limit:
        raise AboveLimit(order, order.station.approval_limit)
    step(order, [OrderStatus.PLACED], OrderStatus.APPROVED, approved_at=clock.now())
    write_event(actor, order, EventKind.APPROVED)
    tell_buyer(
        order,
        EventKind.APPROVED,
        format_lazy(
            _("{station} holds your gas: order {order}."), station=order.station, order=order
        ),
    )
    tell_station(
        actor, order, EventKind.APPROVED, format_lazy(_("Order {order} is approved."), order=order)
    )
    return order


@transaction.atomic
def reject_order(actor: User, *, order: Order, reason: str) -> Order:
    """Tell the buyer no, with a reason, and give the stock back."""
    if not reason.strip():
        raise ReasonMissing
    _end(actor, order, [OrderStatus.PLACED], OrderStatus.REJECTED, reason)
    tell_buyer(
        order,
        EventKind.REJECTED,
        format_lazy(_("Order {order} was not accepted: {reason}"), order=order, reason=reason),
    )
    tell_station(
        actor,
        order,
        EventKind.REJECTED,
        format_lazy(_("Order {order} was rejected: {reason}"), order=order, reason=reason),
    )
    return order


@transaction.atomic
def cancel_order(actor: User, *, order: Order, reason: str = "") -> Order:
    """The buyer calls it off, which they may until it is on the way."""
    expected = [OrderStatus.PLACED, OrderStatus.APPROVED]
    _end(actor, order, expected, OrderStatus.CANCELLED, reason)
    tell_station(
        actor,
        order,
        EventKind.CANCELLED,
        format_lazy(_("{buyer} cancelled order {order}."), buyer=order.buyer, order=order),
    )
    return order


@transaction.atomic
def call_off_order(actor: User, *, order: Order, reason: str) -> Order:
    """The station calls it off, with a reason.

    What is on the way stays with its rider, until the station counts the load.
    """
    if not reason.strip():
        raise ReasonMissing
    expected = [OrderStatus.PLACED, OrderStatus.APPROVED, OrderStatus.DISPATCHED]
    _end(actor, order, expected, OrderStatus.CANCELLED, reason)
    tell_buyer(
        order,
        EventKind.CANCELLED,
        format_lazy(
            _("{station} cancelled order {order}: {reason}"),
            station=order.station,
            order=order,
            reason=reason,
        ),
    )
    return order


@transaction.atomic
def expire_order(*, order: Order) -> Order:
    """Give up an order that nobody answered. Raises PaidOrder if money came in for it."""
    if Invoice.objects.filter(pk=order.invoice_id, paid__gt=0).exists():
        raise PaidOrder(order)
    _end(None, order, [OrderStatus.PLACED], OrderStatus.EXPIRED, "Nobody answered in time.")
    tell_buyer(
        order,
        EventKind.EXPIRED,
        format_lazy(
            _("{station} did not answer in time, so order {order} ran out. You owe nothing."),
            station=order.station,
            order=order,
        ),
    )
    tell_station(
        None,
        order,
        EventKind.EXPIRED,
        format_lazy(_("Order {order} ran out: nobody answered it."), order=order),
    )
    return order


@transaction.atomic
def dispatch_order(actor: User, *, order: Order, rider: User | None = None) -> Order:
    """Send the full cylinders off with a rider; without one, `actor` carries them.

    Raises NotOfTheTeam for a rider who does not work here any more, WrongStatus (a pick-up is
    never dispatched).
    """
    rider = rider or actor
    team = Membership.objects.filter(station_id=order.station_id, user__is_active=True)
    if rider != actor and not team.filter(user=rider).exists():
        raise NotOfTheTeam(str(rider))
    expected = [OrderStatus.APPROVED] if order.fulfilment == Fulfilment.DELIVERY else []
    step(order, expected, OrderStatus.DISPATCHED, dispatched_at=clock.now(), rider=rider)
    release(document=order.number)
    _load(actor, order)
    write_event(actor, order, EventKind.DISPATCHED, note=f"{rider.first_name} left with the gas")
    tell_buyer(
        order,
        EventKind.DISPATCHED,
        format_lazy(
            _("Your gas is on the way with {rider}. Have your code ready: {code}"),
            rider=rider.first_name,
            code=order.code,
        ),
    )
    if rider != actor:
        tell_rider(
            order,
            rider,
            format_lazy(
                _("You bring order {order} to {address}, {district}."),
                order=order,
                address=order.address,
                district=order.district,
            ),
        )
    return order


@transaction.atomic
def take_back_order(actor: User, *, order: Order, reason: str) -> Order:
    """Hold the gas of an order that could not be delivered at the station, for another day.

    What the rider brought of it was taken in before. If there is less on the shelf than was
    ordered, the order is called off. Raises ReasonMissing, WrongStatus.
    """
    if not reason.strip():
        raise ReasonMissing
    rider = order.rider
    step(order, [OrderStatus.DISPATCHED], OrderStatus.APPROVED, dispatched_at=None)
    try:
        reserve(document=order.number, wanted=sums_of(order.lines.select_related("listing")))
    except OutOfStock:
        _end(actor, order, [OrderStatus.APPROVED], OrderStatus.CANCELLED, reason)
        text = format_lazy(
            _("{station} cannot bring order {order} again and cancelled it: {reason}"),
            station=order.station,
            order=order,
            reason=reason,
        )
        tell_buyer(order, EventKind.CANCELLED, text)
        return order
    Order.objects.filter(pk=order.pk).update(rider=None)
    order.rider = None
    write_event(actor, order, EventKind.BROUGHT_BACK, note=f"{rider} brought it back: {reason}")
    text = format_lazy(
        _("Your gas is back at {station}, which keeps it for you: order {order}."),
        station=order.station,
        order=order,
    )
    tell_buyer(order, EventKind.BROUGHT_BACK, text)
    return order


def _load(actor: User, order: Order) -> None:
    """Move the order's goods from the station's shelf to its rider."""
    shelf = location_of(LocationKind.STATION, station=order.station)
    bike = location_of(LocationKind.RIDER, station=order.station, person=order.rider)
    lines = order.lines.select_related("variant")
    post(
        actor,
        station=order.station,
        lines=[Line(x.variant, Condition.FULL, x.quantity, shelf, bike) for x in lines],
        reason=Reason.DISPATCH,
        document=order.number,
    )


def _end(
    actor: User | None,
    order: Order,
    expected: list[OrderStatus],
    to: OrderStatus,
    reason: str,
) -> None:
    """End an order before anything was handed over: stock back, nothing owed."""
    step(order, expected, to, reason=reason, ended_at=clock.now())
    void_invoice(actor, invoice=order.invoice, reason=reason or to.label)
    for correction in order.invoice.corrections.exclude(status=InvoiceStatus.VOID):
        void_invoice(actor, invoice=correction, reason=reason or to.label)
    release(document=order.number)
    write_event(actor, order, EventKind(to.value), note=reason)
