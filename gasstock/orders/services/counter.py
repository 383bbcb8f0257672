"""Selling over the counter: handed over, paid and booked in one transaction, and undoing it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station, User
from gasstock.billing.errors import AmountMissing, NoOpenShift
from gasstock.billing.models import Invoice, Method, Shift
from gasstock.billing.services.invoices import Party, total_of
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.receipts import issue_receipt, void_receipt
from gasstock.billing.services.shifts import lock_shift_of
from gasstock.catalog.models import Variant
from gasstock.core import clock, platform
from gasstock.core.errors import DomainError
from gasstock.core.money import format_money
from gasstock.core.tokens import random_text
from gasstock.inventory.errors import OutOfStock
from gasstock.inventory.models import Balance, Condition, Listing, Move, Reason
from gasstock.inventory.services import deposits
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import shelf_and_buyer
from gasstock.orders.errors import (
    CashOnly,
    EmptiesGone,
    MethodNotTaken,
    NobodyToOwe,
    NotAllPaid,
    NotForSale,
    NothingOrdered,
    OwnAccount,
    PaidTooMuch,
    QuantityOutOfRange,
    ReasonMissing,
    SaleKeyReused,
    SameLineTwice,
    ShortOfStock,
    SumChanged,
)
from gasstock.orders.models import (
    HANDED_OVER,
    Channel,
    EventKind,
    Fulfilment,
    LineKind,
    Order,
    OrderLine,
    OrderStatus,
)
from gasstock.orders.services.bills import bills_as_sold
from gasstock.orders.services.carts import MOST, check_fit
from gasstock.orders.services.placing import ALPHABET, Wanted, order_line
from gasstock.orders.services.shells import check_empty, hold_deposits
from gasstock.orders.services.timeline import step, tell_buyer, write_event

# Longer than an order's, so that a sale need not ask whether another has the number.
NUMBER_LENGTH = 8


@dataclass(frozen=True)
class SaleLine:
    """What goes over the counter, or comes back (`LineKind.RETURN`).

    A refill takes `empties` back (None: as many as refills), of `empty_variant` where the buyer
    brings another brand's. The missing ones are charged as new cylinders.
    """

    listing: Listing
    kind: LineKind
    quantity: int
    empties: int | None = None
    empty_variant: Variant | None = None


@dataclass(frozen=True)
class Ticket:
    """A sale as the till sends it. `key` is chosen by the till: the same key is the same sale.

    Below zero, a tender is cash paid out. `expected_total` (minor units) is what the cashier
    saw, None where nothing was seen. `on_account` lets a known buyer owe what is not paid.
    """

    station: Station
    lines: Sequence[SaleLine]
    tenders: Sequence[Tender]
    key: str
    buyer: User | None = None
    buyer_name: str = ""
    buyer_phone: str = ""
    expected_total: int | None = None
    on_account: bool = True

    @property
    def party(self) -> Party:
        name = str(self.buyer) if self.buyer else self.buyer_name or _("Walk-in buyer")
        phone = self.buyer_phone or (str(self.buyer.phone) if self.buyer else "")
        return Party(self.buyer, name, phone)


def sell(
    actor: User,
    *,
    station: Station,
    lines: Sequence[SaleLine],
    tenders: Sequence[Tender],
    key: str,
    buyer: User | None = None,
    buyer_name: str = "",
    buyer_phone: str = "",
    expected_total: int | None = None,
    on_account: bool = True,
) -> Order:
    """Hand over what is free on the shelf, take the money, write the receipt; all or nothing.

    The same `key` again answers the first sale. What is not paid stays on the account of a
    known buyer, if `on_account` says so. Raises NoOpenShift, NothingOrdered, SameLineTwice,
    NotForSale, KindNotOffered, QuantityOutOfRange, EmptyNotTaken, NotHeld, SumChanged, CashOnly,
    MethodNotTaken, PaidTooMuch, NotAllPaid, NobodyToOwe, OwnAccount, ShortOfStock, SaleKeyReused,
    and what a payment raises.
    """
    who = (buyer, buyer_name, buyer_phone)
    ticket = Ticket(station, lines, tenders, key, *who, expected_total, on_account)
    try:
        with transaction.atomic():
            return _sell(actor, ticket)
    except (DomainError, IntegrityError) as error:
        first = Order.objects.filter(sale_key=key).select_related("invoice").first()
        if first is not None:
            return _same(first, ticket)
        if isinstance(error, OutOfStock):
            raise _shortages(ticket, error) from error
        raise


def _sell(actor: User, ticket: Ticket) -> Order:
    shift = lock_shift_of(actor, ticket.station)
    if shift is None:
        raise NoOpenShift
    lines = priced(ticket.station, ticket.lines)
    order = _order(ticket, shift)
    refunds = [(line, refund) for line in lines for refund in _give_back(order, line)]
    bills = bills_as_sold(lines, refunds)
    order.total = total_of(bills)
    rest = _rest_to_owe(actor, ticket, order.total)
    hold_deposits(order, lines)
    _move(actor, order, lines)
    order.invoice = issue_receipt(
        actor,
        station=ticket.station,
        party=ticket.party,
        reference=order.number,
        bills=bills,
        shift=shift,
        tenders=ticket.tenders,
    )
    _save(actor, order, lines, rest)
    return order


# --- What is sold -----------------------------------------------------------------------------


def priced(station: Station, lines: Sequence[SaleLine]) -> list[OrderLine]:
    """The lines at the prices and costs that the database says, not saved."""
    if not lines:
        raise NothingOrdered
    kept = Listing.objects.at(station).kept().select_related("variant")
    fresh = kept.in_bulk({line.listing.pk for line in lines})
    found: dict[tuple[int, str], OrderLine] = {}
    for line in lines:
        name = line.listing.variant.name
        if line.listing.pk not in fresh:
            raise NotForSale(name)
        if (line.listing.pk, line.kind) in found:
            raise SameLineTwice(name)
        found[line.listing.pk, line.kind] = _price(station, line, fresh[line.listing.pk])
    return list(found.values())


def _price(station: Station, line: SaleLine, listing: Listing) -> OrderLine:
    name = listing.variant.name
    check_fit(listing, line.kind)
    if not 1 <= line.quantity <= MOST:
        raise QuantityOutOfRange(name, MOST)
    priced = order_line(Wanted(listing, line.kind, line.quantity))
    priced.unit_cost = listing.average_cost
    priced.delivered = line.quantity
    if line.kind == LineKind.EXCHANGE:
        empties = line.quantity if line.empties is None else line.empties
        if not 0 <= empties <= line.quantity:
            raise QuantityOutOfRange(_("Empties of %(name)s") % {"name": name}, line.quantity)
        brought = line.empty_variant or listing.variant
        check_empty(station, sold=listing.variant, brought=brought)
        priced.empties = empties
        priced.empty_variant = brought if empties and brought != listing.variant else None
    elif line.kind == LineKind.RETURN:
        priced.unit_price = priced.new_price = priced.delivered = 0
        priced.empties, priced.unit_cost = line.quantity, None
    return priced


def _order(ticket: Ticket, shift: Shift) -> Order:
    now = clock.now()
    return Order(
        station=ticket.station,
        channel=Channel.COUNTER,
        buyer=ticket.buyer,
        shift=shift,
        sale_key=ticket.key,
        number=f"{ticket.station.code}-{random_text(ALPHABET, NUMBER_LENGTH)}",
        fulfilment=Fulfilment.PICKUP,
        phone=ticket.party.phone,
        payment_method=ticket.tenders[0].method if ticket.tenders else Method.CASH,
        currency=platform.current().currency,
        placed_at=now,
        expires_at=now,
        delivered_at=now,
        ended_at=now,
    )


def _give_back(order: Order, line: OrderLine) -> list[deposits.Refund]:
    if line.kind != LineKind.RETURN:
        return []
    refunds = deposits.give_back(
        station=order.station,
        buyer=order.buyer,
        variant=line.variant,
        quantity=line.quantity,
        document=order.number,
    )
    line.refunded = sum(refund.total for refund in refunds)
    return refunds


# --- Money, stock, paper ----------------------------------------------------------------------


def _rest_to_owe(actor: User, ticket: Ticket, total: int) -> int:
    """What the tenders leave open, which is for a known buyer's account."""
    if ticket.expected_total is not None and ticket.expected_total != total:
        raise SumChanged(total)
    for tender in ticket.tenders:
        _check_way(ticket.station, tender, is_out=total < 0)
    rest = total - sum(tender.amount for tender in ticket.tenders)
    over = rest if total < 0 else -rest
    if over > 0:
        raise PaidTooMuch(over)
    if rest:
        _check_account(actor, ticket, rest)
    return rest


def _check_way(station: Station, tender: Tender, *, is_out: bool) -> None:
    if tender.method == Method.BANK and not station.takes_bank:
        raise MethodNotTaken(str(station), tender.method.label)
    if is_out and tender.method != Method.CASH:
        raise CashOnly
    if tender.amount < 0 and not is_out:
        raise AmountMissing


def _check_account(actor: User, ticket: Ticket, rest: int) -> None:
    if rest < 0 or not ticket.on_account:
        raise NotAllPaid(abs(rest))
    if ticket.buyer is None:
        raise NobodyToOwe
    if ticket.buyer == actor:
        raise OwnAccount


def _move(actor: User, order: Order, lines: Sequence[OrderLine]) -> None:
    """Full ones from the shelf to the buyer, as far as they are free; empties back."""
    shelf, buyer = shelf_and_buyer(order.station, order.buyer)
    full = [Line(x.variant, Condition.FULL, x.delivered, shelf, buyer) for x in lines]
    empty = [
        Line(x.empty_variant or x.variant, Condition.EMPTY, x.empties, buyer, shelf) for x in lines
    ]
    post(
        actor,
        station=order.station,
        lines=[*full, *empty],
        reason=Reason.SALE,
        document=order.number,
    )


def _save(actor: User, order: Order, lines: Sequence[OrderLine], rest: int) -> None:
    order.status = OrderStatus.DELIVERED if rest else OrderStatus.CLOSED
    order.save(force_insert=True)
    for line in lines:
        line.order = order
    OrderLine.objects.bulk_create(lines)
    write_event(actor, order, EventKind.SOLD, note=str(order.invoice))
    if rest:
        money = format_money(rest, order.currency)
        text = _("%(station)s sold you gas on account: %(money)s to pay by %(day)s.")
        values = {"station": order.station, "money": money, "day": order.invoice.due_on}
        tell_buyer(order, EventKind.SOLD, text % values)


def _shortages(ticket: Ticket, error: OutOfStock) -> ShortOfStock:
    """Every listing there is too little of, not just the first."""
    wanted: Counter[Listing] = Counter()
    for line in ticket.lines:
        if line.kind != LineKind.RETURN:
            wanted[line.listing] += line.quantity
    rows = Balance.objects.in_bulk({listing.full_id for listing in wanted})
    free = {listing: max(0, rows[listing.full_id].available) for listing in wanted}
    short = {x.pk: free[x] for x, quantity in wanted.items() if free[x] < quantity}
    return ShortOfStock(short, {x.pk: x.variant.name for x in wanted}, str(error))


# --- Sent twice, and undone -------------------------------------------------------------------


def _same(sale: Order, ticket: Ticket) -> Order:
    """The sale that has the key already, if it is this one. Raises SaleKeyReused."""
    sold = {
        (line.listing_id, line.kind, line.quantity, line.empties, line.empty_variant_id)
        for line in sale.lines.all()
    }
    said = {(line.listing.pk, line.kind, line.quantity, *_brought(line)) for line in ticket.lines}
    taken = sale.invoice.payments.filter(key__startswith=f"{sale.invoice.number}-")
    paid = Counter((x.method, x.amount, x.reference, x.tendered) for x in taken)
    given = Counter((x.method, x.amount, x.reference, x.tendered) for x in ticket.tenders)
    whose = (ticket.station.pk, ticket.buyer.pk if ticket.buyer else None)
    if (sold, paid, sale.station_id, sale.buyer_id) != (said, given, *whose):
        raise SaleKeyReused(sale)
    return sale


def _brought(line: SaleLine) -> tuple[int, int | None]:
    """How many empties, and of what other brand, as the order line says it."""
    if line.kind not in (LineKind.EXCHANGE, LineKind.RETURN):
        return 0, None
    empties = line.quantity if line.empties is None else line.empties
    other = line.empty_variant
    is_other = line.kind == LineKind.EXCHANGE and empties and other != line.listing.variant
    return empties, other.pk if other and is_other else None


@transaction.atomic
def void_sale(actor: User, *, sale: Order, reason: str) -> Order:
    """Undo a counter sale: goods, empties, deposits and money go back where they came from.

    Raises ReasonMissing, WrongStatus (a second time too), NoOpenShift if money has to leave a
    drawer and the actor has none open, EmptiesGone, NotHeld if a shell sold in it came back.
    """
    reason = " ".join(reason.split())[:240]
    if not reason:
        raise ReasonMissing
    expected = HANDED_OVER if sale.channel == Channel.COUNTER else ()
    step(sale, expected, OrderStatus.VOIDED, reason=reason, ended_at=clock.now())
    lock_shift_of(actor, sale.station)  # before balances, as a sale does
    void_receipt(actor, invoice=Invoice.objects.get(pk=sale.invoice_id), reason=reason)
    deposits.undo(document=sale.number)
    _move_back(actor, sale, reason)
    write_event(actor, sale, EventKind.VOIDED, note=reason)
    tell_buyer(
        sale,
        EventKind.VOIDED,
        _("%(station)s undid a sale to you: %(reason)s")
        % {
            "station": sale.station,
            "reason": reason,
        },
    )
    return sale


def _move_back(actor: User, sale: Order, reason: str) -> None:
    moves = Move.objects.filter(document=sale.number, reason=Reason.SALE)
    lines = [
        Line(move.variant, Condition(move.condition), move.quantity, move.destination, move.source)
        for move in moves.select_related("variant", "source", "destination").order_by("pk")
    ]
    try:
        post(
            actor,
            station=sale.station,
            lines=lines,
            reason=Reason.VOID,
            document=sale.number,
            note=reason,
        )
    except OutOfStock as error:
        raise EmptiesGone(error.name, error.available) from error
