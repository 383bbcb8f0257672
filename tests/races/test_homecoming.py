"""Stations that count riders in while these go on. PostgreSQL only."""

from functools import partial

import pytest

from gasstock.accounts.permissions import Role
from gasstock.billing.services.shifts import expected, open_shift
from gasstock.delivery.errors import LoadChanged
from gasstock.delivery.models import DeliveryStatus, Homecoming, Wish
from gasstock.delivery.services import homecoming
from gasstock.delivery.services.running import answer
from gasstock.inventory.models import Move
from gasstock.orders.models import Order, OrderStatus
from tests.delivery.acts import books, failed, out
from tests.factories import make_member
from tests.races.conftest import at_once
from tests.races.riding import fresh, press

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _books_are_clean(_on_postgresql):
    yield
    assert books() == []


@pytest.mark.parametrize("round_", range(8))
def test_deliver_and_come_home_at_once_have_one_end(round_, manager, riders, gas):
    delivery = failed(manager, riders[0], {gas: 2}, goes_back=True)
    found = {(gas.variant_id, "full"): 2}
    count = homecoming.count(manager, station=gas.station, rider=riders[0], counted=found, cash=0)

    ends = at_once(
        [
            press(riders[0], delivery),
            partial(homecoming.post, manager, homecoming=fresh(count)),
        ]
    )

    delivery.refresh_from_db()
    delivery.order.refresh_from_db()
    count.refresh_from_db()
    if delivery.status == DeliveryStatus.DELIVERED:
        assert (delivery.order.status, count.posted_at) == (OrderStatus.DELIVERED, None)
        assert ends == {"done": 1, "LoadChanged": 1}
    else:
        assert delivery.status == DeliveryStatus.BROUGHT_BACK
        assert (delivery.order.status, bool(count.posted_at)) == (OrderStatus.APPROVED, True)
        assert ends == {"done": 1, "DeliveryIsAlready": 1}


@pytest.mark.parametrize("round_", range(6))
def test_what_is_delivered_while_it_is_counted_is_posted_right_or_counted_again(
    round_, manager, riders, gas
):
    open_shift(manager, station=gas.station, float_amount=0)
    delivery = out(manager, riders[0], {gas: 2})
    failed(manager, riders[0], gas, goes_back=True)
    found = {(gas.variant_id, "full"): 1}
    place = {"station": gas.station, "rider": riders[0]}

    ends = at_once(
        [
            press(riders[0], delivery, cash=41_000),
            partial(homecoming.count, manager, **place, counted=found, cash=0),
        ]
    )

    assert ends == {"done": 2}
    count = Homecoming.objects.get()
    if count.cash_expected:
        assert count.differs
    else:
        with pytest.raises(LoadChanged):
            homecoming.post(manager, homecoming=count)
    found[gas.variant_id, "empty"] = 2
    count = homecoming.count(manager, **place, counted=found, cash=41_000)
    assert homecoming.post(manager, homecoming=count).posted_at


@pytest.mark.parametrize("round_", range(4))
def test_deliveries_beside_a_homecoming_wait_in_no_ring(round_, manager, riders, gas):
    going = [out(manager, riders[0], gas) for _ in range(5)]
    for _ in range(2):
        failed(manager, riders[0], gas, goes_back=True)
    found = {(gas.variant_id, "full"): 2}
    count = homecoming.count(manager, station=gas.station, rider=riders[0], counted=found, cash=0)

    ends = at_once(
        [
            *(press(riders[0], delivery, cash=21_000) for delivery in going),
            *[partial(homecoming.post, manager, homecoming=fresh(count))] * 2,
        ]
    )

    assert ends["done"] + ends["LoadChanged"] == 7
    assert Order.objects.filter(status=OrderStatus.DELIVERED).count() == 5


def test_a_count_posted_many_times_comes_home_once(manager, riders, gas):
    shift = open_shift(manager, station=gas.station, float_amount=0)
    press(riders[0], out(manager, riders[0], gas), cash=21_000)()
    found = {(gas.variant_id, "empty"): 1}
    count = homecoming.count(
        manager, station=gas.station, rider=riders[0], counted=found, cash=21_000
    )

    ends = at_once(partial(homecoming.post, manager, homecoming=fresh(count)) for _ in range(6))

    assert ends == {"done": 6}
    assert expected(shift) == {"cash": 21_000}
    assert Move.objects.filter(reason="return").count() == 1


@pytest.mark.parametrize("round_", range(4))
def test_two_who_post_one_count_put_the_cash_into_one_drawer(round_, manager, riders, gas):
    people = [manager, make_member(None, gas.station, Role.CLERK)]
    shifts = [open_shift(each, station=gas.station, float_amount=0) for each in people]
    press(riders[0], out(manager, riders[0], gas), cash=21_000)()
    found = {(gas.variant_id, "empty"): 1}
    count = homecoming.count(
        manager, station=gas.station, rider=riders[0], counted=found, cash=21_000
    )

    ends = at_once(partial(homecoming.post, each, homecoming=fresh(count)) for each in people)

    assert ends == {"done": 2}
    assert sum(expected(shift)["cash"] for shift in shifts) == 21_000
    assert fresh(count).entry.shift.cashier == fresh(count).posted_by


def test_many_counts_at_once_are_one_count(manager, riders, gas):
    press(riders[0], out(manager, riders[0], gas))()
    clerks = [make_member(None, gas.station, Role.CLERK) for _ in range(6)]

    ends = at_once(
        partial(homecoming.count, clerk, station=gas.station, rider=riders[0], counted={}, cash=0)
        for clerk in clerks
    )

    assert ends == {"done": 6}
    assert Homecoming.objects.get().lines.count() == 1


@pytest.mark.parametrize("round_", range(6))
def test_an_answer_while_it_comes_home_stands_before_and_after(round_, manager, riders, gas):
    delivery = failed(manager, riders[0], gas, goes_back=True)
    found, buyer = {(gas.variant_id, "full"): 1}, delivery.order.buyer
    count = homecoming.count(manager, station=gas.station, rider=riders[0], counted=found, cash=0)

    ends = at_once(
        [
            partial(homecoming.post, manager, homecoming=count),
            partial(answer, buyer, delivery=fresh(delivery), wish=Wish.TRY_AGAIN),
        ]
    )

    delivery.refresh_from_db()
    assert ends == {"done": 2}
    assert (delivery.status, delivery.wish) == (DeliveryStatus.BROUGHT_BACK, Wish.TRY_AGAIN)
    assert fresh(delivery.order).status == OrderStatus.APPROVED


@pytest.mark.parametrize("round_", range(6))
def test_a_count_that_is_counted_again_while_it_is_posted_waits_in_no_ring(
    round_, manager, riders, gas
):
    failed(manager, riders[0], gas, goes_back=True)
    place = {"station": gas.station, "rider": riders[0]}
    count = partial(homecoming.count, manager, **place, counted={(gas.variant_id, "full"): 1})
    first = count(cash=0)

    ends = at_once(
        [partial(homecoming.post, manager, homecoming=first), *[partial(count, cash=0)] * 3]
    )

    assert ends["done"] + ends["CountedAgain"] + ends["NothingCarried"] == 4
