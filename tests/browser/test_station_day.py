"""A station's day as its people live it: the drawer, a sale, a truck, a count, a transfer.

`make test-browser` tells it on SQLite and once more on PostgreSQL.
"""

import re
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from gasstock.accounts.models import Station, User
from gasstock.billing.models import Shift, ShiftStatus
from gasstock.inventory.models import Balance, Stocktake, StocktakeLine, Transfer, TransferStatus
from gasstock.orders.models import LineKind, Order
from gasstock.purchasing.models import PurchaseLine, PurchaseStatus
from gasstock.purchasing.services.suppliers import add_supplier
from tests.factories import make_brand, make_listing, make_member, make_station, make_user
from tests.factories import make_variant as variant

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
Enter = Callable[..., Page]


@pytest.fixture
def people() -> dict[str, User]:
    """Kimironko sells SP and Jibu and hoses; Remera lists SP and has none left."""
    here = make_station("kimironko", code="KGP", name="Kimironko Gas Point")
    there = make_station("remera", code="RMR", name="Remera Gas")
    sp = variant("SP 12 kg", brand=make_brand("SP", colour="blue"), sku="SP-12")
    make_listing(here, sp, full=10, empty=4)
    make_listing(there, sp, full=0)
    make_listing(here, variant("Jibu 12 kg", brand=make_brand("Jibu"), sku="JIBU-12"), full=6)
    hose = variant("Hose 1.5 m", size_g=None, sku="HOSE-15")
    make_listing(here, hose, full=5, refill_price=3_000, new_price=None)
    add_supplier(None, station=here, name="Rwanda Depot")
    return {
        "claire": make_member(make_user(name="Claire Mukamana"), here),
        "boss": make_member(make_user(name="Eric Mugisha"), here),
        "clerk": make_member(make_user(name="Aline Uwera"), here, "clerk"),
        "remera": make_member(make_user(name="Jean Habimana"), there),
    }


@pytest.fixture
def enter(browser: Browser, live_server, settings, people) -> Iterator[Enter]:
    """Open a page of somebody's own browser: `enter("claire", PHONE)`."""
    contexts = []

    def enter(who: str, viewport: dict[str, int] = DESK) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport=viewport, reduced_motion="reduce"
        )
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


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def open_the_drawer(page: Page) -> None:
    page.goto("/at/kimironko/counter/")
    page.get_by_role("link", name="Open the drawer").click()
    page.get_by_label("Cash in the drawer").fill("50,000")
    press(page, "Open the drawer")
    page.wait_for_url(lambda url: "/open/" not in url)


def sell(page: Page) -> None:
    """A refill, a new cylinder and a hose; 80,000 are given and 5,000 go back."""
    page.goto("/at/kimironko/counter/")
    for code in ("SP-12", "HOSE-15", "JIBU-12"):
        page.locator(f'[data-sku="{code}"]').click()
    line = page.locator("#lines li", has_text="Jibu 12 kg")
    line.locator("[data-kinds] label", has_text="New").click()
    expect(page.locator("#due")).to_have_text("75,000")
    for key in ("8", "0", "000"):
        page.locator(f'[data-k="{key}"]').click()
    page.locator('[data-pay="cash"]:visible').first.click()
    expect(page.locator(".gs-last")).to_contain_text("Sold, RWF\xa075,000, change RWF\xa05,000")

    page.locator(".gs-last").get_by_role("link", name="Receipt").click()
    slip = page.locator("main.rc")
    expect(slip).to_contain_text(re.compile(r"Receipt KGP-RCT-\d{4}-00001"))
    expect(slip).to_contain_text("Deposit you hold: RWF\xa030,000")
    page.get_by_role("link", name="Next sale").click()
    expect(page.locator("#lines li")).to_have_count(0)


def buy(page: Page) -> None:
    """Ten refills are ordered; eight come and one is dented."""
    page.goto("/at/kimironko/purchases/new/")
    page.get_by_label("Supplier", exact=True).select_option(label="Rwanda Depot")
    first = page.get_by_role("group", name="Line 1")
    what = first.get_by_label("What", exact=True)
    refill = what.locator("option", has_text="SP 12 kg").first.get_attribute("value")
    with page.expect_response("**/row/0/*"):
        what.select_option(refill)
    with page.expect_response("**/row/0/*"):
        first.get_by_label("How many").fill("10")
        first.get_by_label("Each", exact=True).focus()
    empties = first.get_by_label("Empties to send")
    expect(empties).to_have_value("5")  # as many as are here
    empties.fill("1")
    first.get_by_label("Each", exact=True).fill("14,000")
    page.get_by_role("button", name="Save the draft").last.click()
    press(page, "Give it its number")
    page.get_by_role("link", name="Receive goods").click()
    page.get_by_label(re.compile("Accepted: SP 12 kg")).fill("8")
    page.get_by_label(re.compile("Rejected: SP 12 kg")).fill("1")
    page.get_by_text("Why rejected?").first.click()
    page.get_by_label(re.compile("Why not: SP 12 kg")).fill("Dented")
    press(page, "Take it in")
    expect(page.get_by_text("8 of 10 came").first).to_be_visible()


def count_the_yard(page: Page) -> None:
    """One full SP is missing; everything else stands as the books say."""
    page.goto("/at/kimironko/stock/counts/")
    press(page, "Start a count")
    expect(page.get_by_role("heading", name="Counting, COUNT-")).to_be_visible()
    figures = {"SP 12 kg, full": 16, "SP 12 kg, empty": 4, "Jibu 12 kg, full": 5}
    for name, figure in figures.items():
        with page.expect_response("**/save/"):
            page.get_by_label(name).fill(str(figure))
            page.get_by_label(name).press("Tab")
    expect(page.locator("#progress")).to_contain_text("3 of 7 counted")
    press(page, "Finish counting")
    expect(page.get_by_text("somebody else compares it with the books")).to_be_visible()


def approve_the_count(page: Page) -> None:
    page.goto(Stocktake.objects.get().get_absolute_url())
    expect(page.get_by_role("heading", name="1 differs")).to_be_visible()
    expect(page.get_by_text("16 counted, 17 in the books")).to_be_visible()
    press(page, "Approve")
    expect(page.get_by_text("approved by Eric Mugisha")).to_be_visible()


def offer(page: Page) -> None:
    page.goto("/at/kimironko/stock/transfers/add/")
    page.get_by_text("We send", exact=True).click()
    page.get_by_label("Other station").select_option(label="Remera Gas")
    press(page, "Choose what")
    page.get_by_label("SP 12 kg, full").fill("5")
    press(page, "Offer it to Remera Gas")
    expect(page.get_by_text("Remera Gas has to agree.")).to_be_visible()


def agree(page: Page) -> None:
    page.goto("/at/remera/stock/transfers/")
    page.get_by_role("link", name="TRANSFER-").first.click()
    press(page, "Agree")
    expect(page.get_by_text("Kimironko Gas Point loads it now.")).to_be_visible()


def send(page: Page) -> None:
    page.goto("/at/kimironko/stock/transfers/")
    page.get_by_role("link", name="TRANSFER-").first.click()
    page.get_by_label("Who drives").fill("Paul Mutabazi")
    press(page, "Send it off")
    expect(page.get_by_text("with Paul Mutabazi").first).to_be_visible()


def take_in(page: Page) -> None:
    """Four of five come; the fifth fell off, and Paul answers for it."""
    page.reload()
    page.get_by_label(re.compile("SP 12 kg")).fill("4")
    press(page, "Take it in")
    page.get_by_text("Write off what is missing").click()
    page.get_by_label("Who answers for it").fill("Paul Mutabazi")
    page.get_by_role("textbox", name="What happened").fill("Fell off the truck")
    press(page, "Write off and close")
    expect(page.get_by_text("1 lost: Paul Mutabazi, Fell off the truck")).to_be_visible()


def count_the_drawer(page: Page) -> None:
    """The float and the 75,000 that were taken."""
    page.goto("/at/kimironko/drawer/")
    page.get_by_role("link", name="Count the drawer").click()
    page.get_by_label("How many of RWF\xa05,000").fill("25")
    press(page, "This is what is there")
    expect(page.get_by_role("heading", name="Counted, not accepted yet")).to_be_visible()


def accept_the_drawer(page: Page) -> None:
    shift = Shift.objects.get()
    page.goto(f"/at/kimironko/drawers/{shift.pk}/")
    press(page, "Accept the drawer")
    expect(
        page.get_by_role("heading", name=re.compile(r"Z report KGP-Z-\d{4}-00001"))
    ).to_be_visible()
    expect(page.get_by_text("Accepted by Eric Mugisha")).to_be_visible()


def on_shelf(slug: str) -> dict[tuple[str, str], int]:
    rows = Balance.objects.filter(location__station__slug=slug, location__kind="station")
    return {
        (name, condition): on_hand
        for name, condition, on_hand in rows.values_list("variant__name", "condition", "on_hand")
        if on_hand
    }


def test_a_stations_day(enter: Enter):
    claire, boss, remera = enter("claire"), enter("boss"), enter("remera")

    open_the_drawer(claire)
    sell(claire)
    buy(claire)
    count_the_yard(enter("clerk", PHONE))
    approve_the_count(boss)
    offer(claire)
    agree(remera)
    send(claire)
    take_in(remera)
    count_the_drawer(claire)
    accept_the_drawer(boss)

    said = StringIO()
    call_command("verify_ledger", stdout=said)
    assert "clean" in said.getvalue()
    sale = Order.objects.counter().get()
    assert set(sale.lines.values_list("kind", flat=True)) == {
        LineKind.EXCHANGE,
        LineKind.NEW,
        LineKind.ACCESSORY,
    }
    assert PurchaseLine.objects.get().order.status == PurchaseStatus.PART_RECEIVED
    assert StocktakeLine.objects.filter(counted__isnull=False).count() == 3
    assert Transfer.objects.get().status == TransferStatus.RECEIVED
    assert Shift.objects.get().status == ShiftStatus.CLOSED
    assert on_shelf("kimironko") == {
        ("SP 12 kg", "full"): 11,
        ("SP 12 kg", "empty"): 4,
        ("Jibu 12 kg", "full"): 5,
        ("Hose 1.5 m", "full"): 4,
    }
    assert on_shelf("remera") == {("SP 12 kg", "full"): 4}
    assert Station.objects.count() == 2
