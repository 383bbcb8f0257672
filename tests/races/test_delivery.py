"""Riders and stations that press at the same moment. PostgreSQL only."""

from datetime import timedelta
from functools import partial

import pytest

from gasstock.billing.models import Payment
from gasstock.billing.services.shifts import open_shift
from gasstock.core import clock
from gasstock.delivery.models import CollectedCash, Delivery, DeliveryStatus, Wish
from gasstock.delivery.services import homecoming
from gasstock.delivery.services.assigning import assign, loads_of, send, unassign
from gasstock.delivery.services.running import answer, bring_back, depart, fail, try_again
from gasstock.inventory.models import Move
from gasstock.orders.models import OrderStatus
from gasstock.orders.services.life import call_off_order, cancel_order
from tests.delivery.acts import approved, assigned, books, failed, out
from tests.factories import make_listing, make_order
from tests.races.conftest import at_once
from tests.races.riding import fresh, press

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _books_are_clean(_on_postgresql):
    yield
    assert books() == []


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
def test_leaving_while_another_gets_it_has_one_end(round_, manager, riders, gas):
    delivery = assigned(manager, riders[0], gas)
    order, station = delivery.order, gas.station

    ends = at_once(
        [
            partial(depart, riders[0], station=station, rider=riders[0], deliveries=[delivery]),
            partial(assign, manager, station=station, orders=[fresh(order)], rider=riders[1]),
        ]
    )

    delivery.refresh_from_db()
    if delivery.rider == riders[0]:
        assert (delivery.status, ends) == ("on_the_way", {"done": 1, "WrongStatus": 1})
    else:
        assert (delivery.status, ends) == ("assigned", {"done": 1, "WithAnotherRider": 1})


@pytest.mark.parametrize("round_", range(4))
def test_an_order_sent_by_two_at_once_leaves_with_one(round_, manager, riders, gas):
    order = approved(manager, gas)

    ends = at_once(partial(send, manager, order=fresh(order), rider=rider) for rider in riders * 2)

    assert ends == {"done": 1, "WrongStatus": 3}
    assert Delivery.objects.get().rider == fresh(order).rider


@pytest.mark.parametrize("round_", range(6))
def test_cancelling_while_it_leaves_has_one_end(round_, manager, riders, gas):
    delivery = assigned(manager, riders[0], gas)
    order, leaving = delivery.order, {"station": gas.station, "rider": riders[0]}

    ends = at_once(
        [
            partial(depart, riders[0], **leaving, deliveries=[fresh(delivery)]),
            partial(cancel_order, order.buyer, order=fresh(order)),
        ]
    )

    delivery.refresh_from_db()
    if fresh(order).status == OrderStatus.CANCELLED:
        assert (delivery.status, ends) == ("ended", {"done": 1, "DeliveryIsAlready": 1})
    else:
        assert (delivery.status, ends) == ("on_the_way", {"done": 1, "WrongStatus": 1})


@pytest.mark.parametrize("round_", range(6))
def test_calling_off_while_it_is_handed_over_has_one_end(round_, manager, riders, gas):
    delivery = out(manager, riders[0], {gas: 2})
    order = delivery.order

    ends = at_once(
        [
            press(riders[0], delivery, cash=41_000),
            partial(call_off_order, manager, order=fresh(order), reason="Too late"),
        ]
    )

    delivery.refresh_from_db()
    if fresh(order).status == OrderStatus.CANCELLED:
        assert (delivery.status, ends) == ("ended", {"done": 1, "DeliveryIsAlready": 1})
        assert not CollectedCash.objects.exists()
    else:
        assert (delivery.status, ends) == ("delivered", {"done": 1, "WrongStatus": 1})


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


@pytest.mark.parametrize("round_", range(6))
def test_an_answer_while_it_is_tried_again_comes_before_or_not_at_all(round_, manager, riders, gas):
    delivery = failed(manager, riders[0], gas)
    later = clock.now() + timedelta(days=1)

    ends = at_once(
        [
            partial(try_again, riders[0], delivery=fresh(delivery)),
            partial(
                answer,
                delivery.order.buyer,
                delivery=fresh(delivery),
                wish=Wish.LATER,
                wished_from=later,
            ),
        ]
    )

    delivery.refresh_from_db()
    order = fresh(delivery.order)
    assert delivery.status == DeliveryStatus.ON_THE_WAY
    if delivery.wish:
        assert (order.promised_from, ends) == (later, {"done": 2})
    else:
        assert (order.promised_from, ends) == (None, {"done": 1, "DeliveryIsAlready": 1})


@pytest.mark.parametrize("round_", range(4))
def test_a_station_in_a_hurry_waits_in_no_ring(round_, manager, riders, gas):
    """All that takes locks, on two bikes and the same shelf and drawer, at the same time."""
    station, hose = gas.station, make_listing(gas.station, full=100)
    open_shift(manager, station=station, float_amount=0)
    going = [out(manager, rider, {gas: 1, hose: 1}) for rider in riders * 2]
    back = [failed(manager, rider, {hose: 1, gas: 1}, goes_back=True) for rider in riders]
    waiting = [assigned(manager, rider, {hose: 1, gas: 1}) for rider in riders]
    found = {(gas.variant_id, "full"): 1, (hose.variant_id, "full"): 1}
    counts = [
        homecoming.count(manager, station=station, rider=rider, counted=found, cash=0)
        for rider in riders
    ]

    ends = at_once(
        [
            *(press(each.rider, each, cash=41_000) for each in going[:2]),
            *(partial(fail, x.rider, delivery=fresh(x), failure="vehicle") for x in going[2:]),
            *(partial(homecoming.post, manager, homecoming=each) for each in counts),
            *(partial(answer, x.order.buyer, delivery=x, wish=Wish.TRY_AGAIN) for x in back),
            *(
                partial(depart, rider, station=station, rider=rider, deliveries=[each])
                for rider, each in zip(riders, waiting, strict=True)
            ),
            partial(
                assign,
                manager,
                station=station,
                orders=[each.order for each in waiting],
                rider=riders[0],
            ),
            *(partial(make_order, {hose: 1, gas: 1}) for _ in range(2)),
        ]
    )

    refused = {"LoadChanged", "WrongStatus", "WithAnotherRider", "TooMuchToCarry"}
    assert set(ends) <= {"done", *refused}


@pytest.mark.parametrize("round_", range(6))
def test_trips_of_the_same_goods_the_other_way_round_wait_in_no_ring(round_, manager, riders, gas):
    hose = make_listing(gas.station, full=100)
    trips = [
        (rider, [assigned(manager, rider, each) for each in goods])
        for rider, goods in zip(riders * 2, [(gas, hose), (hose, gas)] * 2, strict=True)
    ]

    ends = at_once(
        partial(depart, rider, station=gas.station, rider=rider, deliveries=deliveries)
        for rider, deliveries in trips
    )

    assert ends == {"done": 4}


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
