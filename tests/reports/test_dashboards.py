"""The first page of everybody's day: who sees what, and what it costs."""

import re
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Role
from gasstock.billing.models import Invoice, InvoiceStatus, Method
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import count_shift, open_shift
from gasstock.core import clock
from gasstock.inventory.services import alerts
from gasstock.orders.models import LineKind, OrderStatus
from gasstock.orders.services.counter import SaleLine
from gasstock.reports.cards import pace_of
from tests.delivery.acts import assigned, failed, out
from tests.doors import World
from tests.factories import (
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
    make_variant,
)
from tests.orders.acts import delivered
from tests.queries import cost
from tests.reports.days import MINE, PLATFORM, TODAY, card, shown

NOON = timezone.make_aware(datetime(2026, 11, 18, 12, 30))


def cards_on(client, page=TODAY):
    return re.findall(r'id="card-(\w+)" data-card', client.get(page).text)


class TestWhoSeesWhat:
    def test_each_role_has_its_cards(self, client, request, station):
        common = ["yard", "low", "road", "ratings"]
        has = {
            "manager": ["needs", "sales", "yard", "low", "hours", "road", "owed", "ratings"],
            "clerk": ["needs", "drawer", *common],
            "rider": ["next", "bike", "stops", "done"],
        }
        for who, cards in has.items():
            client.force_login(request.getfixturevalue(who))
            assert cards_on(client) == cards, who

    def test_another_stations_day_is_not_there(self, client, buyer, station):
        stranger = make_member(make_user(), make_station("remera"), Role.MANAGER)

        for who in (buyer, stranger):
            client.force_login(who)
            assert client.get(TODAY).status_code == 404
            assert client.get(TODAY, headers=card("needs")).status_code == 404

    def test_the_platforms_day_is_for_admins(self, client, manager, admin):
        client.force_login(manager)
        assert client.get(PLATFORM).status_code == 404
        client.force_login(admin)
        assert client.get(PLATFORM).status_code == 200

    def test_a_clerk_gets_no_figures_by_asking_for_their_card(self, client, clerk, refill):
        refill("one")
        client.force_login(clerk)

        assert "20,000" not in client.get(TODAY, headers=card("sales")).text
        assert "20,000" not in client.get(f"{TODAY}?all=1").text

    def test_no_page_says_what_should_be_in_an_open_drawer(self, client, manager, clerk, refill):
        """70,000 are in it: the float and one sale. Sold in all is told, to managers."""
        refill("one")
        for who in (manager, clerk):
            client.force_login(who)
            page = client.get(f"{TODAY}?all=1").text
            assert "70,000" not in page
            assert "50,000" not in page


class TestTheShell:
    def test_it_answers_without_reading_any_card(self, client, manager, gas):
        for _ in range(3):
            make_order(gas)
        client.force_login(manager)

        assert cost(client, TODAY) <= 4
        assert "gs-skel" in client.get(TODAY).text

    def test_whoever_has_no_javascript_is_led_to_the_whole_page(self, client, manager):
        client.force_login(manager)

        assert '<noscript><meta http-equiv="refresh" content="0;url=?all=1">' in (
            client.get(TODAY).text
        )
        whole = client.get(f"{TODAY}?all=1").text
        assert "gs-skel" not in whole
        assert "noscript" not in whole

    def test_a_card_comes_alone(self, client, manager):
        client.force_login(manager)

        answer = client.get(TODAY, headers=card("road"))

        assert answer.text.strip().startswith('<div class="gs-c5')
        assert "HX-Target" in answer["Vary"]
        assert "<html" not in answer.text

    def test_going_back_brings_the_whole_shell(self, client, manager):
        client.force_login(manager)
        headers = card("road") | {"HX-History-Restore-Request": "true"}

        assert "<html" in client.get(TODAY, headers=headers).text

    @pytest.mark.parametrize("page", [TODAY, MINE, PLATFORM])
    def test_an_empty_day_says_what_to_do(self, client, request, station, page):
        who = {TODAY: "manager", MINE: "buyer", PLATFORM: "admin"}[page]
        client.force_login(request.getfixturevalue(who))
        words = {
            TODAY: ["Nothing waits for you", "Open one with its float", "Add a listing"],
            MINE: ["Nothing is on its way", "Order gas"],
            PLATFORM: ["Nothing waits for you", "No station has sold anything"],
        }

        html = client.get(f"{page}?all=1").text

        for each in words[page]:
            assert each in html


class TestWhatNeedsSomebody:
    def test_an_order_is_accepted_in_place(self, client, clerk, gas):
        order = make_order(gas)
        client.force_login(clerk)
        assert f"Order {order.number}" in shown(client, "needs")

        url = f"/at/kimironko/orders/{order.number}/approve/"
        answer = client.post(url, headers=card("needs"), follow=True)

        order.refresh_from_db()
        assert order.status == OrderStatus.APPROVED
        assert answer.text.strip().startswith('<div class="gs-c7')
        assert "Nobody brings it yet" in answer.text
        assert "is approved" in answer.text

    def test_nobody_is_asked_for_what_they_may_not_do(self, client, clerk, station, gas):
        station.approval_limit = 0
        station.save()
        make_order(gas)
        own = make_order(make_listing(station), buyer=clerk)
        client.force_login(clerk)

        assert "Nothing waits for you" in shown(client, "needs")
        assert own.number not in shown(client, "needs")

    def test_the_rest_of_many_stands_in_one_row(self, client, manager, gas):
        for _ in range(7):
            make_order(gas)
        client.force_login(manager)

        text = shown(client, "needs")

        assert text.count("Accept") == 3
        assert "4 other orders to accept" in text
        assert text.startswith("Needs you 7")

    def test_what_could_not_be_delivered_and_what_is_late(self, client, manager, rider, gas):
        missed = failed(manager, rider, gas)
        trip = out(manager, rider, gas)
        trip.order.promised_until = clock.now() - timedelta(minutes=25)
        trip.order.save()
        client.force_login(manager)

        text = shown(client, "needs")

        assert "Not delivered: nobody at home" in text
        assert missed.order.number in text
        assert "Late by 25 min" in text
        assert f"Call {rider.first_name}" in text

    def test_what_is_assigned_waits_for_its_rider(self, client, manager, rider, gas):
        assigned(manager, rider, gas)
        client.force_login(manager)

        assert "Nothing waits for you" in shown(client, "needs")
        assert "leaves soon" in shown(client, "road")

    def test_nobody_is_asked_to_accept_their_own_drawer(self, client, manager, clerk, station):
        for who in (manager, clerk):
            shift = open_shift(who, station=station, float_amount=0)
            count_shift(who, shift=shift, notes={}, wallets={})
        client.force_login(manager)

        text = shown(client, "needs")

        assert f"The drawer of {clerk} is counted" in text
        assert f"The drawer of {manager} is counted" not in text

    def test_a_world_where_all_has_happened(self, client, db):
        world = World()
        page = f"/at/{world.station.slug}/today/"
        client.force_login(world.manager)

        text = shown(client, "needs", page)

        for words in (
            "Accept",
            "Choose a rider",
            "to be picked up",
            f"Take in what {world.rider} brought back",
            f"{world.clerk} is counted",
            "1 thing runs low",
        ):
            assert words in text

    def test_overdue_bills_oldest_first(self, client, manager, gas):
        orders = [delivered(make_order(gas), manager) for _ in range(2)]
        for days, order in enumerate(orders, start=1):
            Invoice.objects.filter(pk=order.invoice_id).update(
                status=InvoiceStatus.APPROVED,
                number=f"KGP-INV-2026-0000{days}",
                due_on=clock.today() - timedelta(days=days),
            )
        client.force_login(manager)

        text = shown(client, "needs")

        assert text.index("KGP-INV-2026-00002") < text.index("KGP-INV-2026-00001")
        owed = shown(client, "owed")
        assert "on 2 invoices" in owed
        assert "of it overdue" in owed


class TestTheDaysPace:
    def test_today_is_compared_with_the_same_time_of_other_days(
        self, client, manager, clerk, station, gas, ring_up
    ):
        def sell(key, moment):
            with clock.at(moment):
                pay = [Tender(Method.CASH, 20_000)]
                ring_up(SaleLine(gas, LineKind.EXCHANGE, 1), pay=pay, key=key)

        for n, hours in enumerate((-26, -24, -20)):
            sell(f"yesterday-{n}", NOON + timedelta(hours=hours))
        sell("a-week-ago", NOON - timedelta(days=7, hours=2))
        for n in range(3):
            sell(f"today-{n}", NOON - timedelta(hours=n))

        station.refresh_from_db()
        with clock.at(NOON):
            pace = pace_of(station)
            yesterday, week = pace.others

            assert (pace.today.goods, pace.today.refills, pace.today.grams) == (60_000, 3, 36_000)
            assert (yesterday.by_now, yesterday.in_all, yesterday.difference) == (
                40_000,
                60_000,
                20_000,
            )
            assert (week.by_now, week.in_all) == (20_000, 20_000)
            grams = {bar.hour: (bar.grams, bar.usual) for bar in pace.bars}
            assert grams[12] == (12_000, 0)
            assert grams[10] == (12_000, 12_000)
            client.force_login(manager)
            text = shown(client, "sales")
            assert "RWF 60,000" in text
            assert "RWF 20,000 ahead" in text
            assert "12 kg" in shown(client, "hours")

    def test_deposits_and_fees_are_not_sales(self, station, manager, gas):
        delivered(make_order(gas, kind=LineKind.NEW), manager)
        station.refresh_from_db()

        assert pace_of(station).today.goods == 22_000
        assert pace_of().today.goods == 22_000
        assert pace_of(Station.objects.get(pk=make_station().pk)).today.goods == 0


class TestTheRoad:
    def test_it_tells_who_is_where_and_not_what_they_carry(self, client, manager, rider, gas):
        trip = out(manager, rider, gas)
        client.force_login(manager)

        text = shown(client, "road")

        assert f"{rider.first_name} to {trip.order.address}" in text
        assert "0 of 1 delivered" in text
        assert "RWF" not in text


class TestLowStock:
    def test_what_runs_low_stands_with_a_ready_amount(self, client, manager, clerk, station):
        low = make_listing(station, make_variant("SP 6 kg"), full=1, reorder_level=5)
        alerts.check_levels(station)
        client.force_login(manager)

        html = client.get(TODAY, headers=card("low")).text

        assert "SP 6 kg" in html
        assert f'action="{reverse("purchasing:draft_for", args=["kimironko", low.pk])}"' in html
        assert "Order 4" in html
        client.force_login(clerk)
        assert "<form" not in client.get(TODAY, headers=card("low")).text
