"""How heavy a first page is on the wire, and when it can be read on a cheap phone far away.

A rider is signed in already, with an empty cache all the same.
"""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.load.figures import Figure
from tools import services
from tools.screenshots import PASSWORD, demo

PAGES = {"storefront": "/", "listing": "/gas/{listing}/", "sign-in": "/account/login/"}
RIDERS_PAGES = {"runs": "/at/{station}/runs/", "run": "/at/{station}/runs/{run}/"}
PHONE = {"width": 360, "height": 740}
LINE = {
    "offline": False,
    "downloadThroughput": 400_000 / 8,  # bytes a second
    "uploadThroughput": 400_000 / 8,
    "latency": 400,  # milliseconds a request waits
}
SLOWER = 4  # how much slower than ours the phone's processor is
VISITS = 5  # the middle one counts
# The browser tells of the paint after the fact, so of one long past as well.
LARGEST_PAINT = """new Promise(tell => new PerformanceObserver(
    list => tell(list.getEntries().at(-1).startTime)
).observe({type: "largest-contentful-paint", buffered: true}))"""


def measure() -> Iterator[Figure]:
    """Visit the demo, each time with an empty cache."""
    with demo() as (address, places), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=services.chromium() or None, args=services.CHROMIUM_ARGUMENTS
        )
        for name, path in PAGES.items():
            yield from _figures(browser, name, address + path.format(**places), most=75)
        cookies = _sign_in(browser, address, "rider")
        for name, path in RIDERS_PAGES.items():
            yield from _figures(browser, name, address + path.format(**places), cookies, most=65)
        browser.close()


def _sign_in(browser: Browser, address: str, who: str) -> list[Any]:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("input[name=login]", f"{who}@demo.example")
    page.fill("input[name=password]", PASSWORD)
    page.click("form:has(input[name=password]) .btn-primary")
    page.wait_for_url(lambda url: "/account/" not in url)
    cookies = context.cookies()
    context.close()
    return cookies


def _figures(
    browser: Browser, name: str, url: str, cookies: Sequence[Any] = (), *, most: int
) -> Iterator[Figure]:
    _visit(browser, url, cookies)  # the server's templates are compiled once
    visits = [_visit(browser, url, cookies) for _ in range(VISITS)]
    weight, shown = (median(values) for values in zip(*visits, strict=True))
    yield Figure(f"{name}, on the wire", weight / 1000, "kB", most=most)
    yield Figure(f"{name}, largest paint at 400 kbit/s", shown / 1000, "s", most=2.5)


def _visit(browser: Browser, url: str, cookies: Sequence[Any]) -> tuple[float, float]:
    """Return bytes received, headers included, and milliseconds to the largest paint."""
    context = browser.new_context(viewport=PHONE)
    context.add_cookies(list(cookies))
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    received: list[float] = []
    devtools.on("Network.loadingFinished", lambda told: received.append(told["encodedDataLength"]))
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", LINE)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url, wait_until="networkidle")
    shown = page.evaluate(LARGEST_PAINT)
    context.close()
    return sum(received), shown
