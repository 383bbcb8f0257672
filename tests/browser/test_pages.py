"""The pages everybody meets, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.factories import make_member, make_station


@pytest.mark.parametrize("path", ["/", "/account/login/", "/account/signup/", "/help/", "/safety/"])
def test_a_page_is_accessible_and_keeps_the_policy(page, path):
    answer = page.goto(path)

    assert answer.status == 200
    assert "unsafe" not in answer.headers["content-security-policy"]
    found = Axe().run(page).response["violations"]
    assert [(issue["id"], issue["nodes"][0]["html"]) for issue in found] == []


@pytest.mark.parametrize("path", ["/", "/account/login/"])
def test_a_page_fits_a_phone(page, path):
    assert page.goto(path).status == 200

    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_row_of_tabs_wider_than_the_phone_shows_where_we_are(context, page, sign_in):
    station = make_station("kimironko")
    sign_in(make_member(None, station))

    page.goto("/at/kimironko/imports/")

    expect(page.get_by_role("link", name="Import", exact=True)).to_be_in_viewport(ratio=1)
