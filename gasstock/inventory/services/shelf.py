"""What stands on a station's shelf, as its stock pages read it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Sum

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core import platform
from gasstock.core.paging import Page, latest_first
from gasstock.inventory.documents import page_of
from gasstock.inventory.models import (
    Balance,
    Condition,
    Listing,
    LocationKind,
    LowStockAlert,
    Move,
)

MOVES_A_PAGE = 25
WEEK = 7  # ticks


@dataclass(frozen=True)
class Cover:
    """How many whole days the free ones last at the pace of the last weeks.

    `days` is None where nothing was sold lately, so nobody can say.
    """

    free: int
    days: int | None

    @property
    def tone(self) -> str:
        if not self.free or (self.days is not None and self.days <= 1):
            return "bad"
        return "wait" if self.days is not None and self.days <= 3 else ""

    @property
    def ticks(self) -> list[bool]:
        """The days of a week, those first that are covered."""
        days = WEEK if self.days is None else self.days
        return [self.free > 0 and day < days for day in range(WEEK)]


def cover_of(listing: Listing) -> Cover:
    """Return how long the free ones of a listing last; needs `full` at hand."""
    free = max(0, listing.available)
    if not free or not listing.sold_lately:
        return Cover(free, None if free else 0)
    return Cover(free, free * platform.current().sales_days // listing.sold_lately)


@dataclass(frozen=True)
class Stand:
    """A listing with what the station holds of it."""

    listing: Listing
    empties: int
    defects: int = 0

    @property
    def full(self) -> int:
        return self.listing.full.on_hand

    @property
    def held(self) -> int:
        """What is promised to orders."""
        return self.listing.full.reserved

    @property
    def free(self) -> int:
        return self.full - self.held

    @property
    def is_low(self) -> bool:
        """Whether the free ones are down to the reorder level, or gone."""
        return self.free <= self.listing.reorder_level

    @property
    def cover(self) -> Cover:
        return cover_of(self.listing)

    @property
    def has_alert(self) -> bool:
        """Whether an alert of it is shown; only for those that `stands_of` found."""
        return bool(getattr(self.listing, "has_alert", False))


def stands_of(station: Station) -> list[Stand]:
    """Return all that the station lists, by brand and size, in two queries."""
    alerts = LowStockAlert.objects.shown().filter(listing=OuterRef("pk"))
    listings = Listing.objects.at(station).kept().for_cards().annotate(has_alert=Exists(alerts))
    listings = listings.order_by(
        "variant__product__category__position",
        "variant__product__brand__name",
        "variant__size_g",
        "variant__name",
        "pk",
    )
    return with_rest(station, list(listings))


def with_rest(station: Station, listings: list[Listing]) -> list[Stand]:
    """Return the listings of a station with their empties and defect ones, in one query."""
    return _stands(listings, [station.pk])


def with_rest_anywhere(listings: list[Listing]) -> list[Stand]:
    """As `with_rest`, of listings of several stations."""
    return _stands(listings, {listing.station_id for listing in listings})


def _stands(listings: list[Listing], stations: Collection[int]) -> list[Stand]:
    rest: Counter[tuple[int, int, str]] = Counter()
    rows = Balance.objects.filter(
        location__station__in=stations,
        location__kind=LocationKind.STATION,
        variant__in={listing.variant_id for listing in listings},
    ).exclude(condition=Condition.FULL)
    places = rows.values_list("location__station", "variant", "condition", "on_hand")
    for station, variant, condition, on_hand in places:
        rest[station, variant, condition] = on_hand
    return [
        Stand(
            listing,
            empties=rest[listing.station_id, listing.variant_id, Condition.EMPTY],
            defects=rest[listing.station_id, listing.variant_id, Condition.DEFECT],
        )
        for listing in listings
    ]


def holdings_of(station: Station, variant: Variant) -> Counter[str]:
    """Return how many of a variant stand at the station, by condition."""
    return Counter(dict(_here(station).filter(variant=variant).values_list("condition", "on_hand")))


def _here(station: Station) -> QuerySet[Balance]:
    return Balance.objects.filter(location__station=station, location__kind=LocationKind.STATION)


@dataclass(frozen=True)
class Entry:
    """A move seen from the station: `effect` on what stands there, and what was left of it.

    `left` is None where moves of other things stand between. `page` is where to read of its
    document, "" where there is no page.
    """

    move: Move
    effect: int
    left: int | None
    page: str


def entries_of(listing: Listing, cursor: str) -> Page[Move]:
    """Return a page of the moves of a listing, newest first."""
    moves = Move.objects.of(station=listing.station, variant=listing.variant)
    moves = moves.select_related("source__person", "destination__person", "actor")
    return latest_first(moves, cursor, size=MOVES_A_PAGE)


def seen_from_station(
    listing: Listing, moves: list[Move], holdings: Counter[str]
) -> Iterator[Entry]:
    """Tell of each of `moves` (newest first) what it did to the stock at the station.

    `holdings` is what stands there now, by condition.
    """
    if not moves:
        return
    left = holdings.copy()
    newer = Move.objects.of(station=listing.station, variant=listing.variant)
    left.subtract(_effects(newer.after(moves[0])))
    for move in moves:
        effect = effect_of(move.quantity, move.source.kind, move.destination.kind)
        yield Entry(move, effect, left[move.condition], page_of(move, listing.station))
        left[move.condition] -= effect


def effect_of(quantity: int, source: str, destination: str) -> int:
    """How many more (or, below zero, fewer) stood at the station after a move between kinds."""
    here = LocationKind.STATION
    return quantity * ((destination == here) - (source == here))


def _effects(moves: QuerySet[Move]) -> Counter[str]:
    """Sum up what `moves` did to the stock at the station, by condition."""
    effects: Counter[str] = Counter()
    for end, sign in (("destination", 1), ("source", -1)):
        there = moves.filter(**{f"{end}__kind": LocationKind.STATION})
        sums: Iterable[tuple[str, int]] = there.values_list("condition").annotate(Sum("quantity"))
        for condition, quantity in sums:
            effects[condition] += sign * quantity
    return effects
