"""Selling with the keyboard alone, with a scanner, in two taps, and without script."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from gasstock.accounts.models import Station, User
from gasstock.billing.services.shifts import open_shift
from gasstock.inventory.services.verify import differences
from gasstock.orders.models import LineKind, Order
from tests.factories import make_brand, make_listing, make_member, make_station, make_user
from tests.factories import make_variant as variant

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}


@pytest.fixture
def station() -> Station:
    """SP and Jibu, 6 and 12 kg, and a hose, at a counter that is open."""
    station = make_station("kimironko", code="KGP", name="Kimironko Gas Point")
    for name, colour in (("SP", "blue"), ("Jibu", "sky")):
        brand = make_brand(name, colour=colour)
        product = variant(f"{name} 12 kg", brand=brand, sku=f"{name.upper()}-12").product
        make_listing(station, product.variants.get(), full=10)
        small = variant(f"{name} 6 kg", size_g=6_000, product=product, sku=f"{name.upper()}-6")
        make_listing(station, small, full=10, refill_price=10_000, new_price=None)
    make_listing(
        station,
        variant("Hose 1.5 m", size_g=None, sku="HOSE-15"),
        full=5,
        refill_price=3_000,
        new_price=None,
    )
    return station


@pytest.fixture
def cashier(station) -> User:
    person = make_member(make_user("manager@example.com", name="Claire Mukamana"), station)
    open_shift(person, station=station, float_amount=50_000)
    return person


@pytest.fixture
def desk(context, page: Page, sign_in, cashier) -> Page:
    page.set_viewport_size(DESK)
    sign_in(cashier)
    page.goto("/at/kimironko/counter/")
    return page


def slowly(page: Page, *keys: str) -> None:
    """As a person types: slower than a scanner."""
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(150)


def scan(page: Page, code: str) -> None:
    """As a scanner types: all at once, and Enter, which must not press what has the focus."""
    passed = page.evaluate(
        """code => [...code, "Enter"].map(key => document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}))).at(-1)""",
        code,
    )
    assert passed is False


def sold(count: int = 1) -> Order:
    assert Order.objects.counter().count() == count
    assert list(differences()) == []
    return Order.objects.counter().latest("pk")


def test_a_sale_by_keyboard_alone(desk):
    slowly(desk, "ArrowDown", "ArrowRight", "Enter", "Enter", "n", "n", "ArrowDown", "Enter")
    expect(desk.locator("#lines li")).to_have_count(2)
    slowly(desk, "+", "-", "n")
    expect(desk.locator("#due")).to_have_text("92,000")  # 2 refills and a new cylinder
    slowly(desk, *"100000")
    expect(desk.locator("#change")).to_have_text("8,000")

    slowly(desk, "c")

    expect(desk.locator(".gs-last")).to_contain_text("Sold, RWF\xa092,000, change RWF\xa08,000")
    expect(desk.locator("#lines li")).to_have_count(0)
    lines = sold().lines.order_by("pk").values_list("variant__name", "kind", "quantity")
    assert list(lines) == [
        ("Jibu 12 kg", LineKind.EXCHANGE, 2),
        ("SP 12 kg", LineKind.NEW, 1),
    ]

    slowly(desk, "r", "c")

    expect(desk.locator(".gs-last")).to_contain_text("Sold, RWF\xa040,000")
    sold(2)


def test_the_buyer_the_bank_and_the_account_by_keyboard(desk, station):
    buyer = make_user("marie@example.com", name="Marie Uwase", phone="+250788412906")
    slowly(desk, "ArrowDown", "Enter", "a")
    expect(desk.locator("#who-why")).to_contain_text("somebody has to owe")
    desk.keyboard.type("0788412906")
    expect(desk.locator("#people")).to_contain_text("Marie Uwase")
    desk.keyboard.press("Enter")
    expect(desk.locator("#whom")).to_contain_text("Marie Uwase")

    slowly(desk, *"4000", "c")
    expect(desk.locator("#parts")).to_contain_text("Cash received")
    slowly(desk, *"1000", "b")
    desk.keyboard.type("FT77")
    desk.keyboard.press("Enter")
    expect(desk.locator("#parts")).to_contain_text("FT77")
    slowly(desk, "a")

    expect(desk.locator(".gs-last")).to_contain_text("on account RWF\xa05,000")
    sale = sold()
    assert (sale.buyer, sale.invoice.due) == (buyer, 5_000)


def test_a_scanner_adds_what_it_reads(desk):
    for code in ("HOSE-15", "SP-12", "sp-12"):
        scan(desk, code)

    expect(desk.locator("#lines li")).to_have_count(2)
    expect(desk.locator("#due")).to_have_text("43,000")

    scan(desk, "NOTHING-1")
    expect(desk.locator("#trouble")).to_contain_text("Nothing here has the code NOTHING-1.")
    slowly(desk, "c")

    expect(desk.locator(".gs-last")).to_contain_text("Sold, RWF\xa043,000")
    sold()


@pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["360", "1440"])
def test_a_refill_and_its_repeat_in_two_taps(desk, viewport):
    desk.set_viewport_size(viewport)
    desk.locator('[data-sku="SP-12"]').click()
    desk.locator('[data-pay="cash"]:visible').last.click()
    expect(desk.locator(".gs-last")).to_contain_text("Sold, RWF\xa020,000")

    desk.get_by_role("button", name=re.compile("Repeat: SP 12 kg")).click()
    desk.locator('[data-pay="cash"]:visible').last.click()

    expect(desk.locator('[data-sku="SP-12"]')).to_contain_text("8 free")
    assert sold(2).total == 20_000
    width = desk.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"]


def test_a_missing_empty_another_brand_and_a_return(desk, station):
    Station.objects.update(takes_foreign_empties=True)
    desk.reload()
    slowly(desk, "t")
    desk.locator('[data-sku="JIBU-6"]').click()
    expect(desk.locator("#due-word")).to_have_text("To pay out")
    slowly(desk, "t")
    desk.locator('[data-sku="SP-12"]').click()
    slowly(desk, "+", "e")
    expect(desk.locator("#lines")).to_contain_text("Take back 1 empty, 1 charged as new")
    desk.locator("[data-brand]").select_option("empty Jibu 12 kg")
    expect(desk.locator("#due")).to_have_text("42,000")  # 20,000 + 52,000 less 30,000 deposit
    slowly(desk, "c")

    expect(desk.locator(".gs-last")).to_contain_text("Sold, RWF\xa042,000")
    refill = sold().lines.get(kind=LineKind.EXCHANGE)
    assert (refill.empties, refill.empty_variant.name) == (1, "Jibu 12 kg")


def test_the_ticket_survives_a_reload_and_a_lost_answer(context, sign_in, cashier):
    sign_in(cashier)
    desk = context.new_page()  # htmx writes a lost answer to the console, as it should
    desk.goto("/at/kimironko/counter/")
    desk.locator('[data-sku="SP-12"]').click()
    desk.reload()
    expect(desk.locator("#lines li")).to_have_count(1)

    def lose(route):
        route.fetch(max_redirects=0)
        route.abort()

    desk.route("**/sell/", lose)
    slowly(desk, "c")
    expect(desk.locator("#trouble")).to_contain_text("No answer came")
    assert Order.objects.count() == 1
    desk.unroute("**/sell/")

    slowly(desk, "c")

    expect(desk.locator("#lines li")).to_have_count(0)
    sold(1)


def test_what_is_short_is_said_at_the_line_and_the_ticket_stays(desk, station):
    desk.locator('[data-sku="HOSE-15"]').click()
    desk.locator("[data-quantity]").fill("6")
    desk.locator("[data-quantity]").press("Enter")
    desk.locator("h1").click(force=True)
    expect(desk.locator("#lines")).to_contain_text("Only 5 free")
    desk.locator('[data-pay="cash"]:visible').first.click()

    expect(desk.locator("#lines [data-warning]")).to_have_text("Only 5 free.")
    expect(desk.locator("#lines li")).to_have_count(1)
    assert Order.objects.count() == 0


def test_a_phone_shows_what_came_of_it(desk):
    """The change above the keys, a refusal on the ticket below them."""
    desk.set_viewport_size(PHONE)
    desk.locator('[data-sku="SP-12"]').click()
    desk.locator("#ticket [data-pay=cash]").click()
    expect(desk.locator(".gs-last")).to_be_in_viewport()

    desk.locator('[data-sku="JIBU-12"]').click()
    desk.locator("#lines [data-quantity]").fill("30")
    desk.evaluate("scrollTo(0, 0)")
    desk.locator("#bar [data-pay=cash]").click()

    expect(desk.get_by_text("Only 10 free")).to_be_in_viewport()


def test_without_script_it_is_a_form(browser: Browser, live_server, cashier, client, settings):
    context = browser.new_context(
        base_url=live_server.url, viewport=PHONE, java_script_enabled=False
    )
    client.force_login(cashier)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    context.add_cookies([cookie])
    page = context.new_page()
    page.goto("/at/kimironko/counter/")
    row = page.get_by_role("group", name="SP 12 kg")

    row.get_by_label(re.compile("Refill")).fill("2")
    page.get_by_label("Hose 1.5 m: Pieces").fill("1")
    page.get_by_role("button", name="Add it up").click()
    expect(page.get_by_text("43,000").first).to_be_visible()
    page.get_by_role("textbox", name=re.compile("Cash given")).fill("40,000")
    page.get_by_role("button", name="Sell").click()
    expect(page.locator("#till_given_0_error")).to_contain_text("does not cover")
    page.get_by_role("textbox", name=re.compile("Cash given")).fill("50,000")
    page.get_by_role("button", name="Sell").click()

    expect(page.locator(".gs-last")).to_contain_text("Sold, RWF\xa043,000, change RWF\xa07,000")
    sold()
    context.close()
