"""What came of an order: written down, taken into stock, and empties sent back for it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gasstock.accounts.models import User
from gasstock.audit.services import record
from gasstock.billing.services.numbers import next_number
from gasstock.core import clock
from gasstock.core.money import round_half_up
from gasstock.inventory.models import Balance, Condition, LocationKind, Reason
from gasstock.inventory.services.costs import receive_at_cost
from gasstock.inventory.services.ledger import Key, Line, balances_of, post
from gasstock.inventory.services.locations import location_of
from gasstock.notifications.services import notify
from gasstock.purchasing.errors import (
    NoReasonToReject,
    NothingReceived,
    NotOnOrder,
    OverReceipt,
    ReceiptKeyReused,
    TooFewEmpties,
    WrongPurchaseStatus,
)
from gasstock.purchasing.models import (
    EXPECTED,
    PurchaseLine,
    PurchaseOrder,
    PurchaseStatus,
    Receipt,
    ReceiptLine,
)
from gasstock.purchasing.services.offers import empties_at
from gasstock.purchasing.services.orders import lock_order


@dataclass(frozen=True)
class Came:
    """What came of the order's line with this pk, and how many empties left for it."""

    line: int
    accepted: int = 0
    rejected: int = 0
    reason: str = ""
    empties_out: int = 0

    def __bool__(self) -> bool:
        return bool(self.accepted or self.rejected or self.empties_out)

    @property
    def trimmed(self) -> "Came":
        """The same, with a reason only where something was rejected."""
        return self if self.rejected else replace(self, reason="")


Pairs = list[tuple[Came, PurchaseLine]]


@transaction.atomic
def receive_goods(
    actor: User | None,
    *,
    order: PurchaseOrder,
    lines: Iterable[Came],
    key: str,
    delivery_note: str = "",
    note: str = "",
    confirm_over: bool = False,
) -> Receipt:
    """Write a receipt and take in what was accepted; the same `key` again is the same receipt.

    Raises WrongPurchaseStatus, NothingReceived, NoReasonToReject, TooFewEmpties, and
    OverReceipt where more came than was ordered and nobody confirmed it.
    """
    came = sorted((each.trimmed for each in lines if each), key=lambda each: each.line)
    order = lock_order(order)
    earlier = Receipt.objects.filter(key=key).first()
    if earlier is not None:
        return _the_same(earlier, order, came)
    if order.status not in EXPECTED:
        raise WrongPurchaseStatus(order)
    pairs = _pairs(order, came)
    if not confirm_over:
        _refuse_too_many(pairs)
    receipt = Receipt.objects.create(
        order=order,
        number=next_number(order.station, "GRN"),
        key=key,
        delivery_note=delivery_note,
        note=note,
        received_by=actor,
    )
    _write_lines(receipt, pairs, confirm_over=confirm_over)
    _take_in(actor, receipt, pairs)
    _follow_status(order)
    record(actor, "goods.received", receipt, order=order.number, confirmed_over=confirm_over)
    _tell(actor, order, receipt)
    return receipt


@transaction.atomic
def receive_rest(actor: User | None, *, order: PurchaseOrder) -> PurchaseOrder:
    """Take in all that is still to come, as it was agreed; one that is received stays so.

    Raises what `receive_goods` does.
    """
    order = lock_order(order)
    if order.status != PurchaseStatus.RECEIVED:
        lines = list(order.lines.select_related("variant").order_by("pk"))
        came = as_agreed(lines, empties_at(order.station))
        receive_goods(actor, order=order, lines=came, key=uuid4().hex)
        order.refresh_from_db()
    return order


def as_agreed(lines: Iterable[PurchaseLine], here: Mapping[int, int]) -> list[Came]:
    """Everything comes, and all agreed empties go, as far as they are `here` (by variant)."""
    left = dict(here)
    came = []
    for line in lines:
        agreed = max(0, line.empties - line.empties_sent)
        goes = min(agreed, left.get(line.variant_id, 0))
        left[line.variant_id] = left.get(line.variant_id, 0) - goes
        came.append(Came(line.pk, accepted=line.to_come, empties_out=goes))
    return came


def _the_same(receipt: Receipt, order: PurchaseOrder, came: Sequence[Came]) -> Receipt:
    written = [
        Came(row.line_id, row.accepted, row.rejected, row.reason, row.empties_out)
        for row in receipt.lines.order_by("line")
    ]
    if receipt.order_id != order.pk or written != list(came):
        raise ReceiptKeyReused
    return receipt


def _pairs(order: PurchaseOrder, came: Sequence[Came]) -> Pairs:
    """Each thing that came beside the line it came of."""
    if not came:
        raise NothingReceived
    lines = {line.pk: line for line in order.lines.select_related("variant")}
    for each in came:
        if each.line not in lines:
            raise NotOnOrder(order)
        if each.rejected and not each.reason:
            raise NoReasonToReject(each.line, lines[each.line].name)
    return [(each, lines[each.line]) for each in came]


def _refuse_too_many(pairs: Pairs) -> None:
    over = {
        line.name: line.received + each.accepted - line.quantity
        for each, line in pairs
        if each.accepted and line.received + each.accepted > line.quantity
    }
    if over:
        raise OverReceipt(over)


def _write_lines(receipt: Receipt, pairs: Pairs, *, confirm_over: bool) -> None:
    """Write what came and add it up on the order's lines."""
    ReceiptLine.objects.bulk_create(
        ReceiptLine(
            receipt=receipt,
            line=line,
            accepted=each.accepted,
            rejected=each.rejected,
            reason=each.reason,
            empties_out=each.empties_out,
            unit_cost=line.unit_cost,
        )
        for each, line in pairs
    )
    for each, line in pairs:
        rows = PurchaseLine.objects.filter(pk=line.pk)
        if each.accepted and not confirm_over:
            rows = rows.filter(quantity__gte=F("received") + each.accepted)
        if not rows.update(
            received=F("received") + each.accepted,
            rejected=F("rejected") + each.rejected,
            empties_sent=F("empties_sent") + each.empties_out,
        ):
            raise OverReceipt({line.name: each.accepted})


def _take_in(actor: User | None, receipt: Receipt, pairs: Pairs) -> None:
    """Full ones supplier → station at their cost, empties the other way."""
    station = receipt.order.station
    home = location_of(LocationKind.STATION, station=station)
    outside = location_of(LocationKind.SUPPLIER, station=station)
    full = [
        Line(line.variant, Condition.FULL, each.accepted, outside, home) for each, line in pairs
    ]
    empty = [
        Line(line.variant, Condition.EMPTY, each.empties_out, home, outside) for each, line in pairs
    ]
    _add_costs(receipt, pairs)
    held = _lock_balances([*full, *empty])
    _refuse_missing_empties(pairs, held, home.pk)
    document = receipt.number
    post(actor, station=station, lines=full, reason=Reason.RECEIPT, document=document)
    post(actor, station=station, lines=empty, reason=Reason.TO_SUPPLIER, document=document)


def _add_costs(receipt: Receipt, pairs: Pairs) -> None:
    """The gas of one variant counts as one lot, refilled or in a new cylinder.

    A shell is not used up, so what it cost stays out of the average.
    """
    counts: Counter[int] = Counter()
    sums: Counter[int] = Counter()
    variants = {line.variant_id: line.variant for _each, line in pairs}
    for each, line in pairs:
        counts[line.variant_id] += each.accepted
        sums[line.variant_id] += each.accepted * line.unit_cost
    for pk in sorted(variants):
        if counts[pk]:
            receive_at_cost(
                station=receipt.order.station,
                variant=variants[pk],
                quantity=counts[pk],
                unit_cost=round_half_up(Decimal(sums[pk]) / counts[pk]),
            )


def _lock_balances(lines: Sequence[Line]) -> dict[Key, Balance]:
    """Hold every balance that the two postings touch, by rising key, before the first is made."""
    places = {
        (place.pk, line.variant.pk, line.condition.value): (place, line.variant)
        for line in lines
        if line.quantity
        for place in (line.source, line.destination)
    }
    return balances_of(places, lock=True)


def _refuse_missing_empties(pairs: Pairs, held: dict[Key, Balance], home: int) -> None:
    asked: Counter[int] = Counter()
    for each, line in pairs:
        asked[line.variant_id] += each.empties_out
        if each.empties_out:
            left = held[home, line.variant_id, Condition.EMPTY].available
            if asked[line.variant_id] > left:
                raise TooFewEmpties(line.pk, line.variant.name, max(0, left))


def _follow_status(order: PurchaseOrder) -> None:
    """Received once every single line is full; a total would hide what is missing."""
    if order.lines.filter(received__lt=F("quantity")).exists():
        order.status = PurchaseStatus.PART_RECEIVED
    else:
        order.status, order.ended_at = PurchaseStatus.RECEIVED, clock.now()
    order.save(update_fields=["status", "ended_at"])


def _tell(actor: User | None, order: PurchaseOrder, receipt: Receipt) -> None:
    """Whoever sent the order reads that something came, unless they took it in themselves."""
    if order.submitted_by is None or order.submitted_by == actor:
        return
    text = _("%(supplier)s delivered on %(order)s: %(status)s.")
    notify(
        [order.submitted_by],
        kind="goods.received",
        text=text
        % {
            "supplier": order.supplier,
            "order": order,
            "status": order.get_status_display().lower(),
        },
        url=order.get_absolute_url(),
    )
