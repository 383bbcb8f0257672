"""A count as its pages read it: what there is to count, what was found, and what that is worth."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core.paging import Page, newest_first
from gasstock.inventory.models import Condition, Listing, Stocktake, StocktakeLine

Worth = tuple[int | None, int]  # average cost and price, in minor units

AT_COST, AT_PRICE, AT_DEPOSIT = "cost", "price", "deposit"


@dataclass(frozen=True)
class Finding:
    """A counted line. `unit` is what one is worth (minor units), `basis` says where from."""

    line: StocktakeLine
    unit: int
    basis: str

    @property
    def size(self) -> int:
        """How many too many, or too few."""
        return abs(self.line.difference)

    @property
    def value(self) -> int:
        return self.line.difference * self.unit


@dataclass(frozen=True)
class Findings:
    """What was counted, in the order of the shelf, and how many lines were not."""

    counted: list[Finding]
    uncounted: int

    @property
    def different(self) -> list[Finding]:
        return [found for found in self.counted if found.line.difference]

    @property
    def agreed(self) -> list[Finding]:
        return [found for found in self.counted if not found.line.difference]

    @property
    def over(self) -> int:
        return sum(found.value for found in self.counted if found.value > 0)

    @property
    def short(self) -> int:
        return -sum(found.value for found in self.counted if found.value < 0)

    @property
    def net(self) -> int:
        return self.over - self.short


def counts_at(station: Station, cursor: str) -> Page[Stocktake]:
    """Return a page of the station's counts, newest first, each with how far it is."""
    rows = Stocktake.objects.at(station).select_related("opened_by", "counted_by", "decided_by")
    counted = Q(lines__counted__isnull=False)
    rows = rows.annotate(lines_all=Count("lines"), lines_done=Count("lines", filter=counted))
    return newest_first(rows, cursor)


def lines_of(stocktake: Stocktake) -> list[StocktakeLine]:
    """All lines, as the shelf stands: by brand and size."""
    lines = stocktake.lines.select_related(
        "variant__product__brand", "variant__product__category", "counted_by"
    )
    return list(
        lines.order_by(
            "variant__product__category__position",
            "variant__product__brand__name",
            "variant__size_g",
            "variant__name",
            "pk",
        )
    )


def findings_of(stocktake: Stocktake) -> Findings:
    """Compare what was counted with the books, line by line."""
    lines = lines_of(stocktake)
    known = worths_at(stocktake.station, {line.variant_id for line in lines})
    found = [
        Finding(line, *worth_of(line.variant, line.condition, known))
        for line in lines
        if line.counted is not None
    ]
    return Findings(found, uncounted=len(lines) - len(found))


def worths_at(station: Station, variants: Collection[int]) -> dict[int, Worth]:
    """What these variants (by pk) are worth at the station, for `worth_of`; one query."""
    rows = Listing.objects.at(station).filter(variant__in=variants)
    return {
        variant: (cost, price)
        for variant, cost, price in rows.values_list("variant", "average_cost", "refill_price")
    }


def worth_of(variant: Variant, condition: str, known: Mapping[int, Worth]) -> tuple[int, str]:
    """What one is worth (minor units), and where that is from.

    Full ones are worth what they cost, or are sold for; others the deposit for a shell.
    """
    worth = known.get(variant.pk)
    if condition != Condition.FULL or worth is None:
        return variant.deposit, AT_DEPOSIT
    cost, price = worth
    return (price, AT_PRICE) if cost is None else (cost, AT_COST)
