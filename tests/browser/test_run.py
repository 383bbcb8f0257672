"""At the door, on a phone whose network comes and goes."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from gasstock.accounts.permissions import Role
from gasstock.delivery.models import Delivery, Photo
from tests.delivery.acts import assigned, out
from tests.factories import make_listing, make_member, make_station, make_user

DONE = re.compile("Order .+ is handed over")
HERE = re.compile("/runs/[^/]+/$")


@pytest.fixture
def delivery(sign_in) -> Delivery:
    """Two refills at 20,000, on the way with Eric, whose phone we hold."""
    station = make_station("kimironko", code="KGP", approval_limit=1_000_000)
    manager = make_member(None, station)
    eric = make_member(make_user(name="Eric Mugisha"), station, Role.RIDER)
    sign_in(eric)
    return out(manager, eric, {make_listing(station): 2}, address="KG 11 Ave 24")


@pytest.fixture
def door(context, delivery):
    """The page of the delivery, opened from the list. htmx complains when the network is away."""
    page = context.new_page()
    page.goto("/at/kimironko/runs/")
    page.get_by_role("link", name="I am here").click()
    expect(page.get_by_role("heading", name="KG 11 Ave 24")).to_be_visible()
    return page


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def one_empty_less(page):
    page.get_by_role("button", name="One less").last.click()


def cash(page):
    return page.get_by_label("Cash you took")


def code(page):
    return page.get_by_label(re.compile("4-digit code")).last


def photo() -> dict:
    kept = io.BytesIO()
    Image.effect_noise((3000, 2000), 60).save(kept, "JPEG", quality=95)
    return {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}


def size_of(chosen) -> int:
    return chosen.evaluate("input => input.files.length && input.files[0].size")


def until(page, holds):
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    pytest.fail("It never came to that.")


def test_the_cash_follows_the_bill_until_another_sum_is_typed(door):
    expect(cash(door)).to_have_value("41,000")

    one_empty_less(door)
    expect(cash(door)).to_have_value("73,000")

    cash(door).fill("60,000")
    cash(door).blur()
    expect(door.get_by_text(re.compile("13,000 stays open"))).to_be_visible()

    one_empty_less(door)
    expect(door.get_by_text(re.compile("45,000 stays open"))).to_be_visible()
    expect(cash(door)).to_have_value("60,000")


def test_the_empties_follow_what_is_handed_over_until_somebody_says_otherwise(door):
    empties = door.get_by_label(re.compile("Empties of"))
    less, more = (door.get_by_role("button", name=f"One {way}").first for way in ("less", "more"))

    less.click()
    expect(empties).to_have_value("1")
    expect(cash(door)).to_have_value("21,000")

    more.click()
    expect(empties).to_have_value("2")
    expect(cash(door)).to_have_value("41,000")

    one_empty_less(door)
    less.click()
    more.click()
    expect(empties).to_have_value("1")


def test_a_lost_network_loses_nothing_and_the_second_press_delivers(door, delivery):
    code(door).fill(delivery.order.code)
    chosen = door.locator("input[type=file]")
    chosen.set_input_files(photo())
    until(door, lambda: size_of(chosen) < 500_000)
    door.context.set_offline(True)

    press(door, "Delivered")
    expect(door.get_by_text("All you typed is kept")).to_be_visible()
    expect(code(door)).to_have_value(delivery.order.code)

    door.context.set_offline(False)
    press(door, "Delivered")
    expect(door.get_by_text(DONE).first).to_be_visible()

    delivery.refresh_from_db()
    assert delivery.status == "delivered"
    assert Photo.objects.count() == 1


def test_an_answer_that_is_lost_on_the_way_is_asked_for_again(door, delivery):
    def lose(route):
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.continue_()

    code(door).fill(delivery.order.code)
    door.route(HERE, lose)
    press(door, "Delivered")
    expect(door.get_by_text("All you typed is kept")).to_be_visible()
    delivery.refresh_from_db()
    assert delivery.status == "delivered"

    door.unroute(HERE)
    press(door, "Delivered")
    expect(door.get_by_text(DONE).first).to_be_visible()
    assert delivery.order.events.filter(kind="delivered").count() == 1
    assert delivery.cash.count() == 1


def test_a_phone_that_forgets_the_page_brings_back_what_was_typed(door, delivery):
    one_empty_less(door)
    expect(cash(door)).to_have_value("73,000")
    code(door).fill("12")

    door.reload()

    expect(code(door)).to_have_value("12")
    expect(door.get_by_label(re.compile("Empties of"))).to_have_value("1")
    expect(cash(door)).to_have_value("73,000")


def test_a_photo_is_small_before_it_is_sent_and_outlives_a_wrong_code(door, delivery):
    wrong = "0000" if delivery.order.code != "0000" else "1111"
    chosen = door.locator("input[type=file]")
    chosen.set_input_files(photo())
    until(door, lambda: size_of(chosen) < 500_000)

    code(door).fill(wrong)
    press(door, "Delivered")
    expect(door.get_by_text("4 more tries").last).to_be_visible()
    assert 0 < size_of(chosen) < 500_000

    code(door).fill(delivery.order.code)
    press(door, "Delivered")
    expect(door.get_by_text(DONE).first).to_be_visible()
    assert Photo.objects.count() == 1


def test_a_tick_that_was_taken_away_stays_so_while_the_list_refreshes(page, sign_in):
    station = make_station("kimironko", code="KGP", approval_limit=1_000_000)
    manager = make_member(None, station)
    eric = make_member(make_user(name="Eric Mugisha"), station, Role.RIDER)
    sign_in(eric)
    gas = make_listing(station)
    assigned(manager, eric, gas)
    assigned(manager, eric, gas)
    page.goto("/at/kimironko/runs/")
    page.get_by_role("checkbox").first.uncheck()
    page.get_by_role("heading", name="My runs").click()
    heading = page.get_by_role("heading", name="My runs").element_handle()
    page.evaluate("htmx.ajax('GET', location.pathname, {target: '#runs', swap: 'outerHTML'})")
    heading.wait_for_element_state("hidden")

    expect(page.get_by_role("checkbox").first).not_to_be_checked()
    expect(page.get_by_role("checkbox").last).to_be_checked()
