"""What buyers ordered, through the API: read and called off."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.permissions import Role
from gasstock.billing.models import InvoiceStatus
from gasstock.orders.services.life import approve_order, reject_order
from gasstock.orders.services.money import reject_bill, submit_bill
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
from tests.orders.acts import delivered, held, on_the_way


@pytest.fixture(autouse=True)
def _books_are_clean(db):
    yield
    call_command("verify_ledger", verbosity=0)


@pytest.fixture
def station(db):
    return make_station("remera", code="RMR", name="Remera Gas", approval_limit=1_000_000)


@pytest.fixture
def manager(station):
    return make_member(make_user(name="Claire Niyonsaba"), station)


@pytest.fixture
def gas(station):
    """Ten refills of 20,000; new 22,000 and a deposit of 30,000; delivery 1,000."""
    return make_listing(station, make_variant("SP 12 kg", sku="SP-12"))


@pytest.fixture
def buyer(db):
    return make_user("marie@example.com", name="Marie Uwase")


@pytest.fixture
def marie(buyer):
    return signed_in(buyer)


# --- Reading ------------------------------------------------------------------------------------


def test_the_list_holds_what_is_mine_the_latest_first(marie, buyer, manager, gas):
    make_order(gas)
    orders = [make_order(gas, buyer=buyer) for _ in range(3)]
    approve_order(manager, order=orders[0])

    numbers = [item["number"] for item in marie.get("orders/")["items"]]

    assert numbers == [order.number for order in reversed(orders)]
    [approved] = marie.get("orders/", status="APPROVED")["items"]
    assert approved == marie.get(f"orders/{orders[0].number}/")
    assert marie.get("orders/", status="CLOSED") == {"items": [], "next": None}


@pytest.mark.parametrize("status", ["approved?", "0", "\x00"])
def test_a_status_that_is_none_is_refused(marie, status):
    with pytest.raises(Refused) as refusal:
        marie.get("orders/", status=status)

    assert (refusal.value.status, list(refusal.value.fields)) == (422, ["status"])


def test_pages_stay_as_they_are_while_orders_come(marie, buyer, gas):
    mine = [make_order(gas, buyer=buyer).number for _ in range(5)]
    seen = []

    for page in marie.pages("orders/", limit=2):
        seen += [item["number"] for item in page]
        make_order(make_listing(), buyer=buyer)

    assert seen == mine[::-1]


def test_the_list_takes_as_many_queries_however_long_it_is(marie, buyer, manager):
    for _ in range(12):
        delivered(make_order(make_listing(manager.memberships.get().station), buyer=buyer), manager)
    costs = []

    for limit in (1, 12):
        with CaptureQueriesContext(connection) as queries:
            assert len(marie.get("orders/", limit=limit)["items"]) == limit
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 8


def test_only_the_buyer_reads_the_code(marie, buyer, manager, gas):
    order = make_order(gas, buyer=buyer)

    for reader, code in ((buyer, order.code), (manager, None), (make_admin(), None)):
        assert signed_in(reader).get(f"orders/{order.number}/")["delivery_code"] == code


def test_what_is_between_the_station_and_us_is_not_told_to_the_buyer(marie, buyer, manager, gas):
    order = make_order(gas, buyer=buyer)
    approve_order(manager, order=order)
    [invoice] = submit_bill(manager, order=order)
    reject_bill(make_admin(name="Root"), invoice=invoice, reason="Canary")

    told = marie.get(f"orders/{order.number}/")["timeline"]
    to_station = signed_in(manager).get(f"orders/{order.number}/")["timeline"]

    assert [each["status"] for each in told] == ["PLACED", "APPROVED"]
    assert [each["by"] for each in told] == ["Marie Uwase", "Remera Gas"]
    assert [each["status"] for each in to_station[2:]] == ["INV_SUBMITTED", "INV_REJECTED"]
    assert [each["by"] for each in to_station[1:]] == ["Claire Niyonsaba"] * 2 + ["Root"]
    assert to_station[-1]["note"] == "Canary"


def test_who_brings_it_is_told_to_the_buyer_by_first_name(marie, buyer, manager, gas):
    order = on_the_way(make_order(gas, buyer=buyer), manager)

    assert marie.get(f"orders/{order.number}/")["rider"]["name"] == "Claire"
    assert signed_in(manager).get(f"orders/{order.number}/")["rider"]["name"] == "Claire Niyonsaba"


def test_what_was_handed_over_and_billed_is_there(marie, buyer, manager, gas):
    order = delivered(make_order({gas: 2}, buyer=buyer), manager)

    found = marie.get(f"orders/{order.number}/")

    [line] = found["lines"]
    assert (line["delivered"], line["empties"]) == (2, 2)
    assert found["status"] == "DELIVERED"
    assert found["invoice"]["status"] == InvoiceStatus.DRAFT.name
    assert found["timeline"][-1]["status"] == "DELIVERED"


def test_to_strangers_it_is_not_there(gas, buyer):
    order = make_order(gas, buyer=buyer)
    stranger = signed_in(make_member(None, make_station()))

    there, nowhere = (
        stranger.ask("GET", f"orders/{number}/") for number in (order.number, "RMR-XXXXXX")
    )

    assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)
    assert there.status_code == 404


# --- Calling off --------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [None, {}, {"reason": "Found some nearer"}])
def test_its_buyer_cancels(marie, buyer, gas, body):
    order = make_order(gas, buyer=buyer)

    found = marie.post(f"orders/{order.number}/cancel/", body)

    assert found["status"] == "CANCELLED"
    assert found["timeline"][-1]["note"] == (body or {}).get("reason", "")
    assert found["invoice"]["status"] == "VOID"
    assert held(gas) == (10, 0)


def test_once_it_is_on_the_way_its_buyer_does_not(marie, buyer, manager, gas):
    order = on_the_way(make_order(gas, buyer=buyer), manager)

    with pytest.raises(Refused) as refusal:
        marie.post(f"orders/{order.number}/cancel/")

    assert (refusal.value.status, refusal.value.kind) == (409, "wrong-status")


def test_cancelled_twice_with_a_key_it_is_cancelled_once(marie, buyer, gas):
    order = make_order(gas, buyer=buyer)
    path = f"orders/{order.number}/cancel/"

    first, again = (marie.ask("POST", path, key="k-1") for _ in range(2))

    assert (first.status_code, first.content) == (200, again.content)
    assert marie.ask("POST", path).status_code == 409
    assert order.events.filter(kind="cancelled").count() == 1


def test_the_station_calls_off_with_a_reason(manager, buyer, gas):
    order = on_the_way(make_order(gas, buyer=buyer), manager)
    claire, path = signed_in(manager), f"orders/{order.number}/cancel/"

    assert claire.ask("POST", path).json()["type"].endswith("/reason-missing")
    assert claire.post(path, {"reason": "Flat tyre"})["status"] == "CANCELLED"
    assert held(gas) == (9, 0)  # the last one is on the bike still


def test_a_rider_cancels_nothing(gas, buyer, station):
    order = make_order(gas, buyer=buyer)
    rider = signed_in(make_member(None, station, Role.RIDER))

    assert rider.ask("POST", f"orders/{order.number}/cancel/").status_code == 403


def test_what_was_rejected_says_why(marie, buyer, manager, gas):
    order = make_order(gas, buyer=buyer)
    reject_order(manager, order=order, reason="No such street")

    found = marie.get(f"orders/{order.number}/")

    assert found["status"] == "REJECTED"
    assert found["timeline"][-1]["note"] == "No such street"
