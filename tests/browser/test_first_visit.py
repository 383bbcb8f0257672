"""What a phone downloads, counted as the server sends it: HTML by gzip, static files by Brotli."""

import gzip
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from django.contrib.staticfiles import finders

from gasstock.accounts.permissions import Role
from gasstock.delivery.services.assigning import assign
from gasstock.delivery.services.running import depart, fail
from gasstock.orders.models import LineKind
from gasstock.orders.services.carts import add_line, open_cart
from gasstock.orders.services.life import approve_order
from tests.factories import (
    make_brand,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
    make_variant,
)

KB = 1000
BRANDS = ("SP", "Kobil", "Oryx", "Meru", "Hashi", "Total")
SIZES_G = (3000, 6000, 12_000, 15_000, 50_000)
GZIP_LEVEL = 6  # of Django's GZipMiddleware
GZIP_NOISE = 100  # and the random bytes it adds at most, against guessing


@pytest.fixture
def gas():
    """A full page of offers, as a town has them; the last of them."""
    for name in BRANDS:
        brand, station = make_brand(name), make_station(name=f"{name} Kimironko Gas Point")
        for size_g in SIZES_G:
            variant = make_variant(f"{name} {size_g // 1000} kg", size_g=size_g, brand=brand)
            listing = make_listing(station, variant)
    return listing


@pytest.fixture
def places(gas, sign_in):
    """Where the pages are of somebody who ordered, and has something in the cart again."""
    buyer = make_user(name="Marie Uwase")
    order = make_order(gas, buyer=buyer)
    add_line(cart=open_cart(buyer, ""), listing=gas, kind=LineKind.EXCHANGE)
    sign_in(buyer)
    return {
        "storefront": "/",
        "listing": f"/gas/{gas.pk}/",
        "order": f"/orders/{order.number}/",
        "checkout": "/checkout/",
    }


@pytest.fixture
def stops(gas, sign_in):
    """Where the pages are of a rider with eight orders to bring and one that failed."""
    station = gas.station
    station.approval_limit, station.takes_foreign_empties = 1_000_000, True
    station.save()
    manager, rider = (make_member(None, station, role) for role in (Role.MANAGER, Role.RIDER))
    rider.memberships.update(load_limit=20)
    orders = [approve_order(manager, order=make_order(gas)) for _ in range(9)]
    given = assign(manager, station=station, orders=orders, rider=rider)
    depart(rider, station=station, rider=rider, deliveries=given[:6])
    first, second = given[:2]
    fail(rider, delivery=second, failure="absent")
    sign_in(rider)
    here = f"/at/{station.slug}/runs/"
    return {
        "runs": here,
        "run": f"{here}{first.order.number}/",
        "not delivered": f"{here}{first.order.number}/failed/",
    }


def weigh(page, path: str) -> dict[str, int]:
    """Bytes on the wire, by what was fetched."""
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    assert page.goto(path, wait_until="networkidle").status == 200
    return {urlsplit(answer.url).path: _sent(answer) for answer in answers}


def _sent(answer) -> int:
    body, path = answer.body(), urlsplit(answer.url).path
    if not path.startswith("/static/"):
        return len(gzip.compress(body, GZIP_LEVEL)) + GZIP_NOISE
    return len(body if path.endswith(".woff2") else brotli.compress(body))


def static_file(name: str) -> bytes:
    return Path(finders.find(name)).read_bytes()


def test_a_first_visit_of_the_storefront_weighs_75_kb_at_most(page, gas):
    fetched = weigh(page, "/")

    assert {Path(path).suffix for path in fetched} >= {"", ".css", ".js", ".woff2"}
    assert sum(fetched.values()) <= 75 * KB


@pytest.mark.parametrize("name", ["storefront", "listing", "order", "checkout"])
def test_a_buyers_page_weighs_40_kb_without_the_font_and_12_kb_later(page, places, name):
    fetched = weigh(page, places[name])
    without_font = {path: size for path, size in fetched.items() if not path.endswith(".woff2")}

    assert sum(without_font.values()) <= 40 * KB
    assert fetched[places[name]] <= 12 * KB  # all the rest is cached


@pytest.mark.parametrize("name", ["runs", "run", "not delivered"])
def test_a_riders_page_weighs_65_kb_at_most_with_the_font_and_12_kb_later(page, stops, name):
    fetched = weigh(page, stops[name])

    assert {Path(path).suffix for path in fetched} >= {"", ".css", ".js", ".woff2"}
    assert sum(fetched.values()) <= 65 * KB
    assert fetched[stops[name]] <= 12 * KB


def test_the_stylesheet_of_all_pages_stays_small():
    assert len(gzip.compress(static_file("css/gasstock.css"))) <= 11 * KB


def test_our_scripts_stay_small():
    scripts = ("js/gasstock.js", "js/theme.js")

    assert len(brotli.compress(static_file("js/run.js"))) <= 1.5 * KB  # at the door only
    assert sum(len(brotli.compress(static_file(name))) for name in scripts) <= 2 * KB
