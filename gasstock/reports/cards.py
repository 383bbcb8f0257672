"""What the cards of the dashboards read: the pace of a day, the road, and what waits in the books.

Nothing here tells what should be in an open drawer, or what riders carry: whoever reads it is to
count it. Money in minor units.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, ExtractHour, TruncDate
from django.utils import timezone

from gasstock.accounts.models import Station, User
from gasstock.core import clock
from gasstock.delivery.models import WAITING, Attempt, Delivery, DeliveryStatus, Failure
from gasstock.orders.models import HANDED_OVER, LineKind, OrderLine
from gasstock.reports import facts

WEEK = timedelta(days=7)
MOST_DELIVERIES = 120
BUSIEST = 8  # stations that the platform's page names


# --- The pace of the day ----------------------------------------------------------------------


@dataclass
class Sold:
    """Goods without deposits and fees, what they were, and how heavy the gas was."""

    goods: int = 0
    pieces: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    money: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    grams: int = 0

    def add(self, row: dict[str, Any]) -> None:
        self.goods += row["goods"]
        self.pieces[row["kind"]] += row["sold"]
        self.money[row["kind"]] += row["goods"]
        self.grams += row["grams"]

    @property
    def refills(self) -> int:
        return self.pieces[LineKind.EXCHANGE]

    @property
    def new(self) -> int:
        return self.pieces[LineKind.NEW]

    @property
    def accessories(self) -> int:
        return self.pieces[LineKind.ACCESSORY]

    @property
    def parts(self) -> list["Part"]:
        """Refills, new cylinders and accessories as parts of a bar of a thousand."""
        kinds = (LineKind.EXCHANGE, LineKind.NEW, LineKind.ACCESSORY)
        at, parts = 0, []
        for number, kind in enumerate(kinds, start=1):
            share = 1000 * self.money[kind] // self.goods if self.goods else 0
            parts.append(Part(number, kind.value, self.money[kind], at, share))
            at += share
        return [part for part in parts if part.money]


class Part(NamedTuple):
    number: int
    kind: str
    money: int
    x: int
    width: int


@dataclass(frozen=True)
class Than:
    """Another day beside today: what it had sold by this time of day, and in all."""

    day: date
    by_now: int
    in_all: int
    today: int

    @property
    def difference(self) -> int:
        return self.today - self.by_now

    @property
    def size(self) -> int:
        return abs(self.difference)

    @property
    def is_yesterday(self) -> bool:
        return self.day == clock.today() - timedelta(days=1)


class Bar(NamedTuple):
    """An hour of the chart; `height` and `usual_height` of a hundred."""

    hour: int
    grams: int
    usual: int
    x: int
    height: int
    usual_height: int
    is_now: bool
    is_ahead: bool


@dataclass(frozen=True)
class Pace:
    """Today as it goes, beside yesterday and the same weekday a week ago."""

    rows: Sequence[dict[str, Any]]
    hours: tuple[int, int]  # the first and last hour that is shown in any case

    @cached_property
    def today(self) -> Sold:
        return self._sold(clock.today())

    @cached_property
    def others(self) -> list[Than]:
        """The days with something to compare with."""
        days = (clock.today() - timedelta(days=1), clock.today() - WEEK)
        found = [(day, self._sold(day, early=True), self._sold(day)) for day in days]
        return [Than(day, a.goods, b.goods, self.today.goods) for day, a, b in found if b.goods]

    @property
    def week_ago(self) -> date:
        return clock.today() - WEEK

    @property
    def is_empty(self) -> bool:
        return not any(row["grams"] for row in self.rows if row["day"] != self._yesterday)

    @property
    def _yesterday(self) -> date:
        return clock.today() - timedelta(days=1)

    def _sold(self, day: date, *, early: bool = False) -> Sold:
        sold = Sold()
        for row in self.rows:
            if row["day"] == day and (row["early"] or not early):
                sold.add(row)
        return sold

    @cached_property
    def bars(self) -> list[Bar]:
        """The hours of the day, in the kilograms of today and of a week ago."""
        grams: dict[tuple[date, int], int] = defaultdict(int)
        for row in self.rows:
            grams[row["day"], row["hour"]] += row["grams"]
        today, usual, now = clock.today(), self.week_ago, timezone.localtime(clock.now()).hour
        seen = [hour for (day, hour), sum_ in grams.items() if sum_ and day in (today, usual)]
        first, last = min([*seen, self.hours[0]]), max([*seen, self.hours[1]])
        return [
            Bar(
                hour,
                grams[today, hour],
                grams[usual, hour],
                20 * place,
                self._height(grams[today, hour]),
                self._height(grams[usual, hour]),
                hour == now,
                hour > now,
            )
            for place, hour in enumerate(range(first, last + 1))
        ]

    @cached_property
    def top(self) -> int:
        """The kilograms at the top of the chart: 10, 20, 50, 100, …"""
        sums: dict[tuple[date, int], int] = defaultdict(int)
        for row in self.rows:
            if row["day"] != self._yesterday:
                sums[row["day"], row["hour"]] += row["grams"]
        most = max(sums.values(), default=0)
        unit = 10_000
        while True:
            for step in (1, 2, 5):
                if step * unit >= most:
                    return step * unit
            unit *= 10

    def _height(self, grams: int) -> int:
        return round(100 * grams / self.top)

    @property
    def width(self) -> int:
        return 20 * len(self.bars)

    @property
    def line(self) -> str:
        """The points of the usual day."""
        return " ".join(f"{bar.x + 10},{100 - bar.usual_height}" for bar in self.bars)

    @property
    def busiest(self) -> Bar | None:
        busy = [bar for bar in self.bars if bar.grams]
        return max(busy, key=lambda bar: bar.grams) if busy else None


def pace_of(station: Station | None = None) -> Pace:
    """Today, yesterday and a week ago, hour by hour; one query."""
    lines = _sold_on(clock.today(), clock.today() - timedelta(days=1), clock.today() - WEEK)
    hours = (7, 19)
    if station:
        lines = lines.filter(order__station=station)
        hours = (station.opens_at.hour, max(station.closes_at.hour - 1, station.opens_at.hour))
    zone = timezone.get_default_timezone()
    rows: Any = lines.annotate(
        day=TruncDate("order__delivered_at", tzinfo=zone),
        hour=ExtractHour("order__delivered_at", tzinfo=zone),
        early=Case(When(_by_now(), then=True), default=False, output_field=BooleanField()),
    ).values("day", "hour", "early", "kind")
    sums = rows.annotate(**_sums()).order_by()
    return Pace(list(sums), hours)


def _sold_on(*days: date) -> QuerySet[OrderLine]:
    spans = Q()
    for day in days:
        spans |= facts.span("order__delivered_at", day, day)
    # What was handed over ever is most; the few of these days are found by their moment.
    return OrderLine.objects.filter(spans, order__status__unindexed__in=HANDED_OVER)


def _by_now() -> Q:
    """What was sold on any of the days by this time of day."""
    passed = clock.now() - clock.begin_of(clock.today())
    early = Q()
    for back in (timedelta(), timedelta(days=1), WEEK):
        begin = clock.begin_of(clock.today() - back)
        early |= Q(order__delivered_at__gte=begin, order__delivered_at__lte=begin + passed)
    return early


def _sums() -> dict[str, Any]:
    sums = facts.line_sums()
    grams = Cast("delivered", BigIntegerField()) * Coalesce("variant__size_g", 0)
    return {
        "sold": sums["sold"],
        "goods": sums["goods"],
        "grams": Sum(grams, output_field=BigIntegerField()),
    }


class Shop(NamedTuple):
    """A station's day, for the platform; `share` of a hundred, beside the busiest."""

    name: str
    slug: str
    goods: int
    grams: int
    share: int


def stations_today() -> list[Shop]:
    """The stations that sold most today; one query."""
    rows: Any = _sold_on(clock.today()).values("order__station__name", "order__station__slug")
    sums = rows.annotate(**_sums()).order_by("-goods", "order__station__slug")[:BUSIEST]
    found = [row for row in sums if row["goods"] > 0]
    most = found[0]["goods"] if found else 1
    return [
        Shop(
            row["order__station__name"],
            row["order__station__slug"],
            row["goods"],
            row["grams"],
            max(1, 100 * row["goods"] // most),
        )
        for row in found
    ]


# --- The road ---------------------------------------------------------------------------------

DOTS = {
    DeliveryStatus.ASSIGNED: "",
    DeliveryStatus.ON_THE_WAY: "is-now",
    DeliveryStatus.FAILED: "is-bad",
    DeliveryStatus.DELIVERED: "is-done",
}


@dataclass
class Round:
    """What somebody delivers today: `trips` in the order of their list, the done ones first."""

    rider: User
    trips: list[Any]

    @property
    def dots(self) -> list[str]:
        return [DOTS[DeliveryStatus(trip.status)] for trip in self.trips]

    @property
    def next(self) -> Any | None:
        return next((x for x in self.trips if x.status == DeliveryStatus.ON_THE_WAY), None)

    @property
    def at(self) -> datetime | None:
        """When the next one is expected, or was promised."""
        trip = self.next
        return (trip.estimated_at or trip.order.promised_until) if trip else None

    @property
    def delivered(self) -> int:
        return self._count(DeliveryStatus.DELIVERED)

    @property
    def failed(self) -> int:
        return self._count(DeliveryStatus.FAILED)

    @property
    def to_load(self) -> int:
        return self._count(DeliveryStatus.ASSIGNED)

    def _count(self, status: DeliveryStatus) -> int:
        return sum(trip.status == status for trip in self.trips)


def deliveries_of(station: Station) -> list[Any]:
    """What waits to be brought or was delivered today, each with its last `failure`; one query."""
    today = Delivery.objects.filter(ended_at__gte=clock.begin_of(clock.today())).values("pk")
    waiting = Delivery.objects.at(station).waiting().values("pk")
    rows = Delivery.objects.at(station).filter(pk__in=waiting.union(today, all=True))
    done = Q(status=DeliveryStatus.DELIVERED)
    rows = rows.filter(done | Q(status__in=WAITING))
    last = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")
    rows = rows.annotate(
        failure=Subquery(last.values("failure")[:1]),
        failed_at=Subquery(last.values("created_at")[:1]),
        is_over=Case(When(done, then=Value(0)), default=Value(1), output_field=IntegerField()),
    )
    rows = rows.select_related("order__buyer", "rider")
    return list(rows.order_by("-is_over", "position", "pk")[:MOST_DELIVERIES])


def why_failed(trip: Any) -> str:
    return str(Failure(trip.failure).label) if trip.failure else ""


def rounds_of(deliveries: Iterable[Any]) -> list[Round]:
    """Rider by rider, those who are out first; who only delivered already comes last."""
    found: dict[int, Round] = {}
    for trip in deliveries:
        found.setdefault(trip.rider_id, Round(trip.rider, [])).trips.append(trip)
    for each in found.values():
        each.trips.sort(key=lambda trip: trip.is_over)
    ever = clock.now() + timedelta(days=999)
    return sorted(
        found.values(), key=lambda x: (not x.next, not x.to_load, x.at or ever, str(x.rider))
    )
