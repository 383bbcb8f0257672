"""A rider's run: leaving, handing over, failing, trying again.

Everything may be pressed twice, for the network is lost in the middle: what the same person did
already is answered, not done again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.billing.errors import AmountMissing
from gasstock.billing.models import Method
from gasstock.core import clock
from gasstock.delivery.errors import (
    AlreadyDelivered,
    CashAboveBill,
    DeliveredOtherwise,
    DeliveryIsAlready,
    NotLeftYet,
    NotTheBuyer,
    TimeMissing,
    WithAnotherRider,
)
from gasstock.delivery.models import (
    OUT,
    Attempt,
    CollectedCash,
    Delivery,
    DeliveryStatus,
    Failure,
    Photo,
    Wish,
)
from gasstock.delivery.services.assigning import last_position, lock_orders
from gasstock.inventory.services.riders import lock_stock
from gasstock.notifications.services import notify
from gasstock.orders.errors import WrongStatus
from gasstock.orders.models import EventKind, Order, OrderLine, OrderStatus
from gasstock.orders.services.handover import Handed, check_code, hand_over
from gasstock.orders.services.life import dispatch_order
from gasstock.orders.services.money import invoices_of, take_payment
from gasstock.orders.services.promises import promise_again
from gasstock.orders.services.timeline import tell_buyer, tell_station, write_event


@transaction.atomic
def depart(
    actor: User, *, station: Station, rider: User, deliveries: Iterable[Delivery]
) -> list[Delivery]:
    """Leave with what these deliveries bring. Return those that left now, not before.

    Raises WithAnotherRider, DeliveryIsAlready.
    """
    pks = [delivery.pk for delivery in deliveries]
    orders = lock_orders(station, Order.objects.filter(deliveries__in=pks))
    rows = Delivery.objects.at(station).filter(pk__in=pks).select_related("order", "rider")
    found = {delivery.order_id: delivery for delivery in rows}
    variants = OrderLine.objects.filter(order__in=orders).values_list("variant", flat=True)
    lock_stock(station, rider, set(variants))
    left = []
    for order in orders:
        delivery = found[order.pk]
        if delivery.rider_id != rider.pk:
            raise WithAnotherRider(delivery)
        if delivery.status == DeliveryStatus.ON_THE_WAY:
            continue
        if delivery.status != DeliveryStatus.ASSIGNED:
            raise DeliveryIsAlready(delivery)
        dispatch_order(actor, order=order, rider=rider)
        delivery.refresh_from_db()
        left.append(delivery)
    return left


# --- Handing over -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Cash:
    """What was taken at the door, in minor units, and whether more than the bill is right."""

    amount: int
    confirm_over: bool


def deliver(
    actor: User,
    *,
    delivery: Delivery,
    handed: Mapping[int, Handed],
    code: str = "",
    override_reason: str = "",
    cash: int | None = None,
    confirm_over: bool = False,
    photo: bytes | None = None,
) -> Delivery:
    """Hand over as `deliver_order` does, and keep the `cash` (minor units) that was taken.

    The rider carries it until the station has counted it. More than the bill is the buyer's
    credit, and must be confirmed. Sent again with the same figures it
    is one delivery. `photo` is a small WebP. Raises what `deliver_order` does, AlreadyDelivered
    for another person, DeliveredOtherwise for other figures, NotLeftYet, DeliveryIsAlready,
    CashAboveBill.
    """
    if cash is not None and cash < 0:
        raise AmountMissing
    if done := _done(actor, delivery, handed, cash or 0):
        return done
    if not override_reason.strip():
        check_code(delivery.order, code)
    taken = Cash(cash or 0, confirm_over)
    try:
        return _deliver(actor, delivery, handed, override_reason, taken, photo)
    except (WrongStatus, DeliveryIsAlready):
        if done := _done(actor, delivery, handed, cash or 0):
            return done
        raise


def _done(
    actor: User, delivery: Delivery, handed: Mapping[int, Handed], cash: int
) -> Delivery | None:
    """The delivery, if this person made it before; None if it is still to be made."""
    now = Delivery.objects.select_related("order__station", "rider").get(pk=delivery.pk)
    if now.status == DeliveryStatus.ASSIGNED:
        raise NotLeftYet(now.order)
    if now.status in OUT:
        return None
    if now.status != DeliveryStatus.DELIVERED:
        raise DeliveryIsAlready(now)
    event = now.order.events.select_related("actor").filter(kind=EventKind.DELIVERED).latest("pk")
    if event.actor != actor:
        raise AlreadyDelivered(now.order, event.actor)
    if not _is_as_said(now, handed, cash):
        raise DeliveredOtherwise(now.order)
    return now


def _is_as_said(delivery: Delivery, handed: Mapping[int, Handed], cash: int) -> bool:
    taken = delivery.cash.aggregate(sum=Sum("payment__amount"))["sum"] or 0
    lines = delivery.order.lines.select_related("variant", "empty_variant")
    return taken == cash and all(
        _is_line_as_said(line, handed.get(line.pk, Handed(0))) for line in lines
    )


def _is_line_as_said(line: OrderLine, said: Handed) -> bool:
    figures = (said.delivered, said.empties) == (line.delivered, line.empties)
    brought = said.empty_variant or line.variant
    return figures and (not said.empties or brought == (line.empty_variant or line.variant))


@transaction.atomic
def _deliver(
    actor: User,
    delivery: Delivery,
    handed: Mapping[int, Handed],
    override_reason: str,
    cash: Cash,
    photo: bytes | None,
) -> Delivery:
    order = _lock(delivery, *OUT)
    hand_over(actor, order=order, handed=handed, override_reason=override_reason)
    if cash.amount:
        _take_cash(actor, delivery, order, cash)
    if photo:
        Photo.objects.create(delivery=delivery, image=photo, rider=delivery.rider)
    delivery.refresh_from_db()
    record(actor, "delivery.delivered", delivery, order=order.number, cash=cash.amount)
    return delivery


def _take_cash(actor: User, delivery: Delivery, order: Order, cash: Cash) -> None:
    """Pay the order's invoices with it, oldest first; what is over is the buyer's credit."""
    parts: Counter[int] = Counter()
    invoices = {invoice.pk: invoice for invoice in invoices_of(order)}
    left = cash.amount
    for invoice in invoices.values():
        parts[invoice.pk] = min(left, invoice.due)
        left -= parts[invoice.pk]
    if left and not cash.confirm_over:
        raise CashAboveBill(order, left)
    parts[order.invoice_id] += left
    for pk, amount in parts.items():
        if amount:
            payment = take_payment(
                actor,
                invoice=invoices[pk],
                method=Method.CASH,
                amount=amount,
                key=f"delivery-{delivery.pk}-{pk}",
                is_carried=True,
            )
            CollectedCash.objects.create(
                payment=payment,
                station=order.station,
                rider=delivery.rider,
                delivery=delivery,
            )


def _lock(delivery: Delivery, *expected: DeliveryStatus) -> Order:
    """Lock the order, and refresh the delivery. Raises DeliveryIsAlready."""
    [order] = lock_orders(delivery.station, [delivery.order])
    delivery.refresh_from_db()
    if delivery.status not in expected:
        raise DeliveryIsAlready(delivery)
    return order


# --- Not handing over -------------------------------------------------------------------------


@transaction.atomic
def fail(
    actor: User, *, delivery: Delivery, failure: Failure, note: str = "", goes_back: bool = False
) -> Delivery:
    """Write down that the rider stood there in vain; the gas stays on the bike.

    It is tried again later, or (`goes_back`) brought to the station. The buyer is asked when to
    come. The same again is one attempt. Raises DeliveryIsAlready, NotLeftYet.
    """
    order = _lock(delivery, *DeliveryStatus)
    note = note.strip()
    if delivery.status == DeliveryStatus.FAILED:
        last = delivery.attempts.latest("pk")
        if (last.failure, last.note, last.goes_back) == (failure, note, goes_back):
            return delivery
    if delivery.status == DeliveryStatus.ASSIGNED:
        raise NotLeftYet(order)
    _step(
        delivery,
        DeliveryStatus.ON_THE_WAY,
        DeliveryStatus.FAILED,
        goes_back=goes_back,
        wish=Wish.NONE,
        wished_from=None,
    )
    Attempt.objects.create(
        delivery=delivery, rider=delivery.rider, failure=failure, note=note, goes_back=goes_back
    )
    label = Failure(failure).label
    write_event(actor, order, EventKind.FAILED, note=label)
    tell_buyer(
        order,
        EventKind.FAILED,
        _("%(rider)s could not hand over order %(order)s: %(why)s. Say when to come again.")
        % {"rider": delivery.rider.first_name, "order": order, "why": label.lower()},
    )
    what = f"{delivery.rider} could not deliver order {order}: {label.lower()}. {note}".strip()
    tell_station(actor, order, EventKind.FAILED, what)
    return delivery


@transaction.atomic
def bring_back(actor: User, *, delivery: Delivery) -> Delivery:
    """Give up on one that failed: its gas comes home. Raises DeliveryIsAlready."""
    order = _lock(delivery, DeliveryStatus.FAILED)
    if delivery.goes_back:
        return delivery
    _step(delivery, DeliveryStatus.FAILED, DeliveryStatus.FAILED, goes_back=True)
    record(actor, "delivery.goes_back", delivery, order=order.number)
    what = f"{delivery.rider} brings order {order} back."
    tell_station(actor, order, EventKind.FAILED, what)
    return delivery


@transaction.atomic
def try_again(actor: User, *, delivery: Delivery) -> Delivery:
    """Go there once more, after the others. Raises DeliveryIsAlready."""
    order = _lock(delivery, DeliveryStatus.FAILED, DeliveryStatus.ON_THE_WAY)
    if delivery.status == DeliveryStatus.ON_THE_WAY:
        return delivery
    _step(
        delivery,
        DeliveryStatus.FAILED,
        DeliveryStatus.ON_THE_WAY,
        goes_back=False,
        position=last_position(delivery.station, delivery.rider) + 1,
    )
    rider = delivery.rider.first_name
    write_event(actor, order, EventKind.TRIED_AGAIN, note=f"{rider} tries again")
    tell_buyer(
        order,
        EventKind.TRIED_AGAIN,
        _("%(rider)s is on the way to you again with order %(order)s.")
        % {"rider": rider, "order": order},
    )
    return delivery


@transaction.atomic
def answer(
    buyer: User,
    *,
    delivery: Delivery,
    wish: Wish,
    wished_from: datetime | None = None,
    wished_until: datetime | None = None,
) -> Delivery:
    """The buyer of a failed one says when to come: now, or from a time that is to come.

    Another time is a new promise, until `wished_until` or for as long as before; so is “now”
    after another time. It may be said until the gas leaves again; the same again is one answer.
    Raises NotTheBuyer, TimeMissing, DeliveryIsAlready, WrongStatus.
    """
    order = _lock(delivery, DeliveryStatus.FAILED, DeliveryStatus.BROUGHT_BACK)
    status = DeliveryStatus(delivery.status)
    if order.buyer != buyer:
        raise NotTheBuyer
    if status == DeliveryStatus.BROUGHT_BACK and order.status != OrderStatus.APPROVED:
        raise WrongStatus(order)
    if wish != Wish.LATER:
        wished_from = None
    elif wished_from is None or wished_from <= clock.now():
        raise TimeMissing
    if (delivery.wish, delivery.wished_from) == (wish, wished_from):
        return delivery
    if starts_at := wished_from or (clock.now() if delivery.wish == Wish.LATER else None):
        promise_again(buyer, order=order, starts_at=starts_at, ends_at=wished_until)
    _step(delivery, status, status, wish=wish, wished_from=wished_from)
    record(buyer, "delivery.answered", delivery, wish=str(wish), order=order.number)
    _tell_answer(buyer, delivery, order)
    return delivery


def _tell_answer(buyer: User, delivery: Delivery, order: Order) -> None:
    """Tell the station, and the rider who has the gas still."""
    text = f"{buyer}, order {order}: {delivery.get_wish_display().lower()}"
    if delivery.wished_from:
        text += f", {date_format(timezone.localtime(delivery.wished_from), 'D j M H:i')}"
    if delivery.status == DeliveryStatus.FAILED:
        runs = reverse("delivery:runs", args=[delivery.station.slug])
        notify([delivery.rider], kind="run.answered", text=f"{text}.", url=runs)
    tell_station(buyer, order, EventKind.FAILED, f"{text}.")


def _step(
    delivery: Delivery, expected: DeliveryStatus, to: DeliveryStatus, **values: object
) -> None:
    """Change the state in the statement that checks it. Raises DeliveryIsAlready."""
    rows = Delivery.objects.filter(pk=delivery.pk, status=expected)
    changed = rows.update(status=to, **values)
    delivery.refresh_from_db()
    if not changed:
        raise DeliveryIsAlready(delivery)
