"""Who brings what, before anything leaves."""

import pytest

from gasstock.accounts.models import Membership
from gasstock.core import clock
from gasstock.delivery.errors import DeliveryIsAlready, NotToDeliver, TooMuchToCarry
from gasstock.delivery.models import Delivery, DeliveryStatus
from gasstock.delivery.services.assigning import assign, loads_of, reorder, send, unassign
from gasstock.delivery.services.running import deliver, fail
from gasstock.inventory.models import LocationKind
from gasstock.notifications.models import Notification
from gasstock.orders.errors import NotOfTheTeam, WrongStatus
from gasstock.orders.models import Fulfilment, OrderStatus
from gasstock.orders.services.handover import Handed
from gasstock.orders.services.life import call_off_order, cancel_order, dispatch_order
from tests.delivery.acts import all_of, approved, assigned, at, out
from tests.factories import (
    make_admin,
    make_listing,
    make_order,
    make_station,
    make_user,
    make_variant,
)


def told(person, kind):
    return [x.text for x in Notification.objects.filter(user=person, kind=kind).order_by("pk")]


def test_several_orders_go_on_one_riders_list_the_first_promised_first(manager, rider, gas):
    late, early = approved(manager, gas), approved(manager, gas)
    early.promised_until = clock.now()
    early.save()

    given = assign(manager, station=gas.station, orders=[late, early], rider=rider, note="Gate")

    assert [(x.order, x.rider, x.status, x.position, x.note) for x in given] == [
        (early, rider, DeliveryStatus.ASSIGNED, 1, "Gate"),
        (late, rider, DeliveryStatus.ASSIGNED, 2, "Gate"),
    ]
    assert told(rider, "run.assigned") == ["Kimironko Gas Point has 2 deliveries for you."]


def test_nothing_leaves_by_being_assigned(manager, rider, gas):
    delivery = assigned(manager, rider, {gas: 2})

    delivery.order.refresh_from_db()
    assert delivery.order.status == OrderStatus.APPROVED
    assert at(LocationKind.RIDER, gas.variant) == 0


def test_only_approved_orders_are_assigned(manager, rider, gas):
    placed = make_order(gas)

    with pytest.raises(WrongStatus, match="already placed"):
        assign(manager, station=gas.station, orders=[placed], rider=rider)

    assert not Delivery.objects.exists()


def test_what_is_picked_up_is_not_assigned(manager, rider, gas):
    order = approved(manager, gas, fulfilment=Fulfilment.PICKUP)

    with pytest.raises(NotToDeliver, match="picked up"):
        assign(manager, station=gas.station, orders=[order], rider=rider)


def test_orders_of_another_station_are_not_there(manager, rider, gas):
    elsewhere = make_listing(make_station())
    order = approved(make_admin(), elsewhere)

    assert assign(manager, station=gas.station, orders=[order], rider=rider) == []


@pytest.mark.parametrize("is_gone", [True, False])
def test_who_does_not_work_here_gets_nothing(manager, rider, gas, is_gone):
    stranger = make_user()
    if is_gone:
        rider.is_active = False
        rider.save()
        stranger = rider

    with pytest.raises(NotOfTheTeam):
        assign(manager, station=gas.station, orders=[approved(manager, gas)], rider=stranger)


def test_assigned_again_it_changes_its_rider_and_keeps_its_note(manager, rider, other, gas):
    first = assigned(manager, rider, gas)
    Delivery.objects.update(note="Blue gate")

    [second] = assign(manager, station=gas.station, orders=[first.order], rider=other)

    assert (second.pk, second.rider, second.note) == (first.pk, other, "Blue gate")
    assert Delivery.objects.count() == 1
    assert told(rider, "run.moved") == [f"Order {first.order} is not yours any more."]


def test_assigned_to_the_same_rider_again_it_keeps_its_place(manager, rider, gas):
    first, _second = assigned(manager, rider, gas), assigned(manager, rider, gas)

    [again] = assign(manager, station=gas.station, orders=[first.order], rider=rider)

    assert again.position == 1


def test_what_is_out_is_not_handed_from_rider_to_rider(manager, rider, other, gas):
    delivery = out(manager, rider, gas)

    with pytest.raises(WrongStatus, match="already on the way"):
        assign(manager, station=gas.station, orders=[delivery.order], rider=other)

    delivery.refresh_from_db()
    assert delivery.rider == rider


class TestLoads:
    def test_nobody_is_given_more_than_they_carry(self, manager, rider, gas):
        assigned(manager, rider, {gas: 6})
        more = approved(manager, {gas: 3})

        with pytest.raises(TooMuchToCarry, match=r"Eric carries 8 cylinders at most\. .* make 9"):
            assign(manager, station=gas.station, orders=[more], rider=rider)

        assert loads_of(gas.station) == {rider.pk: 6}

    def test_exactly_as_much_is_fine(self, manager, rider, gas):
        assigned(manager, rider, {gas: 6})

        assigned(manager, rider, {gas: 2})

        assert loads_of(gas.station) == {rider.pk: 8}

    def test_what_is_out_counts_until_it_is_handed_over(self, manager, rider, gas):
        delivery = out(manager, rider, {gas: 3})
        assert loads_of(gas.station) == {rider.pk: 3}

        line = delivery.order.lines.get()
        handed = {line.pk: Handed(2, 2)}
        deliver(rider, delivery=delivery, handed=handed, code=delivery.order.code)

        assert loads_of(gas.station) == {rider.pk: 1}  # the one the buyer did not take

    def test_hoses_weigh_nothing(self, manager, rider, station):
        hose = make_listing(station, make_variant(size_g=None), full=20, new_price=None)

        assigned(manager, rider, {hose: 15}, kind="accessory")

        assert loads_of(station) == {}

    def test_a_rider_may_carry_more_where_the_station_says_so(
        self, manager, rider, gas, membership
    ):
        Membership.objects.filter(pk=membership.pk).update(load_limit=12)

        assigned(manager, rider, {gas: 12})

        assert loads_of(gas.station) == {rider.pk: 12}

    def test_a_rider_without_a_limit_carries_whatever_is_asked(
        self, manager, rider, gas, membership
    ):
        Membership.objects.filter(pk=membership.pk).update(load_limit=None)

        assigned(manager, rider, {gas: 15})

        assert loads_of(gas.station) == {rider.pk: 15}


class TestTakingOff:
    def test_the_order_waits_for_another_rider(self, manager, rider, other, gas):
        delivery = unassign(manager, delivery=assigned(manager, rider, gas))

        assert delivery.status == DeliveryStatus.ENDED
        [again] = assign(manager, station=gas.station, orders=[delivery.order], rider=other)
        assert again.pk != delivery.pk

    def test_twice_is_refused_and_harmless(self, manager, rider, gas):
        delivery = unassign(manager, delivery=assigned(manager, rider, gas))

        with pytest.raises(DeliveryIsAlready, match="already called off"):
            unassign(manager, delivery=delivery)

    def test_what_left_is_not_taken_off(self, manager, rider, gas):
        delivery = out(manager, rider, gas)

        with pytest.raises(DeliveryIsAlready, match="already on the way"):
            unassign(manager, delivery=delivery)


def test_the_list_stands_as_it_was_put(manager, rider, other, gas):
    first, second, third = (assigned(manager, rider, gas) for _ in range(3))
    foreign = assigned(manager, other, gas)

    reorder(rider, station=gas.station, rider=rider, deliveries=[third, foreign, first, second])

    rows = Delivery.objects.of(rider).order_by("position")
    assert list(rows) == [third, first, second]
    foreign.refresh_from_db()
    assert foreign.position == 1


class TestSending:
    def test_assigns_and_leaves_in_one_go(self, manager, rider, gas):
        order = approved(manager, {gas: 2})

        delivery = send(manager, order=order, rider=rider)

        assert (delivery.status, delivery.rider) == (DeliveryStatus.ON_THE_WAY, rider)
        assert (delivery.assigned_by, delivery.departed_at) == (manager, order.dispatched_at)
        assert at(LocationKind.RIDER, gas.variant) == 2

    def test_with_nobody_named_whoever_sends_carries_it(self, gas):
        admin = make_admin()

        delivery = send(admin, order=approved(admin, gas))

        assert delivery.rider == admin

    def test_takes_it_off_the_list_of_another(self, manager, rider, other, gas):
        before = assigned(manager, other, gas)

        delivery = send(manager, order=before.order, rider=rider)

        assert (delivery.pk, delivery.rider) == (before.pk, rider)

    def test_strangers_and_overloads_are_refused(self, manager, rider, other, gas):
        other.is_active = False
        other.save()
        for person in (make_user(), other):
            with pytest.raises(NotOfTheTeam):
                send(manager, order=approved(manager, gas), rider=person)
        with pytest.raises(TooMuchToCarry):
            send(manager, order=approved(manager, {gas: 9}), rider=rider)

        assert at(LocationKind.RIDER, gas.variant) == 0


class TestFollowingTheOrder:
    """Other doors change orders too: the board, the buyer's page. The delivery goes along."""

    def test_an_order_sent_from_the_board_has_its_delivery(self, manager, rider, gas):
        order = dispatch_order(manager, order=approved(manager, gas), rider=rider)

        delivery = Delivery.objects.get()
        assert (delivery.order, delivery.rider, delivery.assigned_by) == (order, rider, manager)
        assert delivery.status == DeliveryStatus.ON_THE_WAY

    def test_who_is_sent_from_the_board_takes_the_place_of_who_was_assigned(
        self, manager, rider, other, gas
    ):
        delivery = assigned(manager, rider, gas)

        dispatch_order(manager, order=delivery.order, rider=other)

        delivery.refresh_from_db()
        assert (delivery.rider, delivery.status) == (other, DeliveryStatus.ON_THE_WAY)

    def test_an_order_the_buyer_cancels_is_off_the_list(self, manager, rider, gas):
        delivery = assigned(manager, rider, gas)

        cancel_order(delivery.order.buyer, order=delivery.order)

        delivery.refresh_from_db()
        assert delivery.status == DeliveryStatus.ENDED
        assert told(rider, "run.ended") == [
            f"Order {delivery.order} is called off: do not deliver it."
        ]

    def test_an_order_called_off_on_the_way_ends_its_delivery(self, manager, rider, gas):
        delivery = out(manager, rider, gas)
        fail(rider, delivery=delivery, failure="refused", goes_back=True)
        delivery.order.refresh_from_db()

        call_off_order(manager, order=delivery.order, reason="The buyer moved away")

        delivery.refresh_from_db()
        assert delivery.status == DeliveryStatus.ENDED

    def test_an_order_handed_over_at_the_station_is_a_delivery_made(self, manager, rider, gas):
        delivery = out(manager, rider, gas)

        deliver(manager, delivery=delivery, handed=all_of(delivery), code=delivery.order.code)

        delivery.refresh_from_db()
        assert (delivery.status, delivery.rider) == (DeliveryStatus.DELIVERED, rider)
        assert delivery.ended_at is not None

    def test_what_is_picked_up_has_no_delivery(self, manager, gas):
        approved(manager, gas, fulfilment=Fulfilment.PICKUP)

        assert not Delivery.objects.exists()
