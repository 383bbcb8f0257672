"""The Stock page: what there is of everything, found, sorted and drawn."""

import re

import pytest
from django.urls import reverse

from gasstock.accounts.models import StationStatus
from gasstock.inventory.models import Condition, Listing, LowStockAlert
from gasstock.inventory.services.adjustments import adjust_stock
from gasstock.inventory.services.listings import change_listing, unpublish_listing
from gasstock.inventory.services.reservations import reserve
from gasstock.inventory.services.shelf import cover_of
from tests.factories import make_brand, make_listing, make_variant
from tests.queries import cost

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def url(name, *args, slug="kimironko"):
    return reverse(f"stock:{name}", args=[slug, *args])


def sold(listing, quantity):
    Listing.objects.filter(pk=listing.pk).update(sold_lately=quantity)


def cells_of(page, listing):
    row = page[page.index(f'id="listing-{listing.pk}"') :].partition("</tr>")[0]
    cells = re.findall(r"<td class=\"num[^>]*>(.*?)</td>", row, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]


def names_on(page):
    return re.findall(r'<th scope="row".*?<b>([^<]+)</b>', page)


def test_a_row_says_what_there_is_and_what_it_costs(client, manager, station):
    brand = make_brand("SP", colour="orange")
    gas = make_listing(station, make_variant("SP 12 kg", brand=brand), full=10, empty=4)
    reserve(document="KGP-1", wanted={gas: 3})
    adjust_stock(None, listing=gas, condition=Condition.DEFECT, quantity=2, reason="Bent valves")
    change_listing(None, listing=gas, reorder_level=5)
    client.force_login(manager)

    page = client.get(url("listings")).text

    assert "7 free to sell, 3 held, 4 empties" in page
    assert "shell-orange" in page
    assert cells_of(page, gas) == ["10", "3", "7", "4", "2", "5", "20,000", "52,000"]


@pytest.mark.parametrize(
    ("free", "sales", "words", "ticks", "tone"),
    [
        (0, 28, "None", 0, "bad"),
        (0, 0, "None", 0, "bad"),
        (1, 56, "Under a day", 0, "bad"),
        (1, 28, "1 day", 1, "bad"),
        (2, 28, "2 days", 2, "wait"),
        (9, 28, "9 days", 7, ""),
        (9, 1, "Over 99 days", 7, ""),
        (9, 0, "No sales", 7, ""),
    ],
)
def test_days_of_cover_are_ticks_of_a_week(
    client, manager, station, free, sales, words, ticks, tone
):
    gas = make_listing(station, full=free)
    sold(gas, sales)
    client.force_login(manager)

    page = client.get(url("listings")).text

    days = page[page.index('class="gs-days') :].partition("</span>")[0]
    assert days.endswith(f"</svg>{words}")
    assert (days.count("<rect"), days.count('class="on"')) == (7, ticks)
    assert ("gs-days--" in days) == bool(tone)
    assert f"gs-days--{tone}" in days or not tone


def test_what_is_held_covers_no_day(station):
    gas = make_listing(station, full=10)
    sold(gas, 28)
    reserve(document="KGP-1", wanted={gas: 6})

    assert cover_of(Listing.objects.for_cards().get()).days == 4


def shelf(station):
    """SP lasts 5 days, Meru 2, Jibu is gone, nobody buys K-Gas; a hose; K-Gas is hidden."""
    listings = {
        "SP 12 kg": make_listing(
            station, make_variant("SP 12 kg", sku="SP-12"), full=5, refill_price=20_000
        ),
        "Meru 6 kg": make_listing(
            station, make_variant("Meru 6 kg"), full=4, reorder_level=4, refill_price=10_000
        ),
        "Jibu 3 kg": make_listing(
            station, make_variant("Jibu 3 kg"), full=0, refill_price=5_000, reorder_level=1
        ),
        "K-Gas 6 kg": make_listing(station, make_variant("K-Gas 6 kg"), full=2, refill_price=9_000),
        "Hose": make_listing(station, make_variant("Hose", size_g=None), full=9),
    }
    sold(listings["SP 12 kg"], 28)
    sold(listings["Meru 6 kg"], 56)
    unpublish_listing(None, listing=listings["K-Gas 6 kg"])
    return listings


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Jibu 3 kg", "Meru 6 kg", "SP 12 kg", "K-Gas 6 kg"]),
        ("?sort=name", ["Jibu 3 kg", "K-Gas 6 kg", "Meru 6 kg", "SP 12 kg"]),
        ("?sort=free", ["Jibu 3 kg", "K-Gas 6 kg", "Meru 6 kg", "SP 12 kg"]),
        ("?sort=price", ["Jibu 3 kg", "K-Gas 6 kg", "Meru 6 kg", "SP 12 kg"]),
        ("?sort=zz&show=zz", ["Jibu 3 kg", "Meru 6 kg", "SP 12 kg", "K-Gas 6 kg"]),
        ("?show=low", ["Jibu 3 kg", "Meru 6 kg"]),
        ("?show=accessories", ["Hose"]),
        ("?show=hidden", ["K-Gas 6 kg"]),
        ("?q=sp-12", ["SP 12 kg"]),
        ("?q=6+meru", ["Meru 6 kg"]),
        ("?q=hose", []),
    ],
)
def test_the_list_is_found_by_words_and_tabs_and_sorted(client, manager, station, query, names):
    shelf(station)
    client.force_login(manager)

    page = client.get(url("listings") + query).text

    assert names_on(page) == names
    assert ("Nothing here" in page) == (not names)


def test_the_tabs_count_what_was_found(client, manager, station):
    shelf(station)
    client.force_login(manager)

    page = client.get(url("listings") + "?q=hose").text

    assert re.findall(r'(\w[\w ]+) <span class="gs-count">(\d+)', page)[-4:] == [
        ("Cylinders", "0"),
        ("Running low", "0"),
        ("Accessories", "1"),
        ("Not for sale", "0"),
    ]


def test_the_tab_of_alerts_says_how_many_there_are(client, manager, station):
    gas = make_listing(station, full=1, reorder_level=2)
    done = make_listing(station, full=9, reorder_level=2)
    LowStockAlert.objects.create(listing=gas, level=2, free=1)
    LowStockAlert.objects.create(listing=done, level=2, free=1, resolved_at=gas.station.applied_at)
    client.force_login(manager)

    page = client.get(url("listings")).text

    assert 'Running low <span class="gs-count">1</span>' in page


def test_htmx_gets_the_rows_and_the_tabs_out_of_band(client, manager, gas):
    client.force_login(manager)

    answer = client.get(url("listings"), headers=HTMX | {"HX-Target": "rows"})

    assert answer.text.strip().startswith('<div id="rows"')
    assert answer.text.count('id="shelves"') == 1
    assert 'hx-swap-oob="true"' in answer.text
    assert "hx-swap-oob" not in client.get(url("listings")).text.partition('id="toasts"')[0]


def test_an_empty_list_says_how_to_begin(client, manager):
    client.force_login(manager)

    assert "Nothing on your list yet" in client.get(url("listings")).text


def test_a_station_that_waits_is_told_so(client, manager, station):
    station.status = StationStatus.APPLIED
    station.save()
    client.force_login(manager)

    assert "while your station is approved" in client.get(url("listings")).text


@pytest.mark.parametrize("view", ["list", "yard"])
def test_the_page_asks_as_often_for_30_as_for_1(client, manager, station, view):
    client.force_login(manager)
    make_listing(station, empty=1)
    first = cost(client, f"{url('listings')}?view={view}")
    for _ in range(29):
        make_listing(station, empty=1)

    assert cost(client, f"{url('listings')}?view={view}") == first <= 8


def test_a_clerk_reads_and_has_no_buttons_that_would_answer_403(client, clerk, gas):
    client.force_login(clerk)

    page = client.get(url("listings")).text

    for name, args in (
        ("listing_add", []),
        ("listing_edit", [gas.pk]),
        ("listing_unpublish", [gas.pk]),
        ("listing_cell", [gas.pk, "refill_price"]),
        ("adjust", [gas.pk]),
    ):
        assert f'"{url(name, *args)}"' not in page
    assert url("listing_moves", gas.pk) in page
    assert "20,000" in page


# --- The yard ---------------------------------------------------------------------------------


def test_the_yard_draws_the_same_as_the_list(client, manager, station):
    shelf(station)
    client.force_login(manager)

    page = client.get(url("listings") + "?view=yard").text

    assert page.count('class="gs-tower ') == 4
    assert page.count('viewBox="-2 -32 78 34"') == 4
    assert "is-out" in page
    assert "is-low" in page
    assert "One drawing is one cylinder." in page
    assert "<table" not in page


def test_accessories_are_never_drawn(client, manager, station):
    shelf(station)
    client.force_login(manager)

    page = client.get(url("listings") + "?view=yard&show=accessories").text

    assert names_on(page) == ["Hose"]
    assert "gs-yard" not in page


def test_a_large_yard_says_what_one_drawing_is(client, manager, station):
    make_listing(station, full=100)
    client.force_login(manager)

    assert "One drawing is 2 cylinders." in client.get(url("listings") + "?view=yard").text
