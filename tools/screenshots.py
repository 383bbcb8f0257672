"""`make screenshots`: the demo's pages as pictures, and what is wrong with them.

Every page is opened by somebody who signed in through the form, on a phone and on a desk, in
light and in dark. Whatever axe calls serious, whatever the console complains of, and whatever
is wider than the screen is printed, and ends the program with an error.
"""

import base64
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, sync_playwright

from tools import run, services

FOLDER = run.ROOT / "docs" / "screenshots"
PASSWORD = "gasstock-demo"  # noqa: S105 the demo tells it to everybody
HOST = "127.0.0.1"
VIEWPORTS = {360: 740, 1440: 900}
THEMES = ("light", "dark")
TALLEST = 1800  # pixels; what is below is cut off
QUALITY = 60  # of WebP
START_SECONDS = 600
GRAVE = {"serious", "critical"}
# Where things are in the demo. It runs in the server's environment, apart from Playwright.
LOOK_UP = """
from gasstock.accounts.models import Station, User
from gasstock.billing.models import Invoice, Shift
from gasstock.delivery.models import Homecoming
from gasstock.inventory.models import Listing, Stocktake, Transfer
from gasstock.orders.models import Order
from gasstock.purchasing.models import PurchaseOrder, Supplier
from gasstock.billing.services.shifts import open_shift, shift_of
def one(rows): return rows.order_by("-pk").first() or rows.model(pk=0)
main = one(Station.objects.filter(memberships__user__email="manager@demo.example"))
buyer, rider = User.objects.get(email="buyer@demo.example"), User.objects.get(
    email="rider@demo.example")
clerk = User.objects.get(email="clerk@demo.example")
drawer = shift_of(clerk, main) or open_shift(clerk, station=main, float_amount=20_000)
here, hers = Order.objects.at(main), Order.objects.of(buyer)
on_shelf = Listing.objects.on_sale().at(main).in_stock()
shown = one(on_shelf.filter(variant__sku="SP-12")) or one(on_shelf)
found = {
    "station": main.slug,
    "listing": shown.pk,
    "on_the_way": one(hers.filter(status="dispatched")).number,
    "delivered": one(hers.filter(status="delivered", rating=None)).number,
    "my_invoice": one(Invoice.objects.of(buyer).exclude(number=None)).pk,
    "invoice": one(Invoice.objects.at(main).filter(status="submitted")).pk,
    "approved": one(here.filter(status="approved", fulfilment="delivery")).number,
    "unbilled": one(here.filter(status="delivered", invoice__number=None)).number,
    "run": one(here.filter(status="dispatched", rider=rider)).number,
    "rider": rider.pk,
    "to_post": one(Homecoming.objects.filter(station=main, posted_at=None)).pk,
    "posted": one(Homecoming.objects.filter(station=main).exclude(reason="")).pk,
    "sale": one(here.filter(channel="counter", status="closed")).number,
    "drawer": drawer.pk,
    "shift": one(Shift.objects.at(main).filter(status="closed")).pk,
    "count": one(Stocktake.objects.at(main).filter(status="counted")).pk,
    "transfer": one(Transfer.objects.filter(destination=main, status="sent")).pk,
    "purchase": one(PurchaseOrder.objects.at(main).filter(status="part_received")).pk,
    "draft": one(PurchaseOrder.objects.at(main).filter(status="draft")).pk,
    "supplier": one(Supplier.objects.at(main)).pk,
    "user": buyer.pk,
    "product": shown.variant.product_id,
}
for name, value in found.items():
    print(f"found {name} {value}")
"""


@dataclass(frozen=True)
class Shot:
    """A page to take: what the file is called, who looks, and where it is in the demo."""

    name: str
    who: str  # "" for somebody who did not sign in
    path: str
    status: int = 200


SHOTS = (
    Shot("storefront", "", "/"),
    Shot("listing", "", "/gas/{listing}/"),
    Shot("sign-in", "", "/account/login/"),
    Shot("sign-up", "", "/account/signup/"),
    Shot("help", "", "/help/"),
    Shot("safety", "", "/safety/"),
    Shot("not-found", "", "/no/such/page/", status=404),
    Shot("storefront-buyer", "buyer", "/?q=SP"),
    Shot("cart", "buyer", "/cart/"),
    Shot("checkout", "buyer", "/checkout/"),
    Shot("today-buyer", "buyer", "/my/"),
    Shot("my-orders", "buyer", "/orders/"),
    Shot("order-on-the-way", "buyer", "/orders/{on_the_way}/"),
    Shot("order-delivered", "buyer", "/orders/{delivered}/"),
    Shot("my-invoice", "buyer", "/invoices/{my_invoice}/"),
    Shot("profile", "buyer", "/profile/"),
    Shot("sell", "buyer", "/sell/"),
    Shot("second-factor", "buyer", "/account/2fa/"),
    Shot("today-manager", "manager", "/at/{station}/today/"),
    Shot("today-clerk", "clerk", "/at/{station}/today/"),
    Shot("today-rider", "rider", "/at/{station}/today/"),
    Shot("board", "manager", "/at/{station}/orders/"),
    Shot("deliveries", "manager", "/at/{station}/deliveries/"),
    Shot("order-to-send", "manager", "/at/{station}/orders/{approved}/"),
    Shot("order-to-bill", "manager", "/at/{station}/orders/{unbilled}/"),
    Shot("riders", "manager", "/at/{station}/riders/"),
    Shot("load-count", "clerk", "/at/{station}/riders/{rider}/count/"),
    Shot("load-differs", "manager", "/at/{station}/homecomings/{to_post}/"),
    Shot("loads-counted", "manager", "/at/{station}/homecomings/"),
    Shot("load-paper", "manager", "/at/{station}/homecomings/{posted}/"),
    Shot("custody", "manager", "/at/{station}/custody/"),
    Shot("counter", "clerk", "/at/{station}/counter/"),
    Shot("sales", "manager", "/at/{station}/counter/sales/"),
    Shot("sale", "manager", "/at/{station}/counter/sales/{sale}/"),
    Shot("receipt", "clerk", "/at/{station}/counter/sales/{sale}/receipt/"),
    Shot("drawer", "clerk", "/at/{station}/drawer/"),
    Shot("drawer-count", "clerk", "/at/{station}/drawers/{drawer}/count/"),
    Shot("z-report", "manager", "/at/{station}/drawers/{shift}/"),
    Shot("stock", "manager", "/at/{station}/stock/"),
    Shot("yard", "manager", "/at/{station}/stock/?view=yard"),
    Shot("running-low", "manager", "/at/{station}/stock/alerts/"),
    Shot("adjust", "manager", "/at/{station}/stock/{listing}/adjust/"),
    Shot("moves", "manager", "/at/{station}/moves/"),
    Shot("counts", "manager", "/at/{station}/stock/counts/"),
    Shot("count", "manager", "/at/{station}/stock/counts/{count}/"),
    Shot("transfers", "manager", "/at/{station}/stock/transfers/"),
    Shot("transfer", "manager", "/at/{station}/stock/transfers/{transfer}/"),
    Shot("cylinders", "manager", "/at/{station}/cylinders/"),
    Shot("holders", "manager", "/at/{station}/cylinders/holders/"),
    Shot("import", "manager", "/at/{station}/imports/"),
    Shot("buying", "manager", "/at/{station}/purchases/"),
    Shot("purchase", "manager", "/at/{station}/purchases/{purchase}/"),
    Shot("receive", "clerk", "/at/{station}/purchases/{purchase}/receive/"),
    Shot("purchase-draft", "manager", "/at/{station}/purchases/{draft}/change/"),
    Shot("supplier", "manager", "/at/{station}/suppliers/{supplier}/"),
    Shot("listing-edit", "manager", "/at/{station}/stock/{listing}/"),
    Shot("listing-moves", "manager", "/at/{station}/stock/{listing}/moves/"),
    Shot("invoices", "manager", "/at/{station}/invoices/"),
    Shot("invoice", "manager", "/at/{station}/invoices/{invoice}/"),
    Shot("ratings", "manager", "/at/{station}/ratings/"),
    Shot("team", "manager", "/at/{station}/team/"),
    Shot("station-settings", "manager", "/at/{station}/settings/"),
    Shot("delivery-settings", "manager", "/at/{station}/settings/delivery/"),
    Shot("reports", "manager", "/at/{station}/reports/"),
    Shot("report-sales", "manager", "/at/{station}/reports/sales/?compare=on"),
    Shot("report-margin", "manager", "/at/{station}/reports/margin/"),
    Shot("report-receivables", "manager", "/at/{station}/reports/receivables/"),
    Shot("customers-here", "manager", "/at/{station}/customers/"),
    Shot("inbox", "manager", "/notices/"),
    Shot("preferences", "manager", "/notices/preferences/"),
    Shot("runs", "rider", "/at/{station}/runs/"),
    Shot("hand-over", "rider", "/at/{station}/runs/{run}/"),
    Shot("not-delivered", "rider", "/at/{station}/runs/{run}/failed/"),
    Shot("today-admin", "admin", "/platform/"),
    Shot("approvals", "admin", "/approvals/"),
    Shot("all-invoices", "admin", "/all-invoices/"),
    Shot("users", "admin", "/users/"),
    Shot("user", "admin", "/users/{user}/"),
    Shot("stations", "admin", "/stations/"),
    Shot("station", "admin", "/stations/{station}/"),
    Shot("customers", "admin", "/customers/"),
    Shot("customer", "admin", "/customers/{user}/"),
    Shot("report-stations", "admin", "/reports/sales/?days=last-month&group=station"),
    Shot("outbox", "admin", "/outbox/"),
    Shot("platform-settings", "admin", "/platform/settings/"),
    Shot("roles", "admin", "/platform/roles/"),
    Shot("audit", "admin", "/platform/audit/"),
    Shot("system", "admin", "/platform/system/"),
    Shot("catalogue", "admin", "/catalogue/"),
    Shot("product", "admin", "/catalogue/products/{product}/"),
)


def main(names: list[str]) -> int:
    """Take all pictures, or those of the pages named; return how the program ends."""
    shots = [shot for shot in SHOTS if shot.name in names or not names]
    if unknown := set(names) - {shot.name for shot in shots}:
        return run.complain(f"No such page: {', '.join(sorted(unknown))}.", 2)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with demo() as (address, places), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=services.chromium() or None, args=services.CHROMIUM_ARGUMENTS
        )
        faults = list(Album(browser, address, places).take(shots))
        browser.close()
    for fault in faults:
        print(fault, flush=True)
    size = sum(path.stat().st_size for path in FOLDER.glob("*.webp"))
    print(f"{len(shots)} pages, {len(faults)} faults, {size / 1e6:.1f} MB in {FOLDER.name}/")
    return 1 if faults else 0


# --- The demo, served -------------------------------------------------------------------------


@contextmanager
def demo() -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a fresh demo; yield its address, and where in it the things to show are."""
    with tempfile.TemporaryDirectory(prefix="gasstock-") as folder:
        port = _free_port()
        os.environ |= {
            **run.DEFAULTS,
            "DATA_DIR": folder,
            "HOST": HOST,
            "PORT": str(port),
            "DATABASE_URL": "",
            "REDIS_URL": "",
        }
        server = run.start(run.PYTHON, "-m", "tools.run")
        try:
            _wait_for(server, port)
            yield f"http://{HOST}:{port}", _look_up()
        finally:
            run.stop_all({"server": server})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(server: run.Child, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not run.answers(HOST, port):
        if server.poll() is not None or time.monotonic() > deadline:
            raise SystemExit("The demo did not start.")
        time.sleep(0.3)


def _look_up() -> dict[str, str]:
    command = [run.PYTHON, "manage.py", "shell", "--no-imports", "-c", LOOK_UP]
    asked = subprocess.run(command, cwd=run.ROOT, capture_output=True, text=True, check=True)
    said = (line.split() for line in asked.stdout.splitlines())
    return {words[1]: words[2] for words in said if words[:1] == ["found"]}


# --- Looking ----------------------------------------------------------------------------------


class Album:
    """Takes the pictures and hears the complaints."""

    def __init__(self, browser: Browser, address: str, places: dict[str, str]) -> None:
        self.browser, self.address, self.places = browser, address, places
        self._faults: list[str] = []

    def take(self, shots: list[Shot]) -> Iterator[str]:
        """Take each shot at every width in every theme; yield what is wrong with it."""
        for who in dict.fromkeys(shot.who for shot in shots):
            state = self._sign_in(who) if who else None
            for width, height in VIEWPORTS.items():
                for theme in THEMES:
                    context = self._context(state, width, height, theme)
                    for shot in (each for each in shots if each.who == who):
                        yield from self._look(context, shot, f"{shot.name}-{width}-{theme}")
                    context.close()

    def _sign_in(self, who: str) -> str:
        """Sign in as a person does; return the file that keeps their session."""
        context = self._context(None, 360, VIEWPORTS[360], "light")
        page = context.new_page()
        page.goto("/account/login/")
        page.fill("input[name=login]", f"{who}@demo.example")
        page.fill("input[name=password]", PASSWORD)
        page.click("form:has(input[name=password]) .btn-primary")
        page.wait_for_url(lambda url: not urlsplit(url).path.startswith("/account/"))
        kept = Path(os.environ["DATA_DIR"]) / f"{who}.json"
        context.storage_state(path=kept)
        context.close()
        return str(kept)

    def _context(self, state: str | None, width: int, height: int, theme: str) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": width, "height": height},
            reduced_motion="reduce",
            storage_state=state,
        )
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": "theme", "value": theme, "url": self.address}])
        context.route(re.compile(r"\.css$"), _wait_for_font)
        return context

    def _look(self, context: BrowserContext, shot: Shot, name: str) -> Iterator[str]:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
        page.on(
            "console",
            lambda said: (
                complaints.append(f"console: {said.text}") if said.type == "error" else None
            ),
        )
        try:
            answer = page.goto(shot.path.format(**self.places))
            page.evaluate("document.fonts.ready")
            page.locator("[aria-busy=true]").first.wait_for(state="detached")  # cards are there
            complaints += _faults_of(page, answer, shot)
            _picture(page, FOLDER / f"{name}.webp")
        except Exception as error:  # a page that never comes is a fault like the others
            complaints.append(f"{type(error).__name__}: {error}".splitlines()[0])
        page.close()
        expected = f"status of {shot.status}" if shot.status != 200 else "\0"
        yield from (f"{name}: {said}" for said in complaints if expected not in said)


def _wait_for_font(route: Route) -> None:
    """Show the first visit in the font that the second has, so that pictures are alike."""
    answer = route.fetch(max_retries=2)
    route.fulfill(response=answer, body=answer.text().replace("font-display:optional", ""))


def _faults_of(page: Page, answer: Response | None, shot: Shot) -> Iterator[str]:
    """What is wrong with the page as it stands."""
    if answer is None or answer.status != shot.status:
        yield f"status {answer and answer.status}, not {shot.status}"
    elif answer.request.redirected_from:
        yield f"was sent on to {urlsplit(page.url).path}"
    screen = page.viewport_size or {"width": 0}
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > screen["width"]:
        yield f"is {width} px wide"
    for found in Axe().run(page).response["violations"]:
        if found["impact"] in GRAVE:
            nodes = found["nodes"]
            yield f"axe {found['impact']} {found['id']} ({len(nodes)}×): {nodes[0]['html'][:160]}"


def _picture(page: Page, file: Path) -> None:
    """Save the page from its top to its end, or to where it gets too long."""
    size = page.viewport_size or {"width": 0, "height": 0}
    height = page.evaluate("document.documentElement.scrollHeight")
    tall = max(size["height"], min(height, TALLEST))
    page.set_viewport_size({"width": size["width"], "height": tall})
    devtools = page.context.new_cdp_session(page)
    asked = {"format": "webp", "quality": QUALITY}
    taken = devtools.send("Page.captureScreenshot", asked)
    file.write_bytes(base64.b64decode(taken["data"]))
    devtools.detach()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
