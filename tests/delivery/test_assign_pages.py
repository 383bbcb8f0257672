"""Giving orders to riders, and what the pages of orders say of their deliveries."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from gasstock.accounts.models import Membership
from gasstock.core import clock
from gasstock.delivery.models import Delivery, Wish
from gasstock.delivery.services.assigning import assign
from gasstock.delivery.services.running import answer, depart, fail
from gasstock.orders.models import OrderStatus
from tests.delivery.acts import approved, assigned, come_home, failed, out
from tests.delivery.board import BOARD, ORDERS, htmx, part, promised
from tests.factories import (
    make_listing,
    make_member,
    make_order,
    make_user,
    make_variant,
)
from tests.queries import cost


class TestAssigning:
    def test_what_is_ticked_goes_on_one_list(self, aline, manager, rider, gas, noon):
        orders = [approved(manager, gas) for _ in range(3)]
        values = {"rider": rider.pk, "arrives": "14:20", "note": "Take the ladder"}

        response = aline.post(
            f"{BOARD}assign/",
            values | {"order": [order.pk for order in orders]},
            headers=htmx(),
            follow=True,
        )

        given = Delivery.objects.filter(rider=rider)
        assert {delivery.order for delivery in given} == set(orders)
        assert {delivery.note for delivery in given} == {"Take the ladder"}
        assert {delivery.estimated_at for delivery in given} == {noon.replace(hour=14, minute=20)}
        assert "Eric brings 3 orders." in response.text
        assert re.match(r'\s*<div class="gs-stack" id="board"', response.text)

    def test_too_much_is_said_beside_the_rider_and_the_ticks_stay(self, aline, manager, rider, gas):
        heavy, light = approved(manager, {gas: 7}), approved(manager, {gas: 2})
        not_chosen = approved(manager, gas)
        values = {"order": [heavy.pk, light.pk], "rider": rider.pk, "note": "Gate"}

        page = aline.post(f"{BOARD}assign/", values, headers=htmx())

        assert page.status_code == 422
        assert "8 cylinders at most" in page.text.split('id="assign_rider_error"')[1]
        assert re.match(r'\s*<div class="gs-stack" id="board"', page.text)
        for order in (heavy, light):
            assert f'name="order" value="{order.pk}" checked' in page.text
        assert f'name="order" value="{not_chosen.pk}" checked' not in page.text
        assert 'value="Gate"' in page.text
        assert f'value="{rider.pk}" selected' in page.text
        assert "Assign 2" in page.text
        assert not Delivery.objects.exists()

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"order": []}, "Tick what the rider takes along"),
            ({"rider": ""}, "Choose who brings them"),
            ({"arrives": "11:30"}, "11:30 is over"),
            ({"arrives": "soon"}, "valid time"),
        ],
    )
    def test_what_is_missing_is_asked_for(self, aline, manager, rider, gas, noon, values, words):
        order = approved(manager, gas)

        page = aline.post(f"{BOARD}assign/", {"order": order.pk, "rider": rider.pk} | values)

        assert page.status_code == 422
        assert words in page.text
        assert not Delivery.objects.exists()

    def test_in_the_evening_the_next_morning_may_be_meant(self, aline, manager, rider, gas, noon):
        order = approved(manager, gas)

        with clock.at(noon.replace(hour=19)):
            aline.post(
                f"{BOARD}assign/", {"order": order.pk, "rider": rider.pk, "arrives": "07:30"}
            )

        moment = noon.replace(hour=7, minute=30) + timedelta(days=1)
        assert Delivery.objects.get().estimated_at == moment

    def test_what_a_colleague_gave_away_meanwhile_is_not_moved(
        self, aline, manager, rider, other, gas
    ):
        delivery = assigned(manager, other, gas)
        values = {"order": delivery.order_id, "rider": rider.pk}

        page = aline.post(f"{BOARD}assign/", values)
        again = aline.post(f"{BOARD}assign/", values | {"rider": other.pk})

        delivery.refresh_from_db()
        assert page.status_code == 422
        assert f"Order {delivery.order} goes with Jean now." in page.text
        assert again.status_code == 302
        assert delivery.rider == other

    def test_what_left_meanwhile_is_refused(self, aline, manager, rider, other, gas):
        delivery = out(manager, other, gas)

        page = aline.post(f"{BOARD}assign/", {"order": delivery.order_id, "rider": rider.pk})

        assert page.status_code == 422
        assert f"Order {delivery.order} is already on the way." in page.text

    def test_riders_stand_first_with_what_they_carry(self, aline, manager, rider, gas):
        approved(manager, gas)
        assigned(manager, rider, {gas: 2})
        out(manager, rider, gas)

        said = part(aline.get(BOARD).text, "assign")

        assert "Eric Mugisha, 3 of 8 cylinders" in said
        assert said.index("Eric Mugisha") < said.index("Aline Uwera")

    def test_who_has_no_limit_is_never_too_full(self, aline, manager, rider, gas):
        Membership.objects.filter(user=rider).update(load_limit=None)
        order = approved(manager, {gas: 12})

        offered = aline.get(BOARD).text
        answer = aline.post(f"{BOARD}assign/", {"order": order.pk, "rider": rider.pk})

        assert "Eric Mugisha, 0 cylinders" in offered
        assert answer.status_code == 302

    def test_the_bar_counts_what_is_ticked(self, aline, manager, rider, gas, station):
        hose = make_listing(station, make_variant("Hose", size_g=None), new_price=None)
        orders = [approved(manager, {gas: 3}), approved(manager, {gas: 6})]
        orders.append(make_order({hose: 2}, kind="accessory"))
        query = urlencode({"order": [x.pk for x in orders], "rider": rider.pk}, doseq=True)

        bar = aline.get(f"{BOARD}assign/?{query}", headers=htmx("picked")).text

        assert "2 chosen" in bar
        assert "9 cylinders" in bar
        assert "Eric would have 9, and carries 8" in bar
        assert "Assign 2" in bar

    def test_without_scripts_the_bar_has_no_page_of_its_own(self, aline, station):
        assert aline.get(f"{BOARD}assign/")["Location"] == BOARD


class TestOrders:
    def test_a_small_station_sends_in_one_step(self, aline, clerk, manager, rider, gas):
        mine, his = approved(manager, gas), approved(manager, gas)

        aline.post(f"{ORDERS}{mine.number}/send/", headers=htmx(page=ORDERS))
        page = aline.post(
            f"{ORDERS}{his.number}/send/",
            {"rider": rider.pk},
            headers=htmx(page=ORDERS),
            follow=True,
        )

        for order in (mine, his):
            order.refresh_from_db()
        assert (mine.status, mine.rider) == (OrderStatus.DISPATCHED, clerk)
        assert (his.status, his.rider) == (OrderStatus.DISPATCHED, rider)
        assert f"Order {his} is on the way with Eric." in page.text

    def test_sending_too_much_is_said(self, aline, manager, rider, gas):
        order = approved(manager, {gas: 9})

        page = aline.post(
            f"{ORDERS}{order.number}/send/",
            {"rider": rider.pk},
            headers=htmx(page=ORDERS),
            follow=True,
        )

        order.refresh_from_db()
        assert "8 cylinders at most" in page.text
        assert order.status == OrderStatus.APPROVED

    @pytest.mark.parametrize("page", ["", "{number}/"])
    def test_it_says_who_it_is_assigned_to(self, aline, manager, rider, gas, page):
        delivery = assigned(manager, rider, gas)

        html = aline.get(f"{ORDERS}{page.format(number=delivery.order)}").text

        assert "Assigned to Eric" in html
        assert f'value="{rider.pk}" selected' in html

    def test_the_lanes_flag_what_is_late_and_what_failed(self, aline, manager, rider, gas, noon):
        waits, delivery = approved(manager, gas), failed(manager, rider, gas)
        for order in (waits, delivery.order):
            promised(order, until=noon - timedelta(minutes=25))

        html = aline.get(ORDERS).text

        for order, words in ((waits, ""), (delivery.order, "Nobody at home 12:00")):
            card = html.split(f'id="o-{order}"')[1].split("</li>\n")[0]
            assert "late by 25 min" in card
            assert words in card

    def test_the_page_of_an_order_tells_of_its_delivery(
        self, aline, manager, rider, gas, buyer, noon
    ):
        delivery = out(manager, rider, gas, buyer=buyer)
        promised(delivery.order, until=noon - timedelta(minutes=5))
        on_the_way = aline.get(f"{ORDERS}{delivery.order}/").text
        fail(rider, delivery=delivery, failure="absent", note="Knocked")
        answer(buyer, delivery=delivery, wish=Wish.LATER, wished_from=noon + timedelta(hours=5))

        html = aline.get(f"{ORDERS}{delivery.order}/").text

        for words in ("Eric Mugisha", "left 12:00", "late by 5 min", "by 11:55"):
            assert words in on_the_way
        for words in ("Nobody at home 12:00", "“Knocked”", "come at 17:00", "17:00–"):
            assert words in html

    def test_it_tells_who_brought_it_back(self, aline, clerk, manager, rider, station, gas, noon):
        delivery = failed(manager, rider, gas, goes_back=True)
        come_home(clerk, rider, station, {(gas, "full"): 1})

        assert "Eric brought it back 12:00" in aline.get(f"{ORDERS}{delivery.order}/").text

    @pytest.mark.parametrize("state", [assigned, out, failed])
    def test_the_page_of_an_order_on_its_way_costs_little(self, aline, manager, rider, gas, state):
        for _ in range(3):
            make_member(None, gas.station, "rider")
        delivery = state(manager, rider, gas)

        assert cost(aline, f"{ORDERS}{delivery.order}/") <= 8

    def test_so_does_one_that_came_back_twice(self, aline, clerk, manager, rider, station, gas):
        order = approved(manager, gas)
        for _ in range(2):
            [delivery] = assign(manager, station=station, orders=[order], rider=rider)
            depart(rider, station=station, rider=rider, deliveries=[delivery])
            delivery.refresh_from_db()
            fail(rider, delivery=delivery, failure="absent", goes_back=True)
            come_home(clerk, rider, station, {(gas, "full"): 1})

        assert cost(aline, f"{ORDERS}{order}/") <= 8
        assert "brought it back" in aline.get(f"{ORDERS}{order}/").text


def test_a_stranger_sends_nobody(client, manager, gas):
    order = approved(manager, gas)
    client.force_login(make_user())

    assert client.post(f"{ORDERS}{order.number}/send/").status_code == 404
