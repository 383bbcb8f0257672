"""What a station does with orders through the API: from approving to handing over."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.delivery.models import Delivery
from gasstock.delivery.services.assigning import assign
from gasstock.orders.models import Order
from gasstock.orders.services.life import approve_order
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
from tests.orders.acts import held, held_at


@pytest.fixture(autouse=True)
def _books_are_clean(db):
    yield
    call_command("verify_ledger", verbosity=0)


@pytest.fixture
def station(db):
    return make_station("remera", code="RMR", name="Remera Gas")


@pytest.fixture
def manager(station):
    return make_member(make_user(name="Claire Niyonsaba"), station)


@pytest.fixture
def seller(manager):
    return signed_in(manager)


@pytest.fixture
def rider(station):
    return make_member(make_user(name="Jean Bosco"), station, "rider")


@pytest.fixture
def gas(station):
    return make_listing(station, make_variant("SP 12 kg"))


@pytest.fixture
def placed(gas):
    return make_order({gas: 2})


@pytest.fixture
def approved(placed, manager):
    return approve_order(manager, order=placed)


@pytest.fixture
def coming(gas, manager):
    """An approved order of two that is picked up."""
    return approve_order(manager, order=make_order({gas: 2}, fulfilment="pickup"))


def step(order, name):
    return f"orders/{order.number}/{name}/"


def refused(call, *args, **query):
    with pytest.raises(Refused) as refusal:
        call(*args, **query)
    return refusal.value.status, refusal.value.kind


def status_of(order):
    return Order.objects.get(pk=order.pk).status


# --- The list -----------------------------------------------------------------------------------


def test_a_station_sees_what_was_ordered_of_it(seller, placed, coming):
    make_order()

    found = seller.get("seller/orders/")["items"]

    assert [order["number"] for order in found] == [coming.number, placed.number]
    assert {order["delivery_code"] for order in found} == {None}
    [order] = seller.get("seller/orders/", status="PLACED")["items"]
    assert order == seller.get(f"orders/{placed.number}/")
    assert refused(seller.get, "seller/orders/", status="LOST") == (422, "invalid")


def test_the_list_goes_on_and_costs_the_same(seller, gas):
    make_order(gas)
    few = _cost(seller)
    for _ in range(6):
        make_order(gas)

    pages = list(seller.pages("seller/orders/", limit=3))

    assert [len(page) for page in pages] == [3, 3, 1]
    assert _cost(seller) == few


def _cost(client):
    with CaptureQueriesContext(connection) as queries:
        client.get("seller/orders/")
    return len(queries)


# --- Approving ----------------------------------------------------------------------------------


def test_an_order_is_approved_once(seller, placed):
    order = seller.post(step(placed, "approve"))

    assert (order["status"], order["number"]) == ("APPROVED", placed.number)
    assert [told["status"] for told in order["timeline"]] == ["PLACED", "APPROVED"]
    assert order["timeline"][-1]["by"] == "Claire Niyonsaba"
    assert refused(seller.post, step(placed, "approve")) == (409, "wrong-status")


def test_the_same_key_approves_once_and_answers_again(seller, placed):
    first, again = (seller.post(step(placed, "approve"), key="k") for _ in range(2))

    assert first == again
    assert placed.events.filter(kind="approved").count() == 1


def test_above_the_limit_an_admin_approves(station, seller, placed):
    station.approval_limit = placed.total - 1
    station.save()

    assert refused(seller.post, step(placed, "approve")) == (409, "above-limit")
    assert signed_in(make_admin()).post(step(placed, "approve"))["status"] == "APPROVED"


def test_nobody_approves_their_own(gas, seller, manager):
    own = make_order(gas, buyer=manager)

    assert refused(seller.post, step(own, "approve")) == (409, "own-order")


def test_an_order_is_rejected_with_a_reason(seller, placed, gas):
    assert refused(seller.post, step(placed, "reject"), {"reason": " "}) == (422, "invalid")
    assert refused(seller.post, step(placed, "reject"), {}) == (422, "invalid")

    order = seller.post(step(placed, "reject"), {"reason": "Not enough stock"})

    assert (order["status"], order["invoice"]["status"]) == ("REJECTED", "VOID")
    assert order["timeline"][-1]["note"] == "Not enough stock"
    assert held(gas) == (10, 0)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("approve", None),
        ("reject", {"reason": "No"}),
        ("dispatch", None),
        ("mark-delivered", {"override_reason": "x"}),
    ],
)
def test_who_may_do_it(placed, rider, name, body):
    stranger = make_member(None, make_station())
    path = step(placed, name)

    assert refused(signed_in(placed.buyer).post, path, body) == (403, "forbidden")
    assert refused(signed_in(stranger).post, path, body) == (404, "not-found")
    assert refused(signed_in(make_user()).post, path, body) == (404, "not-found")
    assert refused(signed_in(rider).post, path, body) == (403, "forbidden")
    assert status_of(placed) == "placed"


def test_a_counter_sale_is_no_order(seller, gas):
    sale = seller.post(
        "sales/",
        {
            "lines": [{"listing": gas.pk, "quantity": 1, "kind": "EXCHANGE"}],
            "payments": [{"method": "CASH", "amount": "20000"}],
        },
    )

    assert refused(seller.post, f"orders/{sale['number']}/approve/") == (404, "not-found")
    assert seller.get("seller/orders/")["items"] == []


# --- Sending ------------------------------------------------------------------------------------


def test_a_rider_leaves_with_it(seller, approved, rider, gas):
    order = seller.post(step(approved, "dispatch"), {"rider": rider.pk})

    assert (order["status"], order["rider"]["id"]) == ("DISPATCHED", rider.pk)
    assert Delivery.objects.get().rider == rider
    assert (held(gas), held_at("rider", gas)) == ((8, 0), 2)
    assert refused(seller.post, step(approved, "dispatch")) == (409, "wrong-status")


@pytest.mark.parametrize("body", [None, {}, {"rider": None}])
def test_without_a_rider_who_sends_it_brings_it(seller, manager, approved, body):
    order = seller.post(step(approved, "dispatch"), body)

    assert order["rider"] == {"id": manager.pk, "name": manager.name}


def test_only_somebody_of_the_station_brings_it(seller, approved):
    stranger = make_member(None, make_station(), "rider")

    for rider in (stranger.pk, 10**12, "1", 0):
        assert refused(seller.post, step(approved, "dispatch"), {"rider": rider}) == (
            422,
            "invalid",
        )
    assert status_of(approved) == "approved"


def test_what_cannot_leave(seller, placed, coming, rider, approved):
    rider.memberships.update(load_limit=1)

    assert refused(seller.post, step(coming, "dispatch")) == (409, "not-to-deliver")
    assert refused(seller.post, step(approved, "dispatch"), {"rider": rider.pk}) == (
        409,
        "too-much-to-carry",
    )


def test_what_is_not_approved_does_not_leave(seller, placed):
    assert refused(seller.post, step(placed, "dispatch")) == (409, "wrong-status")


# --- Handing over -------------------------------------------------------------------------------


def test_a_pick_up_is_handed_over_against_the_code(seller, coming, gas):
    path = step(coming, "mark-delivered")
    wrong = "0000" if coming.code != "0000" else "1111"

    assert refused(seller.post, path) == (409, "code-missing")
    assert refused(seller.post, path, {"code": wrong}, key="k") == (409, "wrong-code")
    order = seller.post(path, {"code": coming.code})

    [line] = order["lines"]
    assert (order["status"], line["delivered"], line["empties"]) == ("DELIVERED", 2, 2)
    coming.refresh_from_db()
    assert coming.code_misses == 1
    assert held(gas) == (8, 0)


def test_without_the_code_a_reason_helps(seller, coming):
    order = seller.post(step(coming, "mark-delivered"), {"override_reason": "Phone lost"})

    assert order["timeline"][-1]["note"] == "Without the code: Phone lost"


def test_what_was_really_handed_over_is_billed(seller, coming):
    line = coming.lines.get()
    lines = [{"id": line.pk, "delivered": 2, "empties": 1}]

    order = seller.post(step(coming, "mark-delivered"), {"code": coming.code, "lines": lines})

    assert order["lines"][0]["empties"] == 1
    assert order["invoice"]["total"] == str(20_000 + 22_000 + 30_000)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([{"delivered": 3, "empties": 0}], "quantity-out-of-range"),
        ([{"delivered": 1, "empties": 2}], "quantity-out-of-range"),
        ([{"delivered": 0, "empties": 0}], "nothing-delivered"),
        ([{"delivered": 1}], "invalid"),
        ([{"id": 1_000_000, "delivered": 1, "empties": 1}], "invalid"),
        ([], "invalid"),
    ],
)
def test_what_cannot_have_been_handed_over(seller, coming, gas, lines, kind):
    pk = coming.lines.get().pk
    body = {"code": coming.code, "lines": [{"id": pk} | line for line in lines]}

    status, found = refused(seller.post, step(coming, "mark-delivered"), body)

    assert (status, found) == (422 if kind == "invalid" else 409, kind)
    assert (status_of(coming), held(gas)) == ("approved", (10, 2))


def test_a_delivery_is_handed_over_by_its_rider(seller, approved, rider, gas):
    seller.post(step(approved, "dispatch"), {"rider": rider.pk})
    client, path = signed_in(rider), step(approved, "mark-delivered")

    first = client.post(path, {"code": approved.code}, key="k")
    again = client.post(path, {"code": approved.code}, key="k")
    unkeyed = client.post(path, {"code": approved.code})

    assert first["status"] == "DELIVERED"
    assert again == first == unkeyed
    assert Delivery.objects.get().status == "delivered"
    assert (held_at("buyer", gas), held_at("rider", gas, "empty")) == (2, 2)


def test_a_colleague_reads_that_it_was_delivered_already(seller, approved, rider):
    seller.post(step(approved, "dispatch"), {"rider": rider.pk})
    path, body = step(approved, "mark-delivered"), {"code": approved.code}
    signed_in(rider).post(path, body)

    assert refused(seller.post, path, body) == (409, "already-delivered")


def test_a_rider_hands_over_only_what_they_bring(seller, approved, coming, rider, station):
    seller.post(step(approved, "dispatch"), {"rider": rider.pk})
    other = signed_in(make_member(None, station, "rider"))

    for order in (approved, coming):
        body = {"code": order.code}
        assert refused(other.post, step(order, "mark-delivered"), body) == (403, "forbidden")
    assert seller.post(step(approved, "mark-delivered"), {"code": approved.code})


def test_what_has_not_left_is_not_delivered(seller, manager, station, approved, rider):
    path, body = step(approved, "mark-delivered"), {"code": approved.code}

    assert refused(seller.post, path, body) == (409, "wrong-status")
    assign(manager, station=station, orders=[approved], rider=rider)
    assert refused(seller.post, path, body) == (409, "not-left-yet")
