"""The rider's phone: the list of stops, leaving, and what could not be handed over."""

import re
from datetime import timedelta

from django.urls import reverse

from gasstock.core import clock
from gasstock.delivery.models import Attempt, Delivery, DeliveryStatus, Photo, Wish
from gasstock.delivery.services import running
from gasstock.delivery.services.assigning import assign, unassign
from gasstock.orders.models import Order
from tests.delivery.acts import all_of, assigned, failed, out
from tests.delivery.riding import DEPART, RUNS, hand_over, text_of, typed, url_of
from tests.factories import make_listing, make_member, make_order, make_station
from tests.queries import cost


class TestTheList:
    def test_it_says_what_to_load_all_of_it_ticked(self, eric, manager, rider, gas):
        delivery = assigned(manager, rider, {gas: 2}, address="KG 11 Ave 24")

        html = eric.get(RUNS).text

        assert re.search(rf'name="delivery" value="{delivery.pk}" [^>]*checked', html)
        assert "KG 11 Ave 24, Gasabo" in html
        assert "Load and go" in html
        assert "I am here" not in html

    def test_the_next_stop_is_big_with_call_and_map_and_the_rest_follow(
        self, eric, manager, rider, gas
    ):
        first = out(manager, rider, gas, address="KG 7 Ave/12 & 14")
        second = out(manager, rider, gas)

        html = eric.get(RUNS).text
        following = html.split('id="h-later"')[1]

        assert html.count("I am here") == 1
        assert f'href="tel:{first.order.phone}"' in html
        assert "geo:0,0?q=KG%207%20Ave%2F12%20%26%2014%2C%20Gasabo" in html
        assert url_of(second) in following
        assert url_of(first) not in following

    def test_the_bike_is_drawn_and_counted_with_the_cash(self, eric, manager, rider, gas):
        running.deliver(
            rider,
            delivery=(first := out(manager, rider, {gas: 2})),
            handed=all_of(first),
            override_reason="Phone is off",
            cash=41_000,
        )
        out(manager, rider, {gas: 3})

        html = eric.get(RUNS).text
        rack = html.split('class="gs-rack"')[1].split("</div>")[0]

        assert (rack.count("shell-blue"), rack.count("cyl--empty")) == (3, 2)
        assert "3 full 2 empty 41,000 RWF in cash" in text_of(html)

    def test_a_late_one_says_so_in_words(self, eric, manager, rider, gas):
        late, early = out(manager, rider, gas), out(manager, rider, gas)
        past = clock.now() - timedelta(minutes=5)
        Order.objects.filter(pk=late.order_id).update(promised_until=past)
        Order.objects.filter(pk=early.order_id).update(promised_until=None)

        assert eric.get(RUNS).text.count("Late, promised") == 1

    def test_failed_ones_are_tried_again_or_brought_back(self, eric, manager, rider, gas, buyer):
        delivery = failed(manager, rider, gas)
        Delivery.objects.filter(pk=delivery.pk).update(wish=Wish.TRY_AGAIN)

        html = eric.get(RUNS).text

        assert "Nobody at home" in html
        assert "Buyer: come again" in html
        assert url_of(delivery, "run_again") in html
        assert url_of(delivery, "run_back") in html

    def test_what_failed_the_day_before_does_not_look_like_today(self, eric, manager, rider, gas):
        with clock.at(clock.now() - timedelta(days=1)):
            failed(manager, rider, gas)

        html = eric.get(RUNS).text

        assert "Nobody at home, yesterday" in html

    def test_what_is_done_today_stands_at_the_end_with_its_time(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)
        hand_over(eric, delivery)

        html = eric.get(RUNS).text
        with clock.at(clock.now() + timedelta(days=1)):
            tomorrow = eric.get(RUNS).text

        assert re.search(r"Delivered \d\d:\d\d", html.split('id="h-done"')[1])
        assert "1 delivered today" in html
        assert "No stop left" in html
        assert 'id="h-done"' not in tomorrow

    def test_an_empty_list_says_so(self, eric):
        assert "No runs for you now" in eric.get(RUNS).text

    def test_it_refreshes_itself(self, eric):
        part = eric.get(RUNS, headers={"HX-Request": "true", "HX-Target": "runs"}).text

        assert part.strip().startswith('<div class="gs-stack" id="runs"')
        assert 'hx-trigger="every 30s"' in part

    def test_there_is_one_flame_button(self, eric, manager, rider, gas):
        assigned(manager, rider, gas)
        waiting = eric.get(RUNS).text
        out(manager, rider, gas)

        assert waiting.count("btn-flame") == eric.get(RUNS).text.count("btn-flame") == 1

    def test_others_runs_are_not_there(self, eric, manager, other, gas):
        colleagues = out(manager, other, gas)

        assert colleagues.order.number not in eric.get(RUNS).text

    def test_the_same_queries_for_few_and_for_many(self, eric, manager, rider, station, membership):
        membership.load_limit = 200
        membership.save()
        gas = make_listing(station, full=60)
        for make in (assigned, out, failed):
            make(manager, rider, gas)
        few = cost(eric, RUNS)
        for make in (assigned, out, failed):
            for _ in range(10):
                make(manager, rider, gas)

        assert cost(eric, RUNS) == few <= 8


class TestLeaving:
    def test_what_is_ticked_leaves(self, eric, manager, rider, gas):
        stays, leaves = assigned(manager, rider, gas), assigned(manager, rider, gas)

        answer = eric.post(DEPART, {"delivery": [leaves.pk]}, follow=True)
        stays.refresh_from_db()
        leaves.refresh_from_db()

        assert (stays.status, leaves.status) == ("assigned", "on_the_way")
        assert "You are on the way." in answer.text

    def test_sent_twice_it_leaves_once(self, eric, manager, rider, gas):
        delivery = assigned(manager, rider, gas)
        eric.post(DEPART, {"delivery": [delivery.pk]})

        again = eric.post(DEPART, {"delivery": [delivery.pk]}, follow=True)

        assert "You are on the way." in again.text
        assert delivery.order.events.filter(kind="dispatched").count() == 1

    def test_without_a_tick_nothing_leaves(self, eric, manager, rider, gas):
        delivery = assigned(manager, rider, gas)

        answer = eric.post(DEPART, headers={"Referer": f"http://testserver{RUNS}"}, follow=True)
        delivery.refresh_from_db()

        assert "Tick what you load." in answer.text
        assert delivery.status == DeliveryStatus.ASSIGNED

    def test_a_list_that_changed_meanwhile_is_looked_at_again(
        self, eric, manager, rider, other, gas, station
    ):
        mine, moved = assigned(manager, rider, gas), assigned(manager, rider, gas)
        assign(manager, station=station, orders=[moved.order], rider=other)

        answer = eric.post(
            DEPART,
            {"delivery": [mine.pk, moved.pk]},
            headers={"Referer": f"http://testserver{RUNS}"},
            follow=True,
        )
        mine.refresh_from_db()

        assert "Your list has changed." in answer.text
        assert mine.status == DeliveryStatus.ASSIGNED

    def test_what_was_taken_off_the_list_does_not_leave(self, eric, manager, rider, gas):
        delivery = assigned(manager, rider, gas)
        unassign(manager, delivery=delivery)

        answer = eric.post(
            DEPART,
            {"delivery": [delivery.pk]},
            headers={"Referer": f"http://testserver{RUNS}"},
            follow=True,
        )

        assert "is already called off" in answer.text

    def test_one_may_look_at_it_before_and_leave_from_there(self, eric, manager, rider, gas):
        delivery = assigned(manager, rider, {gas: 2})

        html = eric.get(url_of(delivery)).text

        assert "Load and go" in html
        assert 'name="code"' not in html


class TestTheOrderOfStops:
    def places(self, eric):
        return re.findall(r'<b>(\w+), Gasabo</b>|id="h-next">(\w+), Gasabo', eric.get(RUNS).text)

    def test_up_and_down_change_places(self, eric, manager, rider, gas):
        a, _b, c = (out(manager, rider, gas, address=x) for x in "ABC")

        eric.post(url_of(c, "run_move"), {"way": "up"})
        eric.post(url_of(a, "run_move"), {"way": "down"})

        assert self.places(eric) == [("", "C"), ("A", ""), ("B", "")]

    def test_at_the_ends_nothing_happens(self, eric, manager, rider, gas):
        a, b = (out(manager, rider, gas, address=x) for x in "AB")

        eric.post(url_of(a, "run_move"), {"way": "up"})
        eric.post(url_of(b, "run_move"), {"way": "down"})

        assert self.places(eric) == [("", "A"), ("B", "")]

    def test_what_is_over_does_not_move(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)
        hand_over(eric, delivery)

        assert eric.post(url_of(delivery, "run_move"), {"way": "up"}).status_code == 302


class TestNotDelivered:
    def test_the_reason_is_kept_and_the_gas_waits(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)

        answer = eric.post(
            url_of(delivery, "run_failed"),
            {"failure": "absent", "note": "Dark", "then": "again"},
            follow=True,
        )
        delivery.refresh_from_db()

        assert answer.redirect_chain == [(RUNS, 302)]
        assert (delivery.status, delivery.goes_back) == ("failed", False)
        assert delivery.attempts.get().note == "Dark"

    def test_sent_twice_it_is_one_attempt(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)
        for _ in range(2):
            eric.post(url_of(delivery, "run_failed"), {"failure": "unsafe", "then": "back"})

        assert Attempt.objects.count() == 1

    def test_it_may_go_back_at_once(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)

        eric.post(url_of(delivery, "run_failed"), {"failure": "refused", "then": "back"})
        delivery.refresh_from_db()

        assert delivery.goes_back

    def test_a_reason_is_needed_and_the_note_is_kept(self, eric, manager, rider, gas):
        delivery = out(manager, rider, gas)

        bad = eric.post(url_of(delivery, "run_failed"), {"note": "Dark gate", "then": "back"})

        assert bad.status_code == 422
        assert "Say what happened." in bad.text
        assert "Dark gate</textarea>" in bad.text
        assert re.search(r'value="back" checked', bad.text)

    def test_again_and_back(self, eric, manager, rider, gas):
        delivery = failed(manager, rider, gas)

        eric.post(url_of(delivery, "run_again"))
        delivery.refresh_from_db()
        tried = delivery.status
        running.fail(rider, delivery=delivery, failure="absent")
        eric.post(url_of(delivery, "run_back"))
        delivery.refresh_from_db()

        assert (tried, delivery.status, delivery.goes_back) == ("on_the_way", "failed", True)

    def test_what_is_no_longer_on_the_way_leads_back(self, eric, manager, rider, gas):
        delivery = failed(manager, rider, gas)

        assert eric.get(url_of(delivery, "run_failed"))["Location"] == url_of(delivery)


PAGES = ["run", "run_failed", "run_back", "run_again", "run_move"]


class TestWhoGetsIn:
    def doors(self, delivery):
        photo = Photo.objects.create(delivery=delivery, image=b"RIFF", rider=delivery.rider)
        number = delivery.order.number
        yield reverse("delivery:photo", args=[delivery.station.slug, number, photo.pk])
        for page in PAGES:
            yield url_of(delivery, page)

    def test_another_riders_delivery_is_not_there_by_any_door(self, eric, manager, other, gas):
        delivery = out(manager, other, gas)

        for url in self.doors(delivery):
            assert eric.get(url).status_code in (404, 405)
            if "photo" not in url:
                assert eric.post(url, typed(delivery)).status_code == 404
        assert eric.post(DEPART, {"delivery": [delivery.pk]}).status_code == 404

    def test_nor_is_another_stations(self, client, gas, manager, rider):
        delivery = out(manager, rider, gas)
        elsewhere = make_station("remera")
        client.force_login(make_member(None, elsewhere))

        for url in self.doors(delivery):
            for way in (url, url.replace("kimironko", "remera")):
                assert client.get(way).status_code in (404, 405)
                if "photo" not in way:
                    assert client.post(way, typed(delivery)).status_code == 404

    def test_a_rider_who_lost_it_to_a_colleague_does_not_see_it(
        self, eric, manager, rider, other, gas, station
    ):
        delivery = assigned(manager, rider, gas)
        assign(manager, station=station, orders=[delivery.order], rider=other)

        assert eric.get(url_of(delivery)).status_code == 404

    def test_buyers_see_no_photo(self, client, manager, rider, gas, buyer):
        order = make_order(gas, buyer=buyer)
        delivery = out(manager, rider, gas)
        client.force_login(order.buyer)

        for url in self.doors(delivery):
            assert client.get(url).status_code in (404, 405)
