"""What a station sells and holds, through the API."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.inventory.models import Listing, LowStockAlert, Move
from gasstock.inventory.services.adjustments import adjust_stock
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
    make_variant,
)

NEW = {"refill_price": "19500", "opening": {"full": 12, "empty": 3}}
STOLEN = {"condition": "FULL", "quantity": -2, "reason": "Two were stolen"}


@pytest.fixture(autouse=True)
def _books_are_clean(db):
    yield
    call_command("verify_ledger", verbosity=0)


@pytest.fixture
def station(db):
    return make_station("remera", code="RMR", name="Remera Gas")


@pytest.fixture
def seller(station):
    return signed_in(make_member(make_user(name="Claire Niyonsaba"), station))


@pytest.fixture
def gas(station):
    """Ten full and four empty ones of SP 12 kg."""
    return make_listing(station, make_variant("SP 12 kg", sku="SP-12"), empty=4)


def refused(call, *args, **query):
    with pytest.raises(Refused) as refusal:
        call(*args, **query)
    return refusal.value


# --- Inventory ----------------------------------------------------------------------------------


def test_an_item_is_the_listing_and_what_there_is_of_it(seller, api, gas):
    make_order(gas)

    item = seller.get(f"seller/inventory/{gas.pk}/")

    assert item == api.get(f"gas/{gas.pk}/") | {
        "on_hand": 10,
        "reserved": 1,
        "available": 9,
        "empty": 4,
        "defect": 0,
        "reorder_level": 0,
        "published": True,
    }
    assert seller.get("seller/inventory/")["items"] == [item]


def test_something_new_is_sold_from_the_first_count_on(seller, api):
    make_variant("SP 6 kg", sku="SP-6", size_g=6_000)

    answer = seller.ask("POST", "seller/inventory/", NEW | {"sku": "SP-6"})

    item = answer.json()
    assert answer.status_code == 201
    assert (item["on_hand"], item["available"], item["empty"]) == (12, 12, 3)
    assert (item["refill_price"], item["new_price"], item["published"]) == ("19500", None, True)
    assert [x["id"] for x in api.get("gas/")["items"]] == [item["id"]]


def test_what_is_not_published_is_not_on_sale(seller, api):
    make_variant("SP 6 kg", sku="SP-6", size_g=6_000)

    seller.post("seller/inventory/", NEW | {"sku": "SP-6", "published": False})

    assert api.get("gas/")["items"] == []


def test_the_same_key_adds_it_once(seller):
    make_variant("SP 6 kg", sku="SP-6", size_g=6_000)
    body = NEW | {"sku": "SP-6"}

    first = seller.post("seller/inventory/", body, key="one")
    again = seller.post("seller/inventory/", body, key="one")

    assert first == again
    assert Listing.objects.count() == 1
    assert refused(seller.post, "seller/inventory/", body).kind == "already-listed"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sku": "NOTHING"}, "sku"),
        ({"refill_price": "0"}, "refill_price"),
        ({"refill_price": None}, "refill_price"),
        ({"new_price": "0"}, "new_price"),
        ({"opening": {"full": -1}}, "opening.full"),
        ({"opening": {"empty": "3"}}, "opening.empty"),
        ({"reorder_level": True}, "reorder_level"),
        ({"published": "yes"}, "published"),
    ],
)
def test_what_is_wrong_with_a_new_item_stands_beside_it(seller, wrong, field):
    make_variant("SP 6 kg", sku="SP-6", size_g=6_000)

    refusal = refused(seller.post, "seller/inventory/", NEW | {"sku": "SP-6"} | wrong)

    assert (refusal.status, [*refusal.fields]) == (422, [field])
    assert not Listing.objects.exists()


def test_what_the_catalogue_retired_is_not_added(seller):
    variant = make_variant("SP 6 kg", sku="SP-6")
    variant.retired_at = "2026-01-01T00:00Z"
    variant.save()

    assert refused(seller.post, "seller/inventory/", NEW | {"sku": "SP-6"}).fields.keys() == {"sku"}


def test_a_change_leaves_the_rest_as_it_is(seller, gas):
    changed = seller.patch(f"seller/inventory/{gas.pk}/", {"refill_price": "21000"})

    assert (changed["refill_price"], changed["new_price"], changed["published"]) == (
        "21000",
        "22000",
        True,
    )
    assert seller.patch(f"seller/inventory/{gas.pk}/", {"new_price": None})["new_price"] is None
    assert seller.patch(f"seller/inventory/{gas.pk}/", {})["refill_price"] == "21000"


def test_it_is_hidden_and_shown_again(seller, api, gas):
    path = f"seller/inventory/{gas.pk}/"

    assert seller.patch(path, {"published": False})["published"] is False
    assert api.get("gas/")["items"] == []
    assert seller.patch(path, {"published": True})["published"] is True
    assert len(api.get("gas/")["items"]) == 1


def test_a_change_is_made_whole_or_not_at_all(seller, gas):
    gas.variant.retired_at = "2026-01-01T00:00Z"
    gas.variant.save()
    Listing.objects.update(is_published=False)

    refusal = refused(
        seller.patch, f"seller/inventory/{gas.pk}/", {"refill_price": "5", "published": True}
    )

    gas.refresh_from_db()
    assert (refusal.status, refusal.kind, gas.refill_price) == (409, "not-sold", 20_000)


def test_a_new_level_warns_at_once(seller, gas):
    seller.patch(f"seller/inventory/{gas.pk}/", {"reorder_level": 10})

    assert LowStockAlert.objects.get().listing == gas


@pytest.mark.parametrize("name", ["refill_price", "reorder_level", "published"])
def test_null_is_no_price_and_no_level(seller, gas, name):
    refusal = refused(seller.patch, f"seller/inventory/{gas.pk}/", {name: None})

    assert (refusal.status, [*refusal.fields]) == (422, [name])


def test_it_is_retired_once_there_is_none(seller, station):
    gas = make_listing(station, full=1)
    path = f"seller/inventory/{gas.pk}/"

    refusal = refused(seller.delete, path)
    seller.post(f"{path}adjust/", STOLEN | {"quantity": -1})
    answer = seller.ask("DELETE", path)

    assert (refusal.status, refusal.kind) == (409, "listing-in-use")
    assert (answer.status_code, answer.content) == (204, b"")
    assert refused(seller.get, path).status == 404
    assert seller.get("seller/inventory/")["items"] == []


def test_what_is_of_another_station_is_not_there(seller):
    foreign = make_listing(make_station())
    path = f"seller/inventory/{foreign.pk}/"

    calls = [
        lambda: seller.get(path),
        lambda: seller.patch(path, {"refill_price": "1"}),
        lambda: seller.delete(path),
        lambda: seller.post(f"{path}adjust/", STOLEN),
    ]

    assert [refused(call).status for call in calls] == [404] * 4
    foreign.refresh_from_db()
    assert foreign.refill_price == 20_000


def test_clerks_look_and_managers_change(station, gas):
    clerk = signed_in(make_member(None, station, "clerk"))
    path = f"seller/inventory/{gas.pk}/"

    assert clerk.get(path)["id"] == gas.pk
    assert refused(clerk.patch, path, {"refill_price": "1"}).status == 403
    assert refused(clerk.delete, path).status == 403
    assert refused(clerk.post, f"{path}adjust/", STOLEN).status == 403
    assert refused(clerk.post, "seller/inventory/", NEW | {"sku": "X"}).status == 403


def test_who_has_several_stations_says_which(station, gas):
    member = make_member(make_member(None, station), make_station("other"))
    client = signed_in(member)

    assert refused(client.get, "seller/inventory/").fields.keys() == {"station"}
    assert len(client.get("seller/inventory/", station="remera")["items"]) == 1
    assert client.get("seller/inventory/", station="other")["items"] == []


def test_an_admin_sees_any_station(gas):
    assert len(signed_in(make_admin()).get("seller/inventory/", station="remera")["items"]) == 1


def test_the_list_goes_on_and_costs_the_same(seller, station):
    listings = [make_listing(station) for _ in range(3)]
    few = _cost(seller, "seller/inventory/")
    listings += [make_listing(station) for _ in range(9)]

    pages = list(seller.pages("seller/inventory/", limit=5))

    assert [len(page) for page in pages] == [5, 5, 2]
    assert [item["id"] for page in pages for item in page] == [x.pk for x in listings]
    assert _cost(seller, "seller/inventory/") == few


def _cost(client, path, **query):
    with CaptureQueriesContext(connection) as queries:
        client.get(path, **query)
    return len(queries)


# --- Putting the books right --------------------------------------------------------------------


def test_more_or_fewer_than_the_books_say(seller, gas):
    path = f"seller/inventory/{gas.pk}/adjust/"

    fewer = seller.post(path, STOLEN)
    more = seller.post(path, {"condition": "DEFECT", "quantity": 3, "reason": "Found leaking"})

    assert (fewer["on_hand"], fewer["available"]) == (8, 8)
    assert (more["on_hand"], more["defect"]) == (8, 3)
    last = Move.objects.latest("pk")
    assert (last.quantity, last.reason, last.note) == (3, "adjustment", "Found leaking")


def test_what_sales_changed_meanwhile_stays(seller, gas, station):
    adjust_stock(None, listing=gas, condition="full", quantity=5, reason="Somebody else")

    assert seller.post(f"seller/inventory/{gas.pk}/adjust/", STOLEN)["on_hand"] == 3


def test_the_same_key_adjusts_once(seller, gas):
    path = f"seller/inventory/{gas.pk}/adjust/"

    first, again = (seller.post(path, STOLEN, key="k") for _ in range(2))
    other = refused(seller.post, path, STOLEN | {"quantity": -3}, key="k")

    assert first == again
    assert (other.status, other.kind) == (422, "idempotency-mismatch")
    assert seller.get(f"seller/inventory/{gas.pk}/")["on_hand"] == 8


def test_no_fewer_than_none_and_than_orders_hold(seller, gas):
    make_order({gas: 4})
    path = f"seller/inventory/{gas.pk}/adjust/"

    held = refused(seller.post, path, STOLEN | {"quantity": -7})
    gone = refused(seller.post, path, STOLEN | {"condition": "EMPTY", "quantity": -5})

    assert (held.status, held.kind) == (409, "held-for-orders")
    assert (gone.status, gone.kind) == (409, "out-of-stock")


def test_no_more_than_can_stand_anywhere(seller, gas):
    path = f"seller/inventory/{gas.pk}/adjust/"

    refusal = refused(seller.post, path, STOLEN | {"quantity": 100_000})

    assert (refusal.status, refusal.kind) == (409, "too-many")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quantity": "-2"}, "quantity"),
        ({"quantity": 100_001}, "quantity"),
        ({"quantity": 0.5}, "quantity"),
        ({"condition": "BROKEN"}, "condition"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_is_wrong_with_an_adjustment_stands_beside_it(seller, gas, wrong, field):
    refusal = refused(seller.post, f"seller/inventory/{gas.pk}/adjust/", STOLEN | wrong)

    assert (refusal.status, [*refusal.fields]) == (422, [field])


def test_an_accessory_is_never_empty(seller, station):
    hose = make_listing(station, make_variant("Hose", size_g=None), new_price=None)
    path = f"seller/inventory/{hose.pk}/adjust/"

    refusal = refused(seller.post, path, STOLEN | {"condition": "EMPTY", "quantity": 1})

    assert (refusal.status, [*refusal.fields]) == (422, ["condition"])


def test_an_adjustment_warns_at_once(seller, station):
    make_listing(station, full=6, reorder_level=4)

    seller.post(f"seller/inventory/{Listing.objects.get().pk}/adjust/", STOLEN)

    assert LowStockAlert.objects.exists()
