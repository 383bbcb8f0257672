"""What stands on a station's shelf, as its stock pages read it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core.paging import Page, newest_first
from gasstock.inventory.models import (
    Balance,
    Condition,
    Listing,
    LocationKind,
    Move,
)

MOVES_A_PAGE = 25


@dataclass(frozen=True)
class Stand:
    """A listing with what the station holds of it."""

    listing: Listing
    empties: int

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


def stands_of(station: Station) -> list[Stand]:
    """Return all that the station lists, by brand and size, in two queries."""
    listings = Listing.objects.at(station).kept().for_cards()
    listings = listings.order_by(
        "variant__product__category__position",
        "variant__product__brand__name",
        "variant__size_g",
        "variant__name",
        "pk",
    )
    empties = dict(
        _here(station).filter(condition=Condition.EMPTY).values_list("variant", "on_hand")
    )
    return [Stand(listing, empties.get(listing.variant_id, 0)) for listing in listings]


def holdings_of(station: Station, variant: Variant) -> Counter[str]:
    """Return how many of a variant stand at the station, by condition."""
    return Counter(dict(_here(station).filter(variant=variant).values_list("condition", "on_hand")))


def _here(station: Station) -> QuerySet[Balance]:
    return Balance.objects.filter(location__station=station, location__kind=LocationKind.STATION)


@dataclass(frozen=True)
class Entry:
    """A move seen from the station: `effect` on what stands there, and what was left of it.

    `is_order`: the document is an order of the station, whose number begins with its code.
    """

    move: Move
    effect: int
    left: int
    is_order: bool


def entries_of(listing: Listing, cursor: str) -> Page[Move]:
    """Return a page of the moves of a listing, newest first."""
    moves = Move.objects.of(station=listing.station, variant=listing.variant)
    moves = moves.select_related("source__person", "destination__person", "actor")
    return newest_first(moves, cursor, size=MOVES_A_PAGE)


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
    left.subtract(_effects(newer.filter(pk__gt=moves[0].pk)))
    for move in moves:
        effect = _effect(move)
        is_order = move.document.startswith(f"{listing.station.code}-")
        yield Entry(move, effect, left[move.condition], is_order)
        left[move.condition] -= effect


def _effect(move: Move) -> int:
    arrives = move.destination.kind == LocationKind.STATION
    leaves = move.source.kind == LocationKind.STATION
    return move.quantity * (arrives - leaves)


def _effects(moves: QuerySet[Move]) -> Counter[str]:
    """Sum up what `moves` did to the stock at the station, by condition."""
    effects: Counter[str] = Counter()
    for end, sign in (("destination", 1), ("source", -1)):
        there = moves.filter(**{f"{end}__kind": LocationKind.STATION})
        sums: Iterable[tuple[str, int]] = there.values_list("condition").annotate(Sum("quantity"))
        for condition, quantity in sums:
            effects[condition] += sign * quantity
    return effects
