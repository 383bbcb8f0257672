"""A rider is back: the count against the books, what is taken in, its paper."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from gasstock.accounts.permissions import Role
from gasstock.billing.models import Method
from gasstock.billing.services.shifts import expected, open_shift
from gasstock.delivery.models import CollectedCash, DeliveryStatus, Homecoming
from gasstock.delivery.services import homecoming as services
from gasstock.inventory.models import LocationKind
from tests.delivery.acts import at, come_home, failed, handed_over, out
from tests.factories import (
    make_member,
    make_user,
)
from tests.queries import cost

HISTORY = "/at/kimironko/homecomings/"
WHY = {"answers": "Eric Mugisha", "reason": "Fell off at the bridge"}


def url(name, *args, slug="kimironko"):
    return reverse(f"delivery:{name}", args=[slug, *args])


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def take_in(client, found, **why):
    found.refresh_from_db()
    return client.post(
        url("homecoming_post", found.pk), {"seen": found.counted_at.isoformat(), **why}
    )


class TestComparing:
    def test_what_fits_has_one_button(self, client, clerk, counted):
        client.force_login(clerk)

        text = client.get(url("homecoming", counted.pk)).text

        assert "Nothing differs." in text
        assert text.count("btn-flame") == 1
        assert "Who answers for it" not in text

    def test_what_differs_is_told_in_words(self, client, clerk, off, shift):
        client.force_login(clerk)

        text = client.get(url("homecoming", off.pk)).text

        assert "2 missing" in text
        assert "RWF\xa01,000 short" in text
        assert "1 counted, 3 expected" in text
        assert 'value="Eric Mugisha"' in text

    def test_what_is_too_many_too(self, client, manager, clerk, rider, gas):
        handed_over(manager, rider, gas)
        counted = {(gas.variant_id, "empty"): 3}
        found = services.count(clerk, station=gas.station, rider=rider, counted=counted, cash=50)
        client.force_login(clerk)

        text = client.get(url("homecoming", found.pk)).text

        assert "2 too many" in text
        assert "RWF\xa050 over" in text

    def test_the_manager_reads_what_the_missing_ones_are_worth(self, client, manager, clerk, off):
        worth = "RWF\xa060,000</span>"  # two shells
        client.force_login(manager)
        assert worth in client.get(url("homecoming", off.pk)).text
        client.force_login(clerk)
        assert worth not in client.get(url("homecoming", off.pk)).text

    def test_what_comes_back_and_what_stays_is_named(self, client, manager, clerk, rider, gas):
        back = failed(manager, rider, gas, goes_back=True)
        stays = out(manager, rider, {gas: 2})
        counted = {(gas.variant_id, "full"): 1}
        found = services.count(clerk, station=gas.station, rider=rider, counted=counted, cash=0)
        client.force_login(clerk)

        text = client.get(url("homecoming", found.pk)).text

        comes, goes_on = text.split("Stays with Eric")
        assert back.order.number in comes.split("Comes back.")[1]
        assert "(nobody at home)" in comes
        assert stays.order.number in goes_on
        assert back.order.number not in goes_on


class TestTakingIn:
    def test_what_fits(self, client, clerk, gas, counted):
        client.force_login(clerk)

        answer = take_in(client, counted)

        counted.refresh_from_db()
        assert answer["Location"] == url("homecoming", counted.pk)
        assert said(answer) == [f"{counted} is taken in."]
        assert (counted.posted_by, counted.entry) == (clerk, None)
        assert at(LocationKind.STATION, gas.variant, "empty") == 1

    def test_what_differs_with_a_name_and_a_reason(self, client, clerk, gas, off, shift):
        client.force_login(clerk)

        take_in(client, off, **WHY)

        off.refresh_from_db()
        assert (off.answers, off.reason) == tuple(WHY.values())
        assert (off.entry.shift, off.entry.amount) == (shift, 59_000)
        assert at(LocationKind.RIDER, gas.variant, "empty") == 0
        assert expected(shift) == {Method.CASH: 69_000}

    @pytest.mark.parametrize(
        ("missing", "words"),
        [("answers", "Name who answers for it."), ("reason", "Say what happened.")],
    )
    def test_not_without(self, client, clerk, gas, off, shift, missing, words):
        client.force_login(clerk)

        answer = take_in(client, off, **(WHY | {missing: " "}))

        assert answer.status_code == 422
        assert words in answer.text
        assert "2 missing" in answer.text
        off.refresh_from_db()
        assert off.posted_at is None

    def test_what_goes_back_waits_for_another_rider(self, client, manager, clerk, rider, gas):
        back = failed(manager, rider, gas, goes_back=True)
        counted = {(gas.variant_id, "full"): 1}
        found = services.count(clerk, station=gas.station, rider=rider, counted=counted, cash=0)
        client.force_login(clerk)

        take_in(client, found)

        back.refresh_from_db()
        assert back.status == DeliveryStatus.BROUGHT_BACK

    def test_sent_twice_is_once(self, client, clerk, gas, off, shift):
        client.force_login(clerk)

        for _ in range(2):
            answer = take_in(client, off, **WHY)

        assert answer["Location"] == url("homecoming", off.pk)
        assert expected(shift) == {Method.CASH: 69_000}
        assert at(LocationKind.STATION, gas.variant, "empty") == 1

    def test_cash_needs_an_open_drawer_and_the_page_leads_to_it(self, client, clerk, off):
        client.force_login(clerk)

        page = client.get(url("homecoming", off.pk))
        answer = take_in(client, off, **WHY)

        for each in (page, answer):
            assert "You have no open drawer." in each.text
            assert reverse("billing:shift_open", args=["kimironko"]) in each.text
            assert "Take it in" not in each.text
        assert answer.status_code == 422
        assert not CollectedCash.objects.exclude(homecoming=None).exists()

    def test_a_colleague_with_an_open_drawer_takes_it_in(self, client, manager, station, off):
        drawer = open_shift(manager, station=station, float_amount=0)
        client.force_login(manager)

        take_in(client, off, **WHY)

        off.refresh_from_db()
        assert (off.posted_by, off.entry.shift) == (manager, drawer)

    def test_what_the_rider_did_since_leads_to_a_new_count(
        self, client, manager, clerk, rider, gas, counted
    ):
        handed_over(manager, rider, gas)
        client.force_login(clerk)

        answer = take_in(client, counted)

        assert answer["Location"] == url("rider_count", rider.pk)
        assert "Count once more." in said(answer)[0]
        counted.refresh_from_db()
        assert counted.posted_at is None

    def test_and_the_page_of_the_count_says_so_and_offers_nothing_else(
        self, client, manager, clerk, rider, gas, counted
    ):
        handed_over(manager, rider, gas)
        client.force_login(clerk)

        text = client.get(url("homecoming", counted.pk)).text

        assert "Count once more." in text
        assert "Count again" in text
        assert "Nothing differs." not in text
        assert "Take it in" not in text

    def test_a_count_that_nobody_looked_at_is_not_taken_in(
        self, client, manager, clerk, rider, gas, off, shift
    ):
        seen = off.counted_at.isoformat()
        services.count(manager, station=gas.station, rider=rider, counted={}, cash=0)
        client.force_login(clerk)

        answer = client.post(url("homecoming_post", off.pk), {"seen": seen, **WHY})

        assert answer["Location"] == url("homecoming", off.pk)
        assert "counted again since you looked" in said(answer)[0]
        off.refresh_from_db()
        assert off.posted_at is None


class TestPaper:
    def test_says_who_counted_who_took_it_in_and_what_differed(
        self, client, manager, clerk, rider, gas, off
    ):
        drawer = open_shift(manager, station=gas.station, float_amount=0)
        services.post(manager, homecoming=off, **WHY)
        client.force_login(clerk)

        text = client.get(url("homecoming", off.pk)).text

        assert drawer.cashier == manager
        for words in (
            f"{off}, Eric Mugisha came home",
            "Aline Uwera<br>",
            "Claire Niyonsaba<br>",
            "Eric Mugisha answers for the difference:",
            "Fell off at the bridge",
            "2 missing",
            "RWF\xa01,000 short",
            "into the drawer of Claire Niyonsaba",
            str(CollectedCash.objects.get().delivery.order),
            "data-print",
        ):
            assert words in text, words
        assert "Take it in" not in text

    def test_of_a_count_that_fits_says_so(self, client, clerk, counted):
        services.post(clerk, homecoming=counted)
        client.force_login(clerk)

        text = client.get(url("homecoming", counted.pk)).text

        assert "<dd>none</dd>" in text
        assert "answers for" not in text
        assert "Counted without seeing what should be there." in text

    def test_names_the_counts_before_it(self, client, manager, clerk, rider, gas, off):
        counted = {(gas.variant_id, "empty"): 3}
        values = {"station": gas.station, "rider": rider, "counted": counted}
        again = services.count(manager, **values, cash=60_000)
        open_shift(manager, station=gas.station, float_amount=0)
        services.post(manager, homecoming=again)
        client.force_login(clerk)

        text = client.get(url("homecoming", off.pk)).text

        assert re.search(r"It was counted before that by\s+Aline Uwera", text)
        assert "Counted without seeing" not in text


class TestHistory:
    @pytest.fixture
    def counts(self, manager, clerk, rider, other, gas):
        """Eric's that fits, his that does not, Jean's that fits and waits."""
        handed_over(manager, rider, gas)
        first = come_home(clerk, rider, gas.station, {(gas, "empty"): 1})
        handed_over(manager, rider, {gas: 2})
        second = come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, **WHY)
        handed_over(manager, other, gas)
        found = {(gas.variant_id, "empty"): 1}
        third = services.count(clerk, station=gas.station, rider=other, counted=found, cash=0)
        return [first, second, third]

    def shown(self, client, query=""):
        return re.findall(r"<b>[^<]+, (HOME-\d+)</b>", client.get(f"{HISTORY}{query}").text)

    def test_newest_first(self, client, manager, counts):
        client.force_login(manager)

        assert self.shown(client) == [str(each) for each in reversed(counts)]
        text = client.get(HISTORY).text
        assert "1 missing" in text
        assert "Eric Mugisha: Fell off at the bridge" in text
        assert "Not taken in yet" in text

    def test_by_rider_and_by_difference(self, client, manager, rider, other, counts):
        first, second, third = map(str, counts)
        client.force_login(manager)

        assert self.shown(client, f"?rider={rider.pk}") == [second, first]
        assert self.shown(client, f"?rider={other.pk}") == [third]
        assert self.shown(client, "?off=on") == [second]
        assert self.shown(client, f"?rider={other.pk}&off=on") == []
        assert "No count like that" in client.get(f"{HISTORY}?rider={other.pk}&off=on").text

    def test_cash_alone_is_a_difference(self, client, manager, clerk, rider, gas, shift):
        handed_over(manager, rider, gas, cash=21_000)
        short = come_home(clerk, rider, gas.station, {(gas, "empty"): 1}, cash=20_000, **WHY)
        client.force_login(manager)

        assert self.shown(client, "?off=on") == [str(short)]
        assert "RWF\xa01,000 short" in client.get(HISTORY).text

    @pytest.mark.parametrize("query", ["?rider=x", "?rider=99999999999999999999", "?cursor=x"])
    def test_what_cannot_be_read_is_not_asked(self, client, manager, counts, query):
        client.force_login(manager)

        assert len(self.shown(client, query)) == 3

    def test_nothing_was_counted_yet(self, client, manager):
        client.force_login(manager)

        assert "No load was counted yet" in client.get(HISTORY).text

    def test_the_same_queries_for_one_and_for_thirty_and_a_page_at_a_time(
        self, client, manager, clerk, station, gas
    ):
        def one_more():
            person = make_member(make_user(), station, Role.RIDER)
            Homecoming.objects.create(
                station=station, rider=person, counted_by=clerk, cash_expected=0, cash_counted=0
            )

        client.force_login(manager)
        one_more()
        one = cost(client, HISTORY)
        for _ in range(30):
            one_more()

        assert cost(client, HISTORY) == one <= 8
        assert len(self.shown(client)) == 30
        cursor = re.search(r"cursor=(\d+)", client.get(HISTORY).text)[1]
        assert len(self.shown(client, f"?cursor={cursor}")) == 1
