"""Prices and levels changed where they stand, and the drawer of movements beside the list."""

import re

import pytest
from django.urls import reverse

from gasstock.audit.models import AuditEvent
from gasstock.inventory.models import Condition, LowStockAlert
from gasstock.inventory.services.adjustments import adjust_stock
from gasstock.inventory.services.listings import change_listing
from tests.factories import make_listing, make_member, make_station, make_variant

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def url(name, *args, slug="kimironko"):
    return reverse(f"stock:{name}", args=[slug, *args])


def test_a_field_opens_in_its_row_with_what_it_says(client, manager, gas):
    client.force_login(manager)

    answer = client.get(url("listing_cell", gas.pk, "refill_price"), headers=HTMX)

    assert answer.text.count("<form") - answer.text.count("listing_unpublish") >= 1
    assert answer.text.count("<tr") == 1
    assert re.search(r'<input [^>]*name="refill_price" value="20,000"[^>]*autofocus', answer.text)
    assert f"{url('listing_row', gas.pk)}?from=refill_price" in answer.text


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("refill_price", "21,500", 21_500),
        ("new_price", "23,000", 23_000),
        ("new_price", "", None),
        ("reorder_level", "4", 4),
    ],
)
def test_saving_a_field_answers_with_its_row_and_leaves_the_rest(
    client, manager, gas, field, typed, kept
):
    client.force_login(manager)
    change_listing(None, listing=gas, reorder_level=3)
    before = {"refill_price": 20_000, "new_price": 22_000, "reorder_level": 3}

    answer = client.post(url("listing_cell", gas.pk, field), {field: typed}, headers=HTMX)

    gas.refresh_from_db()
    assert {name: getattr(gas, name) for name in before} == before | {field: kept}
    assert answer.status_code == 200
    assert f'id="listing-{gas.pk}"' in answer.text
    assert f'name="{field}"' not in answer.text
    assert answer.text.count("autofocus") == 1
    event = AuditEvent.objects.filter(action="listing.changed").latest("pk")
    assert event.data == {"before": {field: before[field]}, "after": {field: kept}}
    assert event.actor == manager


def test_saving_the_same_twice_is_one_change(client, manager, gas):
    client.force_login(manager)

    for _ in range(2):
        where = url("listing_cell", gas.pk, "refill_price")
        client.post(where, {"refill_price": "21,000"}, headers=HTMX)

    assert AuditEvent.objects.filter(action="listing.changed").count() == 1


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("refill_price", "0", "At least"),
        ("refill_price", "", "required"),
        ("refill_price", "12.000", "without a point"),
        ("new_price", "-5", "At least"),
        ("reorder_level", "-1", "greater than or equal to 0"),
        ("reorder_level", "many", "whole number"),
    ],
)
def test_bad_input_stays_in_the_field_with_the_reason_beside_it(
    client, manager, gas, field, typed, says
):
    client.force_login(manager)

    answer = client.post(url("listing_cell", gas.pk, field), {field: typed}, headers=HTMX)

    assert answer.status_code == 422
    assert f'name="{field}" value="{typed}"' in answer.text
    assert says in answer.text.partition("gs-cell__b")[2].partition("</p>")[0]
    assert 'aria-invalid="true"' in answer.text
    gas.refresh_from_db()
    assert (gas.refill_price, gas.new_price, gas.reorder_level) == (20_000, 22_000, 0)


def test_leaving_a_field_brings_back_the_row(client, manager, gas):
    client.force_login(manager)

    answer = client.get(url("listing_row", gas.pk) + "?from=refill_price", headers=HTMX)

    assert "<input" not in answer.text.replace('<input type="hidden"', "")
    link = re.search(r'<a class="gs-edit"[^>]*autofocus', answer.text)
    assert "refill_price" in link.group()


def test_without_scripts_the_link_leads_to_the_edit_page(client, manager, gas):
    client.force_login(manager)

    assert f'href="{url("listing_edit", gas.pk)}"' in client.get(url("listings")).text
    answer = client.get(url("listing_cell", gas.pk, "refill_price"))
    assert answer.url == url("listing_edit", gas.pk)
    assert client.get(url("listing_row", gas.pk)).url == url("listings")


def test_only_prices_and_the_level_are_changed_in_place(client, manager, gas, station):
    client.force_login(manager)
    hose = make_listing(station, make_variant(size_g=None))

    for pk, field in ((gas.pk, "full"), (gas.pk, "sold_lately"), (hose.pk, "new_price"), (0, "x")):
        assert client.get(url("listing_cell", pk, field), headers=HTMX).status_code == 404
    with pytest.raises(ValueError, match="sold_lately"):
        change_listing(None, listing=gas, sold_lately=3)


def test_a_lower_level_ends_the_alert_and_a_higher_one_raises_it_at_once(client, manager, gas):
    client.force_login(manager)
    where = url("listing_cell", gas.pk, "reorder_level")

    client.post(where, {"reorder_level": "10"}, headers=HTMX)
    assert LowStockAlert.objects.shown().get().listing == gas
    client.post(where, {"reorder_level": "9"}, headers=HTMX)

    assert not LowStockAlert.objects.open().exists()


def test_prices_are_for_managers_of_this_station(client, clerk, gas):
    where = url("listing_cell", gas.pk, "refill_price")
    client.force_login(clerk)
    assert client.post(where, {"refill_price": "1"}, headers=HTMX).status_code == 403
    other = make_member(None, make_station("other"))
    client.force_login(other)

    theirs = url("listing_cell", gas.pk, "refill_price", slug="other")
    for path in (where, theirs, url("listing_row", gas.pk, slug="other")):
        assert client.get(path, headers=HTMX).status_code == 404
    assert client.post(theirs, {"refill_price": "1"}, headers=HTMX).status_code == 404
    gas.refresh_from_db()
    assert gas.refill_price == 20_000


# --- The drawer -------------------------------------------------------------------------------


def test_the_drawer_shows_the_movements_and_loads_more(client, manager, gas):
    client.force_login(manager)
    for n in range(30):
        adjust_stock(None, listing=gas, condition=Condition.EMPTY, quantity=n, reason="Counted")
    where = url("listing_moves", gas.pk)
    assert f'hx-get="{where}" hx-target="#drawer"' in client.get(url("listings")).text

    drawer = client.get(where, headers=HTMX | {"HX-Target": "drawer"}).text
    more = re.search(r'hx-get="([^"]+)" hx-target="#more"[^>]*intersect once', drawer)
    rest = client.get(more[1], headers=HTMX | {"HX-Target": "more"}).text

    assert drawer.strip().startswith('<div id="drawer"')
    assert 'id="ledger-title"' in drawer
    assert (drawer.count("<time"), rest.count("<time")) == (25, 7)
    assert 'id="more"' not in rest
    assert "<h1" not in drawer + rest
