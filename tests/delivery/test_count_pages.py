"""Counting a load without seeing what it should be."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from gasstock.core.money import notes_of
from gasstock.delivery.models import Homecoming
from gasstock.delivery.services import homecoming as services
from tests.delivery.acts import failed, handed_over, out
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_station,
    make_variant,
)
from tests.queries import cost

HISTORY = "/at/kimironko/homecomings/"


def url(name, *args, slug="kimironko"):
    return reverse(f"delivery:{name}", args=[slug, *args])


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def figure(listing, condition):
    return f"n{listing.variant_id}-{condition}"


def lines_of(found):
    return {x.condition: (x.expected, x.counted) for x in found.lines.all()}


def take_in(client, found, **why):
    found.refresh_from_db()
    return client.post(
        url("homecoming_post", found.pk), {"seen": found.counted_at.isoformat(), **why}
    )


class TestWhoMayEnter:
    def test_who_sends_riders_off_counts_them(
        self, client, manager, clerk, rider, other, buyer, counted
    ):
        pages = [url("rider_count", rider.pk), HISTORY, url("homecoming", counted.pk)]
        people = {manager: 200, clerk: 200, make_admin(): 200, rider: 403, other: 403, buyer: 404}
        for person, status in people.items():
            client.force_login(person)
            assert [client.get(page).status_code for page in pages] == [status] * 3, person
            if status != 200:
                assert take_in(client, counted).status_code == status

    def test_nothing_of_another_station_is_there(self, client, rider, counted):
        elsewhere = make_station()
        client.force_login(make_member(None, elsewhere))

        for slug in ("kimironko", elsewhere.slug):
            for name, pk in (("rider_count", rider.pk), ("homecoming", counted.pk)):
                assert client.get(url(name, pk, slug=slug)).status_code == 404
            posted = client.post(url("homecoming_post", counted.pk, slug=slug))
            assert posted.status_code == 404
            assert client.post(url("rider_count", rider.pk, slug=slug)).status_code == 404

    def test_who_never_rode_for_the_station_is_not_there(self, client, clerk, buyer):
        client.force_login(clerk)

        assert client.get(url("rider_count", buyer.pk)).status_code == 404

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_nobody_counts_their_own_load(self, client, manager, clerk, gas, method):
        handed_over(manager, clerk, gas)
        client.force_login(clerk)

        answer = getattr(client, method)(url("rider_count", clerk.pk), {"cash": "0"})

        assert answer["Location"] == url("riders")
        assert said(answer) == ["Somebody else has to count what you bring back."]
        assert not Homecoming.objects.exists()

    def test_nobody_takes_in_their_own_load(self, client, manager, clerk, gas):
        handed_over(manager, clerk, gas)
        found = {(gas.variant_id, "empty"): 1}
        own = services.count(manager, station=gas.station, rider=clerk, counted=found, cash=0)
        client.force_login(clerk)

        page = client.get(url("homecoming", own.pk)).text
        take_in(client, own)

        assert "Somebody else has to take in what you bring back." in page
        assert "Take it in" not in page
        own.refresh_from_db()
        assert own.posted_at is None


class TestCounting:
    @pytest.fixture
    def page(self, rider):
        return url("rider_count", rider.pk)

    def test_the_page_is_the_same_whatever_the_rider_has(
        self, client, manager, clerk, rider, gas, page
    ):
        client.force_login(clerk)
        before = form_of(client.get(page).text)

        handed_over(manager, rider, {gas: 7}, cash=123_456)
        failed(manager, rider, gas, goes_back=True)

        assert form_of(client.get(page).text) == before
        assert "123,456" not in client.get(page).text

    def test_after_a_first_count_it_still_tells_nothing(self, client, clerk, rider, off, page):
        client.force_login(clerk)

        text = client.get(page).text

        assert "60,000" not in text
        assert "59,000" not in text
        values = re.findall(r'<input[^>]*name="(?:n\d|cash|note)[^>]*>', text)
        assert values
        assert not [value for value in values if "value=" in value]

    def test_it_names_what_goes_on_to_buyers(self, client, manager, clerk, rider, gas, page):
        stays = out(manager, rider, {gas: 2})
        back = failed(manager, rider, gas, goes_back=True)
        client.force_login(clerk)

        text = client.get(page).text

        assert "Leave this on the bike" in text
        assert stays.order.number in text
        assert back.order.number not in text

    def test_saves_what_is_there(self, client, manager, clerk, rider, gas, page):
        hose = make_listing(gas.station, make_variant(size_g=None), new_price=None)
        handed_over(manager, rider, {gas: 3}, cash=60_000)
        client.force_login(clerk)

        data = {
            figure(gas, "full"): "1",
            figure(gas, "empty"): "2",
            figure(gas, "defect"): "",
            figure(hose, "full"): "1",
            "cash": "59,000",
        }
        answer = client.post(page, data)

        found = Homecoming.objects.get()
        assert answer["Location"] == url("homecoming", found.pk)
        assert (found.counted_by, found.cash_counted) == (clerk, 59_000)
        assert {(x.variant_id, x.condition): x.counted for x in found.lines.all()} == {
            (gas.variant_id, "full"): 1,
            (gas.variant_id, "empty"): 2,
            (hose.variant_id, "full"): 1,
        }

    def test_cash_is_counted_note_by_note_too(self, client, manager, clerk, rider, gas, page):
        handed_over(manager, rider, gas, cash=21_000)
        client.force_login(clerk)

        client.post(page, {"cash": "", "note_5000": "4", "note_1000": "1"})

        assert Homecoming.objects.get().cash_counted == 21_000

    def test_counted_again_the_last_count_stands(self, client, manager, rider, gas, off, page):
        client.force_login(manager)

        client.post(page, {figure(gas, "empty"): "3", "cash": "60,000"})

        found = Homecoming.objects.get()
        assert (found.pk, found.counted_by) == (off.pk, manager)
        assert lines_of(found) == {"empty": (3, 3)}
        text = client.get(url("homecoming", found.pk)).text
        assert "Nothing differs." in text
        assert re.search(r"before that by\s+Aline Uwera", text)

    @pytest.mark.parametrize(
        ("data", "says"),
        [
            ({"cash": ""}, "Type how much cash there is; 0 if there is none."),
            ({"cash": "lots"}, "Write the amount in figures"),
            ({"cash": "-5"}, "At least"),
            ({"cash": "20,000", "note_5000": "1"}, "The notes below make RWF"),
            ({"cash": "", "note_5000": "many"}, "A number from 0 to 9999."),
            ({"cash": "0", "gas-full": "-1"}, "A number from 0 to 999."),
            ({"cash": "0", "gas-empty": "1000"}, "A number from 0 to 999."),
            ({"cash": "0", "gas-defect": "two"}, "A number from 0 to 999."),
        ],
    )
    def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_lost(
        self, client, manager, clerk, rider, gas, page, data, says
    ):
        handed_over(manager, rider, gas)
        client.force_login(clerk)
        sent = {name.replace("gas-", f"n{gas.variant_id}-"): value for name, value in data.items()}

        answer = client.post(page, {figure(gas, "empty"): "8"} | sent)

        assert answer.status_code == 422
        assert says in answer.text
        if figure(gas, "empty") not in sent:
            assert 'value="8"' in answer.text
        assert not Homecoming.objects.exists()

    def test_the_same_sum_in_notes_and_in_one_is_no_trouble(
        self, client, manager, clerk, rider, gas, page
    ):
        handed_over(manager, rider, gas, cash=500)
        client.force_login(clerk)

        client.post(page, {"cash": "500", f"note_{notes_of()[3]}": "1"})

        assert Homecoming.objects.get().cash_counted == 500

    def test_who_carried_nothing_and_brings_nothing(self, client, clerk, rider, gas, page):
        client.force_login(clerk)

        answer = client.post(page, {"cash": "0"})

        assert answer.status_code == 422
        assert "Eric Mugisha has nothing to bring back" in answer.text
        assert not Homecoming.objects.exists()


def form_of(text):
    """The page's form, without what changes from page to page."""
    form = text[text.index("data-count") : text.index("</form>", text.index("data-count"))]
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", form)


def test_pages_of_a_count_cost_the_same_for_a_small_load_and_a_large(
    client, manager, clerk, rider, station, shift
):
    def bring(kinds):
        for _ in range(kinds):
            handed_over(manager, rider, make_listing(station, full=5))
            out(manager, rider, make_listing(station, full=5))

    client.force_login(clerk)
    bring(1)
    page = url("rider_count", rider.pk)
    small = cost(client, page)
    found = services.count(clerk, station=station, rider=rider, counted={}, cash=0)
    compared = cost(client, url("homecoming", found.pk))
    bring(4)
    services.count(clerk, station=station, rider=rider, counted={}, cash=0)

    assert cost(client, page) == small <= 10
    assert cost(client, url("homecoming", found.pk)) == compared <= 16
