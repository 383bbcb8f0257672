"""Riders and stations that press at the same moment. PostgreSQL only."""

from functools import partial

import pytest

from gasstock.accounts.permissions import Role
from gasstock.billing.models import Payment
from gasstock.billing.services.shifts import expected, open_shift
from gasstock.delivery.models import CollectedCash, Delivery, DeliveryStatus, Homecoming
from gasstock.delivery.services import homecoming
from gasstock.delivery.services.assigning import assign, loads_of, unassign
from gasstock.delivery.services.running import bring_back, deliver, depart, fail, try_again
from gasstock.inventory.models import Move
from gasstock.orders.models import Order, OrderStatus
from gasstock.orders.services.life import cancel_order
from tests.delivery.acts import all_of, approved, assigned, books, failed, out
from tests.factories import make_listing, make_member, make_station
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _books_are_clean(_on_postgresql):
    yield
    assert books() == []


@pytest.fixture
def station():
    return make_station(approval_limit=10**7)


@pytest.fixture
def manager(station):
    return make_member(None, station)


@pytest.fixture
def riders(station):
    return [make_member(None, station, Role.RIDER) for _ in range(2)]


@pytest.fixture
def gas(station):
    return make_listing(station, full=200)


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def press(person, delivery, cash=0):
    """Delivered, pressed on a page that was opened before."""
    handed, code = all_of(delivery), delivery.order.code
    return partial(deliver, person, delivery=fresh(delivery), handed=handed, code=code, cash=cash)


@pytest.mark.parametrize("round_", range(6))
def test_two_riders_deliver_one_order_and_one_succeeds(round_, manager, riders, gas):
    delivery = out(manager, riders[0], {gas: 2})

    ends = at_once(press(person, delivery, cash=41_000) for person in riders)

    assert ends == {"done": 1, "AlreadyDelivered": 1}
    assert Payment.objects.count() == CollectedCash.objects.count() == 1
    assert Move.objects.filter(reason="delivery").count() == 2


@pytest.mark.parametrize("round_", range(3))
def test_the_same_rider_pressing_many_times_delivers_once(round_, manager, riders, gas):
    delivery = out(manager, riders[0], gas)

    ends = at_once(press(riders[0], delivery, cash=21_000) for _ in range(8))

    assert ends == {"done": 8}
    assert Payment.objects.count() == CollectedCash.objects.count() == 1
    assert Move.objects.filter(reason="delivery").count() == 2


@pytest.mark.parametrize("round_", range(8))
def test_deliver_and_fail_at_once_end_as_delivered(round_, manager, riders, gas):
    delivery = out(manager, riders[0], gas)
    failing = partial(fail, manager, delivery=fresh(delivery), failure="absent", goes_back=True)

    ends = at_once([press(riders[0], delivery), failing])

    delivery.refresh_from_db()
    assert (delivery.status, delivery.goes_back) == (DeliveryStatus.DELIVERED, False)
    assert ends in ({"done": 2}, {"done": 1, "DeliveryIsAlready": 1})


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


def test_many_counts_at_once_are_one_count(manager, riders, gas):
    press(riders[0], out(manager, riders[0], gas))()
    clerks = [make_member(None, gas.station, Role.CLERK) for _ in range(6)]

    ends = at_once(
        partial(homecoming.count, clerk, station=gas.station, rider=riders[0], counted={}, cash=0)
        for clerk in clerks
    )

    assert ends == {"done": 6}
    assert Homecoming.objects.get().lines.count() == 1


def test_two_who_assign_give_nobody_too_much(manager, riders, gas):
    orders = [approved(manager, {gas: 3}) for _ in range(6)]

    ends = at_once(
        partial(assign, manager, station=gas.station, orders=[order], rider=riders[0])
        for order in orders
    )

    assert ends == {"done": 2, "TooMuchToCarry": 4}
    assert loads_of(gas.station) == {riders[0].pk: 6}


@pytest.mark.parametrize("round_", range(4))
def test_an_order_assigned_to_two_at_once_is_with_one(round_, manager, riders, gas):
    order = approved(manager, gas)

    ends = at_once(
        partial(assign, manager, station=gas.station, orders=[order], rider=rider)
        for rider in riders * 3
    )

    assert ends == {"done": 6}
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("round_", range(6))
def test_leaving_and_taking_off_the_list_at_once_have_one_end(round_, manager, riders, gas):
    delivery = assigned(manager, riders[0], gas)

    ends = at_once(
        [
            partial(
                depart,
                riders[0],
                station=gas.station,
                rider=riders[0],
                deliveries=[fresh(delivery)],
            ),
            partial(unassign, manager, delivery=fresh(delivery)),
            partial(cancel_order, delivery.order.buyer, order=fresh(delivery.order)),
        ]
    )

    delivery.refresh_from_db()
    assert delivery.status in {DeliveryStatus.ON_THE_WAY, DeliveryStatus.ENDED}
    assert Delivery.objects.count() == 1
    assert set(ends) <= {"done", "DeliveryIsAlready", "WrongStatus"}


def test_what_is_tried_again_and_given_up_at_once_is_one_of_them(manager, riders, gas):
    delivery = failed(manager, riders[0], gas)

    at_once(
        [
            *[partial(try_again, riders[0], delivery=fresh(delivery))] * 3,
            *[partial(bring_back, manager, delivery=fresh(delivery))] * 3,
        ]
    )

    delivery.refresh_from_db()
    assert (delivery.status, delivery.goes_back) in {("on_the_way", False), ("failed", True)}


@pytest.mark.parametrize("round_", range(4))
def test_opposite_runs_wait_in_no_ring(round_, manager, riders, gas):
    big = make_listing(gas.station, full=100)
    runs = []
    for n, rider in enumerate(riders * 2):
        wanted = {gas: 1, big: 1} if n % 2 else {big: 1, gas: 1}
        runs.append((rider, [assigned(manager, rider, wanted) for _ in range(2)]))

    ends = at_once(
        partial(
            depart,
            rider,
            station=gas.station,
            rider=rider,
            deliveries=deliveries[::-1] if n % 2 else deliveries,
        )
        for n, (rider, deliveries) in enumerate(runs)
    )

    assert ends == {"done": 4}
