"""A rider's run on a phone, by touch: load, three deliveries, home, and what is missing.

`make test-browser` tells it on SQLite and once more on PostgreSQL.
"""

import re
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from gasstock.accounts.models import User
from gasstock.billing.services.shifts import expected, open_shift, shift_of
from gasstock.delivery.models import Homecoming
from gasstock.inventory.models import Balance, LocationKind, Move
from gasstock.orders.models import LineKind, Order, OrderStatus
from gasstock.orders.services.life import approve_order
from gasstock.orders.services.placing import Terms, Wanted, place_order
from tests.factories import make_admin, make_listing, make_member, make_station, make_user

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
FEE = 1_000
Enter = Callable[[str], Page]
Door = Callable[..., Order]


@pytest.fixture
def people() -> dict[str, User]:
    station = make_station("kimironko", code="KGP", name="Kimironko Gas Point", delivery_fee=FEE)
    people = {
        "clerk": make_member(make_user(name="Aline Uwera"), station, "clerk"),
        "eric": make_member(make_user(name="Eric Nshimiyimana"), station, "rider"),
        "boss": make_member(make_user(name="Claire Mukamana"), station),
    }
    open_shift(people["clerk"], station=station, float_amount=10_000)
    return people


@pytest.fixture
def order(people) -> Door:
    """`order("Marie", 2)`: approved refills of the gas, to be brought to her."""
    station = people["clerk"].memberships.get().station
    gas = make_listing(station, full=20)

    def order(name: str, quantity: int) -> Order:
        terms = Terms(
            fulfilment="delivery",
            payment_method="cash",
            phone="+250788412906",
            district="Gasabo",
            address=f"Gate of {name}",
        )
        buyer = make_user(name=f"{name} Uwase")
        wanted = [Wanted(gas, LineKind.EXCHANGE, quantity)]
        placed = place_order(buyer, station=station, wanted=wanted, terms=terms)
        return approve_order(make_admin(f"{name}@admin.example"), order=placed)

    return order


@pytest.fixture
def enter(browser: Browser, live_server, settings, people) -> Iterator[Enter]:
    """Open a page on somebody's own phone: `enter("eric")`."""
    contexts = []

    def enter(who: str) -> Page:
        context = browser.new_context(base_url=live_server.url, reduced_motion="reduce", **PHONE)
        context.set_default_timeout(15_000)
        contexts.append(context)
        client = Client()
        client.force_login(people[who])
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        context.add_cookies([cookie])
        return context.new_page()

    yield enter
    for context in contexts:
        context.close()


def tap(page: Page, name: str, kind: str = "button") -> None:
    page.get_by_role(kind, name=name).first.tap()


def here(page: Page, place: str) -> None:
    """Stand in front of the next gate."""
    expect(page.locator("#h-next")).to_contain_text(place)
    tap(page, "I am here", "link")
    expect(page.get_by_role("heading", level=1)).to_contain_text(place)


def test_a_run_from_the_yard_to_the_drawer(enter, order, people):
    marie, jean, alice = order("Marie", 1), order("Jean", 2), order("Alice", 1)
    clerk, eric = enter("clerk"), enter("eric")

    assign(clerk, 3)
    load(eric)
    hand_over_all(eric, marie)
    hand_over_a_part(eric, jean)
    nobody_there(eric)
    come_home(clerk)

    station = marie.station
    assert [Order.objects.get(pk=x.pk).status for x in (marie, jean, alice)] == [
        OrderStatus.DELIVERED,
        OrderStatus.DELIVERED,
        OrderStatus.APPROVED,
    ]
    homecoming = Homecoming.objects.get()
    assert (homecoming.answers, homecoming.cash_difference) == ("Eric Nshimiyimana", -500)
    taken = 20_000 + FEE + 52_000 + FEE
    shift = shift_of(people["clerk"], station)
    assert expected(shift) == {"cash": 10_000 + taken - 500}
    lost = Move.objects.get(reason="loss")
    assert (lost.quantity, lost.condition, lost.destination.kind) == (1, "full", "loss")
    on_bike = Balance.objects.filter(location__kind=LocationKind.RIDER)
    assert not any(balance.on_hand for balance in on_bike)
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert out.getvalue().endswith(": clean\n")


def assign(page: Page, count: int) -> None:
    page.goto("/at/kimironko/deliveries/")
    for box in page.locator("#assign").get_by_role("checkbox").all():
        box.tap()
    rider = page.locator("#assign select[name=rider]")
    name = rider.locator("option", has_text="Eric").first.get_attribute("value")
    rider.select_option(name)
    tap(page, f"Assign {count}")
    expect(page.get_by_text("Nothing to assign")).to_be_visible()


def load(page: Page) -> None:
    page.goto("/at/kimironko/runs/")
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(3)
    tap(page, "Load and go")
    expect(page.locator(".gs-load")).to_contain_text("4full")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def hand_over_all(page: Page, order: Order) -> None:
    here(page, "Gate of Marie")
    expect(page.get_by_label("Cash you took")).to_have_value("21,000")
    page.get_by_role("textbox", name="Buyer’s 4-digit code").fill(order.code)
    tap(page, "Delivered")
    expect(page.locator(".gs-load")).to_contain_text("3full1empty21,000")


def hand_over_a_part(page: Page, order: Order) -> None:
    """One of two is taken, and no empty is there: it is billed with its deposit."""
    here(page, "Gate of Jean")
    with page.expect_response(re.compile(r"/runs/.*delivered_")):
        page.locator(".gs-take").nth(0).get_by_role("button", name="One less").tap()
    empties = page.locator(".gs-take").nth(1)
    with page.expect_response(re.compile(r"/runs/.*empties_\d+=0")):
        empties.get_by_role("button", name="One less").tap()
        empties.get_by_role("button", name="One less").tap()
    expect(page.locator("#bill")).to_contain_text("53,000")
    page.get_by_label("Cash you took").fill("53,000")
    page.get_by_role("textbox", name="Buyer’s 4-digit code").fill(
        "0000" if order.code != "0000" else "1111"
    )
    tap(page, "Delivered")
    expect(page.get_by_role("alert")).to_contain_text("1 thing to put right")
    expect(page.get_by_label("Cash you took")).to_have_value("53,000")
    page.get_by_role("textbox", name="Buyer’s 4-digit code").fill(order.code)
    tap(page, "Delivered")
    expect(page.locator(".gs-load")).to_contain_text("2full1empty74,000")


def nobody_there(page: Page) -> None:
    here(page, "Gate of Alice")
    tap(page, "Not delivered", "link")
    page.get_by_text("Nobody at home").tap()
    page.get_by_text("to the station").first.tap()
    tap(page, "Not delivered")
    expect(page.get_by_text("Goes back to the station")).to_be_visible()


def come_home(page: Page) -> None:
    """One of the two full ones and 500 of the cash are gone."""
    page.goto("/at/kimironko/riders/")
    tap(page, "Count Eric’s load", "link")
    expect(page.get_by_role("heading", name="Count Eric’s load")).to_be_visible()
    expect(page.get_by_text("74,000")).to_have_count(0)
    page.get_by_role("textbox", name=re.compile(", full$")).fill("1")
    page.get_by_role("textbox", name=re.compile(", empty$")).fill("1")
    page.get_by_label("Cash in all").first.fill("73,500")
    tap(page, "This is what is there")
    expect(page.get_by_text("1 counted, 2 expected")).to_be_visible()
    page.get_by_label("Who answers for it").fill("Eric Nshimiyimana")
    page.get_by_label("What happened").fill("Fell off on the way")
    tap(page, "Take it in")
    expect(page.get_by_text(re.compile("HOME-")).first).to_be_visible()
