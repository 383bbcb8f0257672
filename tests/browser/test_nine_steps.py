"""The main job as people do it: order, approve, send, hand over, bill, approve, pay, rate.

Once on a phone and once on a desktop; and on a phone whose browser runs no script at all.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from gasstock.inventory.services.verify import differences
from gasstock.orders.models import Order
from tests.factories import (
    PASSWORD,
    make_admin,
    make_brand,
    make_listing,
    make_member,
    make_station,
    make_user,
    make_variant,
)

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
Open = Callable[[str], Page]


@pytest.fixture
def market() -> None:
    """A station with SP 12 kg at 20,000, whose team needs an admin for every order."""
    station = make_station("kimironko", code="KGP", name="Kimironko Gas Point", approval_limit=0)
    make_listing(station, make_variant("SP 12 kg", brand=make_brand("SP")), full=10)
    make_member(make_user("manager@example.com", name="Claire Mukamana"), station)
    make_user("buyer@example.com", name="Marie Uwase")
    make_admin("admin@example.com", name="Christian Ndayisaba")


@pytest.fixture(params=[(PHONE, True), (DESK, True), (PHONE, False)], ids=["360", "1440", "no-js"])
def enter(request, browser: Browser, live_server, market) -> Open:
    """Open a browser of this kind and sign somebody in by the form; returns their page."""
    viewport, scripts = request.param
    contexts = []

    def enter(who: str = "") -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=viewport,
            java_script_enabled=scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        if who:
            page.goto("/account/login/")
            sign_in(page, who)
        return page

    yield enter
    for context in contexts:
        context.close()


def sign_in(page: Page, who: str) -> None:
    page.get_by_label("E-mail").fill(f"{who}@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/account/login/" not in url)


def order_as_a_visitor(page: Page) -> str:
    """Fill a cart, sign in on the way to the checkout, order; returns the order's number."""
    page.goto("/")
    page.get_by_role("button", name=re.compile("Add SP 12 kg")).click()
    page.wait_for_load_state("networkidle")
    page.goto("/checkout/")
    sign_in(page, "buyer")
    expect(page.get_by_role("heading", name="Checkout")).to_be_visible()
    page.get_by_label("District").select_option("Gasabo")
    page.get_by_label(re.compile("Street")).fill("KG 11 Ave 27, blue gate")
    page.get_by_label("Phone").fill("0788 412 906")
    page.get_by_role("button", name="Place the order").locator("visible=true").first.click()
    page.wait_for_url(re.compile("/orders/KGP-"))
    return page.url.rstrip("/").rpartition("/")[2]


def test_nine_steps(enter: Open) -> None:
    buyer, admin, manager = enter(), enter("admin"), enter("manager")

    number = order_as_a_visitor(buyer)  # 1 the buyer orders

    admin.goto("/approvals/")  # 2 the admin approves
    admin.get_by_role("button", name=re.compile("Approve .*" + number)).click()
    expect(admin.get_by_text(re.compile(f"{number}.* approved")).first).to_be_visible()

    manager.goto(f"/at/kimironko/orders/{number}/")  # 3 the station sends it off
    manager.get_by_role("button", name="Send", exact=True).click()
    expect(manager.get_by_role("link", name="Hand over").first).to_be_visible()

    buyer.goto(f"/orders/{number}/")  # 4 the buyer reads the code
    code = buyer.locator(".gs-code").get_attribute("aria-label").replace(" ", "")
    assert code == Order.objects.get().code

    manager.get_by_role("link", name="Hand over").first.click()  # 5 handed over against it
    manager.get_by_label(re.compile("^Cash")).fill("0")  # the money comes later
    manager.get_by_role("textbox", name=re.compile("4-digit code")).fill(code)
    manager.get_by_role("button", name="Delivered").click()
    manager.wait_for_url(re.compile(f"/orders/{number}/$"))

    manager.get_by_role("button", name="Submit invoice").first.click()  # 6 billed
    expect(manager.get_by_text(re.compile("KGP-INV-")).first).to_be_visible()

    admin.goto("/approvals/")  # 7 the admin approves the bill
    admin.get_by_role("button", name=re.compile("Approve .*KGP-INV-")).click()
    expect(admin.get_by_text(re.compile("KGP-INV-.* approved")).first).to_be_visible()

    admin.goto("/approvals/?tab=unpaid")  # 8 and marks it paid
    admin.get_by_role("link", name="Mark paid").click()
    admin.get_by_label("Cash").check()
    admin.get_by_role("button", name=re.compile("paid", re.IGNORECASE)).first.click()
    expect(admin.get_by_text(re.compile("KGP-INV-.* paid")).first).to_be_visible()

    buyer.goto(f"/orders/{number}/")  # 9 the buyer rates
    buyer.locator(".gs-stars label", has_text="4 of 5").click()
    buyer.get_by_label("Comment").or_(buyer.locator("[name=comment]")).first.fill("Quick")
    buyer.get_by_role("button", name="Send rating").click()
    expect(buyer.get_by_text("Quick")).to_be_visible()

    order = Order.objects.get()
    assert (order.status, order.invoice.status, order.rating.stars) == ("closed", "paid", 4)
    assert list(differences()) == []
