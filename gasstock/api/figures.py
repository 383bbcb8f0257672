"""Sales and purchases side by side: one by one, the latest first, and in sums.

A sale is an order that was handed over, or a counter sale; a purchase is a goods receipt.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.db.models import Prefetch, QuerySet

from gasstock.accounts.models import Station
from gasstock.accounts.scope import Scope
from gasstock.catalog.models import Variant
from gasstock.core.paging import Place, below, cursor_below
from gasstock.orders import figures as sales
from gasstock.orders.models import Order, OrderLine
from gasstock.purchasing import history as purchases
from gasstock.purchasing.models import Receipt, ReceiptLine

Kind = Literal["SALE", "PURCHASE"]
RANKS: dict[Kind, int] = {"SALE": 1, "PURCHASE": 0}  # of two in the same moment, sales come first


# --- One by one ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Transaction:
    """`amount` in minor units of `currency`: what was charged, or what was taken in cost.

    `channel` is "" for a purchase, `party` the buyer or the supplier.
    """

    kind: Kind
    pk: int
    at: datetime
    number: str
    channel: str
    station: Station
    party: str
    pieces: int
    amount: int
    currency: str

    @property
    def place(self) -> Place:
        """Where it stands; the list goes by falling places."""
        return self.at, RANKS[self.kind], self.pk


@dataclass(frozen=True)
class Page:
    rows: list[Transaction]
    next: str | None


def transactions(scope: Scope, kind: Kind | None, cursor: str, *, size: int) -> Page:
    """A page of what was sold and bought, in four queries; a cursor we never gave starts over."""
    found: list[Transaction] = []
    if kind != "PURCHASE":
        orders = below(sales.handed_over(scope), cursor, moment="delivered_at", rank=RANKS["SALE"])
        found += map(_sale_of, _with_lines(orders)[: size + 1])
    if kind != "SALE":
        receipts = below(
            purchases.receipts_in(scope), cursor, moment="created_at", rank=RANKS["PURCHASE"]
        )
        found += map(_purchase_of, _with_costs(receipts)[: size + 1])
    found.sort(key=lambda each: each.place, reverse=True)
    return Page(found[:size], cursor_below(found[size - 1].place) if len(found) > size else None)


def _with_lines(orders: QuerySet[Order]) -> QuerySet[Order]:
    lines = OrderLine.objects.order_by("pk")
    return orders.select_related("station", "invoice").prefetch_related(Prefetch("lines", lines))


def _with_costs(receipts: QuerySet[Receipt]) -> QuerySet[Receipt]:
    lines = ReceiptLine.objects.select_related("line").order_by("pk")
    return receipts.select_related("order__station", "order__supplier").prefetch_related(
        Prefetch("lines", lines)
    )


def _sale_of(order: Order) -> Transaction:
    lines = order.lines.all()
    return Transaction(
        kind="SALE",
        pk=order.pk,
        at=order.delivered_at or order.placed_at,
        number=order.number,
        channel=order.channel,
        station=order.station,
        party=order.invoice.buyer_name,
        pieces=sum(line.delivered for line in lines),
        amount=sum(line.charged for line in lines) + order.delivery_fee,
        currency=order.currency,
    )


def _purchase_of(receipt: Any) -> Transaction:
    lines = receipt.lines.all()
    return Transaction(
        kind="PURCHASE",
        pk=receipt.pk,
        at=receipt.created_at,
        number=receipt.number,
        channel="",
        station=receipt.order.station,
        party=receipt.order.supplier.name,
        pieces=sum(each.accepted for each in lines),
        amount=sum(each.accepted * (each.unit_cost + each.line.unit_shell_cost) for each in lines),
        currency=receipt.order.currency,
    )


# --- In sums ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sums:
    """What was sold and bought on one day, at one station, or of one variant."""

    sold: sales.Sums
    bought: purchases.Sums

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(self.sold + other.sold, self.bought + other.bought)


NOTHING = Sums(sales.Sums(), purchases.Sums())


def sales_by_day(scope: Scope) -> list[tuple[date, sales.Sums]]:
    """Every day of the scope, those without a sale too."""
    found = sales.sold(scope, "day")
    days = (scope.last - scope.first).days + 1
    each = (scope.first + timedelta(days=n) for n in range(days))
    return [(day, found.get(day, NOTHING.sold)) for day in each]


def by_day(scope: Scope) -> list[tuple[date, Sums]]:
    return sorted(_sums(scope, "day").items())


def by_station(scope: Scope) -> list[tuple[Station, Sums]]:
    found = _sums(scope, "station")
    stations = Station.objects.filter(pk__in=found).order_by("name", "pk")
    return [(station, found[station.pk]) for station in stations]


def by_variant(scope: Scope) -> list[tuple[Variant, Sums]]:
    found = _sums(scope, "product")
    variants = Variant.objects.filter(pk__in=found).order_by("name", "pk")
    return [(variant, found[variant.pk]) for variant in variants]


def _sums(scope: Scope, group: sales.Group) -> dict[Any, Sums]:
    sold, bought = sales.sold(scope, group), purchases.taken_in(scope, group)
    return {
        key: Sums(sold.get(key, NOTHING.sold), bought.get(key, NOTHING.bought))
        for key in {*sold, *bought}
    }
