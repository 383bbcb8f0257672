"""What a station reads of its orders: the board, one order with all about it, the riders' runs."""

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import (
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
)
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.core import clock
from gasstock.core.paging import Page, newest_first, oldest_first
from gasstock.inventory.models import Reservation
from gasstock.orders.models import (
    DEAD,
    HANDED_OVER,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
)
from gasstock.orders.services.bills import bills_as_delivered
from gasstock.orders.services.handover import Handed
from gasstock.orders.services.money import BILLABLE, UNSENT

LANE_SIZE = 30
STALE_DAYS = 1  # how long a closed order stays on the board


class Next(StrEnum):
    """The one thing to do with an order now, or why there is nothing."""

    APPROVE = "approve"
    ABOVE_LIMIT = "above_limit"
    OWN = "own"
    SEND = "send"
    HAND_OVER = "hand_over"
    BILL = "bill"
    PAY = "pay"
    WAIT = "wait"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Card:
    order: Order
    next: Next


@dataclass(frozen=True)
class Lane:
    """One column of the board; `more` says that there are others beside these."""

    key: str
    title: str | Promise
    empty: str | Promise
    cards: list[Card]
    more: bool = False

    @property
    def count(self) -> str:
        return f"{len(self.cards)}+" if self.more else str(len(self.cards))


LANES: dict[str, tuple[str | Promise, str | Promise, tuple[OrderStatus, ...]]] = {
    "new": (_("New"), _("Nothing new."), (OrderStatus.PLACED,)),
    "approved": (_("Approved"), _("Nothing to send."), (OrderStatus.APPROVED,)),
    "out": (_("On the way"), _("Nobody is out."), (OrderStatus.DISPATCHED,)),
    "done": (_("Done"), _("Nothing handed over lately."), HANDED_OVER),
}


# --- The board --------------------------------------------------------------------------------


def lanes(station: Station, user: User) -> list[Lane]:
    """The board: up to LANE_SIZE orders of each stage, in two queries.

    Work waits oldest first; of what is done, that without its money comes first, then the latest.
    """
    picked = [
        Order.objects.filter(pk__in=rows.values("pk")[: LANE_SIZE + 1]).values("pk")
        for rows in _stages(station)
    ]
    rows = _with_bills(Order.objects.filter(pk__in=picked[0].union(*picked[1:], all=True)))
    found: dict[str, list[Order]] = defaultdict(list)
    for order in rows.order_by("pk"):
        order.station = station
        found[order.status].append(order)
    return [
        _lane(key, [order for status in LANES[key][2] for order in found[status]], user)
        for key in LANES
    ]


def _stages(station: Station) -> list[QuerySet[Order]]:
    mine = Order.objects.at(station).online()
    since = clock.now() - timedelta(days=STALE_DAYS)
    recent = Q(status=OrderStatus.DELIVERED) | Q(status=OrderStatus.CLOSED, ended_at__gte=since)
    return [
        mine.filter(status=OrderStatus.PLACED).order_by("pk"),
        mine.filter(status=OrderStatus.APPROVED).order_by("pk"),
        mine.filter(status=OrderStatus.DISPATCHED).order_by("pk"),
        mine.filter(recent).order_by("-status", "-pk"),
    ]


def _lane(key: str, orders: list[Order], user: User) -> Lane:
    title, empty, _statuses = LANES[key]
    if key == "done":
        orders.sort(key=lambda order: (order.status == OrderStatus.CLOSED, -order.pk))
    cards = [Card(order, next_step(order, user)) for order in orders[:LANE_SIZE]]
    return Lane(key, title, empty, cards, more=len(orders) > LANE_SIZE)


def one_lane(station: Station, user: User, key: str, cursor: str) -> tuple[Lane, Page[Order]]:
    """All orders of one stage, a page at a time."""
    rows = _with_bills(Order.objects.at(station).online().filter(status__in=LANES[key][2]))
    page = (newest_first if key == "done" else oldest_first)(rows, cursor)
    return _listed(station, user, page, *LANES[key][:2], key=key), page


def found(station: Station, user: User, words: str, cursor: str) -> tuple[Lane, Page[Order]]:
    """The station's orders that answer to a part of their number, or the buyer's name or phone."""
    rows = Order.objects.at(station).online().filter(asked_for(words))
    page = newest_first(_with_bills(rows), cursor)
    return _listed(station, user, page, _("Found"), _("No order here."), key="found"), page


def asked_for(words: str) -> Q:
    """Orders with this in their number, or in their buyer's name or phone."""
    hit = Q(number__icontains=words) | Q(buyer__name__icontains=words)
    digits = "".join(c for c in words if c.isdecimal()).lstrip("0")
    return hit | Q(phone__contains=digits) if len(digits) >= 3 else hit


def _listed(
    station: Station,
    user: User,
    page: Page[Order],
    title: str | Promise,
    empty: str | Promise,
    *,
    key: str,
) -> Lane:
    for order in page.rows:
        order.station = station
    cards = [Card(order, next_step(order, user)) for order in page.rows]
    return Lane(key, title, empty, cards, more=bool(page.next))


def _with_bills(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With what a card shows; `unsent` says that a bill of it waits to be submitted."""
    bills = Invoice.objects.filter(
        Q(pk=OuterRef("invoice_id")) | Q(corrects=OuterRef("invoice_id")), status__in=UNSENT
    )
    lines = OrderLine.objects.select_related("variant__product__brand").order_by("pk")
    return (
        orders.select_related("buyer", "invoice", "rider")
        .annotate(unsent=Exists(bills))
        .prefetch_related(Prefetch("lines", lines))
    )


def next_step(order: Order, user: User) -> Next:
    """Say what this person would do next with the order (which has `station` and `unsent`)."""
    can = order.station.granted
    if order.status == OrderStatus.PLACED and Permission.ORDER_APPROVE in can:
        return _approval(order, user)
    if order.status == OrderStatus.APPROVED and order.is_delivery:
        return Next.SEND if Permission.ORDER_DISPATCH in can else Next.NOTHING
    if order.status in {OrderStatus.APPROVED, OrderStatus.DISPATCHED}:
        return Next.HAND_OVER if Permission.ORDER_DELIVER in can else Next.NOTHING
    if order.status == OrderStatus.DELIVERED:
        return _settling(order)
    return Next.NOTHING


def _approval(order: Order, user: User) -> Next:
    if order.buyer_id == user.pk:
        return Next.OWN
    if order.total > order.station.approval_limit and not user.is_admin:
        return Next.ABOVE_LIMIT
    return Next.APPROVE


def _settling(order: Order) -> Next:
    can = order.station.granted
    if order.unsent:  # type: ignore[attr-defined]
        return Next.BILL if Permission.INVOICE_SUBMIT in can else Next.NOTHING
    if order.invoice.due and Permission.PAYMENT_TAKE in can:
        return Next.PAY
    return Next.WAIT


# --- One order --------------------------------------------------------------------------------


@dataclass(frozen=True)
class OrderFile:
    """Everything about one order that its page shows."""

    order: Order
    next: Next
    lines: list[OrderLine]
    events: list[OrderEvent]
    bills: list[Invoice]

    @property
    def billed(self) -> int:
        """What there is to pay in all, corrections and credit notes counted in."""
        return sum(bill.owed for bill in self.bills if bill.status != InvoiceStatus.VOID)

    @property
    def paid(self) -> int:
        return sum(bill.paid for bill in self.bills)

    @property
    def due(self) -> int:
        return sum(bill.due for bill in self.bills)

    @property
    def credit(self) -> int:
        return sum(bill.credit for bill in self.bills)

    @property
    def to_pay(self) -> Invoice | None:
        """The first bill that is not paid in full."""
        return next((bill for bill in self.bills if bill.due), None)

    @property
    def can_submit(self) -> bool:
        sent = all(bill.status not in UNSENT for bill in self.bills)
        return self.order.status in BILLABLE and not sent

    @property
    def can_call_off(self) -> bool:
        return self.order.status in {OrderStatus.APPROVED, OrderStatus.DISPATCHED}

    @property
    def is_dead(self) -> bool:
        return self.order.status in DEAD


def order_file(order: Order, station: Station, user: User) -> OrderFile:
    """Gather what the page of an order shows; `order` comes with buyer, rider and invoice."""
    order.station = station
    bills = _bills_with_credits(order)
    order.unsent = any(bill.status in UNSENT for bill in bills)  # type: ignore[attr-defined]
    return OrderFile(
        order=order,
        next=next_step(order, user),
        lines=lines_with_holds(order),
        events=list(order.events.select_related("actor").order_by("pk")),
        bills=bills,
    )


def _bills_with_credits(order: Order) -> list[Invoice]:
    """The order's invoice and what corrects it, oldest first, each with its credit notes.

    Up to the hand-over there is the one invoice and nothing off it, so that costs no query.
    """
    if order.is_open:
        return [order.invoice]
    family = Invoice.objects.filter(Q(pk=order.invoice_id) | Q(corrects=order.invoice_id))
    rows = family.annotate(
        credit_number=F("credit_notes__number"),
        credit_amount=F("credit_notes__amount"),
        credit_reason=F("credit_notes__reason"),
    )
    bills: dict[int, Invoice] = {}
    for row in rows.order_by("pk", "credit_notes__pk"):
        bill = bills.setdefault(row.pk, row)
        bill.credits = [*getattr(bill, "credits", []), row] if row.credit_number else []  # type: ignore[attr-defined]
    return list(bills.values())


def lines_with_holds(order: Order) -> list[OrderLine]:
    """The order's lines; `held` is what the station keeps aside of each for this order."""
    holds = Reservation.objects.filter(
        document=OuterRef("order__number"), balance=OuterRef("listing__full_id")
    )
    lines = order.lines.select_related("variant__product__brand").order_by("pk")
    return list(lines.annotate(held=Subquery(holds.values("quantity")[:1])))


# --- The door ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """What an order would cost if this much were handed over, in minor units."""

    order: Order
    rows: list[tuple[int, str, int]]  # how many, of what, for how much

    @property
    def total(self) -> int:
        return sum(row[2] for row in self.rows)

    @property
    def due(self) -> int:
        return max(0, self.total - self.order.invoice.paid)

    @property
    def more(self) -> int:
        return max(0, self.total - self.order.total)

    @property
    def less(self) -> int:
        return max(0, self.order.total - self.total)


def preview(order: Order, lines: list[OrderLine], handed: dict[int, Handed]) -> Preview:
    """Work out the bill; nothing is saved, and the lines stay as they are."""
    asked = [copy(line) for line in lines]
    for line in asked:
        given = handed.get(line.pk, Handed(0))
        line.delivered, line.empties = given.delivered, min(given.empties, given.delivered)
    bills = bills_as_delivered(asked, order.delivery_fee)
    rows = [(n, bill.description, n * bill.unit_price) for bill, n in bills.items()]
    return Preview(order, rows)
