"""What moved at a station, through the API."""

import pytest

from gasstock.inventory.models import Move
from tests.api.conftest import signed_in
from tests.factories import make_listing, make_member, make_station, make_user, make_variant

STOLEN = {"condition": "FULL", "quantity": -2, "reason": "Two were stolen"}


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


def test_a_movement_tells_all_about_itself(seller, gas):
    seller.post(f"seller/inventory/{gas.pk}/adjust/", STOLEN)

    [last, *opening] = seller.get("stock/movements/")["items"]

    at = last.pop("at")
    move = Move.objects.latest("pk")
    assert at.endswith("+02:00")
    assert last == {
        "id": move.pk,
        "sku": "SP-12",
        "name": "SP 12 kg",
        "condition": "FULL",
        "quantity": 2,
        "effect": -2,
        "source": {"kind": "STATION", "name": None},
        "destination": {"kind": "LOSS", "name": None},
        "reason": "ADJUSTMENT",
        "document": move.document,
        "note": "Two were stolen",
        "by": "Claire Niyonsaba",
    }
    assert [(x["effect"], x["by"]) for x in opening] == [(4, None), (10, None)]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 4),
        ({"sku": "SP-12"}, 3),
        ({"sku": "NOTHING"}, 0),
        ({"condition": "EMPTY"}, 1),
        ({"reason": "ADJUSTMENT"}, 1),
        ({"document": "adjust-"}, 422),
        ({"document": "OPENING-0"}, 0),
        ({"from": "2026-01-01", "to": "2026-01-31"}, 0),
        ({"from": "2000-01-01", "to": "2100-12-31"}, 4),
        ({"from": "1"}, 422),
        ({"to": "2026-02-30"}, 422),
        ({"condition": "BROKEN"}, 422),
        ({"reason": "MAGIC"}, 422),
    ],
)
def test_movements_as_they_were_asked_for(seller, station, gas, asked, found):
    make_listing(station, make_variant("SP 6 kg", sku="SP-6"))
    make_listing(make_station())
    seller.post(f"seller/inventory/{gas.pk}/adjust/", STOLEN)

    answer = seller.ask("GET", "stock/movements/", **asked)

    if found == 422:
        assert answer.status_code == 422
    else:
        assert len(answer.json()["items"]) == found


def test_of_a_document_or_its_beginning(seller, gas):
    for _ in range(2):
        seller.post(f"seller/inventory/{gas.pk}/adjust/", STOLEN)
    document = Move.objects.latest("pk").document

    assert len(seller.get("stock/movements/", document=document.lower())["items"]) == 1
    beginning = f"OPENING-{str(gas.pk)[:1]}"
    assert len(seller.get("stock/movements/", document=beginning)["items"]) == 2


def test_movements_go_on_while_more_are_written(seller, gas):
    for _ in range(3):
        seller.post(f"seller/inventory/{gas.pk}/adjust/", STOLEN)
    first = seller.get("stock/movements/", limit=2)
    seller.post(f"seller/inventory/{gas.pk}/adjust/", STOLEN)

    second = seller.get("stock/movements/", limit=2, cursor=first["next"])
    third = seller.get("stock/movements/", limit=2, cursor=second["next"])

    seen = [x["id"] for page in (first, second, third) for x in page["items"]]
    assert seen == sorted(seen, reverse=True)
    assert len({*seen}) == 5
    assert third["next"] is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_changes_movements(seller, method):
    answer = seller.ask(method, "stock/movements/", {})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
