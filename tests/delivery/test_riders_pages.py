"""The riders' page: who is out, whom to count, what each did; and nothing that a counter must not
see before the count."""

from datetime import timedelta

import pytest
from django.urls import reverse

from gasstock.accounts.permissions import Role
from gasstock.core import clock
from gasstock.delivery.figures import Figures, figures_of
from gasstock.delivery.riders import Rider, riders_of
from gasstock.delivery.services import homecoming
from gasstock.delivery.services.running import fail
from tests.delivery.acts import assigned, come_home, failed, handed_over, out
from tests.factories import make_admin, make_member, make_station, make_user
from tests.queries import cost

RIDERS = "/at/kimironko/riders/"
WHY = {"answers": "Eric Mugisha", "reason": "Fell off at the bridge"}


def count_url(person):
    return reverse("delivery:rider_count", args=["kimironko", person.pk])


class TestWhoMayEnter:
    def test_who_sends_riders_off(self, client, station, manager, clerk, rider, buyer):
        people = {manager: 200, clerk: 200, make_admin(): 200, rider: 403, buyer: 404}
        for person, status in people.items():
            client.force_login(person)
            assert client.get(RIDERS).status_code == status, person

    def test_not_those_of_another_station(self, client, station):
        client.force_login(make_member(None, make_station()))

        assert client.get(RIDERS).status_code == 404


class TestWhoIsOut:
    def test_each_with_what_they_have_to_do(self, manager, rider, other, gas):
        assigned(manager, rider, gas)
        for _ in range(2):
            out(manager, rider, gas)
        failed(manager, rider, gas)
        failed(manager, rider, gas, goes_back=True)

        assert riders_of(gas.station) == [
            Rider(rider, assigned=1, on_the_way=2, failed=1, going_back=1, has_load=True),
            Rider(other),
        ]

    def test_a_count_that_waits_comes_first(self, manager, clerk, rider, other, gas):
        out(manager, other, gas)
        handed_over(manager, rider, gas)
        found = {(gas.variant_id, "empty"): 1}
        waits = homecoming.count(clerk, station=gas.station, rider=rider, counted=found, cash=0)

        assert [(each.person, each.count) for each in riders_of(gas.station)] == [
            (rider, waits.pk),
            (other, None),
        ]

    def test_who_left_the_team_stands_there_as_long_as_they_carry_something(
        self, manager, clerk, rider, gas, membership
    ):
        handed_over(manager, rider, gas)
        membership.delete()

        assert [each.person for each in riders_of(gas.station)] == [rider]
        come_home(clerk, rider, gas.station, {(gas, "empty"): 1})
        assert riders_of(gas.station) == []

    def test_a_clerk_who_brings_gas_stands_there_too(self, manager, clerk, gas):
        out(manager, clerk, gas)

        assert [each.person for each in riders_of(gas.station)] == [clerk]

    def test_other_stations_have_their_own(self, manager, rider, gas):
        out(manager, rider, gas)

        assert riders_of(make_station()) == []

    def test_the_page_leads_to_the_count_of_everybody_else(
        self, client, manager, clerk, rider, gas
    ):
        out(manager, clerk, gas)
        out(manager, rider, gas)
        client.force_login(clerk)

        page = client.get(RIDERS).text

        assert count_url(rider) in page
        assert "Count Eric’s load" in page
        assert count_url(clerk) not in page
        assert "Somebody else has to count what you bring back." in page

    def test_a_counted_one_leads_to_its_count(self, client, manager, clerk, rider, gas):
        handed_over(manager, rider, gas)
        waits = homecoming.count(clerk, station=gas.station, rider=rider, counted={}, cash=0)
        client.force_login(manager)

        page = client.get(RIDERS).text

        assert reverse("delivery:homecoming", args=["kimironko", waits.pk]) in page
        assert count_url(rider) not in page

    def test_without_riders_the_manager_is_led_to_the_team(self, client, manager):
        client.force_login(manager)

        page = client.get(RIDERS).text

        assert "Nobody rides for you yet" in page
        assert reverse("people:team", args=["kimironko"]) in page


class TestBlind:
    @pytest.mark.parametrize("query", ["", "?days=30"])
    def test_no_page_of_riders_tells_what_is_on_the_bike_or_in_the_pocket(
        self, client, manager, rider, gas, query
    ):
        handed_over(manager, rider, {gas: 7}, cash=123_456)
        client.force_login(manager)

        page = client.get(f"{RIDERS}{query}").text

        assert "123,456" not in page
        assert "7 ×" not in page
        assert gas.variant.name not in page

    def test_cash_is_told_once_it_is_counted(self, client, manager, clerk, rider, gas, shift):
        handed_over(manager, rider, gas, cash=21_000)
        come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, cash=21_000)
        handed_over(manager, rider, gas, cash=444)
        client.force_login(manager)

        page = client.get(RIDERS).text

        assert "21,000" in page
        assert "21,444" not in page


class TestFigures:
    @pytest.fixture
    def today(self):
        return {"since": clock.now() - timedelta(hours=1), "until": clock.now() + timedelta(1)}

    def test_tell_what_counts_were_off_by(self, manager, clerk, rider, gas, shift, today):
        handed_over(manager, rider, {gas: 3}, cash=60_000)
        found = {(gas, "empty"): 1, (gas, "defect"): 1}
        come_home(clerk, rider, gas.station, found, cash=59_000, **WHY)
        handed_over(manager, rider, gas, cash=500)
        come_home(clerk, rider, gas.station, {(gas, "empty"): 2}, cash=700, **WHY)

        [figures] = figures_of(gas.station, **today)

        assert (figures.missing, figures.found) == (2, 2)
        assert (figures.short, figures.over) == (1_000, 200)
        assert figures.cash == 60_500

    def test_leave_out_what_is_counted_but_not_taken_in(self, manager, clerk, rider, gas, today):
        handed_over(manager, rider, {gas: 3}, cash=60_000)
        homecoming.count(clerk, station=gas.station, rider=rider, counted={}, cash=0)

        assert figures_of(gas.station, **today) == [Figures(rider, delivered=1, on_time=1)]

    def test_stand_on_the_managers_page_and_lead_to_the_counts(
        self, client, manager, clerk, rider, gas
    ):
        handed_over(manager, rider, {gas: 3})
        fail(rider, delivery=out(manager, rider, gas), failure="absent")
        come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, **WHY)
        client.force_login(manager)

        page = client.get(RIDERS).text

        assert "2 missing" in page
        assert f"/homecomings/?rider={rider.pk}&amp;off=on" in page
        assert "100 %" in page

    def test_are_not_for_clerks(self, client, manager, clerk, rider, gas):
        handed_over(manager, rider, gas)
        client.force_login(clerk)

        page = client.get(RIDERS).text

        assert "What they did" not in page

    @pytest.mark.parametrize(
        ("query", "is_there"),
        [
            ("", False),
            ("days=1", False),
            ("days=7", True),
            ("days=9", False),
            ("first={day}&last={day}", True),
            ("first={day}", True),
            ("last={day}", True),
            ("last={before}", False),
        ],
    )
    def test_are_of_the_days_that_are_asked_for(self, client, manager, rider, gas, query, is_there):
        now = clock.now()
        with clock.at(now - timedelta(days=3)):
            handed_over(manager, rider, gas)
        day = clock.today() - timedelta(days=3)
        client.force_login(manager)

        query = query.format(day=day, before=day - timedelta(days=1))
        answer = client.get(f"{RIDERS}?{query}", headers={"HX-Target": "figures"})

        shown = 'data-l="Delivered">1<' in answer.text
        assert shown is (is_there and answer.status_code == 200)

    @pytest.mark.parametrize(
        ("query", "says"),
        [
            ("first=2026-11-05&last=2026-11-01", "This day is before the first one."),
            ("first=yesterday", "Enter a valid date."),
            ("last=9999-12-31", "Choose a day from 2000 to 2100."),
        ],
    )
    def test_days_that_cannot_be_are_refused_beside_the_field(
        self, client, manager, rider, query, says
    ):
        client.force_login(manager)

        answer = client.get(f"{RIDERS}?{query}")

        assert answer.status_code == 422
        assert says in answer.text


def test_the_same_queries_for_one_rider_and_for_many(client, manager, clerk, station, gas):
    def ride():
        person = make_member(make_user(), station, Role.RIDER)
        handed_over(manager, person, gas, cash=100)
        failed(manager, person, gas)

    client.force_login(manager)
    ride()
    one = cost(client, RIDERS)
    for _ in range(5):
        ride()

    assert cost(client, RIDERS) == one <= 8
