"""A rider comes home: what is counted comes in, what differs has a name."""

import pytest

from gasstock.billing.errors import NoOpenShift
from gasstock.billing.models import DrawerEntry, InvoiceStatus, Method
from gasstock.billing.services.shifts import expected
from gasstock.delivery.errors import (
    CountedAgain,
    DifferenceUnexplained,
    LoadChanged,
    NegativeCount,
    OwnLoad,
)
from gasstock.delivery.models import CollectedCash, DeliveryStatus, Homecoming
from gasstock.delivery.services.assigning import assign
from gasstock.delivery.services.homecoming import count, post, to_count
from gasstock.delivery.services.running import deliver, depart
from gasstock.inventory.errors import NothingCarried
from gasstock.inventory.models import Condition, LocationKind, Move
from gasstock.orders.errors import ReasonMissing, WrongStatus
from gasstock.orders.models import OrderStatus
from gasstock.orders.services.life import call_off_order, take_back_order
from tests.delivery.acts import all_of, at, come_home, failed, handed_over, out
from tests.factories import make_listing, make_order, make_station, make_variant

WHY = {"answers": "Eric Mugisha", "reason": "Fell off at the bridge"}


def lines_of(homecoming):
    return {
        (x.variant_id, x.condition): (x.expected, x.counted, x.difference)
        for x in homecoming.lines.all()
    }


def moves_of(homecoming):
    rows = Move.objects.filter(document=str(homecoming)).order_by("pk")
    return [(x.reason, x.condition, x.quantity, x.source.kind, x.destination.kind) for x in rows]


class TestCounting:
    def test_is_compared_with_what_the_rider_has_beside_what_goes_on(
        self, manager, clerk, rider, gas
    ):
        handed_over(manager, rider, {gas: 3}, full=2)  # one full and two empties left
        out(manager, rider, {gas: 2})
        failed(manager, rider, gas)  # it is tried again
        failed(manager, rider, {gas: 2}, goes_back=True)

        found = {(gas.variant_id, "full"): 3, (gas.variant_id, "empty"): 1}
        homecoming = count(clerk, station=gas.station, rider=rider, counted=found, cash=0)

        assert lines_of(homecoming) == {
            (gas.variant_id, "full"): (3, 3, 0),
            (gas.variant_id, "empty"): (2, 1, -1),
        }

    def test_what_is_not_named_is_none(self, manager, clerk, rider, gas):
        handed_over(manager, rider, gas, cash=21_000)

        homecoming = count(clerk, station=gas.station, rider=rider, counted={}, cash=0)

        assert lines_of(homecoming) == {(gas.variant_id, "empty"): (1, 0, -1)}
        assert (homecoming.cash_expected, homecoming.cash_counted) == (21_000, 0)

    def test_posts_nothing_yet(self, manager, clerk, rider, gas):
        handed_over(manager, rider, gas)

        count(clerk, station=gas.station, rider=rider, counted={}, cash=0)

        assert at(LocationKind.RIDER, gas.variant, "empty") == 1

    def test_again_the_last_count_stands(self, manager, clerk, rider, gas):
        handed_over(manager, rider, gas, cash=21_000)
        station = gas.station
        first = count(clerk, station=station, rider=rider, counted={}, cash=0)

        found = {(gas.variant_id, "empty"): 1}
        second = count(manager, station=station, rider=rider, counted=found, cash=21_000)

        assert first == second
        assert (second.counted_by, second.cash_counted) == (manager, 21_000)
        assert lines_of(second) == {(gas.variant_id, "empty"): (1, 1, 0)}

    def test_nobody_counts_their_own_load(self, manager, rider, gas):
        handed_over(manager, rider, gas)

        with pytest.raises(OwnLoad):
            count(rider, station=gas.station, rider=rider, counted={}, cash=0)

    @pytest.mark.parametrize(("pieces", "cash"), [(-1, 0), (1, -1)])
    def test_nothing_is_counted_below_nothing(self, clerk, rider, gas, pieces, cash):
        found = {(gas.variant_id, "full"): pieces}

        with pytest.raises(NegativeCount):
            count(clerk, station=gas.station, rider=rider, counted=found, cash=cash)

    def test_who_was_not_out_has_nothing_to_count(self, clerk, rider, gas):
        with pytest.raises(NothingCarried):
            count(clerk, station=gas.station, rider=rider, counted={}, cash=0)

    def test_the_page_asks_for_the_same_whatever_the_rider_has(self, manager, rider, gas):
        hose = make_listing(gas.station, make_variant(size_g=None), new_price=None)
        before = to_count(gas.station, rider)

        handed_over(manager, rider, gas)

        assert to_count(gas.station, rider) == before
        assert dict(before) == {
            gas.variant: list(Condition),
            hose.variant: [Condition.FULL],
        }


class TestPosting:
    def test_brings_home_what_was_counted(self, manager, clerk, rider, gas):
        handed_over(manager, rider, {gas: 3}, full=2)

        homecoming = come_home(clerk, rider, gas.station, {(gas, "full"): 1, (gas, "empty"): 2})

        assert moves_of(homecoming) == [
            ("return", "empty", 2, "rider", "station"),
            ("return", "full", 1, "rider", "station"),
        ]
        gas.full.refresh_from_db()
        assert (gas.full.on_hand, gas.full.reserved) == (18, 0)
        assert homecoming.posted_at

    def test_what_goes_to_buyers_stays_on_the_bike(self, manager, clerk, rider, gas):
        delivery = out(manager, rider, {gas: 2})
        handed_over(manager, rider, gas)

        come_home(clerk, rider, gas.station, {(gas, "empty"): 1})

        assert at(LocationKind.RIDER, gas.variant) == 2
        deliver(rider, delivery=delivery, handed=all_of(delivery), code=delivery.order.code)

    def test_twice_is_once(self, manager, clerk, rider, gas, shift):
        handed_over(manager, rider, gas, cash=21_000)
        homecoming = come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, cash=21_000)

        again = post(clerk, homecoming=Homecoming.objects.get(), answers="Me", reason="Again")

        assert (again.posted_at, again.answers) == (homecoming.posted_at, "")
        assert len(moves_of(homecoming)) == 1
        assert expected(shift) == {Method.CASH: 31_000}

    def test_nobody_posts_their_own_load(self, manager, clerk, rider, gas):
        handed_over(manager, rider, gas)
        homecoming = count(clerk, station=gas.station, rider=rider, counted={}, cash=0)

        with pytest.raises(OwnLoad):
            post(rider, homecoming=homecoming, **WHY)

    def test_a_count_that_another_took_the_place_of_is_not_posted(self, manager, clerk, rider, gas):
        handed_over(manager, rider, gas)
        homecoming = count(clerk, station=gas.station, rider=rider, counted={}, cash=0)
        found = {(gas.variant_id, "empty"): 1}
        count(manager, station=gas.station, rider=rider, counted=found, cash=0)

        with pytest.raises(CountedAgain):
            post(clerk, homecoming=homecoming, **WHY)

        homecoming.refresh_from_db()
        assert (homecoming.posted_at, moves_of(homecoming)) == (None, [])

    def test_a_second_run_is_counted_by_itself(self, manager, clerk, rider, gas):
        for _ in range(2):
            handed_over(manager, rider, gas)
            come_home(clerk, rider, gas.station, {(gas, "empty"): 1})

        assert Homecoming.objects.count() == 2

    def test_what_was_delivered_since_the_count_has_it_counted_again(
        self, manager, clerk, rider, gas
    ):
        delivery = out(manager, rider, gas)
        handed_over(manager, rider, gas)
        found = {(gas.variant_id, "empty"): 1}
        homecoming = count(clerk, station=gas.station, rider=rider, counted=found, cash=0)
        deliver(rider, delivery=delivery, handed=all_of(delivery), code=delivery.order.code)

        with pytest.raises(LoadChanged, match="Eric has delivered or loaded"):
            post(clerk, homecoming=homecoming)

        homecoming.refresh_from_db()
        assert homecoming.posted_at is None

    def test_cash_that_came_in_since_the_count_has_it_counted_again(
        self, manager, clerk, rider, gas, shift
    ):
        delivery = out(manager, rider, gas)
        found = {(gas.variant_id, "empty"): 1}
        handed_over(manager, rider, gas, cash=100)
        homecoming = count(clerk, station=gas.station, rider=rider, counted=found, cash=100)
        handed = all_of(delivery, empties=0)
        deliver(rider, delivery=delivery, handed=handed, code=delivery.order.code, cash=200)

        with pytest.raises(LoadChanged):
            post(clerk, homecoming=homecoming)


class TestDifferences:
    @pytest.mark.parametrize("why", [{}, {"answers": "Eric"}, {"reason": "Lost"}])
    def test_need_a_name_and_a_reason(self, manager, clerk, rider, gas, why):
        handed_over(manager, rider, gas)

        with pytest.raises(DifferenceUnexplained):
            come_home(clerk, rider, gas.station, {}, **why)

        assert at(LocationKind.RIDER, gas.variant, "empty") == 1
        assert Homecoming.objects.get().posted_at is None

    def test_what_is_missing_goes_to_the_loss_in_that_name(self, manager, clerk, rider, gas):
        handed_over(manager, rider, {gas: 3})

        homecoming = come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, **WHY)

        assert moves_of(homecoming) == [
            ("loss", "empty", 2, "rider", "loss"),
            ("return", "empty", 1, "rider", "station"),
        ]
        lost = Move.objects.get(reason="loss")
        assert lost.note == "Eric Mugisha: Fell off at the bridge"
        assert at(LocationKind.RIDER, gas.variant, "empty") == 0

    def test_what_is_found_comes_from_there(self, manager, clerk, rider, gas):
        handed_over(manager, rider, gas)

        homecoming = come_home(
            clerk, rider, gas.station, {(gas, "empty"): 2, (gas, "defect"): 1}, **WHY
        )

        assert sorted(moves_of(homecoming)) == [
            ("loss", "defect", 1, "loss", "rider"),
            ("loss", "empty", 1, "loss", "rider"),
            ("return", "defect", 1, "rider", "station"),
            ("return", "empty", 2, "rider", "station"),
        ]
        assert at(LocationKind.STATION, gas.variant, "empty") == 2

    def test_empties_of_a_brand_nobody_expected_come_in_too(self, manager, clerk, rider, gas):
        foreign = make_listing(make_station())
        handed_over(manager, rider, gas)

        come_home(clerk, rider, gas.station, {(gas, "empty"): 1, (foreign, "empty"): 1}, **WHY)

        home = Move.objects.get(variant=foreign.variant, reason="return")
        assert (home.station, home.quantity) == (gas.station, 1)


class TestCash:
    def test_goes_into_the_drawer_of_who_takes_it(self, manager, clerk, rider, gas, shift):
        handed_over(manager, rider, gas, cash=21_000)

        homecoming = come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, cash=21_000)

        entry = DrawerEntry.objects.get(kind="pay_in")
        assert (entry.shift, entry.amount) == (shift, 21_000)
        assert entry.note == f"From Eric's run, {homecoming}"
        assert CollectedCash.objects.get().homecoming == homecoming
        assert (homecoming.entry, homecoming.posted_by) == (entry, clerk)

    def test_needs_an_open_drawer(self, manager, clerk, rider, gas):
        handed_over(manager, rider, gas, cash=21_000)

        with pytest.raises(NoOpenShift):
            come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, cash=21_000)

        assert at(LocationKind.RIDER, gas.variant, "empty") == 1

    def test_what_is_missing_needs_a_name_and_is_not_paid_in(
        self, manager, clerk, rider, gas, shift
    ):
        handed_over(manager, rider, gas, cash=21_000)

        with pytest.raises(DifferenceUnexplained):
            come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, cash=20_000)
        homecoming = come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, cash=20_000, **WHY)

        assert expected(shift) == {Method.CASH: 30_000}
        assert homecoming.cash_difference == -1_000
        assert (homecoming.answers, homecoming.reason) == tuple(WHY.values())

    def test_is_handed_in_once(self, manager, clerk, rider, gas, shift):
        handed_over(manager, rider, gas, cash=21_000)
        come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, cash=21_000)
        handed_over(manager, rider, gas, cash=500)

        second = come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, cash=500)

        assert second.cash_expected == 500


class TestGoingBack:
    def test_the_gas_is_held_again_for_its_order(self, manager, clerk, rider, other, gas):
        delivery = failed(manager, rider, {gas: 2}, goes_back=True)

        come_home(clerk, rider, gas.station, {(gas, "full"): 2})

        order = delivery.order
        order.refresh_from_db()
        delivery.refresh_from_db()
        gas.full.refresh_from_db()
        assert (delivery.status, delivery.goes_back) == (DeliveryStatus.BROUGHT_BACK, True)
        assert (order.status, order.rider, order.dispatched_at) == ("approved", None, None)
        assert (gas.full.on_hand, gas.full.reserved) == (20, 2)
        assert order.events.latest("pk").note == "Eric Mugisha brought it back: Nobody at home"
        [again] = assign(manager, station=gas.station, orders=[order], rider=other)
        depart(other, station=gas.station, rider=other, deliveries=[again])
        deliver(other, delivery=again, handed=all_of(again), code=order.code)

    def test_if_its_gas_is_lost_another_is_taken(self, manager, clerk, rider, gas):
        delivery = failed(manager, rider, {gas: 2}, goes_back=True)

        come_home(clerk, rider, gas.station, {}, **WHY)

        delivery.order.refresh_from_db()
        gas.full.refresh_from_db()
        assert delivery.order.status == OrderStatus.APPROVED
        assert (gas.full.on_hand, gas.full.reserved) == (18, 2)

    def test_if_too_little_is_left_the_order_is_called_off(self, manager, clerk, rider, station):
        few = make_listing(station, full=2)
        delivery = failed(manager, rider, {few: 2}, goes_back=True)

        come_home(clerk, rider, station, {(few, "full"): 1}, **WHY)

        order = delivery.order
        order.refresh_from_db()
        order.invoice.refresh_from_db()
        delivery.refresh_from_db()
        few.full.refresh_from_db()
        assert (order.status, order.reason) == (OrderStatus.CANCELLED, "Nobody at home")
        assert order.invoice.status == InvoiceStatus.VOID
        assert delivery.status == DeliveryStatus.ENDED
        assert (few.full.on_hand, few.full.reserved) == (1, 0)

    def test_what_was_called_off_comes_home_once(self, manager, clerk, rider, gas):
        delivery = out(manager, rider, {gas: 2})
        delivery.order.refresh_from_db()
        call_off_order(manager, order=delivery.order, reason="The buyer moved away")

        homecoming = come_home(clerk, rider, gas.station, {(gas, "full"): 2})

        gas.full.refresh_from_db()
        assert not homecoming.differs
        assert (gas.full.on_hand, gas.full.reserved) == (20, 0)
        assert at(LocationKind.RIDER, gas.variant) == 0

    def test_only_what_is_out_is_taken_back_and_with_a_reason(self, manager, rider, gas):
        with pytest.raises(WrongStatus):
            take_back_order(manager, order=make_order(gas), reason="No")
        delivery = failed(manager, rider, gas)
        with pytest.raises(ReasonMissing):
            take_back_order(manager, order=delivery.order, reason=" ")
