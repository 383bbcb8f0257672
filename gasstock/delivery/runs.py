"""What a rider reads: what to load, what is on the bike, where to go next, what is done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice, repeat

from django.db.models import OuterRef, Prefetch, Q, Subquery, Sum
from django.utils import timezone

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.billing.models import Invoice
from gasstock.core import clock
from gasstock.core.money import symbol_of
from gasstock.core.templatetags.ui import clock_time
from gasstock.delivery.models import (
    OUT,
    WAITING,
    Attempt,
    CollectedCash,
    Delivery,
    DeliveryQuerySet,
    DeliveryStatus,
    Failure,
)
from gasstock.inventory.models import Balance, Condition, LocationKind
from gasstock.orders.models import LineKind, Order, OrderLine
from gasstock.orders.story import on_its_day

DRAWN = 6  # cylinders, full or not, that fit side by side on a phone
DONE = (DeliveryStatus.DELIVERED, DeliveryStatus.BROUGHT_BACK)


@dataclass(frozen=True)
class Stop:
    """A delivery as a row of the rider's list."""

    delivery: Delivery

    @property
    def order(self) -> Order:
        return self.delivery.order

    @property
    def empties(self) -> int:
        """How many the buyer owes for the refills."""
        lines = self.order.lines.all()
        return sum(x.quantity for x in lines if x.kind == LineKind.EXCHANGE)

    @property
    def why(self) -> str:
        """What went wrong the last time."""
        return Failure(self.delivery.failure).label  # type: ignore[attr-defined]

    @property
    def failed_at(self) -> str:
        """“10:02”, “yesterday 17:30”."""
        at: datetime = self.delivery.failed_at  # type: ignore[attr-defined]
        return on_its_day(at, clock_time(at))


@dataclass(frozen=True)
class Bike:
    """What the rider carries of one station's, `cash` (minor units) included."""

    load: list[Balance]
    cash: int

    @property
    def is_empty(self) -> bool:
        return not (self.load or self.cash)

    @property
    def currency(self) -> str:
        return symbol_of()

    @property
    def full(self) -> int:
        return self._count(Condition.FULL)

    @property
    def empty(self) -> int:
        return self._count(Condition.EMPTY)

    @property
    def defect(self) -> int:
        return self._count(Condition.DEFECT)

    def _count(self, condition: Condition) -> int:
        return sum(x.on_hand for x in self._cylinders() if x.condition == condition)

    @property
    def rack(self) -> list[list[Balance]]:
        """One entry for each cylinder that is drawn: the full ones, then those to bring home."""
        here = list(self._cylinders())
        full = [x for x in here if x.condition == Condition.FULL]
        return [_each(full), _each(x for x in here if x.condition != Condition.FULL)]

    def _cylinders(self) -> Iterable[Balance]:
        return (balance for balance in self.load if balance.variant.size_g)


def _each(balances: Iterable[Balance]) -> list[Balance]:
    return list(islice((x for each in balances for x in repeat(each, each.on_hand)), DRAWN))


@dataclass(frozen=True)
class Day:
    """A rider's list, in the order of the stops, and what they carry."""

    stops: list[Stop]
    bike: Bike

    @cached_property
    def to_load(self) -> list[Stop]:
        return self._at(DeliveryStatus.ASSIGNED)

    @cached_property
    def ahead(self) -> list[Stop]:
        return self._at(DeliveryStatus.ON_THE_WAY)

    @cached_property
    def failed(self) -> list[Stop]:
        return self._at(DeliveryStatus.FAILED)

    @cached_property
    def done(self) -> list[Stop]:
        """What came to its end today, the latest first."""
        stops = self._at(*DONE)
        return sorted(stops, key=lambda stop: stop.delivery.ended_at or clock.now(), reverse=True)

    @property
    def delivered(self) -> int:
        return len(self._at(DeliveryStatus.DELIVERED))

    @property
    def is_over(self) -> bool:
        """Whether there is nowhere to go but home."""
        return not (self.to_load or self.ahead)

    def _at(self, *statuses: DeliveryStatus) -> list[Stop]:
        return [stop for stop in self.stops if stop.delivery.status in statuses]


def day_of(station: Station, rider: User) -> Day:
    """The list with all that it shows, in four queries."""
    today = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    on_the_list = Q(status__in=WAITING) | Q(status__in=DONE, ended_at__gte=today)
    rows = _with_orders(Delivery.objects.at(station).of(rider).filter(on_the_list))
    stops = [Stop(delivery) for delivery in rows.order_by("position", "pk")]
    return Day(stops, bike_of(station, rider))


def _with_orders(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    """With what a stop shows, and how the last attempt failed; two queries."""
    last = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")
    lines = OrderLine.objects.select_related("variant").order_by("pk")
    return (
        rows.select_related("order__buyer", "order__invoice")
        .prefetch_related(Prefetch("order__lines", lines))
        .annotate(
            failure=Subquery(last.values("failure")[:1]),
            failed_at=Subquery(last.values("created_at")[:1]),
        )
    )


def bike_of(station: Station, rider: User) -> Bike:
    """What the rider has of this station's; two queries."""
    rows = Balance.objects.filter(
        location__station=station,
        location__kind=LocationKind.RIDER,
        location__person=rider,
        on_hand__gt=0,
    )
    load = rows.select_related("variant__product__brand").order_by("-condition", "variant__name")
    cash = CollectedCash.objects.filter(station=station, rider=rider, homecoming=None)
    return Bike(list(load), cash.aggregate(sum=Sum("payment__amount"))["sum"] or 0)


def cash_of(delivery: Delivery) -> int:
    """What was taken at the door, in minor units."""
    sum_: int | None = delivery.cash.aggregate(sum=Sum("payment__amount"))["sum"]
    return sum_ or 0


def seen_by(user: User) -> DeliveryQuerySet:
    """The deliveries somebody may see: their own, and all of stations whose orders they see."""
    if user.is_admin:
        return Delivery.objects.all()
    # Keys, and one condition where one will do: so the database follows an index.
    all_of = set(_keys_of(user, Permission.ORDER_VIEW))
    own_of = set(_keys_of(user, Permission.ORDER_DELIVER)) - all_of
    own = Q(rider=user, station__in=own_of)
    if all_of and own_of:
        return Delivery.objects.filter(Q(station__in=all_of) | own)
    return Delivery.objects.filter(Q(station__in=all_of) if all_of else own)


def _keys_of(user: User, permission: Permission) -> Iterable[int]:
    return Station.objects.granting(user, permission).values_list("pk", flat=True)


def whole(rows: DeliveryQuerySet) -> DeliveryQuerySet:
    """With the order, all its bills and every attempt; four queries."""
    return rows.select_related(
        "station", "rider", "order__station", "order__buyer", "order__invoice"
    ).prefetch_related(
        Prefetch("order__lines", OrderLine.objects.select_related("variant").order_by("pk")),
        Prefetch("order__invoice__corrections", Invoice.objects.order_by("pk")),
        Prefetch("attempts", Attempt.objects.order_by("pk")),
    )


def order_after_move(station: Station, delivery: Delivery, *, up: bool) -> list[Delivery]:
    """The rider's list with this stop one earlier or later among those in the same state."""
    mine = Delivery.objects.at(station).of(delivery.rider).waiting()
    rows = list(mine.order_by("position", "pk"))
    peers = [place for place, each in enumerate(rows) if each.status == delivery.status]
    here = next((n for n, place in enumerate(peers) if rows[place] == delivery), None)
    if here is not None and 0 <= (there := here - 1 if up else here + 1) < len(peers):
        a, b = peers[here], peers[there]
        rows[a], rows[b] = rows[b], rows[a]
    return rows


def is_out(delivery: Delivery) -> bool:
    """Whether its gas is on a bike, to be handed over."""
    return delivery.status in OUT
