"""What riders do, at random: given orders, leaving, at doors, coming home."""

from collections import Counter
from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import rule

from gasstock.accounts.models import Membership, User
from gasstock.accounts.permissions import Role
from gasstock.billing.models import Method
from gasstock.billing.services.shifts import shift_of
from gasstock.core import clock
from gasstock.delivery.models import OUT, Delivery, DeliveryStatus, Failure, Homecoming, Wish
from gasstock.delivery.services import assigning, homecoming, running
from gasstock.inventory.models import Balance, Condition, LocationKind
from gasstock.orders.models import Fulfilment, Order, OrderLine
from tests.factories import make_member
from tests.flows.counter import one_of_two
from tests.flows.trade import APPROVED, few, pick
from tests.flows.yard import Yard

FAILED, BROUGHT_BACK = DeliveryStatus.FAILED, DeliveryStatus.BROUGHT_BACK
carrier = st.integers(min_value=0, max_value=2)
off = st.sampled_from([0, 0, 0, -1, 1, 3])
cash_off = st.sampled_from([0, 0, -500, 500])


class Road(Yard):
    def begin(self) -> None:
        """Two riders, who carry eight and forty; the manager carries what `send_off` gives."""
        riders = [make_member(None, self.station, Role.RIDER) for _ in range(2)]
        Membership.objects.filter(user=riders[1]).update(load_limit=40)
        self.carriers = [*riders, self.manager]
        self.cash = Counter[int]()  # what each of them took at doors, and did not hand in
        super().begin()
        for buyer in (0, 1, 1):
            self.place(buyer, 1, 1, 0, 1, False)
            self.approve(0)
        self.give(0, 4, 0, False)
        self.leave(0, False)
        self.arrive(4, 0, 1, False, 1, True, False)
        self.stand_in_vain(4, Failure.ABSENT, True)
        self.give(0, 0, 1, False)
        self.count_rider(0, 0, 0, 0, 0)
        self.submit(0)

    # --- Giving -------------------------------------------------------------------------------

    @rule(n=pick, other=pick, who=carrier, at_once=st.booleans())
    def give(self, n: int, other: int, who: int, at_once: bool) -> None:
        """One or two orders, to be fetched or to leave `at_once`; some have a rider already."""
        orders = [each for each in (self.to_bring(n), self.to_bring(other)) if each]
        rider = self.carriers[who]
        with self.trying():
            if at_once and orders:
                assigning.send(self.manager, order=orders[0], rider=rider)
            elif orders:
                assigning.assign(self.manager, station=self.station, orders=orders, rider=rider)

    @rule(n=pick)
    def take_off(self, n: int) -> None:
        if delivery := self.delivery(n, DeliveryStatus.ASSIGNED):
            with self.trying():
                assigning.unassign(self.manager, delivery=delivery)

    @rule(who=carrier)
    def turn_round(self, who: int) -> None:
        """Do the last first."""
        mine = list(Delivery.objects.of(self.carriers[who]).waiting().order_by("-position", "-pk"))
        with self.trying():
            assigning.reorder(
                self.manager, station=self.station, rider=self.carriers[who], deliveries=mine
            )

    # --- On the road --------------------------------------------------------------------------

    @rule(who=carrier, one=st.booleans())
    def leave(self, who: int, one: bool) -> None:
        """With all that is assigned, or only the first."""
        rider = self.carriers[who]
        waiting = Delivery.objects.of(rider).filter(status=DeliveryStatus.ASSIGNED).order_by("pk")
        with self.trying():
            running.depart(
                rider, station=self.station, rider=rider, deliveries=waiting[: 1 if one else 9]
            )

    @rule(
        n=pick,
        short=st.sampled_from([0, 0, 0, 1, 4]),
        missing=few,
        foreign=st.booleans(),
        pays=st.sampled_from([0, 1, 5_000, 90_000]),
        by_rider=st.sampled_from([True, True, False]),
        twice=st.booleans(),
    )
    def arrive(
        self,
        n: int,
        short: int,
        missing: int,
        foreign: bool,
        pays: int,
        by_rider: bool,
        twice: bool,
    ) -> None:
        """The buyer `pays` so much, or 1 for the order's total. Pressed `twice`, it is once."""
        if delivery := self.delivery(n, *OUT):
            handed = self.handed(delivery.order, short, missing, foreign=foreign)
            cash = delivery.order.total if pays == 1 else pays
            actor = delivery.rider if by_rider else self.manager
            press = partial(
                running.deliver,
                actor,
                delivery=delivery,
                handed=handed,
                code=delivery.order.code,
                cash=cash,
            )
            was_out, is_done = delivery.status in OUT, False
            with self.trying():
                press()
                self.cash[delivery.rider_id] += cash if was_out else 0
                is_done = True
            if is_done and twice:
                press()

    @rule(n=pick, why=st.sampled_from(Failure), goes_back=st.booleans())
    def stand_in_vain(self, n: int, why: Failure, goes_back: bool) -> None:
        if delivery := self.delivery(n, DeliveryStatus.ON_THE_WAY):
            with self.trying():
                running.fail(delivery.rider, delivery=delivery, failure=why, goes_back=goes_back)

    @rule(n=pick)
    def give_up(self, n: int) -> None:
        if delivery := self.delivery(n, FAILED):
            with self.trying():
                running.bring_back(delivery.rider, delivery=delivery)

    @rule(n=pick)
    def go_again(self, n: int) -> None:
        if delivery := self.delivery(n, FAILED):
            with self.trying():
                running.try_again(delivery.rider, delivery=delivery)

    @rule(n=pick, wish=st.sampled_from(Wish), hours=st.integers(min_value=-1, max_value=30))
    def answer(self, n: int, wish: Wish, hours: int) -> None:
        delivery = self.delivery(n, FAILED, BROUGHT_BACK)
        if delivery and delivery.order.buyer:
            when = clock.now() + timedelta(hours=hours)
            with self.trying():
                running.answer(delivery.order.buyer, delivery=delivery, wish=wish, wished_from=when)

    # --- Coming home --------------------------------------------------------------------------

    @rule(
        who=carrier, clerk=one_of_two, full=off, empty=off, cash=st.sampled_from([0, 0, -500, 500])
    )
    def count_rider(self, who: int, clerk: int, full: int, empty: int, cash: int) -> None:
        """What is there, or so much more or less of it."""
        rider = self.carriers[who]
        load = self.to_come_home(rider)
        load[self.gas.variant_id, "full"] += full
        load[self.gas.variant_id, "empty"] += empty
        with self.trying():
            homecoming.count(
                self.cashiers[clerk],
                station=self.station,
                rider=rider,
                counted={key: max(0, count) for key, count in load.items()},
                cash=max(0, self.cash[rider.pk] + cash),
            )

    @rule(clerk=one_of_two, explained=st.sampled_from([True, True, True, False]))
    def take_home(self, clerk: int, explained: bool) -> None:
        why = {"answers": "Eric", "reason": "Fell off"} if explained else {}
        self.open_drawer(clerk, 0)
        actor = self.cashiers[clerk]
        for count in Homecoming.objects.filter(posted_at=None).order_by("pk"):
            found = {(x.variant_id, x.condition): x.difference for x in count.lines.all()}
            with self.trying():
                homecoming.post(actor, homecoming=count, **why)
                self.inside.update(found)
                self.cash[count.rider_id] = 0
                if shift := shift_of(actor, self.station):
                    self.drawers[shift.pk, Method.CASH] += count.cash_counted

    @rule(who=carrier, clerk=one_of_two, full=off, empty=off, cash=cash_off)
    def come_home(self, who: int, clerk: int, full: int, empty: int, cash: int) -> None:
        self.count_rider(who, clerk, full, empty, cash)
        self.take_home(clerk, True)

    # --- Finding ------------------------------------------------------------------------------

    def to_bring(self, n: int) -> Order | None:
        """As `order`, those that may be given to a rider."""
        rows = Order.objects.filter(status=APPROVED, fulfilment=Fulfilment.DELIVERY)
        found = list(rows.select_related("station", "buyer", "rider").order_by("pk"))
        return found[n // 4 % len(found)] if found and n % 4 < 3 else self.order(n)

    def delivery(self, n: int, *statuses: DeliveryStatus) -> Delivery | None:
        """As `order`."""
        rows = Delivery.objects.select_related("order__station", "order__buyer", "rider")
        wanted = rows.filter(status__in=statuses) if n % 4 < 3 else rows
        found = list(wanted.order_by("pk"))
        return found[n // 4 % len(found)] if found else None

    def to_come_home(self, rider: User) -> Counter[tuple[int, str]]:
        """What is on the bike, less what goes to buyers still."""
        rows = Balance.objects.filter(
            location__station=self.station,
            location__kind=LocationKind.RIDER,
            location__person=rider,
        )
        load = Counter({(x.variant_id, x.condition): x.on_hand for x in rows})
        out = Delivery.objects.of(rider).out().filter(goes_back=False)
        for line in OrderLine.objects.filter(order__in=out.values("order")):
            load[line.variant_id, Condition.FULL.value] -= line.quantity
        return load
