"""Purchase orders through the API."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.models import Station
from gasstock.notifications.models import Message
from gasstock.purchasing.models import PurchaseOrder, Receipt
from gasstock.purchasing.services.suppliers import add_supplier, retire_supplier
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import make_listing, make_member, make_station, make_variant
from tests.orders.acts import held_at
from tests.purchasing.acts import drafted, ordered, want


@pytest.fixture(autouse=True)
def _books_are_clean(db):
    yield
    call_command("verify_ledger", verbosity=0)


@pytest.fixture
def station(db):
    return make_station("remera", code="RMR", name="Remera Gas")


@pytest.fixture
def boss(station):
    return signed_in(make_member(None, station))


@pytest.fixture
def clerk(station):
    return signed_in(make_member(None, station, "clerk"))


@pytest.fixture
def gas(station):
    """Two full and eight empty ones."""
    return make_listing(station, make_variant("SP 12 kg", sku="SP-12"), full=2, empty=8)


@pytest.fixture
def hose(station):
    return make_listing(station, make_variant("Hose", sku="HOSE", size_g=None), new_price=None)


@pytest.fixture
def depot(station):
    return add_supplier(None, station=station, name="SP Depot", email="sp@example.com")


def refused(call, *args, **query):
    with pytest.raises(Refused) as refusal:
        call(*args, **query)
    return refusal.value


def cost(client, path):
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


# --- Writing an order ---------------------------------------------------------------------------


def written(depot, *lines, **more):
    lines = lines or ({"sku": "SP-12", "quantity": 10, "unit_cost": "14000"},)
    return {"supplier": depot.pk, "lines": [*lines]} | more


def test_an_order_as_it_is_written(boss, depot, gas, hose):
    hoses = {"sku": "HOSE", "quantity": 3, "unit_cost": "2500"}
    refills = {"sku": "SP-12", "quantity": 10, "unit_cost": "14000"}

    body = written(depot, refills, hoses, note="By the back gate", expected_on="2099-12-31")
    answer = boss.ask("POST", "purchase-orders/", body)

    made, order = answer.json(), PurchaseOrder.objects.get()
    refill, goods = order.lines.order_by("pk")
    assert answer.status_code == 201
    assert made.pop("created_at").endswith("+02:00")
    assert made == {
        "id": order.pk,
        "number": f"DRAFT-{order.pk}",
        "status": "DRAFT",
        "supplier": {"id": depot.pk, "name": "SP Depot"},
        "currency": "RWF",
        "total": "147500",
        "expected_on": "2099-12-31",
        "submitted_at": None,
        "note": "By the back gate",
        "ended_at": None,
        "reason": "",
        "lines": [
            {
                "id": refill.pk,
                "sku": "SP-12",
                "name": "SP 12 kg, refill",
                "kind": "REFILL",
                "quantity": 10,
                "unit_cost": "14000",
                "unit_shell_cost": "0",
                "total": "140000",
                "empties": 8,
                "received": 0,
                "rejected": 0,
                "empties_sent": 0,
                "to_come": 10,
            },
            {
                "id": goods.pk,
                "sku": "HOSE",
                "name": "Hose",
                "kind": "GOODS",
                "quantity": 3,
                "unit_cost": "2500",
                "unit_shell_cost": "0",
                "total": "7500",
                "empties": 0,
                "received": 0,
                "rejected": 0,
                "empties_sent": 0,
                "to_come": 3,
            },
        ],
        "receipts": [],
    }


def test_new_cylinders_say_what_their_shell_costs(boss, depot, gas):
    line = {"sku": "SP-12", "quantity": 2, "unit_cost": "14000", "kind": "NEW"}

    refusal = refused(boss.post, "purchase-orders/", written(depot, line))
    made = boss.post("purchase-orders/", written(depot, line | {"unit_shell_cost": "25000"}))

    assert [*refusal.fields] == ["lines.0.unit_shell_cost"]
    assert made["total"] == "78000"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sku": "NOTHING"}, "lines.0.sku"),
        ({"kind": "GOODS"}, "lines.0.sku"),
        ({"quantity": 0}, "lines.0.quantity"),
        ({"unit_cost": "0"}, "lines.0.unit_cost"),
        ({"unit_cost": "2000000000"}, "lines.0.unit_cost"),
        ({"empties": -1}, "lines.0.empties"),
    ],
)
def test_what_is_wrong_with_a_line_stands_beside_it(boss, depot, gas, wrong, field):
    line = {"sku": "SP-12", "quantity": 10, "unit_cost": "14000"} | wrong

    refusal = refused(boss.post, "purchase-orders/", written(depot, line))

    assert (refusal.status, [*refusal.fields]) == (422, [field])
    assert not PurchaseOrder.objects.exists()


def test_what_is_wrong_with_the_head_stands_beside_it(boss, depot, gas):
    foreign = add_supplier(None, station=make_station(), name="Elsewhere")

    def fields(**more):
        return [*refused(boss.post, "purchase-orders/", written(depot, **more)).fields]

    assert fields(supplier=foreign.pk) == ["supplier"]
    assert fields(supplier=10**12) == ["supplier"]
    assert fields(expected_on="2020-01-01") == ["expected_on"]
    assert fields(lines=[]) == ["lines"]
    retire_supplier(None, supplier=depot)
    assert fields() == ["supplier"]


def test_one_thing_stands_on_an_order_once(boss, depot, gas):
    line = {"sku": "SP-12", "quantity": 1, "unit_cost": "14000"}

    refusal = refused(boss.post, "purchase-orders/", written(depot, line, line))

    assert refusal.kind == "twice-on-order"


def test_the_same_key_writes_it_once(boss, depot, gas):
    first, again = (boss.post("purchase-orders/", written(depot), key="k") for _ in range(2))

    assert first == again
    assert PurchaseOrder.objects.count() == 1


# --- Its life -----------------------------------------------------------------------------------


def test_a_draft_is_sent_under_either_name(boss, depot, gas):
    draft = boss.post("purchase-orders/", written(depot))["number"]

    sent = boss.patch(f"purchase-orders/{draft}/", {"status": "SUBMITTED"})

    assert (sent["status"], "-PO-" in sent["number"]) == ("SUBMITTED", True)
    assert Message.objects.filter(to="sp@example.com").count() == 1
    assert boss.get(f"purchase-orders/{draft}/") == boss.get(f"purchase-orders/{sent['number']}/")
    again = refused(boss.patch, f"purchase-orders/{draft}/", {"status": "SUBMITTED"})
    assert (again.status, again.kind) == (409, "wrong-status")


def test_what_is_open_is_received_once(boss, depot, gas):
    order = ordered(depot, want(gas, 5, empties=4))
    path = f"purchase-orders/{order.number}/"

    first, again = (boss.patch(path, {"status": "RECEIVED"}) for _ in range(2))

    assert first == again
    assert (first["status"], first["lines"][0]["received"]) == ("RECEIVED", 5)
    assert first["lines"][0]["empties_sent"] == 4
    assert (held_at("station", gas), held_at("station", gas, "empty")) == (7, 4)
    assert Receipt.objects.count() == 1


def test_what_came_before_is_not_received_again(boss, depot, gas):
    order = ordered(depot, want(gas, 5))
    path = f"purchase-orders/{order.number}/"
    line = {"id": order.lines.get().pk, "accepted": 2}
    boss.post(f"{path}receive/", {"lines": [line]})

    received = boss.patch(path, {"status": "RECEIVED"})

    assert received["lines"][0]["received"] == 5
    assert [r["lines"][0]["accepted"] for r in received["receipts"]] == [3, 2]
    assert held_at("station", gas) == 7


def test_a_draft_is_not_received(boss, depot, gas):
    order = drafted(depot, want(gas))

    refusal = refused(boss.patch, f"purchase-orders/DRAFT-{order.pk}/", {"status": "RECEIVED"})

    assert (refusal.status, refusal.kind) == (409, "wrong-status")


def test_what_was_sent_is_cancelled_with_a_reason(boss, depot, gas):
    path = f"purchase-orders/{ordered(depot, want(gas)).number}/"

    refusal = refused(boss.patch, path, {"status": "CANCELLED"})
    ended = boss.patch(path, {"status": "CANCELLED", "reason": "Too late"})

    assert (refusal.status, refusal.kind) == (409, "reason-missing")
    assert (ended["status"], ended["reason"]) == ("CANCELLED", "Too late")
    assert refused(boss.patch, path, {"status": "RECEIVED"}).kind == "wrong-status"


@pytest.mark.parametrize("status", ["DRAFT", "PART_RECEIVED", "CLOSED_SHORT", "submitted", None])
def test_no_other_step_is_made(boss, depot, gas, status):
    path = f"purchase-orders/{ordered(depot, want(gas)).number}/"

    assert [*refused(boss.patch, path, {"status": status}).fields] == ["status"]


# --- What came ----------------------------------------------------------------------------------


def test_part_of_it_came(boss, depot, gas):
    order = ordered(depot, want(gas, 5, empties=4))
    line = order.lines.get()
    came = {"id": line.pk, "accepted": 3, "rejected": 1, "empties_out": 2}

    found = boss.post(f"purchase-orders/{order.number}/receive/", {"lines": [came]})

    [row], [receipt] = found["lines"], found["receipts"]
    assert found["status"] == "PART_RECEIVED"
    assert (row["received"], row["rejected"], row["empties_sent"], row["to_come"]) == (3, 1, 2, 2)
    assert "-GRN-" in receipt["number"]
    assert receipt["lines"] == [
        {
            "line": line.pk,
            "accepted": 3,
            "rejected": 1,
            "reason": "No reason given",
            "empties_out": 2,
        }
    ]
    assert (held_at("station", gas), held_at("station", gas, "empty")) == (5, 6)


def test_the_same_key_receives_once(boss, depot, gas):
    order = ordered(depot, want(gas, 5))
    path = f"purchase-orders/{order.number}/receive/"
    body = {"lines": [{"id": order.lines.get().pk, "accepted": 2}]}

    first, again = (boss.post(path, body, key="k") for _ in range(2))

    assert first == again
    assert held_at("station", gas) == 4


def test_more_than_was_ordered_is_confirmed_by_who_orders(boss, clerk, depot, gas):
    order = ordered(depot, want(gas, 5))
    path = f"purchase-orders/{order.number}/receive/"
    body = {"lines": [{"id": order.lines.get().pk, "accepted": 6}]}

    assert refused(boss.post, path, body).kind == "over-receipt"
    assert refused(clerk.post, path, body | {"confirm_over": True}).kind == "over-receipt"
    assert boss.post(path, body | {"confirm_over": True})["status"] == "RECEIVED"


@pytest.mark.parametrize(
    ("line", "status", "kind"),
    [
        ({"accepted": 0}, 409, "nothing-received"),
        ({"accepted": 1, "empties_out": 9}, 409, "too-few-empties"),
        ({"accepted": 1, "id": 10**12}, 409, "not-on-order"),
        ({"accepted": -1}, 422, "invalid"),
        ({"accepted": "1"}, 422, "invalid"),
        ({}, 422, "invalid"),
    ],
)
def test_what_cannot_have_come(boss, depot, gas, line, status, kind):
    order = ordered(depot, want(gas, 5))
    body = {"lines": [{"id": order.lines.get().pk} | line]}

    refusal = refused(boss.post, f"purchase-orders/{order.number}/receive/", body)

    assert (refusal.status, refusal.kind) == (status, kind)
    assert held_at("station", gas) == 2


def test_a_line_is_named_once(boss, depot, gas):
    order = ordered(depot, want(gas, 5))
    line = {"id": order.lines.get().pk, "accepted": 1}

    refusal = refused(
        boss.post, f"purchase-orders/{order.number}/receive/", {"lines": [line, line]}
    )

    assert [*refusal.fields] == ["lines.1.id"]


# --- Who ----------------------------------------------------------------------------------------


def test_clerks_take_goods_in_and_see_no_costs_and_no_drafts(clerk, depot, gas):
    draft, order = drafted(depot, want(gas)), ordered(depot, want(gas))
    path = f"purchase-orders/{order.number}/"

    found = clerk.get(path)

    assert (found["total"], found["lines"][0]["unit_cost"]) == (None, None)
    assert (found["lines"][0]["total"], found["lines"][0]["unit_shell_cost"]) == (None, None)
    rows = clerk.get("purchase-orders/")["items"]
    assert [(row["number"], row["total"]) for row in rows] == [(order.number, None)]
    assert refused(clerk.get, f"purchase-orders/DRAFT-{draft.pk}/").status == 404
    assert refused(clerk.patch, path, {"status": "CANCELLED", "reason": "x"}).status == 403
    assert refused(clerk.post, "purchase-orders/", written(depot)).status == 403
    assert clerk.patch(path, {"status": "RECEIVED"})["status"] == "RECEIVED"


def test_orders_of_another_station_are_not_there(boss, depot):
    elsewhere = make_station()
    other = add_supplier(None, station=elsewhere, name="Elsewhere")
    order = ordered(other, want(make_listing(elsewhere)))
    draft = drafted(other, want(make_listing(elsewhere)))

    for number in (order.number, f"DRAFT-{order.pk}", f"DRAFT-{draft.pk}", "DRAFT-0", "NOTHING"):
        path = f"purchase-orders/{number}/"
        assert refused(boss.get, path).status == 404
        assert refused(boss.patch, path, {"status": "RECEIVED"}).status == 404
        body = {"lines": [{"id": 1, "accepted": 1}]}
        assert refused(boss.post, f"{path}receive/", body).status == 404
    assert boss.get("purchase-orders/")["items"] == []


def test_as_they_were_asked_for(boss, station, depot, gas):
    other = add_supplier(None, station=station, name="Other")
    draft, order = drafted(depot, want(gas)), ordered(other, want(gas))

    def found(**asked):
        return [row["id"] for row in boss.get("purchase-orders/", **asked)["items"]]

    assert found() == [order.pk, draft.pk]
    assert found(status="DRAFT") == [draft.pk]
    assert found(supplier=other.pk) == [order.pk]
    assert found(supplier=other.pk, status="DRAFT") == []
    assert refused(boss.get, "purchase-orders/", supplier="x").fields.keys() == {"supplier"}
    [row] = boss.get("purchase-orders/", status="DRAFT")["items"]
    assert row["total"] == "140000"


def test_lists_go_on_and_cost_the_same(boss, depot, gas):
    station = Station.objects.get(slug="remera")
    drafted(depot, want(gas))
    few = [cost(boss, path) for path in ("purchase-orders/", "suppliers/")]
    for n in range(6):
        drafted(depot, want(gas))
        add_supplier(None, station=station, name=f"Depot {n}")

    for path in ("purchase-orders/", "suppliers/"):
        assert [len(page) for page in boss.pages(path, limit=3)] == [3, 3, 1]
    assert [cost(boss, path) for path in ("purchase-orders/", "suppliers/")] == few
