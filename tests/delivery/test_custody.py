"""Every cylinder that is not at its station: with whom, since when, from which order."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.permissions import Role
from gasstock.core import clock
from gasstock.delivery.custody import on_the_road, with_buyers
from gasstock.delivery.services.running import deliver
from gasstock.inventory.models import Condition, LocationKind
from gasstock.inventory.services.journeys import receive_transfer, send_transfer
from gasstock.inventory.services.transfers import Wish, agree_transfer, ask_transfer
from gasstock.inventory.shells import census_of
from gasstock.orders.models import LineKind
from gasstock.orders.services.handover import Handed
from tests.delivery.acts import all_of, come_home, failed, out
from tests.factories import make_listing, make_member, make_station, make_user, make_variant


@pytest.fixture
def now():
    with clock.at(clock.now().replace(hour=9, minute=0, second=0, microsecond=0)):
        yield clock.now()


def after(hours):
    return clock.at(clock.now() + timedelta(hours=hours))


def road(station):
    return [
        (x.holder, x.condition.value, x.quantity, x.document, x.since) for x in on_the_road(station)
    ]


def handed(rider, delivery, full, empties):
    figures = {delivery.order.lines.get().pk: Handed(full, empties)}
    return deliver(rider, delivery=delivery, handed=figures, code=delivery.order.code)


class TestRiders:
    def test_have_what_goes_to_buyers_order_by_order(self, manager, rider, other, gas, now):
        first = out(manager, rider, {gas: 2})
        with after(1):
            second = out(manager, other, gas)

        assert road(gas.station) == [
            (rider, "full", 2, str(first.order), now),
            (other, "full", 1, str(second.order), now + timedelta(hours=1)),
        ]

    def test_have_what_a_buyer_did_not_take_and_the_empties_from_that_order(
        self, manager, rider, gas, now
    ):
        first = out(manager, rider, {gas: 3})
        with after(1):
            handed(rider, first, full=1, empties=1)
            second = out(manager, rider, gas)

        assert sorted(road(gas.station), key=lambda row: (row[4], row[1])) == [
            (rider, "full", 2, str(first.order), now),
            (rider, "empty", 1, str(first.order), now + timedelta(hours=1)),
            (rider, "full", 1, str(second.order), now + timedelta(hours=1)),
        ]

    def test_no_longer_have_what_came_home(self, manager, clerk, rider, gas, now):
        handed(rider, out(manager, rider, gas), full=1, empties=1)
        come_home(clerk, rider, gas.station, {(gas, "empty"): 1})
        assert road(gas.station) == []

        with after(1):
            second = out(manager, rider, gas)
            handed(rider, second, full=1, empties=1)

            assert [row[3] for row in road(gas.station)] == [str(second.order)]

    def test_what_nobody_can_trace_is_overdue_without_a_day(self, manager, rider, gas, now):
        handed(rider, out(manager, rider, gas), full=1, empties=1)

        with after(24 * 90):
            [old] = on_the_road(gas.station)

            assert (old.document, old.since, old.has_order) == ("", None, False)
            assert old.is_overdue

    def test_are_late_with_an_order_once_its_promise_is_over(self, manager, rider, gas, now):
        delivery = out(manager, rider, gas)
        due = delivery.order.promised_until

        [held] = on_the_road(gas.station)
        assert (held.due_at, held.is_overdue) == (due, False)
        with clock.at(due + timedelta(seconds=1)):
            assert held.is_overdue

    def test_bring_the_rest_home_within_a_day_of_work(self, manager, rider, gas, now):
        handed(rider, out(manager, rider, gas), full=1, empties=1)
        [held] = on_the_road(gas.station)

        for hours, is_overdue in ((12, False), (13, True)):
            with after(hours):
                assert held.is_overdue is is_overdue

    def test_have_failed_ones_until_they_are_home(self, manager, clerk, rider, gas, now):
        delivery = failed(manager, rider, gas, goes_back=True)
        assert [row[3] for row in road(gas.station)] == [str(delivery.order)]

        come_home(clerk, rider, gas.station, {(gas, "full"): 1})

        assert road(gas.station) == []

    def test_hoses_are_no_cylinders(self, manager, rider, station):
        hose = make_listing(station, make_variant(size_g=None), new_price=None)

        out(manager, rider, hose, kind=LineKind.ACCESSORY)

        assert on_the_road(station) == []

    def test_of_other_stations_are_theirs(self, manager, rider, gas):
        out(manager, rider, gas)

        assert on_the_road(make_station()) == []


def test_what_is_overdue_comes_first_then_what_is_due_next(manager, rider, other, gas, now):
    handed(rider, out(manager, rider, gas), full=1, empties=1)  # home by 21:00
    with after(13):
        late = out(manager, other, gas)
        late.order.promised_until = now
        late.order.save()
        soon = out(manager, other, {gas: 2})

        found = [x.document for x in on_the_road(gas.station)]

    assert found[0] == str(late.order)
    assert found[2] == str(soon.order)


def test_trucks_have_what_is_sent_until_it_is_taken_in(manager, gas, now):
    there = make_station()
    boss = make_member(make_user(), there, Role.MANAGER)
    transfer = ask_transfer(
        manager,
        station=gas.station,
        other=there,
        sends=True,
        wishes=[Wish(gas.variant, Condition.FULL, 5)],
    )
    agree_transfer(boss, transfer=transfer, station=there)
    line = transfer.lines.get()
    send_transfer(
        manager, transfer=transfer, station=gas.station, loaded={line.pk: 5}, driver="Paul"
    )

    [held] = on_the_road(gas.station)
    assert (held.kind, held.quantity, held.since) == (LocationKind.TRANSIT, 5, now)
    assert held.place == f"Paul, → {there}"
    assert on_the_road(there) == []
    with after(49):
        assert held.is_overdue

    receive_transfer(boss, transfer=transfer, station=there, arrived={line.pk: 5}, seen=0)
    assert on_the_road(gas.station) == []


class TestBuyers:
    def test_keep_what_they_paid_a_deposit_for(self, manager, rider, gas, buyer, now):
        bought = out(manager, rider, {gas: 2}, kind=LineKind.NEW, buyer=buyer)
        handed(rider, bought, full=2, empties=0)
        with after(1):
            short = out(manager, rider, gas, buyer=buyer)
            handed(rider, short, full=1, empties=0)

        held, following = with_buyers(gas.station, "")

        assert [(x.holder, x.quantity, x.document, x.since) for x in held] == [
            (buyer, 2, str(bought.order), now),
            (buyer, 1, str(short.order), now + timedelta(hours=1)),
        ]
        assert following is None
        assert not any(x.is_overdue for x in held)

    def test_who_only_swaps_keeps_nothing_of_ours(self, manager, rider, gas):
        delivery = out(manager, rider, gas)
        deliver(rider, delivery=delivery, handed=all_of(delivery), code=delivery.order.code)

        assert with_buyers(gas.station, "") == ([], None)

    def test_come_in_pages(self, manager, rider, station):
        plenty = make_listing(station, full=31)
        for _ in range(31):
            handed(rider, out(manager, rider, plenty), full=1, empties=0)

        first, cursor = with_buyers(station, "")
        second, end = with_buyers(station, cursor)

        assert (len(first), len(second), end) == (30, 1, None)
        assert len({x.holder for x in [*first, *second]}) == 31


def test_the_road_costs_as_many_queries_for_one_as_for_many(manager, rider, other, gas):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            on_the_road(gas.station)
        return len(queries)

    handed(rider, out(manager, rider, {gas: 2}), full=1, empties=1)
    out(manager, rider, gas)
    one = cost()
    for person in (rider, other):
        for _ in range(2):
            handed(person, out(manager, person, {gas: 2}), full=1, empties=1)
            out(manager, person, gas)

    assert cost() == one <= 5


def test_every_shell_is_with_somebody(manager, clerk, rider, gas, buyer):
    handed(rider, out(manager, rider, {gas: 3}, buyer=buyer), full=2, empties=1)
    out(manager, rider, {gas: 2})
    come_home(
        clerk,
        rider,
        gas.station,
        {(gas, "full"): 1},
        answers="Eric Mugisha",
        reason="An empty fell off",
    )

    census = census_of(gas.station)

    assert census.is_whole
    [row] = census.rows
    assert (row.full, row.riders, row.buyers, row.came["loss"]) == (16, 2, 1, -1)
