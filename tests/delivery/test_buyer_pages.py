"""What the buyer sees of a delivery, and what they answer when it failed."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from gasstock.core import clock
from gasstock.delivery.models import Failure, Wish
from gasstock.delivery.services.assigning import assign, unassign
from gasstock.delivery.services.running import answer, deliver, depart, fail, try_again
from gasstock.notifications.models import Notification
from tests.delivery.acts import all_of, approved, assigned, come_home, failed, out
from tests.queries import cost


@pytest.fixture(autouse=True)
def rider(rider):
    rider.phone = "+250788412906"
    rider.save()
    return rider


def read(client, thing):
    order = getattr(thing, "order", thing)
    return unescape(client.get(order.get_absolute_url()).text)


def door(thing):
    return f"{getattr(thing, 'order', thing).get_absolute_url()}answer/"


class TestWhoAndWhen:
    def test_before_anybody_brings_it_the_promise_stands(self, marie, manager, gas, buyer, noon):
        order = approved(manager, gas, buyer=buyer)
        until = timezone.localtime(order.promised_until)

        page = read(marie, order)

        assert "Your gas is set aside" in page
        assert f"It comes <b>by {until:%H:%M}</b>." in page
        assert "tel:+250788412906" not in page

    def test_assigned_it_says_who_brings_it(self, marie, manager, rider, gas, buyer):
        page = read(marie, assigned(manager, rider, gas, buyer=buyer))

        assert "Eric brings your gas" in page
        assert "It leaves soon." in page
        assert "0788 412 906" in page
        assert "Mugisha" not in page
        assert 'class="gs-code"' in page

    def test_on_the_way_it_says_about_when(self, marie, manager, rider, gas, buyer, noon):
        order = approved(manager, gas, buyer=buyer)
        at = noon + timedelta(minutes=40)
        [delivery] = assign(
            manager, station=gas.station, orders=[order], rider=rider, estimated_at=at
        )
        depart(rider, station=gas.station, rider=rider, deliveries=[delivery])

        page = read(marie, order)
        with clock.at(at + timedelta(minutes=16)):
            later = read(marie, order)

        assert "Your gas is on the way" in page
        assert "It comes <b>about 12:40</b>." in page
        assert 'href="tel:+250788412906"' in page
        assert "about 12:40" not in later

    def test_a_window_is_told_with_its_hours_and_day(
        self, marie, manager, rider, gas, buyer, window, noon
    ):
        delivery = out(manager, rider, gas, buyer=buyer)
        order = delivery.order
        for days, words in ((0, ""), (1, "tomorrow "), (3, f"{noon + timedelta(3):%a %-d %b} ")):
            order.promised_from = noon.replace(hour=16) + timedelta(days)
            order.promised_until = noon.replace(hour=18) + timedelta(days)
            order.save()

            assert f"It comes <b>{words}between 16:00 and 18:00</b>." in read(marie, order)

    def test_late_is_said_with_the_phone_of_the_station(self, marie, manager, rider, gas, buyer):
        delivery = out(manager, rider, gas, buyer=buyer)
        until = delivery.order.promised_until

        with clock.at(until + timedelta(minutes=1)):
            page = read(marie, delivery)

        assert f"It is late: promised by {timezone.localtime(until):%H:%M}." in page
        assert "Ask the station:" in page
        assert "It comes" not in page

    def test_once_it_is_there_the_phone_is_gone(self, marie, manager, rider, gas, buyer):
        delivery = out(manager, rider, gas, buyer=buyer)
        deliver(rider, delivery=delivery, handed=all_of(delivery), code=delivery.order.code)

        page = read(marie, delivery)

        assert "tel:+250788412906" not in page
        assert "It comes" not in page

    def test_taken_off_again_it_waits_for_another(self, marie, manager, rider, gas, buyer):
        delivery = assigned(manager, rider, gas, buyer=buyer)
        unassign(manager, delivery=delivery)

        page = read(marie, delivery)

        assert "Your gas is set aside" in page
        assert "tel:+250788412906" not in page

    def test_pick_ups_come_with_nobody(self, marie, manager, gas, buyer):
        page = read(marie, approved(manager, gas, buyer=buyer, fulfilment="pickup"))

        assert "Ready to pick up" in page
        assert "It comes" not in page

    def test_the_polled_part_says_the_same(self, marie, manager, rider, gas, buyer):
        delivery = failed(manager, rider, gas, buyer=buyer)
        url = f"{delivery.order.get_absolute_url()}timeline/"

        part = unescape(
            marie.get(url, headers={"HX-Request": "true", "HX-Target": "timeline"}).text
        )

        assert "Eric could not hand over your gas" in part
        assert 'action="' + door(delivery) in part
        assert "csrfmiddlewaretoken" in part
        assert 'href="tel:+250788412906"' in part


class TestInVain:
    @pytest.mark.parametrize(
        ("failure", "why"),
        [
            (Failure.ABSENT, "Nobody was at home"),
            (Failure.ADDRESS, "The address could not be found"),
            (Failure.REFUSED, "The gas was not taken at the door"),
            (Failure.VEHICLE, "There was trouble with the bike"),
            (Failure.UNSAFE, "It was not safe to come"),
        ],
    )
    def test_says_why_and_asks_when(self, marie, manager, rider, gas, buyer, failure, why):
        delivery = out(manager, rider, gas, buyer=buyer)
        fail(rider, delivery=delivery, failure=failure, note="The dog again")

        page = read(marie, delivery)

        assert "Eric could not hand over your gas" in page
        assert f"{why}, just now." in page
        assert "Come again now" in page
        assert "The dog again" not in page
        assert "It is late" not in page

    def test_brought_back_it_may_be_answered_until_it_leaves_again(
        self, marie, manager, clerk, rider, other, gas, buyer, noon
    ):
        delivery = failed(manager, rider, gas, buyer=buyer, goes_back=True)
        assert "It goes back to the station" in read(marie, delivery)
        come_home(clerk, rider, gas.station, {(gas, "full"): 1})

        back = read(marie, delivery)
        [again] = assign(manager, station=gas.station, orders=[delivery.order], rider=other)
        given = read(marie, delivery)
        opened = marie.get(door(delivery)).status_code
        depart(other, station=gas.station, rider=other, deliveries=[again])
        left = read(marie, delivery)

        assert "Your gas is back at the station" in back
        assert "As soon as you can" in back
        assert "tel:+250788412906" not in back
        assert "Jean brings your gas" in given
        assert "As soon as you can" in given
        assert opened == 200
        assert "Your gas is on the way" in left
        assert door(delivery) not in left

    def test_another_try_is_on_the_way_again(self, marie, manager, rider, gas, buyer):
        delivery = failed(manager, rider, gas, buyer=buyer)
        try_again(rider, delivery=delivery)

        page = read(marie, delivery)

        assert "Your gas is on the way" in page
        assert "Nobody at home" in page
        assert door(delivery) not in page

    def test_an_estimate_is_worth_nothing_after_it(self, marie, manager, rider, gas, buyer, noon):
        order = approved(manager, gas, buyer=buyer)
        at = noon + timedelta(minutes=40)
        [delivery] = assign(
            manager, station=gas.station, orders=[order], rider=rider, estimated_at=at
        )
        depart(rider, station=gas.station, rider=rider, deliveries=[delivery])
        fail(rider, delivery=delivery, failure=Failure.ABSENT)
        try_again(rider, delivery=delivery)

        assert "about 12:40" not in read(marie, order)


class TestMyOrders:
    def test_say_about_when_they_come(self, marie, manager, rider, gas, buyer, noon):
        order = approved(manager, gas, buyer=buyer)
        at = noon + timedelta(minutes=40)
        assign(manager, station=gas.station, orders=[order], rider=rider, estimated_at=at)

        assert "It comes <b>about 12:40</b>" in marie.get("/orders/").text

    def test_say_what_is_late_and_what_waits_for_an_answer(self, marie, manager, rider, gas, buyer):
        late = out(manager, rider, gas, buyer=buyer).order
        late.promised_until = clock.now() - timedelta(minutes=1)
        late.save()
        waiting = failed(manager, rider, gas, buyer=buyer)

        page = unescape(marie.get("/orders/").text)
        answer(buyer, delivery=waiting, wish=Wish.TRY_AGAIN)
        answered = unescape(marie.get("/orders/").text)

        assert "Late: promised by 11:59" in page
        assert "Say when it should come again" in page
        assert "Come as soon as you can" in answered

    def test_cost_the_same_for_one_as_for_many(self, marie, manager, rider, gas, buyer):
        out(manager, rider, gas, buyer=buyer)
        failed(manager, rider, gas, buyer=buyer)
        some = cost(marie, "/orders/")
        for _ in range(3):
            out(manager, rider, gas, buyer=buyer)
            failed(manager, rider, gas, buyer=buyer)

        assert cost(marie, "/orders/") == some <= 8


def test_a_failed_order_costs_no_more_than_8_queries(marie, manager, rider, gas, buyer):
    delivery = failed(manager, rider, gas, buyer=buyer)

    assert cost(marie, delivery.order.get_absolute_url()) <= 8


def test_each_notice_leads_to_the_order(manager, clerk, rider, gas, buyer):
    delivery = failed(manager, rider, gas, buyer=buyer)
    try_again(rider, delivery=delivery)
    fail(rider, delivery=delivery, failure=Failure.ABSENT, goes_back=True)
    come_home(clerk, rider, gas.station, {(gas, "full"): 1})
    order = delivery.order
    order.refresh_from_db()
    [again] = assign(manager, station=gas.station, orders=[order], rider=rider)
    depart(rider, station=gas.station, rider=rider, deliveries=[again])
    deliver(rider, delivery=again, handed=all_of(again), code=order.code)

    told = Notification.objects.filter(user=buyer).order_by("pk")

    assert {each.url for each in told} == {order.get_absolute_url()}
    assert [each.kind.partition(".")[2] for each in told][-7:] == [
        "dispatched",
        "failed",
        "tried_again",
        "failed",
        "brought_back",
        "dispatched",
        "delivered",
    ]
