"""Counts of what riders brought home as their pages read them: compared, valued, listed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from gasstock.accounts.models import Station, User
from gasstock.audit.models import AuditEvent
from gasstock.core.paging import Page, newest_first
from gasstock.delivery.models import CollectedCash, Delivery, Homecoming, HomecomingLine
from gasstock.inventory.services.findings import worth_of, worths_at


@dataclass(frozen=True)
class Found:
    """A counted line; `unit` is what one of it is worth, in minor units."""

    line: HomecomingLine
    unit: int

    @property
    def size(self) -> int:
        """How many too many, or too few."""
        return abs(self.line.difference)

    @property
    def value(self) -> int:
        return self.size * self.unit


@dataclass(frozen=True)
class Comparison:
    """What was counted against the books, in the order of the shelf."""

    homecoming: Homecoming
    lines: list[Found]

    @property
    def different(self) -> list[Found]:
        return [found for found in self.lines if found.line.difference]

    @property
    def agreed(self) -> list[Found]:
        return [found for found in self.lines if not found.line.difference]

    @property
    def is_off(self) -> bool:
        return bool(self.different or self.homecoming.cash_difference)

    @property
    def missing(self) -> int:
        return sum(found.size for found in self.lines if found.line.difference < 0)

    @property
    def found(self) -> int:
        return sum(found.size for found in self.lines if found.line.difference > 0)

    @property
    def lost(self) -> int:
        """What the missing ones are worth, in minor units."""
        return sum(found.value for found in self.lines if found.line.difference < 0)


def compare(homecoming: Homecoming) -> Comparison:
    """Two queries."""
    rows = homecoming.lines.select_related("variant__product__brand").order_by(
        "variant__product__category__position",
        "variant__product__brand__name",
        "variant__size_g",
        "variant__name",
        "variant",
        "-condition",
    )
    lines = list(rows)
    known = worths_at(homecoming.station, {line.variant_id for line in lines})
    return Comparison(
        homecoming,
        [Found(line, worth_of(line.variant, line.condition, known)[0]) for line in lines],
    )


@dataclass(frozen=True)
class Out:
    """What a rider has out: deliveries that go on, and those that come back to the station."""

    staying: list[Delivery]
    coming_back: list[Delivery]


def out_with(station: Station, rider: User) -> Out:
    """Each with its order's lines and attempts; four queries."""
    rows = Delivery.objects.at(station).of(rider).out().select_related("order")
    found = list(rows.prefetch_related("order__lines__variant", "attempts").order_by("order"))
    return Out(
        [each for each in found if not each.goes_back], [each for each in found if each.goes_back]
    )


@dataclass(frozen=True)
class Counting:
    """Somebody counted it, at this moment."""

    by: User | None
    at: datetime


def earlier_counts(homecoming: Homecoming) -> list[Counting]:
    """Who counted the same load before the count that stands, oldest first."""
    rows = AuditEvent.objects.filter(
        target_label=homecoming._meta.label,
        target_pk=str(homecoming.pk),
        action="homecoming.counted",
    )
    events = list(rows.select_related("actor").order_by("pk"))
    return [Counting(event.actor, event.created_at) for event in events[:-1]]


def taken_at_doors(homecoming: Homecoming) -> list[CollectedCash]:
    """The payments that this count handed in."""
    return list(homecoming.cash.select_related("payment", "delivery__order").order_by("pk"))


def counters_of(station: Station) -> list[User]:
    """Whose loads were counted here."""
    rode = Homecoming.objects.filter(station=station).values("rider")
    return list(User.objects.filter(pk__in=rode).order_by("name", "pk"))


def counts_at(
    station: Station, cursor: str, *, rider: int | None = None, only_off: bool = False
) -> Page[Homecoming]:
    """A page of counts, newest first, each with how many pieces are `missing` and `found`."""
    lines = HomecomingLine.objects.filter(homecoming=OuterRef("pk")).order_by()
    off = F("counted") - F("expected")
    rows = Homecoming.objects.filter(station=station).annotate(
        missing=_sum(lines.filter(counted__lt=F("expected")), -Sum(off)),
        found=_sum(lines.filter(counted__gt=F("expected")), Sum(off)),
    )
    if rider is not None:
        rows = rows.filter(rider=rider)
    if only_off:
        cash = ~Q(cash_counted=F("cash_expected"))
        rows = rows.filter(cash | Exists(lines.exclude(counted=F("expected"))))
    return newest_first(rows.select_related("rider", "counted_by", "posted_by"), cursor)


def _sum(lines: QuerySet[HomecomingLine], total: Combinable) -> Coalesce:
    sums = lines.values("homecoming").annotate(total=total).values("total")
    return Coalesce(Subquery(sums), Value(0))
