"""What stations bought, of whom, and how that went. Reads only."""

from dataclasses import astuple, dataclass
from typing import Any, Literal

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from gasstock.accounts.scope import Scope
from gasstock.catalog.models import Variant
from gasstock.core.sums import big
from gasstock.purchasing.models import (
    EXPECTED,
    LINE_TOTAL,
    TAKEN_TOTAL,
    PurchaseLine,
    PurchaseStatus,
    Receipt,
    ReceiptLine,
    Supplier,
)

SENT = Q(number__isnull=False) & ~Q(status=PurchaseStatus.CANCELLED)


@dataclass(frozen=True)
class Figures:
    """Money in minor units. `on_time` of `dated` orders that came in full had come by their day."""

    orders: int
    ordered: int
    received: int
    dated: int
    on_time: int

    @property
    def share_on_time(self) -> int | None:
        """In percent; None while nothing is known."""
        return round(100 * self.on_time / self.dated) if self.dated else None


@dataclass(frozen=True)
class Bought:
    """What came of a variant: how many, for how much in all, and how many were rejected."""

    variant: Variant
    accepted: int
    rejected: int
    money: int


def figures_of(supplier: Supplier) -> Figures:
    sent = supplier.orders.filter(SENT)
    lines = PurchaseLine.objects.filter(order__in=sent)
    dated = Q(status=PurchaseStatus.RECEIVED, expected_on__isnull=False)
    counts = sent.aggregate(
        orders=Count("pk"),
        dated=Count("pk", filter=dated),
        on_time=Count("pk", filter=dated & Q(ended_at__date__lte=F("expected_on"))),
    )
    return Figures(
        ordered=lines.aggregate(sum=Sum(LINE_TOTAL))["sum"] or 0,
        received=_receipt_lines(supplier).aggregate(sum=Sum(TAKEN_TOTAL))["sum"] or 0,
        **counts,
    )


def _receipt_lines(supplier: Supplier) -> QuerySet[ReceiptLine]:
    return ReceiptLine.objects.filter(receipt__order__supplier=supplier)


def bought_of(supplier: Supplier) -> list[Bought]:
    """Return what came of each variant, the last bought first, in two queries."""
    rows = list(
        _receipt_lines(supplier)
        .values("line__variant")
        .annotate(
            taken=Sum("accepted"),
            refused=Sum("rejected"),
            money=Sum(TAKEN_TOTAL),
            last=Max("receipt"),
        )
        .order_by("-last", "line__variant")
    )
    variants = Variant.objects.select_related("product__brand").in_bulk(
        [row["line__variant"] for row in rows]
    )
    return [
        Bought(variants[row["line__variant"]], row["taken"], row["refused"], row["money"])
        for row in rows
    ]


def with_open_orders(suppliers: QuerySet[Supplier]) -> QuerySet[Supplier]:
    """Count, for each of `suppliers`, the orders of which something is to come."""
    return suppliers.annotate(to_come=Count("orders", filter=Q(orders__status__in=EXPECTED)))


# --- Of stations, in sums -----------------------------------------------------------------------


@dataclass(frozen=True)
class Sums:
    """Of some goods receipts: what was taken in, at what it cost (minor units)."""

    receipts: int = 0
    pieces: int = 0
    cost: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def receipts_in(scope: Scope) -> QuerySet[Receipt]:
    return scope.pick(Receipt.objects.all(), moment="created_at", station="order__station")


def taken_in(scope: Scope, group: Literal["day", "station", "product"]) -> dict[Any, Sums]:
    """The sums of each day, station (pk) or variant (pk) that bought something; one query."""
    keys = {
        "day": TruncDate("receipt__created_at", tzinfo=timezone.get_default_timezone()),
        "station": F("receipt__order__station"),
        "product": F("line__variant"),
    }
    lines = ReceiptLine.objects.filter(receipt__in=receipts_in(scope)).order_by()
    sums = lines.values(key=keys[group]).annotate(
        n=Count("receipt", distinct=True), pieces=Sum(big("accepted")), cost=Sum(TAKEN_TOTAL)
    )
    named = sums.values_list("key", "n", "pieces", "cost")
    return {key: Sums(n, int(pieces), int(cost)) for key, n, pieces, cost in named}
