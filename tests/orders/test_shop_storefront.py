"""The storefront and the page of one listing."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from gasstock.accounts.models import Station, StationStatus
from gasstock.accounts.permissions import Role
from gasstock.core import clock
from gasstock.inventory.models import Listing
from gasstock.orders.models import Order
from gasstock.orders.services.ratings import rate_order
from tests.factories import (
    make_brand,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_variant,
)
from tests.queries import cost

NOON = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)  # 12:00 in Kigali
HOSTILE = [
    *("9" * 5000, "-1", "0", "0.5", "1e5", "2147483648", "١٢", "NaN", "Infinity", "%", "_", "\\"),
    *("\x00", "a\x00b", "\ufffd", "\u202e", "' OR 1=1 --", "{{7*7}}", "<svg onload=alert(1)>"),
    *("../../etc", "javascript:alert(1)", "é" * 400, "a " * 400, "12.5.5", ".", "12kg", "-price,"),
]
PARAMETERS = (
    *("q", "brand", "size", "district", "station", "category", "min", "max"),
    *("sort", "cursor", "in_stock", "open", "delivers"),
)


def names(response) -> list[str]:
    """The cards of a page, in their order."""
    return [
        unescape(name)
        for name in re.findall(r'<h3 id="offer-\d+-n"><a [^>]+>([^<]+)', response.text)
    ]


def more(response) -> str | None:
    found = re.search(r'rel="next" href="([^"]+)"', response.text)
    return unescape(found[1]) if found else None


@pytest.fixture
def shelf(db) -> dict[str, Listing]:
    """Three stations: SP and Meru in Gasabo, SP in Musanze, a hose."""
    sp, meru = make_brand("SP", slug="sp"), make_brand("Meru", slug="meru", colour="maroon")
    here = make_station("kimironko", name="Kimironko Gas Point")
    there = make_station("musanze", name="Volcano Gas", district="Musanze", delivers=False)
    sp_12 = make_variant("SP 12 kg", brand=sp)
    return {
        "sp 12": make_listing(here, sp_12, refill_price=20_400),
        "sp 12 far": make_listing(there, sp_12, refill_price=19_000, full=0),
        "meru 6": make_listing(
            here, make_variant("Meru 6 kg", brand=meru, size_g=6_000), refill_price=10_100
        ),
        "meru 13": make_listing(
            there, make_variant("Meru 13 kg", brand=meru, size_g=13_000), refill_price=21_500
        ),
        "hose": make_listing(here, make_variant("Hose 1.5 m", size_g=None), refill_price=4_500),
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Meru 6 kg", "SP 12 kg", "SP 12 kg", "Meru 13 kg"]),
        ("brand=sp", ["SP 12 kg", "SP 12 kg"]),
        ("size=12", ["SP 12 kg", "SP 12 kg", "Meru 13 kg"]),
        ("size=13", ["SP 12 kg", "SP 12 kg", "Meru 13 kg"]),
        ("size=6&brand=meru", ["Meru 6 kg"]),
        ("district=Musanze", ["SP 12 kg", "Meru 13 kg"]),
        ("station=kimironko", ["Hose 1.5 m", "Meru 6 kg", "SP 12 kg"]),
        ("category=accessory", ["Hose 1.5 m"]),
        ("category=all", ["Hose 1.5 m", "Meru 6 kg", "SP 12 kg", "SP 12 kg", "Meru 13 kg"]),
        ("max=12,000", ["Meru 6 kg"]),
        ("min=20500", ["Meru 13 kg"]),
        ("in_stock=on", ["Meru 6 kg", "SP 12 kg", "Meru 13 kg"]),
        ("delivers=on", ["Meru 6 kg", "SP 12 kg"]),
        ("q=volcano", ["SP 12 kg", "Meru 13 kg"]),
        ("q=hose", ["Hose 1.5 m"]),
        ("q=meru+13", ["Meru 13 kg"]),
        ("q=sp+musanze", ["SP 12 kg"]),
        ("q=nothing-like-it", []),
        ("sort=-price", ["Meru 13 kg", "SP 12 kg", "SP 12 kg", "Meru 6 kg"]),
        ("sort=size", ["Meru 6 kg", "SP 12 kg", "SP 12 kg", "Meru 13 kg"]),
        (
            "sort=size&category=all",
            ["Meru 6 kg", "SP 12 kg", "SP 12 kg", "Meru 13 kg", "Hose 1.5 m"],
        ),
        ("sort=name", ["Meru 13 kg", "Meru 6 kg", "SP 12 kg", "SP 12 kg"]),
    ],
)
def test_the_storefront_shows_what_was_asked_for(client, shelf, query, expected):
    assert names(client.get(f"/?{query}")) == expected


def test_the_best_rated_station_comes_first(client, shelf):
    Station.objects.filter(slug="musanze").update(rating_sum=9, rating_count=2)

    assert names(client.get("/?sort=rating"))[0] == "SP 12 kg"
    assert "4.5" in client.get("/?sort=rating").text


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_nonsense_is_ignored(client, shelf, parameter):
    for value in HOSTILE:
        response = client.get("/", {parameter: value})

        assert response.status_code == 200, value
        assert "<svg onload" not in response.text


@pytest.mark.parametrize(
    "query", ["brand=nobody", "size=77", "district=Atlantis", "station=x", "category=x", "sort=x"]
)
def test_an_unknown_value_hides_nothing(client, shelf, query):
    assert len(names(client.get(f"/?{query}"))) == 4


def test_bytes_that_are_no_text_are_ignored(client, shelf):
    for raw in ("%00", "%ff", "%ed%a0%80", "%"):
        assert client.get(f"/?q={raw}&brand={raw}&cursor={raw}&station={raw}").status_code == 200


def test_only_what_is_published_at_a_selling_station_shows(client, shelf):
    Listing.objects.filter(pk=shelf["meru 6"].pk).update(is_published=False)
    Station.objects.filter(slug="musanze").update(
        status=StationStatus.SUSPENDED, status_reason="No licence"
    )

    page = client.get("/")

    assert names(page) == ["SP 12 kg"]
    assert "Musanze" not in page.text
    assert client.get(f"/gas/{shelf['meru 6'].pk}/").status_code == 404
    assert client.get(f"/gas/{shelf['meru 13'].pk}/").status_code == 404


@pytest.mark.parametrize("sort", ["price", "-price", "size", "name", "rating"])
def test_pages_neither_repeat_nor_skip(client, db, sort):
    stations = [make_station(rating_sum=4 * n, rating_count=n) for n in range(4)]
    variants = [
        make_variant(f"Gas {n % 5}", size_g=None if n == 9 else 1000 * (n % 4 + 3))
        for n in range(15)
    ]
    for station in stations:
        for n, variant in enumerate(variants):
            make_listing(station, variant, refill_price=5000 + n % 3 * 100)

    url, seen = f"/?category=all&sort={sort}", []
    while url:
        page = client.get(url)
        seen += re.findall(r'<li id="offer-(\d+)"', page.text)
        found = more(page)
        url = f"/{found}" if found else ""

    assert len(seen) == len(set(seen)) == 60


def test_an_edited_cursor_starts_over(client, db):
    station = make_station()
    for n in range(26):
        make_listing(station, make_variant(f"Gas {n:02}"), refill_price=5000 + n)
    cursor = more(client.get("/"))

    assert names(client.get(f"/{cursor}")) == ["Gas 24", "Gas 25"]
    assert names(client.get(f"/{cursor}x"))[0] == "Gas 00"
    assert names(client.get(f"/{cursor}&sort=name"))[0] == "Gas 00"


def test_htmx_gets_the_offers_and_the_sizes_beside_them(client, shelf):
    answer = client.get("/?size=6", headers={"HX-Request": "true", "HX-Target": "offers"})

    assert answer.text.strip().startswith('<div class="gs-stack" id="offers"')
    assert 'id="sizes"' in answer.text
    assert "<html" not in answer.text
    assert names(answer) == ["Meru 6 kg"]


def test_a_card_says_few_none_and_closed(client, shelf, monkeypatch):
    make_order({shelf["sp 12"]: 7})
    Station.objects.filter(slug="musanze").update(opens_at="13:00", closes_at="18:00")
    with clock.at(NOON):
        page = client.get("/?size=12").text

    assert "3 left" in page
    assert "None left" in page
    assert "Opens 13:00" in page


@pytest.mark.parametrize(
    ("opens", "closes", "is_open"),
    [
        ("07:00", "20:00", True),
        ("13:00", "20:00", False),
        ("07:00", "11:00", False),
        ("20:00", "13:00", True),
        ("22:00", "05:00", False),
        ("00:00", "00:00", True),
        ("12:00", "13:00", True),
        ("07:00", "12:00", False),
    ],
)
def test_open_now_means_the_clock_of_the_country(client, db, opens, closes, is_open):
    make_listing(make_station(opens_at=opens, closes_at=closes), make_variant("SP 12 kg"))
    with clock.at(NOON):
        assert names(client.get("/?open=on")) == (["SP 12 kg"] if is_open else [])
        assert ("Closed" in client.get("/").text) is not is_open


def test_an_empty_shelf_offers_the_nearest_thing_that_exists(client, shelf):
    page = client.get("/?brand=sp&size=6")

    assert names(page) == []
    assert "?brand=meru&amp;size=6" in page.text
    assert "Clear filters" in page.text


def test_an_empty_shop_is_a_page(client, db):
    assert "Nothing is on sale yet" in client.get("/").text


def test_your_usual_is_what_you_ordered_last(client, shelf, buyer):
    make_order({shelf["meru 6"]: 2}, buyer=buyer)
    client.force_login(buyer)

    assert "2 × Meru 6 kg" in client.get("/").text
    assert "Your usual" not in client.get("/?brand=sp").text


def fill(count: int) -> None:
    for n in range(count):
        make_listing(
            make_station(district=f"D{n}"), make_variant(f"Gas {n}", size_g=3000 + 500 * n)
        )


@pytest.mark.parametrize(
    "query", ["", "?q=gas&sort=rating&in_stock=on&open=on", "?q=nothing-at-all"]
)
def test_the_storefront_asks_the_database_as_much_for_30_as_for_1(client, buyer, query):
    make_member(buyer, make_station(), Role.CLERK)
    make_order(buyer=buyer)
    client.force_login(buyer)
    one = cost(client, f"/{query}")
    fill(30)

    assert cost(client, f"/{query}") == one <= 8


def test_a_visitor_costs_two_queries(client, shelf, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get("/")


# --- One listing ------------------------------------------------------------------------------


def test_a_listing_says_both_prices_and_the_empties_it_takes(client, shelf):
    page = unescape(client.get(f"/gas/{shelf['sp 12'].pk}/").text)

    assert "20,400" in page
    assert "52,000" in page  # 22,000 and the deposit of 30,000
    assert "RWF\xa030,000 of it is a deposit" in page
    assert "SP 12\xa0kg only" in page
    assert "Meru 13 kg" in page  # the same size elsewhere


def test_a_listing_takes_foreign_empties_if_the_station_does(client, shelf):
    Station.objects.update(takes_foreign_empties=True)

    assert "any brand, of the same size" in client.get(f"/gas/{shelf['sp 12'].pk}/").text


def test_a_listing_shows_the_last_five_ratings(client, shelf):
    for n in range(6):
        order = make_order(shelf["sp 12"])
        Order.objects.filter(pk=order.pk).update(status="delivered", delivered_at=NOON)
        order.refresh_from_db()
        rate_order(order.buyer, order=order, stars=4, comment=f"word-{n}-end")
    page = client.get(f"/gas/{shelf['sp 12'].pk}/").text

    assert re.findall(r"word-(\d)-end", page) == ["5", "4", "3", "2", "1"]


def test_a_listing_costs_the_same_with_1_and_with_30_others(client, shelf, buyer):
    client.force_login(buyer)
    url = f"/gas/{shelf['sp 12'].pk}/"
    one = cost(client, url)
    for _ in range(30):
        order = make_order(make_listing(shelf["sp 12"].station))
        Order.objects.filter(pk=order.pk).update(status="delivered", delivered_at=NOON)
        order.refresh_from_db()
        rate_order(order.buyer, order=order, stars=4)

    assert cost(client, url) == one <= 8


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30, "9" * 5000])
def test_a_listing_that_is_not_there_is_404(client, db, pk):
    assert client.get(f"/gas/{pk}/").status_code == 404
