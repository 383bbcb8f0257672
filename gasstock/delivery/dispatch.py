"""The dispatch board: what waits to be brought, who is on the road with what, what came back."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from gasstock.accounts.models import Station, User
from gasstock.core import clock
from gasstock.delivery.models import Delivery, DeliveryStatus
from gasstock.delivery.stops import OFF_THE_LIST, Carrier, Stop, stop_of, with_trips
from gasstock.orders.board import asked_for
from gasstock.orders.models import (
    HANDED_OVER,
    Fulfilment,
    Order,
    OrderLine,
    OrderStatus,
)

MOST_WAITING = 60
MOST_ON_THE_ROAD = 120
BY_PROMISE = (Coalesce("promised_until", "placed_at"), "pk")


@dataclass(frozen=True)
class Round:
    """What one person is to deliver; `carrier` is None who left the team since."""

    person: User
    carrier: Carrier | None
    out: list[Stop] = field(default_factory=list)
    failed: list[Stop] = field(default_factory=list)
    assigned: list[Stop] = field(default_factory=list)

    @property
    def stops(self) -> list[Stop]:
        """What is under way, what failed, and what has not left yet."""
        return [*self.out, *self.failed, *self.assigned]

    def add(self, stop: Stop) -> None:
        lists = {
            DeliveryStatus.ON_THE_WAY.value: self.out,
            DeliveryStatus.FAILED.value: self.failed,
            DeliveryStatus.ASSIGNED.value: self.assigned,
        }
        if stop.trip:
            lists[stop.trip.status].append(stop)


@dataclass(frozen=True)
class Asked:
    """What of the waiting orders is to be seen."""

    words: str = ""
    district: str = ""

    @property
    def query(self) -> str:
        """“?district=Gasabo”; "" for everything."""
        wanted = {"q": self.words, "district": self.district}
        words = urlencode({name: value for name, value in wanted.items() if value})
        return f"?{words}" if words else ""

    def filter(self, orders: QuerySet[Order]) -> QuerySet[Order]:
        if self.words:
            orders = orders.filter(asked_for(self.words) | Q(address__icontains=self.words))
        return orders.filter(district=self.district) if self.district else orders


@dataclass(frozen=True)
class Board:
    """Everything on the page. Districts come with their orders, those promised first on top."""

    asked: Asked
    districts: dict[str, list[Stop]]
    counts: dict[str, int]  # how many wait in each district, seen or not
    rounds: list[Round]
    came_back: list[Stop]
    delivered: int
    is_cut: bool
    is_road_cut: bool
    carriers: list[Carrier]

    @property
    def waiting(self) -> int:
        return sum(self.counts.values())

    @property
    def shown(self) -> int:
        return sum(len(stops) for stops in self.districts.values())

    @property
    def under_way(self) -> int:
        return sum(len(each.stops) for each in self.rounds)


def board(station: Station, people: list[Carrier], asked: Asked) -> Board:
    """Gather the board, in three queries. At most MOST_WAITING orders wait on it."""
    waits, road, back = asked.filter(to_assign(station)), _on_the_road(station), _back(station)
    parts = [waits.values("pk")[: MOST_WAITING + 1], road.values("pk")[: MOST_ON_THE_ROAD + 1]]
    parts.append(back.values("pk")[:MOST_WAITING])
    picked = [Order.objects.filter(pk__in=part).values("pk") for part in parts]
    lines = OrderLine.objects.select_related("variant__product__brand").order_by("pk")
    orders = with_trips(Order.objects.filter(pk__in=picked[0].union(*picked[1:], all=True)))
    orders = orders.annotate(is_asked_for=Q(pk__in=parts[0])).select_related("buyer")
    orders = orders.prefetch_related(Prefetch("lines", lines))
    rows: list[Any] = list(orders.order_by(*BY_PROMISE))
    stops = [stop_of(row) for row in rows]
    listed = [stop_of(row) for row in rows if row.is_asked_for]
    moving = [stop for stop in stops if stop.trip]
    counts, delivered = _counts(station)
    return Board(
        asked=asked,
        districts=_by_district(listed[:MOST_WAITING]),
        counts=counts,
        rounds=_rounds(moving[:MOST_ON_THE_ROAD], people),
        came_back=[x for x in stops if not x.trip and x.past and x.past.at >= _midnight()],
        delivered=delivered,
        is_cut=len(listed) > MOST_WAITING,
        is_road_cut=len(moving) > MOST_ON_THE_ROAD,
        carriers=people,
    )


def to_assign(station: Station) -> QuerySet[Order]:
    """Approved deliveries that nobody brings yet, those promised first on top."""
    rows = Order.objects.at(station).filter(
        status=OrderStatus.APPROVED, fulfilment=Fulfilment.DELIVERY
    )
    running = Delivery.objects.filter(order=OuterRef("pk")).waiting()
    return rows.filter(~Exists(running)).order_by(*BY_PROMISE)


def _on_the_road(station: Station) -> QuerySet[Order]:
    return Order.objects.filter(deliveries__in=Delivery.objects.at(station).waiting()).order_by(
        *BY_PROMISE
    )


def _back(station: Station) -> QuerySet[Order]:
    left = Delivery.objects.filter(
        order=OuterRef("pk"), status__in=OFF_THE_LIST, ended_at__gte=_midnight()
    )
    return to_assign(station).filter(Exists(left))


def _midnight() -> datetime:
    return timezone.make_aware(datetime.combine(clock.today(), time.min))


def _by_district(stops: Iterable[Stop]) -> dict[str, list[Stop]]:
    found: dict[str, list[Stop]] = defaultdict(list)
    for stop in stops:
        found[stop.order.district].append(stop)
    return dict(found)


def _rounds(stops: Iterable[Stop], people: list[Carrier]) -> list[Round]:
    """Person by person, in the order in which they mean to go."""
    by_pk = {each.person.pk: each for each in people}
    found: dict[int, Round] = {}
    trips = [(stop, stop.trip) for stop in stops if stop.trip]
    for stop, trip in sorted(trips, key=lambda pair: (pair[1].position, pair[1].pk)):
        person = trip.rider
        found.setdefault(person.pk, Round(person, by_pk.get(person.pk))).add(stop)
    return sorted(found.values(), key=lambda each: (str(each.person), each.person.pk))


def _counts(station: Station) -> tuple[dict[str, int], int]:
    """How many wait in each district, and how many were delivered today; one query."""
    running = Delivery.objects.filter(order=OuterRef("pk")).waiting()
    waits = Q(status=OrderStatus.APPROVED) & ~Exists(running)
    today = Q(status__in=HANDED_OVER, delivered_at__gte=_midnight())
    rows = Order.objects.at(station).filter(waits | today, fulfilment=Fulfilment.DELIVERY)
    counts: dict[str, int] = {}
    delivered = 0
    for district, status, count in (
        rows.values_list("district", "status").annotate(Count("pk")).order_by("district")
    ):
        if status == OrderStatus.APPROVED:
            counts[district] = count
        else:
            delivered += count
    return counts, delivered


# --- What is ticked ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Picked:
    """What somebody is about to assign; `carrier` is who is chosen to bring it."""

    orders: int
    cylinders: int
    carrier: Carrier | None

    @property
    def load(self) -> int:
        """What the carrier would have then."""
        return self.cylinders + (self.carrier.load if self.carrier else 0)

    @property
    def is_too_much(self) -> bool:
        limit = self.carrier.limit if self.carrier else None
        return limit is not None and self.load > limit


def picked(station: Station, picks: Collection[int], carrier: Carrier | None) -> Picked:
    """Add up these orders, those of them that wait here; one query."""
    lines = OrderLine.objects.filter(order__in=to_assign(station).filter(pk__in=picks).order_by())
    sums = lines.aggregate(
        orders=Count("order", distinct=True),
        cylinders=Sum("quantity", filter=Q(variant__size_g__isnull=False), default=0),
    )
    return Picked(carrier=carrier, **sums)


def picked_on(desk: Board, picks: Collection[int], carrier: Carrier | None) -> Picked:
    """The same of a board that was gathered, without a query."""
    stops = [stop for stop in chain(*desk.districts.values()) if stop.order.pk in picks]
    return Picked(len(stops), sum(stop.cylinders for stop in stops), carrier)
