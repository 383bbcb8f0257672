"""An admin's morning: what waits, last month's sales, a setting, two accounts, the machine.

Once on a desk and once on a phone; `make test-browser` tells it on SQLite and on PostgreSQL.
"""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.files import File
from playwright.sync_api import Browser, Page, expect

from gasstock.accounts.models import Station, StationStatus, User
from gasstock.audit.models import AuditEvent
from gasstock.billing.models import Invoice, InvoiceStatus, Method
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import open_shift
from gasstock.core import clock, platform
from gasstock.core.sheets import read_rows
from gasstock.inventory.models import Listing
from gasstock.orders.models import LineKind, Order, OrderStatus
from gasstock.orders.services.counter import SaleLine, sell
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import approve_order, dispatch_order
from gasstock.orders.services.money import submit_bill
from gasstock.reports.models import Frequency, SavedView
from tests.factories import (
    PASSWORD,
    make_admin,
    make_brand,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
    make_variant,
)

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
Open = Callable[[str], Page]


@pytest.fixture(autouse=True)
def kimironko() -> Station:
    """It sold last month, has an order above its limit and sent a bill; another one applied."""
    station = make_station("kimironko", code="KGP", name="Kimironko Gas Point")
    claire = make_member(make_user("claire@example.com", name="Claire Mukamana"), station)
    sp, jibu = (
        make_listing(station, make_variant(f"{name} 12 kg", brand=make_brand(name)), full=20)
        for name in ("SP", "Jibu")
    )
    with clock.at(last_month()):
        open_shift(claire, station=station, float_amount=50_000)
        for quantity, listing in ((3, sp), (1, jibu)):
            sell(
                claire,
                station=station,
                lines=[SaleLine(listing, LineKind.EXCHANGE, quantity)],
                tenders=[Tender(Method.CASH, quantity * 20_000)],
                key=str(listing.pk),
            )
    marie = make_user("marie@example.com", name="Marie Uwase")
    bill_one(claire, marie, sp)
    make_order({sp: 6}, buyer=marie)
    applicant = make_user("jean@example.com", name="Jean Habimana")
    make_station("remera", name="Remera Gas", status=StationStatus.APPLIED, applicant=applicant)
    make_user("paul@example.com", name="Paul Mutabazi")
    make_admin("admin@example.com", name="Christian Ndayisaba")
    return station


def last_month() -> datetime:
    """In the middle of it."""
    return (clock.now().replace(day=1) - timedelta(days=1)).replace(day=15, hour=10)


def bill_one(manager: User, buyer: User, gas: Listing) -> None:
    """One refill for the buyer, delivered, its invoice sent to be approved."""
    order = approve_order(make_admin(), order=make_order({gas: 1}, buyer=buyer))
    order = dispatch_order(manager, order=order)
    handed = {line.pk: Handed(line.quantity, line.quantity) for line in order.lines.all()}
    submit_bill(manager, order=deliver_order(manager, order=order, handed=handed, code=order.code))


@pytest.fixture(params=[DESK, PHONE], ids=["1440", "360"])
def enter(request, browser: Browser, live_server) -> Iterator[Open]:
    """Open a browser of this size and sign somebody in by the form; it must not complain."""
    contexts, complaints = [], []

    def enter(who: str) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=request.param,
            reduced_motion="reduce",
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/account/login/")
        sign_in(page, who)
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page: Page, who: str) -> None:
    page.get_by_label("E-mail").fill(f"{who}@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def at_home(page: Page) -> None:
    """Signed in, and not on the way any more."""
    page.wait_for_url(lambda url: "/account/login/" not in url)


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def told(page: Page, text: str) -> None:
    """A toast says so; it is read and closed."""
    toast = page.locator("#toasts .gs-toast", has_text=text)
    toast.get_by_role("button").click()
    expect(toast).to_have_count(0)


def press(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("button", name=name).locator("visible=true").first.click()


def test_an_admins_morning(enter: Open) -> None:
    claire, paul = enter("claire"), enter("paul")
    at_home(claire)
    at_home(paul)
    admin = enter("admin")

    answer_what_waits(admin)
    look_at_last_month(admin)
    take_it_away(admin)
    keep_it_and_have_it_sent(admin)
    change_a_setting(admin)
    read_it_in_the_audit(admin)
    close_an_account(admin, paul)
    sign_out_somebody(admin, claire)
    look_at_a_customer(admin)
    look_at_the_machine(admin)


def answer_what_waits(page: Page) -> None:
    """Today comes by itself after the sign-in; what waits is on it and is then answered."""
    page.wait_for_url(re.compile("/platform/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    needs = page.locator("section", has=page.get_by_role("heading", name="Needs you"))
    order = Order.objects.get(status=OrderStatus.PLACED)
    bill = Invoice.objects.get(status=InvoiceStatus.SUBMITTED)
    for what in (str(order), str(bill), "Remera Gas"):
        expect(needs).to_contain_text(what)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    fits(page)

    needs.get_by_role("link", name=re.compile(f"Decide.*{order.number}")).click()
    row = page.locator(f"#order-{order.pk}")
    expect(row).to_contain_text("Above the limit of RWF\xa0100,000")
    press(page, re.compile(f"Approve.*{order.number}"))
    expect(page.get_by_text(re.compile(f"{order.number}.* approved")).first).to_be_visible()
    page.goto("/approvals/")
    press(page, re.compile(f"Approve.*{bill.number}"))
    expect(page.get_by_text(re.compile(f"{bill.number}.* approved")).first).to_be_visible()
    press(page, re.compile("Approve.*Remera Gas"))
    expect(page.get_by_text(re.compile("Remera Gas.* approved")).first).to_be_visible()
    fits(page)

    order.refresh_from_db()
    bill.refresh_from_db()
    assert (order.status, bill.status) == (OrderStatus.APPROVED, InvoiceStatus.APPROVED)
    assert Station.objects.get(slug="remera").status == StationStatus.APPROVED
    page.goto("/platform/")
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()


def look_at_last_month(page: Page) -> None:
    page.goto("/reports/")
    page.locator("main").get_by_role("link", name=re.compile("^Sales What")).click()
    page.wait_for_url(re.compile("/reports/sales/$"))
    page.get_by_label("Days").select_option(label="Last month")
    total = page.locator("tr.gs-total")
    expect(total).to_contain_text("80,000")
    page.get_by_label("Rows").select_option("product")
    rows = page.locator(".gs-report tbody tr:not(.gs-total)")
    expect(rows).to_have_count(2)
    page.get_by_label("Brand").select_option(label="SP")
    expect(rows).to_have_count(1)
    expect(total).to_contain_text("60,000")
    assert all(part in page.url for part in ("days=last-month", "group=product", "brand="))
    drawn = page.locator("canvas").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(x => x)"
    )
    assert drawn
    fits(page)


def take_it_away(page: Page) -> None:
    """Both files say what the page says, in numbers."""
    for link in ("CSV", "Excel"):
        with page.expect_download() as taken:
            page.get_by_role("link", name=link, exact=True).click()
        name = taken.value.suggested_filename
        first = last_month().replace(day=1).date()
        assert re.fullmatch(rf"gasstock-sales-{first}-\d{{4}}-\d\d-\d\d\.(csv|xlsx)", name)
        with Path(taken.value.path()).open("rb") as file:
            head, *rows = [cells for _, cells in read_rows(File(file, name=name))]
        assert [row[0] for row in rows][-1] == "Total"
        [charged] = [n for n, title in enumerate(head) if title.startswith("Charged (RWF)")]
        assert [float(row[charged]) for row in rows] == [60_000, 60_000]


def keep_it_and_have_it_sent(page: Page) -> None:
    page.get_by_label("Keep this report as it is set, under a name").fill("SP last month")
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("SP last month")
    page.get_by_label("Send it by e-mail").select_option(label="On the first of the month")
    press(page, "Save")
    kept = page.locator("section", has=page.get_by_role("heading", name="Saved by you"))
    expect(kept).to_contain_text("On the first of the month")
    fits(page)
    kept.get_by_role("link", name="SP last month", exact=True).click()
    expect(page.locator("tr.gs-total")).to_contain_text("60,000")
    view = SavedView.objects.get()
    assert (view.station, view.report, view.frequency) == (None, "sales", Frequency.MONTHLY)


def change_a_setting(page: Page) -> None:
    """What cannot be is said beside its field, and what else was typed stays."""
    page.goto("/platform/settings/")
    days = page.get_by_label("Days until an invoice is due")
    assert days.input_value() == str(platform.of_environment().invoice_due_days) != "21"
    days.fill("999")
    page.get_by_label("Days of stock to keep").fill("10")
    press(page, "Save")
    expect(page.get_by_role("alert").first).to_contain_text("1 thing to put right")
    field = page.locator("#div_id_invoice_due_days")
    expect(field).to_contain_text("From 0 to 365.")
    expect(days).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Days of stock to keep")).to_have_value("10")
    assert platform.saved() is None
    fits(page)
    days.fill("21")
    press(page, "Save")
    told(page, "Saved. It holds from now on.")
    expect(days).to_have_value("21")
    now = platform.saved()
    assert now
    assert (now.invoice_due_days, now.cover_days) == (21, 10)


def read_it_in_the_audit(page: Page) -> None:
    before = platform.of_environment()
    page.get_by_role("link", name="Who changed what").click()
    entry = page.locator(".gs-audit > li")
    expect(entry).to_have_count(1)
    expect(entry).to_contain_text("Christian Ndayisaba")
    expect(entry).to_contain_text("127.0.0.1")
    was = {*entry.locator("del").all_inner_texts()}
    now = {*entry.locator("ins").all_inner_texts()}
    assert (was, now) == ({str(before.invoice_due_days), str(before.cover_days)}, {"21", "10"})
    fits(page)
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV", exact=True).click()
    text = Path(taken.value.path()).read_text(encoding="utf-8-sig")
    assert f"{before.invoice_due_days} → 21" in text


def close_an_account(page: Page, paul: Page) -> None:
    """Paul is out at once, and does not come in again."""
    paul.goto("/profile/")
    expect(paul.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/users/?q=Paul")
    page.get_by_role("link", name="Paul Mutabazi").click()
    page.get_by_text("Deactivate …").click()
    press(page, "Deactivate Paul")
    expect(page.get_by_text("Deactivated", exact=True).first).to_be_visible()
    fits(page)
    paul.goto("/profile/")
    paul.wait_for_url(re.compile("/account/login/"))
    sign_in(paul, "paul")
    expect(paul.get_by_role("heading", name="This account is closed")).to_be_visible()
    paul.goto("/profile/")
    paul.wait_for_url(re.compile("/account/login/"))


def sign_out_somebody(page: Page, claire: Page) -> None:
    """Claire signs in anew and is where she was."""
    claire.goto("/at/kimironko/orders/")
    page.goto("/users/?q=Claire")
    page.get_by_role("link", name="Claire Mukamana").click()
    press(page, "Sign out everywhere")
    told(page, "Claire")
    claire.goto("/at/kimironko/orders/")
    claire.wait_for_url(re.compile("/account/login/"))
    sign_in(claire, "claire")
    claire.wait_for_url(re.compile("/at/kimironko/orders/$"))
    done = AuditEvent.objects.filter(action__startswith="user.", actor__email="admin@example.com")
    assert sorted(done.values_list("action", "target_text")) == [
        ("user.deactivated", "Paul Mutabazi"),
        ("user.signed_out", "Claire Mukamana"),
    ]


def look_at_a_customer(page: Page) -> None:
    page.goto("/customers/")
    page.get_by_label("Find a customer").fill("Marie")
    row = page.locator("#customers tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("RWF\xa021,000")  # of the bill approved this morning
    fits(page)
    row.get_by_role("link", name="Marie Uwase").click()
    expect(page.locator("#orders tbody tr")).to_have_count(2)
    expect(page.locator("#orders")).to_contain_text("RWF\xa0121,000")
    fits(page)


def look_at_the_machine(page: Page) -> None:
    page.goto("/platform/system/")
    expect(page.get_by_text("All applied")).to_be_visible()
    expect(page.get_by_text("None made by GasStock")).to_be_visible()
    fits(page)
    press(page, "Check now")
    expect(page.locator("#books")).to_contain_text(re.compile("A check is under way|Nothing"))
