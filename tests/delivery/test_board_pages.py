"""The dispatch board: what waits, who is on the road, what came back."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from gasstock.accounts.models import Membership
from gasstock.core import clock
from gasstock.delivery import dispatch as desk
from gasstock.delivery.models import Delivery, DeliveryStatus, Wish
from gasstock.delivery.services.assigning import assign, unassign
from gasstock.delivery.services.running import answer, deliver
from gasstock.orders.models import Fulfilment
from tests.delivery.acts import all_of, approved, assigned, come_home, failed, out
from tests.delivery.board import BOARD, ORDERS, htmx, part, promised
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_order,
    make_station,
)
from tests.queries import cost


class TestWhoMayEnter:
    def test_those_who_send_riders_off(self, client, request, station):
        for name, status in {"manager": 200, "clerk": 200, "rider": 403, "buyer": 404}.items():
            client.force_login(request.getfixturevalue(name))
            assert client.get(BOARD).status_code == status, name

    def test_nothing_of_another_station_is_touched(self, client, manager, rider, gas):
        delivery, waiting = assigned(manager, rider, gas), approved(manager, gas)
        elsewhere = make_station("remera")
        stranger = make_member(None, elsewhere, "clerk")
        client.force_login(stranger)

        for verb in ("reassign", "unassign", "back"):
            for slug in ("kimironko", "remera"):
                url = f"/at/{slug}/deliveries/{delivery.pk}/{verb}/"
                assert client.post(url, {"rider": stranger.pk}).status_code == 404
        assert client.post(f"/at/remera/orders/{waiting.number}/send/").status_code == 404
        client.post("/at/remera/deliveries/send/", {"delivery": delivery.pk, "rider": stranger.pk})
        page = client.post(
            "/at/remera/deliveries/assign/", {"order": waiting.pk, "rider": stranger.pk}
        )

        assert page.status_code == 422
        assert "Not all of these orders are here" in page.text
        delivery.refresh_from_db()
        assert (delivery.rider, delivery.status) == (rider, DeliveryStatus.ASSIGNED)
        assert Delivery.objects.count() == 1

    def test_riders_of_another_station_are_not_there(self, aline, manager, rider, gas):
        delivery, waiting = assigned(manager, rider, gas), approved(manager, gas)
        stranger = make_member(None, make_station(), "rider")

        form = aline.post(f"{BOARD}assign/", {"order": waiting.pk, "rider": stranger.pk})
        moved = aline.post(f"{BOARD}{delivery.pk}/reassign/", {"rider": stranger.pk})
        sent = aline.post(f"{ORDERS}{waiting.number}/send/", {"rider": stranger.pk})

        assert (form.status_code, moved.status_code, sent.status_code) == (422, 404, 404)
        assert "Nobody of that name works here" in form.text
        assert stranger.name not in form.text


class TestToAssign:
    def test_districts_and_orders_stand_as_they_are_promised(self, aline, manager, gas, noon):
        later, sooner, other = (
            promised(approved(manager, gas, district=name), until=noon + timedelta(minutes=minutes))
            for name, minutes in (("Gasabo", 90), ("Gasabo", 30), ("Kicukiro", 10))
        )

        said = part(aline.get(BOARD).text, "assign")

        places = [said.index(order.number) for order in (other, sooner, later)]
        assert places == sorted(places)
        assert said.index("Kicukiro 1", said.index("All districts")) < places[0]

    def test_a_promise_stands_there_in_words(self, aline, manager, gas, noon):
        promised(approved(manager, gas), until=noon + timedelta(minutes=20))
        window = {"since": noon + timedelta(hours=4), "until": noon + timedelta(hours=6)}
        promised(approved(manager, gas), **window)
        promised(approved(manager, gas), until=noon - timedelta(minutes=25))
        promised(approved(manager, gas), until=noon + timedelta(days=1))

        html = aline.get(BOARD).text

        for words in ("by 12:20", "16:00–18:00", "tomorrow by 12:00"):
            assert f"<b>{words}</b>" in html
        assert '<span class="gs-st gs-st--bad">late by 25 min</span>' in html

    def test_it_says_what_goes_where_to_whom(self, aline, manager, gas, buyer):
        gas.variant.name = "SP 12 kg"
        gas.variant.save()
        approved(manager, {gas: 2}, buyer=buyer, address="KG 7 Ave 12", note="Blue gate")

        said = part(aline.get(BOARD).text, "assign")

        for words in ("2 × SP 12 kg refill", "KG 7 Ave 12", "Marie Uwase", "Blue gate"):
            assert words in said

    def test_only_what_can_be_assigned_waits(self, aline, manager, rider, gas):
        there = approved(manager, gas)
        others = [
            make_order(gas),
            approved(manager, gas, fulfilment=Fulfilment.PICKUP),
            assigned(manager, rider, gas).order,
            out(manager, rider, gas).order,
            approved(make_admin(), make_listing(make_station())),
        ]

        said = part(aline.get(BOARD).text, "assign")

        assert there.number in said
        assert [order for order in others if order.number in said] == []

    def test_one_district_at_a_time(self, aline, manager, gas):
        here, there = (approved(manager, gas, district=name) for name in ("Gasabo", "Kicukiro"))

        said = part(aline.get(f"{BOARD}?district=Kicukiro").text, "assign")

        assert there.number in said
        assert here.number not in said
        assert "All districts 2" in said

    @pytest.mark.parametrize("words", ["Uwase", "0788412", "KG 7"])
    def test_what_waits_is_found(self, aline, manager, gas, buyer, words):
        terms = {"phone": "+250722000000", "address": "KN 1 Rd 1"}
        wanted = approved(manager, gas, buyer=buyer, address="KG 7 Ave 12")
        other = approved(manager, gas, **terms)

        said = part(aline.get(f"{BOARD}?{urlencode({'q': words})}").text, "assign")

        assert wanted.number in said
        assert other.number not in said

    def test_of_very_many_the_first_promised_are_shown(
        self, aline, manager, gas, noon, monkeypatch
    ):
        monkeypatch.setattr(desk, "MOST_WAITING", 2)
        orders = [
            promised(approved(manager, gas), until=noon + timedelta(minutes=n))
            for n in (30, 20, 10)
        ]

        said = part(aline.get(BOARD).text, "assign")

        assert "The 2 that are promised first" in said
        assert [order.number in said for order in orders] == [False, True, True]

    def test_empty_parts_say_so(self, aline, station):
        html = aline.get(BOARD).text
        narrowed = aline.get(f"{BOARD}?q=nobody").text

        assert "Nothing to assign" in part(html, "assign")
        assert "Nobody is out" in part(html, "road")
        assert "Nothing came back today" in part(html, "back")
        assert "Nothing that fits" in part(narrowed, "assign")


class TestOnTheRoad:
    def test_a_rider_has_what_is_under_way_and_what_waits(self, aline, manager, rider, gas, noon):
        left, waits = out(manager, rider, gas), assigned(manager, rider, gas)
        promised(left.order, until=noon - timedelta(minutes=5))
        Delivery.objects.filter(pk=waits.pk).update(
            estimated_at=noon + timedelta(hours=2), note="Ladder"
        )
        promised(waits.order, until=noon + timedelta(hours=1))

        said = part(aline.get(BOARD).text, "road")

        for words in (
            *("Eric Mugisha 2 of 8 cylinders", "Send 1", "On the way", "late by 5 min"),
            *("Leaves soon", "about 14:00", "Arrives after the promise", "Ladder"),
        ):
            assert words in said

    def test_a_failed_one_says_why_and_what_the_buyer_answered(
        self, aline, manager, rider, gas, buyer, noon
    ):
        delivery = failed(manager, rider, gas, buyer=buyer)
        unanswered = part(aline.get(BOARD).text, "road")
        answer(
            buyer,
            delivery=delivery,
            wish=Wish.LATER,
            wished_from=noon + timedelta(hours=5),
        )

        said = part(aline.get(BOARD).text, "road")

        assert "Nobody at home 12:00" in said
        assert "The buyer has not answered yet" in unanswered
        assert "The buyer says: come at 17:00" in said

    def test_each_offers_what_is_allowed_and_no_more(self, aline, manager, rider, other, gas):
        waits, left, missed = (make(manager, rider, gas) for make in (assigned, out, failed))
        home = failed(manager, other, gas, goes_back=True)

        html = aline.get(BOARD).text

        offered = {
            (int(pk), verb)
            for pk, verb in re.findall(r'action="/at/kimironko/deliveries/(\d+)/(\w+)/"', html)
        }
        assert offered == {(waits.pk, "reassign"), (waits.pk, "unassign")}
        assert re.findall(r'action="/at/kimironko/runs/([^/]+)/back/"', html) == [
            missed.order.number
        ]
        assert left.order.number in html
        assert "Comes back to the station." in html.split(f'id="trip-{home.pk}"')[1]

    def test_it_is_given_to_another_rider(self, aline, manager, rider, other, gas):
        delivery = assigned(manager, rider, gas)

        page = aline.post(
            f"{BOARD}{delivery.pk}/reassign/",
            {"rider": other.pk, "with": rider.pk},
            headers=htmx(),
            follow=True,
        )

        delivery.refresh_from_db()
        assert delivery.rider == other
        assert f"Jean brings order {delivery.order} now." in page.text

    def test_a_stale_page_moves_nothing(self, aline, manager, rider, other, gas):
        delivery = assigned(manager, other, gas)

        for verb, values in {"reassign": {"rider": manager.pk}, "unassign": {}}.items():
            page = aline.post(
                f"{BOARD}{delivery.pk}/{verb}/",
                values | {"with": rider.pk},
                headers=htmx(),
                follow=True,
            )
            assert f"Order {delivery.order} goes with Jean now." in page.text

        delivery.refresh_from_db()
        assert (delivery.rider, delivery.status) == (other, DeliveryStatus.ASSIGNED)

    def test_what_has_left_changes_no_rider(self, aline, manager, rider, other, gas):
        delivery = out(manager, rider, gas)

        page = aline.post(
            f"{BOARD}{delivery.pk}/reassign/", {"rider": other.pk}, headers=htmx(), follow=True
        )

        delivery.refresh_from_db()
        assert f"Order {delivery.order} is already on the way." in page.text
        assert delivery.rider == rider

    def test_what_was_taken_off_meanwhile_is_not_given_on(self, aline, manager, rider, other, gas):
        delivery = assigned(manager, rider, gas)
        unassign(manager, delivery=delivery)
        assign(manager, station=gas.station, orders=[delivery.order], rider=manager)

        aline.post(f"{BOARD}{delivery.pk}/reassign/", {"rider": other.pk, "with": rider.pk})

        assert Delivery.objects.waiting().get().rider == manager

    def test_too_much_for_the_other_is_said(self, aline, manager, rider, other, gas):
        Membership.objects.filter(user=other).update(load_limit=1)
        delivery = assigned(manager, rider, {gas: 2})

        page = aline.post(
            f"{BOARD}{delivery.pk}/reassign/", {"rider": other.pk}, headers=htmx(), follow=True
        )

        assert "Jean carries 1 cylinder at most" in page.text

    def test_taken_off_the_list_it_waits_again(self, aline, manager, rider, gas, noon):
        delivery = assigned(manager, rider, gas)

        html = aline.post(f"{BOARD}{delivery.pk}/unassign/", headers=htmx(), follow=True).text

        assert delivery.order.number in part(html, "assign")
        assert "Taken off Eric’s list 12:00" in part(html, "back")

    def test_a_rider_is_sent_off_with_what_the_page_showed(self, aline, manager, rider, gas):
        shown, new = assigned(manager, rider, gas), assigned(manager, rider, gas)

        page = aline.post(
            f"{BOARD}send/",
            {"rider": rider.pk, "delivery": shown.pk},
            headers=htmx(),
            follow=True,
        )

        for delivery in (shown, new):
            delivery.refresh_from_db()
        assert "Eric is on the way with 1 order." in page.text
        assert shown.status == DeliveryStatus.ON_THE_WAY
        assert new.status == DeliveryStatus.ASSIGNED

    def test_sent_off_twice_is_told_the_same(self, aline, manager, rider, gas):
        values = {"rider": rider.pk, "delivery": assigned(manager, rider, gas).pk}
        aline.post(f"{BOARD}send/", values)

        page = aline.post(f"{BOARD}send/", values, headers=htmx(), follow=True)

        assert "Eric is on the way with 1 order." in page.text

    def test_nobody_is_sent_off_with_nothing(self, aline, rider):
        page = aline.post(f"{BOARD}send/", {"rider": rider.pk}, headers=htmx(), follow=True)

        assert "Tick what you load." in page.text

    def test_the_station_calls_a_failed_one_back(self, aline, manager, rider, gas):
        delivery = failed(manager, rider, gas)

        html = aline.get(BOARD).text
        [door] = re.findall(r'action="(/at/kimironko/runs/[^"]+/back/)"', html)
        page = aline.post(door, headers=htmx(), follow=True)

        delivery.refresh_from_db()
        assert delivery.goes_back
        assert f"Order {delivery.order} goes back to the station." in page.text
        assert "Comes back to the station." in page.text


class TestCameBack:
    def test_what_came_home_waits_with_its_story(
        self, aline, clerk, manager, rider, station, gas, buyer, noon
    ):
        delivery = failed(manager, rider, gas, buyer=buyer, goes_back=True)
        come_home(clerk, rider, station, {(gas, "full"): 1})
        answer(buyer, delivery=delivery, wish=Wish.TRY_AGAIN)

        html = aline.get(BOARD).text

        for key in ("assign", "back"):
            said = part(html, key)
            assert delivery.order.number in said
            assert "Eric brought it back 12:00: Nobody at home 12:00" in said
            assert "The buyer says: come again" in said

    def test_yesterdays_is_no_news(self, aline, manager, rider, gas, noon):
        with clock.at(noon - timedelta(days=1)):
            delivery = assigned(manager, rider, gas)
            unassign(manager, delivery=delivery)

        html = aline.get(BOARD).text

        assert delivery.order.number in part(html, "assign")
        assert "Nothing came back today" in part(html, "back")

    def test_todays_deliveries_are_counted(self, aline, manager, rider, gas, noon):
        with clock.at(noon - timedelta(days=1)):
            before = out(manager, rider, gas)
            deliver(rider, delivery=before, handed=all_of(before), override_reason="Lost")
        delivery = out(manager, rider, gas)
        deliver(rider, delivery=delivery, handed=all_of(delivery), override_reason="Lost")

        assert "1 delivered today" in part(aline.get(BOARD).text, "back")


class TestQueries:
    @pytest.mark.parametrize("who", ["clerk", "admin"])
    def test_the_board_takes_as_many_for_one_as_for_thirty(
        self, client, clerk, manager, station, who
    ):
        client.force_login(clerk if who == "clerk" else make_admin())
        gas = make_listing(station, full=200)
        self._busy(manager, station, gas, 1)
        one = cost(client, BOARD)
        self._busy(manager, station, gas, 9)

        assert cost(client, BOARD) == one <= 8

    def _busy(self, manager, station, gas, count):
        """So many of each kind, each rider with a bike of their own."""
        for n in range(count):
            rider = make_member(None, station, "rider")
            approved(manager, gas, district=("Gasabo", "Kicukiro", "Huye")[n % 3])
            for make in (assigned, out, failed):
                make(manager, rider, gas)
            unassign(manager, delivery=assigned(manager, rider, gas))


def test_the_board_asks_again_by_itself_for_what_it_shows(aline, manager, gas):
    approved(manager, gas)

    html = aline.get(f"{BOARD}?district=Gasabo").text

    assert f'id="board" hx-get="{BOARD}?district=Gasabo" hx-trigger="every 30s"' in html
    assert "data-calm" in html


def test_a_person_who_left_the_team_still_brings_what_they_have(aline, manager, rider, gas):
    delivery = out(manager, rider, gas)
    Membership.objects.filter(user=rider).delete()

    said = part(aline.get(BOARD).text, "road")

    assert delivery.order.number in said
    assert "Not of the team" in said
