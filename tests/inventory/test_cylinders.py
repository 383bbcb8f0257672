"""Where the shells are, and who holds them."""

import pytest
from django.db import connection

from gasstock.accounts.permissions import Role
from gasstock.inventory.models import Condition, LocationKind, Reason
from gasstock.inventory.services import deposits
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.shells import census_of
from tests.factories import make_listing, make_member, make_station, make_user, make_variant
from tests.queries import cost

PAGE = "/at/kimironko/cylinders/"
HOLDERS = f"{PAGE}holders/"

pytestmark = pytest.mark.django_db


def move(listing, quantity, source, destination, condition=Condition.FULL, reason=Reason.SALE):
    line = Line(listing.variant, condition, quantity, source, destination)
    post(None, station=destination.station, lines=[line], reason=reason, document="X")


@pytest.fixture
def place(station):
    def place(kind, person=None, at=None):
        return location_of(kind, station=at or station, person=person)

    return place


@pytest.fixture
def hold(station, gas):
    def hold(buyer, quantity=1, variant=None, document="KGP-1"):
        location_of(LocationKind.BUYER, station=station, person=buyer)
        deposits.hold(
            station=station,
            buyer=buyer,
            variant=variant or gas.variant,
            quantity=quantity,
            unit_amount=25_000,
            document=document,
        )

    return hold


class TestCensus:
    def test_counts_where_the_shells_are(self, station, gas, place, rider, hold):
        yard, buyer = place("station"), place("buyer")
        move(gas, 3, yard, place("rider", rider))
        move(gas, 2, yard, buyer)
        move(gas, 1, yard, place("transit"))
        hold(None, 2)

        (row,) = census_of(station).rows

        assert (row.full, row.empty, row.riders, row.buyers, row.transit) == (4, 4, 3, 2, 1)
        assert (row.total, row.deposits, row.owed) == (14, 2, 50_000)
        assert row.missing == 0

    def test_a_refill_changes_no_total(self, station, gas, place):
        before = census_of(station).sums.total

        move(gas, 2, place("station"), place("buyer"))
        move(gas, 2, place("buyer"), place("station"), Condition.EMPTY)

        assert census_of(station).sums.total == before

    def test_loss_and_other_stations_are_accounted_for(self, station, gas, place):
        other = make_station()
        yard = place("station")
        move(gas, 1, yard, place("loss"), reason=Reason.LOSS)
        move(gas, 3, yard, place("transit"), reason=Reason.TRANSFER)
        move(gas, 2, place("transit"), place("station", at=other), reason=Reason.TRANSFER)

        here, there = census_of(station), census_of(other)

        assert here.is_whole
        assert there.is_whole
        assert (here.sums.total, there.sums.total) == (11, 2)
        assert here.sums.came == {"supplier": 14, "loss": -1, "transit": -2}
        assert there.sums.came == {"transit": 2}

    def test_a_balance_that_was_tampered_with_is_seen(self, station, gas):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE inventory_balance SET on_hand = on_hand + 1 WHERE id = %s", [gas.full_id]
            )

        census = census_of(station)

        assert not census.is_whole
        assert census.rows[0].missing == -1

    def test_accessories_are_no_shells(self, station):
        make_listing(station, make_variant(size_g=None), new_price=None)

        assert census_of(station).rows == []


class TestThePage:
    def test_shows_each_size_and_says_that_all_are_there(self, client, clerk, gas, hold):
        hold(make_user(), 2)
        client.force_login(clerk)

        page = client.get(PAGE).text

        assert gas.variant.name in page
        assert "14 cylinders in the books, all accounted for" in page
        assert "You keep RWF\u00a050,000 of deposits for 2 cylinders." in page

    def test_says_so_when_the_books_are_wrong(self, client, clerk, gas):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE inventory_balance SET on_hand = on_hand + 1 WHERE id = %s", [gas.full_id]
            )
        client.force_login(clerk)

        page = client.get(PAGE).text

        assert "The books do not add up." in page
        assert "But 15 stand in the books." in page

    def test_explains_empties_of_brands_that_came_from_buyers(
        self, client, clerk, gas, place, station
    ):
        other = make_listing(make_station(), full=0)
        move(other, 2, place("buyer"), place("station"), Condition.EMPTY)
        client.force_login(clerk)

        page = client.get(PAGE).text

        assert "Below zero with buyers" in page
        assert f"{other.variant} (2 here)" in page

    def test_an_empty_yard_says_so(self, client, clerk):
        client.force_login(clerk)

        assert "No cylinders in your books yet" in client.get(PAGE).text

    def test_the_same_queries_for_one_size_and_for_many(self, client, clerk, station, gas):
        client.force_login(clerk)
        one = cost(client, PAGE)
        for _ in range(12):
            make_listing(station)

        assert cost(client, PAGE) == one <= 8


class TestWhoHoldsThem:
    def test_lists_who_holds_what(self, client, clerk, gas, hold):
        marie = make_user(name="Marie Uwase", phone="+250788412906")
        hold(marie, 2)
        hold(make_user(name="Peter Gone"), 1)
        deposits.give_back(
            station=gas.station,
            buyer=marie.__class__.objects.get(name="Peter Gone"),
            variant=gas.variant,
            quantity=1,
            document="KGP-2",
        )
        client.force_login(clerk)

        page = client.get(HOLDERS).text

        assert "Marie Uwase" in page
        assert f"2 × {gas.variant}" in page
        assert "50,000" in page
        assert "Peter Gone" not in page

    @pytest.mark.parametrize("words", ["uwase", "0788 412 906", "412906"])
    def test_finds_by_name_and_phone(self, client, clerk, hold, words):
        hold(make_user(name="Marie Uwase", phone="+250788412906"))
        hold(make_user(name="Jean Habimana", phone="+250722000111"))
        client.force_login(clerk)

        page = client.get(HOLDERS, {"q": words}).text

        assert "Marie Uwase" in page
        assert "Jean Habimana" not in page

    def test_says_so_when_nobody_is_found(self, client, clerk, hold):
        client.force_login(clerk)

        assert "Nobody holds a cylinder of yours" in client.get(HOLDERS).text
        assert "Nobody found" in client.get(HOLDERS, {"q": "zzz"}).text

    def test_pages_by_key_with_the_same_queries(self, client, clerk, hold):
        client.force_login(clerk)
        hold(make_user(name="First Buyer"))
        one = cost(client, HOLDERS)
        for _ in range(30):
            hold(make_user())

        assert cost(client, HOLDERS) == one <= 8
        first = client.get(HOLDERS)
        assert "First Buyer" not in first.text
        second = client.get(HOLDERS, {"cursor": first.context["next"]})
        assert "First Buyer" in second.text
        assert second.context["next"] is None

    def test_other_stations_buyers_are_not_listed(self, client, clerk, gas):
        stranger = make_user(name="Somebody Else")
        other = make_station()
        location_of(LocationKind.BUYER, station=other, person=stranger)
        deposits.hold(
            station=other,
            buyer=stranger,
            variant=gas.variant,
            quantity=1,
            unit_amount=1,
            document="X",
        )
        client.force_login(clerk)

        assert "Somebody Else" not in client.get(HOLDERS).text
        assert client.get(f"{HOLDERS}{stranger.pk}/").status_code == 404

    def test_one_buyer_has_a_page_with_the_oldest_first(self, client, clerk, hold):
        marie = make_user(name="Marie Uwase")
        hold(marie, 1, document="KGP-AAAAAA")
        hold(marie, 2, make_variant("Big 50 kg", size_g=50_000), document="KGP-BBBBBB")
        client.force_login(clerk)

        page = client.get(f"{HOLDERS}{marie.pk}/").text

        assert page.index("KGP-AAAAAA") < page.index("KGP-BBBBBB")
        assert "holds 3 cylinders of yours, with a deposit of RWF\u00a075,000" in page

    def test_who_gave_all_back_holds_nothing(self, client, clerk, place):
        marie = make_user()
        place("buyer", marie)
        client.force_login(clerk)

        assert "All of them came back" in client.get(f"{HOLDERS}{marie.pk}/").text


@pytest.mark.parametrize("url", [PAGE, HOLDERS, f"{HOLDERS}1/"])
def test_riders_and_strangers_stay_outside(client, station, rider, url):
    client.force_login(rider)
    assert client.get(url).status_code == 403
    client.force_login(make_member(None, make_station(), Role.MANAGER))
    assert client.get(url).status_code == 404
