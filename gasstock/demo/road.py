"""The last mile: who brings what, what happens at the door, and what comes home in the evening."""

from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db.models import QuerySet, Sum
from django.utils import timezone

from gasstock.accounts.models import User
from gasstock.billing.services.invoices import total_of
from gasstock.core import clock
from gasstock.delivery.models import CollectedCash, Delivery, Failure, Homecoming, Wish
from gasstock.delivery.services import homecoming, running
from gasstock.delivery.services.assigning import assign, loads_of
from gasstock.demo import people
from gasstock.demo.agenda import Agenda
from gasstock.demo.cast import Customer, Outlet
from gasstock.inventory.models import Balance, Condition, LocationKind
from gasstock.orders.errors import WrongCode
from gasstock.orders.models import Order, OrderLine
from gasstock.orders.services.bills import bills_as_delivered
from gasstock.orders.services.handover import Handed, deliver_order

FAILURES = {Failure.ABSENT: 6, Failure.ADDRESS: 2, Failure.REFUSED: 1, Failure.VEHICLE: 2}
MUCH = 99  # cylinders, where nobody set a limit
ON_THE_WAY = timedelta(minutes=25)  # how long before a promised hour a rider leaves

Load = Counter[tuple[int, str]]  # by a variant's pk and a condition


@dataclass
class Deal:
    """An order and those who have to do with it."""

    order: Order
    customer: Customer
    outlet: Outlet
    delivery: Delivery | None = None

    @property
    def trip(self) -> Delivery:
        if self.delivery is None:
            raise ValueError(f"Nobody brings order {self.order}.")
        return self.delivery


End = Callable[[], object]  # what happens at the door


class Road:
    """Riders at work. Who is in `resting` (by pk) gets no orders but those of a scene."""

    def __init__(self, agenda: Agenda) -> None:
        self.agenda, self.dice = agenda, agenda.dice
        self.resting: set[int] = set()
        self._homecomings: Counter[int] = Counter()  # by rider
        self._given_up: dict[int, list[tuple[Deal, End]]] = defaultdict(list)  # by station

    # --- One trip after another ---------------------------------------------------------------

    def bring(self, deal: Deal, end: End) -> None:
        """Find a rider for the order; `end` is what comes at the door."""
        act = partial(self._find_rider, deal, end)
        leaves = (deal.order.promised_from or clock.now()) - ON_THE_WAY
        if leaves > clock.now():
            self.agenda.at(leaves, act)
        else:
            self.agenda.soon(3, 30, act)

    def _find_rider(self, deal: Deal, end: End) -> None:
        rider = self.free_rider(deal)
        if rider is None:
            self.agenda.soon(20, 60, partial(self._find_rider, deal, end))
            return
        self.assign(deal, rider)
        self.agenda.soon(2, 15, partial(self._leave, deal, end))

    def free_rider(self, deal: Deal, wished: User | None = None) -> User | None:
        """One who has room for all of it: who is `wished`, or another."""
        station = deal.outlet.station
        lines = deal.order.lines.filter(variant__size_g__isnull=False)
        more, loads = sum(lines.values_list("quantity", flat=True)), loads_of(station)
        limits = dict(station.memberships.values_list("user", "load_limit"))
        free = [x for x in deal.outlet.riders if loads[x.pk] + more <= (limits[x.pk] or MUCH)]
        if wished in free:
            return wished
        free = [rider for rider in free if rider.pk not in self.resting]
        return self.dice.choice(free) if free else None

    def _leave(self, deal: Deal, end: End) -> None:
        self.depart(deal)
        if self.dice.random() < 0.08:
            self.agenda.soon(12, 45, partial(self._miss, deal, end))
        else:
            self.agenda.soon(12, 55, end)

    def _miss(self, deal: Deal, end: End) -> None:
        """Nobody opens, or the like: the rider tries again later, or gives it up."""
        failure = self.dice.choices(list(FAILURES), list(FAILURES.values()))[0]
        goes_back = self.dice.random() < 0.4
        self.fail(deal, failure, note=self.dice.choice(people.MISSED), goes_back=goes_back)
        answers = self.dice.random() < 0.6
        if goes_back:
            self._given_up[deal.outlet.station.pk].append((deal, end))
            if answers:
                self.agenda.soon(5, 40, partial(self.answer, deal, Wish.LATER, self._tomorrow()))
        elif answers:
            self.agenda.soon(2, 15, partial(self._come_again, deal, end))
        else:
            self.agenda.soon(30, 90, partial(self._try_again, deal, end))

    def _tomorrow(self) -> datetime:
        tomorrow = timezone.localtime(clock.now()) + timedelta(days=1)
        return tomorrow.replace(hour=self.dice.randint(9, 17), minute=0, second=0, microsecond=0)

    def _come_again(self, deal: Deal, end: End) -> None:
        self.answer(deal, Wish.TRY_AGAIN)
        self.agenda.soon(10, 60, partial(self._try_again, deal, end))

    def _try_again(self, deal: Deal, end: End) -> None:
        self.try_again(deal)
        self.agenda.soon(10, 40, end)

    # --- Coming home --------------------------------------------------------------------------

    def come_home(self, outlet: Outlet) -> None:
        """The station counts in what its riders brought, but not what they still deliver."""
        busy = {*_loaded(outlet).values_list("location__person", flat=True)}
        busy |= {*_cash_of(outlet).values_list("rider", flat=True)}
        for rider in outlet.riders:
            if rider.pk in busy:
                self.take_in(outlet, rider)
        for deal, end in self._given_up.pop(outlet.station.pk, []):
            self.agenda.soon(12 * 60, 14 * 60, partial(self._bring_again, deal, end))

    def _bring_again(self, deal: Deal, end: End) -> None:
        deal.order.refresh_from_db(fields=["promised_from"])
        self.bring(deal, end)

    def take_in(self, outlet: Outlet, rider: User) -> None:
        """Count and post, every seventh time with a difference."""
        load, cash = self.on_the_bike(outlet, rider)
        if not (load or cash):
            return
        self._homecomings[rider.pk] += 1
        off = self._off(load, cash) if self._homecomings[rider.pk] % 7 == 2 else None
        if off and off.empties:
            load[next(key for key in sorted(load) if key[1] == Condition.EMPTY)] += off.empties
        count = self.count(outlet, rider, load, cash + (off.cash if off else 0))
        why = {"answers": str(rider), "reason": off.reason} if off else {}
        homecoming.post(outlet.clerks[0], homecoming=count, **why)

    def _off(self, load: Load, cash: int) -> people.Off | None:
        """What is missing, or too much, with a reason."""
        there = [
            off
            for off in people.OFF
            if (not off.empties or any(key[1] == Condition.EMPTY for key in load))
            and (not off.cash or cash + off.cash > 0)
        ]
        return self.dice.choice(there) if there else None

    def count(self, outlet: Outlet, rider: User, load: Load, cash: int) -> Homecoming:
        return homecoming.count(
            outlet.clerks[0], station=outlet.station, rider=rider, counted=load, cash=cash
        )

    def on_the_bike(self, outlet: Outlet, rider: User) -> tuple[Load, int]:
        """What there is to count: cylinders that go to no buyer any more, and cash."""
        load: Load = Counter()
        carried = _loaded(outlet).filter(location__person=rider).order_by("pk")
        for variant, condition, on_hand in carried.values_list("variant", "condition", "on_hand"):
            load[variant, condition] = on_hand
        out = Delivery.objects.at(outlet.station).of(rider).out().filter(goes_back=False)
        going = OrderLine.objects.filter(order__in=out.values("order"))
        for variant, quantity in going.values_list("variant", "quantity"):
            load[variant, Condition.FULL.value] -= quantity
        cash = _cash_of(outlet).filter(rider=rider).aggregate(sum=Sum("payment__amount"))["sum"]
        return +load, cash or 0

    # --- Single steps, which the scenes of today use too --------------------------------------

    def assign(
        self, deal: Deal, rider: User, *, note: str = "", estimated_at: datetime | None = None
    ) -> None:
        [deal.delivery] = assign(
            deal.outlet.clerks[0],
            station=deal.outlet.station,
            orders=[deal.order],
            rider=rider,
            note=note,
            estimated_at=estimated_at,
        )

    def depart(self, deal: Deal) -> None:
        rider, station = deal.trip.rider, deal.outlet.station
        running.depart(rider, station=station, rider=rider, deliveries=[deal.trip])
        deal.order.refresh_from_db(fields=["status", "rider"])

    def fail(
        self, deal: Deal, failure: Failure, *, note: str = "", goes_back: bool = False
    ) -> None:
        running.fail(
            deal.trip.rider, delivery=deal.trip, failure=failure, note=note, goes_back=goes_back
        )

    def try_again(self, deal: Deal) -> None:
        running.try_again(deal.trip.rider, delivery=deal.trip)

    def answer(self, deal: Deal, wish: Wish, wished_from: datetime | None = None) -> None:
        running.answer(deal.customer.user, delivery=deal.trip, wish=wish, wished_from=wished_from)

    def hand_over(
        self,
        deal: Deal,
        handed: dict[int, Handed],
        *,
        actor: User,
        pays: bool = False,
        photo: bytes | None = None,
    ) -> None:
        """Mostly against the code, sometimes at the second try or without one.

        Who `pays` gives the rider what was handed over in cash; `actor` serves a pick-up.
        """
        order = deal.order
        act: Callable[..., object] = partial(deliver_order, actor, order=order, handed=handed)
        if trip := deal.delivery:
            cash = due_at_the_door(order, handed) if pays else 0
            act = partial(
                running.deliver,
                trip.rider,
                delivery=trip,
                handed=handed,
                cash=cash,
                photo=photo,
            )
        tries = self.dice.random()
        if tries < 0.05:
            act(override_reason=self.dice.choice(people.WITHOUT_CODE))
        else:
            if tries < 0.1:
                with suppress(WrongCode):
                    act(code=f"{(int(order.code) + 1) % 10_000:04d}")
            act(code=order.code)
        order.refresh_from_db(fields=["status"])


def _loaded(outlet: Outlet) -> QuerySet[Balance]:
    riders = Balance.objects.filter(location__station=outlet.station, on_hand__gt=0)
    return riders.filter(location__kind=LocationKind.RIDER)


def _cash_of(outlet: Outlet) -> QuerySet[CollectedCash]:
    return CollectedCash.objects.filter(station=outlet.station, homecoming=None)


def due_at_the_door(order: Order, handed: dict[int, Handed]) -> int:
    """What the buyer owes for what is handed over, in minor units; nobody paid before."""
    lines = list(order.lines.select_related("variant").order_by("pk"))
    for line in lines:
        line.delivered, line.empties = handed[line.pk].delivered, handed[line.pk].empties
    return total_of(bills_as_delivered(lines, order.delivery_fee))
