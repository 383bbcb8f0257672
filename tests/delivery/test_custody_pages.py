"""The page that says who has each cylinder, and the sum that proves it."""

from datetime import timedelta
from html import unescape

import pytest
from django.db import connection

from gasstock.accounts.permissions import Role
from gasstock.core import clock
from gasstock.delivery.services.running import deliver
from gasstock.inventory.models import Condition
from gasstock.inventory.services.journeys import send_transfer
from gasstock.inventory.services.transfers import Wish, agree_transfer, ask_transfer
from gasstock.inventory.shells import census_of, wrong_books
from gasstock.orders.models import LineKind
from gasstock.orders.services.handover import Handed
from tests.delivery.acts import all_of, come_home, out
from tests.factories import (
    make_brand,
    make_listing,
    make_member,
    make_station,
    make_user,
    make_variant,
)
from tests.queries import cost

PAGE = "/at/kimironko/custody/"
CYLINDERS = "/at/kimironko/cylinders/"


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def read(client, url=PAGE, **query):
    response = client.get(url, query)
    assert response.status_code == 200
    return unescape(response.text)


def table(page):
    return page.partition("<tbody>")[2].partition("</tbody>")[0]


def handed(rider, delivery, full, empties):
    figures = {delivery.order.lines.get().pk: Handed(full, empties)}
    return deliver(rider, delivery=delivery, handed=figures, code=delivery.order.code)


def on_a_truck(manager, gas, quantity=5):
    there = make_station(name="Remera Gas")
    boss = make_member(make_user(), there, Role.MANAGER)
    wishes = [Wish(gas.variant, Condition.FULL, quantity)]
    transfer = ask_transfer(manager, station=gas.station, other=there, sends=True, wishes=wishes)
    agree_transfer(boss, transfer=transfer, station=there)
    loaded = {transfer.lines.get().pk: quantity}
    return send_transfer(
        manager, transfer=transfer, station=gas.station, loaded=loaded, driver="Paul"
    )


class TestOnTheRoad:
    def test_says_who_has_what_from_which_order(self, desk, manager, rider, gas):
        order = out(manager, rider, {gas: 3}).order

        page = read(desk)

        row = table(page)
        assert f"<b>3 × {gas.variant}</b>" in row
        assert "Eric Mugisha" in row
        assert f'href="/at/kimironko/orders/{order}/">{order}</a>' in row
        assert "Overdue" not in row
        assert "3 cylinders out" in page

    def test_puts_what_is_overdue_first_and_says_so(self, desk, manager, rider, other, gas):
        fine = out(manager, rider, gas).order
        late = out(manager, other, {gas: 2}).order
        late.promised_until = clock.now() - timedelta(minutes=20)
        late.save()

        page = read(desk)

        row = table(page)
        assert row.index(str(late)) < row.index(str(fine))
        assert row.count("Overdue") == 1
        assert "was due 20 min ago" in row
        assert "2 overdue" in page

    def test_has_riders_and_trucks_in_one_list(self, desk, manager, rider, gas):
        out(manager, rider, gas)
        transfer = on_a_truck(manager, gas)

        row = table(read(desk))

        assert "Paul, → Remera Gas" in row
        assert f'href="/at/kimironko/stock/transfers/{transfer.pk}/">{transfer}</a>' in row
        assert "Eric Mugisha" in row

    def test_what_nobody_can_trace_says_so(self, desk, manager, rider, gas):
        handed(rider, out(manager, rider, gas), 1, 1)

        with clock.at(clock.now() + timedelta(days=90)):
            desk.force_login(manager)
            row = table(read(desk))

        assert "longer than anybody can say" in row
        assert "Overdue" in row

    def test_is_told_by_kind_of_holder(self, desk, manager, rider, gas):
        out(manager, rider, gas)
        on_a_truck(manager, gas)

        riders, trucks = (table(read(desk, **{"with": who})) for who in ("riders", "trucks"))

        assert ("Eric" in riders, "Paul" in riders) == (True, False)
        assert ("Eric" in trucks, "Paul" in trucks) == (False, True)

    def test_is_told_by_brand_and_size(self, desk, manager, rider, gas):
        small = make_listing(
            gas.station, make_variant("Meru 6 kg", size_g=6000, brand=make_brand("Meru"))
        )
        out(manager, rider, gas)
        out(manager, rider, small)
        brand = small.variant.product.brand_id

        for query in ({"brand": brand}, {"size": 6000}, {"brand": brand, "size": 6000}):
            row = table(read(desk, **query))
            assert (str(small.variant) in row, str(gas.variant) in row) == (True, False)
        nothing = read(desk, brand=brand, size=gas.variant.size_g)
        assert "None of these is out" in nothing

    @pytest.mark.parametrize("name", ["with", "brand", "size"])
    @pytest.mark.parametrize("value", ["x", "-1", "٣", "9" * 5000, "\x00"])
    def test_what_was_never_offered_is_not_there(self, desk, manager, rider, gas, name, value):
        out(manager, rider, gas)

        assert "None of these is out" in read(desk, **{name: value})
        assert "None of these is out" in read(desk, **{"with": "buyers", "size": value})

    def test_an_empty_road_says_so(self, desk, gas):
        assert "Nothing is on the road" in read(desk)

    def test_htmx_gets_the_list_alone(self, desk, manager, rider, gas):
        out(manager, rider, gas)

        part = desk.get(PAGE, headers={"HX-Request": "true", "HX-Target": "custody"}).text

        assert part.strip().startswith('<div class="gs-stack" id="custody">')
        assert "<h1>" not in part


class TestWithBuyers:
    def test_says_what_they_keep_since_when(self, desk, manager, rider, gas, buyer):
        bought = out(manager, rider, {gas: 2}, kind=LineKind.NEW, buyer=buyer)
        handed(rider, bought, 2, 0)

        row = table(read(desk, **{"with": "buyers"}))

        assert "Marie Uwase" in row
        assert str(bought.order) in row
        assert f"<b>2 × {gas.variant}</b>" in row

    def test_is_told_by_brand_and_size(self, desk, manager, rider, gas, buyer):
        small = make_listing(
            gas.station, make_variant("Meru 6 kg", size_g=6000, brand=make_brand("Meru"))
        )
        for listing in (gas, small):
            handed(rider, out(manager, rider, listing, buyer=buyer), 1, 0)
        handed(rider, out(manager, rider, gas, buyer=make_user(name="Jean Big")), 1, 0)

        row = table(read(desk, **{"with": "buyers", "size": 6000}))

        assert (str(small.variant) in row, str(gas.variant) in row) == (True, False)
        assert "Jean Big" not in row

    def test_comes_in_pages(self, desk, manager, rider, station):
        plenty = make_listing(station, full=31)
        for _ in range(31):
            handed(rider, out(manager, rider, plenty), 1, 0)

        first = desk.get(PAGE, {"with": "buyers"})
        second = read(desk, **{"with": "buyers", "cursor": first.context["next"]})

        assert table(first.text).count("<tr>") == 30
        assert table(second).count("<tr>") == 1
        assert "with=buyers" in first.text.split('rel="next"')[0].rpartition("href=")[2]

    def test_costs_the_same_for_one_as_for_many(self, desk, manager, rider, station):
        plenty = make_listing(station, full=31)
        handed(rider, out(manager, rider, plenty), 1, 0)
        one = cost(desk, f"{PAGE}?with=buyers")
        for _ in range(9):
            handed(rider, out(manager, rider, plenty), 1, 0)

        assert cost(desk, f"{PAGE}?with=buyers") == one <= 8


def test_the_road_costs_the_same_for_one_as_for_many(desk, manager, rider, other, gas):
    handed(rider, out(manager, rider, {gas: 2}), 1, 1)
    out(manager, rider, gas)
    one = cost(desk, PAGE)
    for person in (rider, other):
        handed(person, out(manager, person, {gas: 2}), 1, 1)
        out(manager, person, gas)

    assert cost(desk, PAGE) == one <= 8


def test_riders_and_strangers_stay_outside(client, station, rider):
    client.force_login(rider)
    assert client.get(PAGE).status_code == 403
    client.force_login(make_member(None, make_station(), Role.MANAGER))
    assert client.get(PAGE).status_code == 404


class TestTheSum:
    def test_bought_less_scrapped_is_what_is_somewhere(
        self, desk, manager, clerk, rider, gas, buyer
    ):
        handed(rider, out(manager, rider, {gas: 3}, buyer=buyer), 2, 1)
        out(manager, rider, {gas: 2})
        why = {"answers": "Eric Mugisha", "reason": "An empty fell off"}
        come_home(clerk, rider, gas.station, {(gas, "full"): 1}, **why)

        page = read(desk, CYLINDERS)

        assert (
            "20 bought − 1 scrapped = "
            "16 at the station + 2 with riders + 0 on the way + 1 with buyers"
        ) in page
        assert "adds up" in page

    def test_has_a_line_for_each_brand_and_size(self, desk, gas):
        make_listing(gas.station, full=7)

        page = read(desk, CYLINDERS)

        assert "20 bought − 0 scrapped = 20 at the station" in page
        assert "7 bought − 0 scrapped = 7 at the station" in page

    def test_what_came_from_other_stations_was_not_bought(self, manager, gas):
        transfer = on_a_truck(manager, gas)
        from_there = census_of(transfer.destination)
        [row] = census_of(gas.station).rows

        assert from_there.rows == []
        assert row.formula == (
            "20 bought − 0 scrapped = "
            "15 at the station + 0 with riders + 5 on the way + 0 with buyers"
        )

    def test_names_the_book_that_is_wrong(self, desk, manager, rider, gas):
        delivery = out(manager, rider, {gas: 2})
        with _forged(gas.station, rider):
            page = read(desk, CYLINDERS)
            [wrong] = wrong_books(gas.station)

        assert "The books do not add up." in page
        assert "≠ 18 at the station + 3 with riders" in page
        assert "-1 off" in page
        assert (
            f"Look at the book of Eric Mugisha: 3 × {gas.variant}, full, "
            "where its moves say 2." in page
        )
        assert (wrong.balance.on_hand, wrong.moved) == (3, 2)
        deliver(rider, delivery=delivery, handed=all_of(delivery), code=delivery.order.code)

    def test_a_transfer_leaves_both_books_right(self, manager, gas):
        transfer = on_a_truck(manager, gas)

        assert wrong_books(gas.station) == wrong_books(transfer.destination) == []


class _forged:  # noqa: N801 reads as a word
    """One more full one in the rider's book, which nothing ever moved there."""

    def __init__(self, station, rider):
        self.where = [station.pk, rider.pk]

    def __enter__(self):
        self._change("+")

    def __exit__(self, *error):
        self._change("-")

    def _change(self, sign):
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE inventory_balance SET on_hand = on_hand {sign} 1 "  # noqa: S608
                "WHERE condition = 'full' AND location_id IN (SELECT id FROM inventory_location "
                "WHERE kind = 'rider' AND station_id = %s AND person_id = %s)",
                self.where,
            )
