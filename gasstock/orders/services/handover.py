"""Handing the gas over: at the buyer's door, or at the counter for a pick-up."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import Station, User
from gasstock.billing.services.invoices import rebill
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.inventory.models import Condition, LocationKind, Reason
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.reservations import release
from gasstock.orders.errors import (
    CodeMissing,
    NothingDelivered,
    QuantityOutOfRange,
    WrongCode,
)
from gasstock.orders.models import EventKind, LineKind, Order, OrderLine, OrderStatus
from gasstock.orders.services.bills import bills_as_delivered
from gasstock.orders.services.money import close_if_settled
from gasstock.orders.services.shells import check_empty, hold_deposits
from gasstock.orders.services.timeline import step, tell_buyer, write_event

CODE_TRIES = 5


@dataclass(frozen=True)
class Handed:
    """What one line came to: full ones given, empties taken back.

    The empties are of `empty_variant` where the buyer brought another brand's.
    """

    delivered: int
    empties: int = 0
    empty_variant: Variant | None = None


def deliver_order(
    actor: User,
    *,
    order: Order,
    handed: Mapping[int, Handed],
    code: str = "",
    override_reason: str = "",
) -> Order:
    """Hand over, against the buyer's code or a reason why there is none.

    `handed` is by line pk. Fewer empties than refills charge the deposit of the missing ones,
    fewer full ones than ordered lower the bill. Raises WrongCode (which counts the try),
    CodeMissing, QuantityOutOfRange, EmptyNotTaken, NothingDelivered, WrongStatus.
    """
    if not override_reason.strip():
        check_code(order, code)
    return hand_over(actor, order=order, handed=handed, override_reason=override_reason)


def check_code(order: Order, code: str) -> None:
    """Compare with the buyer's code. Five wrong tries and only a reason helps."""
    if not code:
        raise CodeMissing
    order.refresh_from_db(fields=["code_misses"])
    if order.code_misses < CODE_TRIES and hmac.compare_digest(code.encode(), order.code.encode()):
        return
    Order.objects.filter(pk=order.pk).update(code_misses=F("code_misses") + 1)
    raise WrongCode(max(0, CODE_TRIES - order.code_misses - 1))


@transaction.atomic
def hand_over(
    actor: User, *, order: Order, handed: Mapping[int, Handed], override_reason: str = ""
) -> Order:
    """As `deliver_order`, once the code was looked at."""
    override_reason = override_reason.strip()
    expected = OrderStatus.DISPATCHED if order.is_delivery else OrderStatus.APPROVED
    now = clock.now()
    step(order, [expected], OrderStatus.DELIVERED, delivered_at=now, ended_at=now)
    lines = list(order.lines.select_related("variant", "listing").order_by("pk"))
    for line in lines:
        _write(order.station, line, handed.get(line.pk, Handed(0)))
    if not any(line.delivered for line in lines):
        raise NothingDelivered
    rebill(
        actor,
        invoice=order.invoice,
        bills=bills_as_delivered(lines, order.delivery_fee),
        reason=f"As delivered, order {order}",
    )
    hold_deposits(order, lines)
    release(document=order.number)
    _post(actor, order, lines)
    note = f"Without the code: {override_reason}" if override_reason else ""
    write_event(actor, order, EventKind.DELIVERED, note=note)
    tell_buyer(
        order,
        EventKind.DELIVERED,
        format_lazy(_("Order {order} is delivered. How was it?"), order=order),
    )
    close_if_settled(order)
    return order


def _write(station: Station, line: OrderLine, handed: Handed) -> None:
    if not 0 <= handed.delivered <= line.quantity:
        raise QuantityOutOfRange(line.variant.name, line.quantity)
    most = handed.delivered if line.kind == LineKind.EXCHANGE else 0
    if not 0 <= handed.empties <= most:
        raise QuantityOutOfRange(f"Empties of {line.variant.name}", most)
    brought = handed.empty_variant or line.variant
    check_empty(station, sold=line.variant, brought=brought)
    line.delivered, line.empties = handed.delivered, handed.empties
    line.empty_variant = brought if handed.empties and brought != line.variant else None
    line.unit_cost = line.listing.average_cost
    line.save(update_fields=["delivered", "empties", "empty_variant", "unit_cost"])


def _post(actor: User, order: Order, lines: list[OrderLine]) -> None:
    """Full ones to the buyer, empties back to whoever stands there: the rider or the station."""
    here = (
        location_of(LocationKind.RIDER, station=order.station, person=order.rider)
        if order.is_delivery
        else location_of(LocationKind.STATION, station=order.station)
    )
    buyer = location_of(LocationKind.BUYER, station=order.station, person=order.buyer)
    full = [Line(x.variant, Condition.FULL, x.delivered, here, buyer) for x in lines]
    empty = [
        Line(x.empty_variant or x.variant, Condition.EMPTY, x.empties, buyer, here) for x in lines
    ]
    post(
        actor,
        station=order.station,
        lines=[*full, *empty],
        reason=Reason.DELIVERY,
        document=order.number,
    )
