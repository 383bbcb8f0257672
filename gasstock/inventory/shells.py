"""A station's shells as its cylinder pages read them: where they are and what is owed for them."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from django.db.models import OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station, User
from gasstock.catalog.models import Variant
from gasstock.core.money import MINUS
from gasstock.core.paging import newest_first
from gasstock.inventory.models import (
    DEPOSIT,
    Balance,
    Condition,
    DepositEntry,
    Location,
    LocationKind,
    Move,
    Reason,
)
from gasstock.inventory.services.deposits import Lot, lots_of, owed_by, totals
from gasstock.inventory.services.verify import sum_of_moves

OUTSIDE = (LocationKind.SUPPLIER, LocationKind.LOSS)


@dataclass
class Shells:
    """Where the shells of one variant are, in the books of one station.

    `buyers` is below zero where the station took more of them than it ever gave: empties of a
    brand it does not sell. `deposits` shells are paid for with `owed` minor units.
    """

    variant: Variant
    full: int = 0
    empty: int = 0
    defect: int = 0
    riders: int = 0
    transit: int = 0
    buyers: int = 0
    deposits: int = 0
    owed: int = 0
    came: Counter[str] = field(default_factory=Counter)  # by the kind of place it came from

    @property
    def here(self) -> int:
        return self.full + self.empty + self.defect

    @property
    def total(self) -> int:
        return self.here + self.riders + self.transit + self.buyers

    @property
    def missing(self) -> int:
        """What came into the books and is nowhere; zero, or the books are wrong."""
        return sum(self.came.values()) - self.total

    @property
    def formula(self) -> str:
        """“40 bought − 2 scrapped = 20 at the station + 3 with riders …”, ≠ in a wrong book."""
        came = [(self.came[LocationKind.SUPPLIER], _("bought"))]
        if others := self.came[LocationKind.TRANSIT]:
            came.append((others, _("from other stations") if others > 0 else _("to others")))
        found = self.came[LocationKind.LOSS]
        came.append((found, _("found")) if found > 0 else (found, _("scrapped")))
        places = [
            (self.here, _("at the station")),
            (self.riders, _("with riders")),
            (self.transit, _("on the way")),
            (self.buyers, _("with buyers")),
        ]
        return f"{_sum(came)} {'≠' if self.missing else '='} {_sum(places)}"


def _sum(terms: list[tuple[int, str]]) -> str:
    (first, name), *others = terms
    words = [f"{MINUS if first < 0 else ''}{abs(first)} {name}"]
    for count, each in others:
        sign = MINUS if count < 0 or each == _("scrapped") else "+"
        words.append(f"{sign} {abs(count)} {each}")
    return " ".join(words)


@dataclass(frozen=True)
class Census:
    """All shells in the books of a station."""

    rows: list[Shells]

    @cached_property
    def sums(self) -> Shells:
        columns = ("full", "empty", "defect", "riders", "transit", "buyers", "deposits", "owed")
        sums = {name: sum(getattr(row, name) for row in self.rows) for name in columns}
        came = Counter[str]()
        for row in self.rows:
            came.update(row.came)
        return Shells(Variant(), **sums, came=came)

    @property
    def is_whole(self) -> bool:
        """Whether all that came into the books, size by size, is somewhere."""
        return not any(row.missing for row in self.rows)

    @property
    def taken_in(self) -> list[Shells]:
        """Those of which more came from buyers than went to them: empties of other brands."""
        return [row for row in self.rows if row.buyers < 0]


def census_of(station: Station) -> Census:
    """Count the shells in the station's books, by brand and size; four queries."""
    rows: dict[int, Shells] = {}
    places = Balance.objects.filter(location__station=station, variant__size_g__isnull=False)
    for pk, kind, condition, on_hand in (
        places.exclude(on_hand=0)
        .values_list("variant", "location__kind", "condition")
        .annotate(Sum("on_hand"))
        .order_by()
    ):
        row = rows.setdefault(pk, Shells(Variant(pk=pk)))
        if kind in OUTSIDE:
            row.came[kind] -= on_hand
        else:
            column = _column(kind, condition)
            setattr(row, column, getattr(row, column) + on_hand)
    for pk, quantity in _from_other_stations(station).items():
        rows.setdefault(pk, Shells(Variant(pk=pk))).came[LocationKind.TRANSIT] += quantity
    owed = owed_by(station)
    for pk, variant in Variant.objects.with_names().in_bulk(rows).items():
        rows[pk].variant = variant
        rows[pk].deposits, rows[pk].owed = owed.get(pk, (0, 0))
    return Census(sorted(rows.values(), key=_by_brand_and_size))


def _column(kind: str, condition: str) -> str:
    if kind == LocationKind.STATION:
        return Condition(condition).value
    return {"rider": "riders", "transit": "transit", "buyer": "buyers"}[kind]


def _by_brand_and_size(row: Shells) -> tuple[str, int, str]:
    variant = row.variant
    return str(variant.product.brand or ""), variant.size_g or 0, variant.name


def _from_other_stations(station: Station) -> Counter[int]:
    """Count what came out of other stations' books less what went into theirs, by variant pk."""
    came = Counter[int]()
    moves = Move.objects.filter(reason=Reason.TRANSFER, variant__size_g__isnull=False)
    ours, theirs = Q(source__station=station), Q(destination__station=station)
    crossing = moves.filter((ours & ~theirs) | (theirs & ~ours))
    for pk, source, quantity in (
        crossing.values_list("variant", "source__station").annotate(Sum("quantity")).order_by()
    ):
        came[pk] += -quantity if source == station.pk else quantity
    return came


class WrongBook(NamedTuple):
    """A place of which the book says `balance.on_hand`, and the moves say `moved`."""

    balance: Balance
    moved: int


def wrong_books(station: Station) -> list[WrongBook]:
    """Where the station's books of cylinders are not what was moved; three queries."""
    moved = sum_of_moves(station)
    rows = Balance.objects.filter(location__station=station, variant__size_g__isnull=False)
    rows = rows.select_related("location__person", "variant__product__brand").order_by("pk")
    books = [WrongBook(x, moved[x.location_id, x.variant_id, x.condition]) for x in rows]
    return [book for book in books if book.balance.on_hand != book.moved]


# --- Who holds them ---------------------------------------------------------------------------


class Part(NamedTuple):
    """`shells` of a variant with a buyer, and the deposit for all of them in minor units."""

    variant: Variant
    shells: int
    amount: int


@dataclass(frozen=True)
class Holder:
    person: User
    parts: list[Part]

    @property
    def shells(self) -> int:
        return sum(part.shells for part in self.parts)

    @property
    def deposit(self) -> int:
        return sum(part.amount for part in self.parts)


def holders_of(station: Station, words: str, cursor: str) -> tuple[list[Holder], str | None]:
    """Return a page of the buyers who hold shells, those known for the shortest time first.

    With the cursor of the next page; three queries.
    """
    entries = DepositEntry.objects.filter(station=station, buyer=OuterRef("person"))
    held = entries.values("buyer").annotate(held=Sum("quantity")).values("held")
    places = Location.objects.filter(station=station, kind=LocationKind.BUYER)
    places = places.filter(person__isnull=False).alias(held=Subquery(held)).filter(held__gt=0)
    if words:
        places = places.filter(person__in=User.objects.matching(words).values("pk"))
    page = newest_first(places.select_related("person"), cursor)
    people = [place.person for place in page.rows if place.person]
    parts = _parts(station, people)
    return [Holder(person, parts[person.pk]) for person in people], page.next


def _parts(station: Station, people: list[User]) -> dict[int | None, list[Part]]:
    rows = DepositEntry.objects.filter(station=station, buyer__in=people)
    sums = list(totals(rows, "buyer", "variant"))
    variants = Variant.objects.with_names().in_bulk({row["variant"] for row in sums})
    parts: dict[int | None, list[Part]] = defaultdict(list)
    for row in sums:
        if row["shells"]:
            parts[row["buyer"]].append(Part(variants[row["variant"]], row["shells"], row["amount"]))
    return parts


def walk_ins_of(station: Station) -> tuple[int, int]:
    """How many shells unknown buyers hold (below zero: they brought more), for how much."""
    rows = DepositEntry.objects.filter(station=station, buyer=None)
    row = rows.aggregate(shells=Sum("quantity", default=0), amount=Sum(DEPOSIT, default=0))
    return row["shells"], row["amount"]


@dataclass(frozen=True)
class Kept:
    """Shells of one order or sale that a buyer still holds."""

    variant: Variant
    lot: Lot

    @property
    def amount(self) -> int:
        return self.lot.quantity * self.lot.unit_amount


def kept_by(station: Station, buyer: User) -> list[Kept]:
    """Return what the buyer holds of the station, oldest first; two queries."""
    lots = lots_of(station=station, buyer=buyer)
    variants = Variant.objects.with_names().in_bulk({lot.variant_id for lot in lots})
    return [Kept(variants[lot.variant_id], lot) for lot in lots]
