"""What the checkout says of the fee as the buyer chooses a place, with scripts and without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from gasstock.accounts.models import Address, User
from gasstock.inventory.models import Listing
from gasstock.orders.models import Cart, CartLine, DeliveryArea, Order
from tests.factories import make_listing, make_station, make_user

FEES = {"Gasabo": 1_000, "Kicukiro": 2_500, "Huye": 9_000}


@pytest.fixture
def gas() -> Listing:
    """A refill of 20,000, brought for 1,000, and for more to some districts."""
    listing = make_listing(make_station("kimironko", code="KGP"))
    for district, fee in FEES.items():
        DeliveryArea.objects.create(station=listing.station, district=district, fee=fee)
    return listing


@pytest.fixture
def buyer(gas: Listing) -> User:
    """Somebody with the refill in the cart, and two addresses."""
    buyer = make_user("buyer@example.com")
    cart = Cart.objects.create(user=buyer, token="t")
    CartLine.objects.create(cart=cart, listing=gas, kind="exchange", quantity=1)
    for place, district in (("Home", "Gasabo"), ("Work", "Kicukiro")):
        Address.objects.create(user=buyer, label=place, district=district, line="KG 1 St")
    return buyer


def choose(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name).check()


def place(page: Page) -> None:
    page.get_by_role("button", name="Place the order").locator("visible=true").first.click()


def test_the_sum_follows_the_place(page: Page, sign_in: Callable[[User], None], buyer: User):
    sign_in(buyer)
    page.goto("/checkout/")
    total, fee = page.locator("#sum-bar"), page.locator("#fee")
    expect(total).to_contain_text("21,000")

    choose(page, "Work")
    expect(total).to_contain_text("22,500")
    expect(fee).to_have_text("RWF\xa02,500")
    choose(page, "Another address")
    expect(total).to_contain_text("21,000")
    expect(page.locator("#sum")).to_contain_text("Delivery, usual fee")
    page.locator("#id_district").select_option("Huye")
    expect(total).to_contain_text("29,000")
    expect(page.locator("#sum")).to_contain_text("Delivery to Huye")
    choose(page, "I pick it up")
    expect(total).to_contain_text("20,000")
    choose(page, "Deliver to me")
    expect(total).to_contain_text("29,000")

    page.get_by_label("Street").fill("Near the market")
    place(page)
    page.wait_for_url("**/orders/KGP-*/")

    assert Order.objects.get().total == 29_000


def test_what_was_said_of_another_district_goes_with_it(
    page: Page, sign_in: Callable[[User], None], buyer: User
):
    sign_in(buyer)
    page.goto("/checkout/")
    page.locator("[name=district_seen]").evaluate("field => field.value = 'Huye'")
    page.locator("[name=delivered_total]").evaluate("field => field.value = '29000'")
    place(page)
    expect(page.get_by_role("alert")).to_contain_text("Delivery to Gasabo costs RWF\xa01,000")

    choose(page, "Work")

    expect(page.locator("#sum-bar")).to_contain_text("22,500")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_without_scripts_the_new_sum_is_said_first(browser: Browser, live_server, buyer, client):
    client.force_login(buyer)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    context.add_cookies([cookie | {"url": live_server.url}])
    page = context.new_page()
    page.goto("/checkout/")
    choose(page, "Work")
    place(page)

    expect(page.get_by_role("alert")).to_contain_text(
        "Delivery to Kicukiro costs RWF\xa02,500; the total is now RWF\xa022,500."
    )
    place(page)
    page.wait_for_url("**/orders/KGP-*/")
    context.close()

    assert Order.objects.get().total == 22_500
