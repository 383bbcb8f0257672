"""Placing an order through the API: what is taken, and what is refused beside which field."""

from datetime import datetime

import pytest
from django.core.management import call_command

from gasstock.orders.models import DeliveryArea, Order
from gasstock.orders.services.life import cancel_order
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import make_listing, make_order, make_station, make_user, make_variant
from tests.orders.acts import held

PLACE = {"district": "Gasabo", "line": "KG 7 Ave 12"}


@pytest.fixture(autouse=True)
def _books_are_clean(db):
    yield
    call_command("verify_ledger", verbosity=0)


@pytest.fixture
def station(db):
    return make_station("remera", code="RMR", name="Remera Gas", approval_limit=1_000_000)


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


def wanted(*lines, **more):
    usual = {
        "lines": [dict(zip(("listing", "quantity", "kind"), line, strict=True)) for line in lines],
        "fulfilment": "DELIVERY",
        "address": PLACE,
        "contact_phone": "0788 412 906",
        "payment_method": "CASH",
    }
    return usual | more


def refused(client, *line, **more):
    with pytest.raises(Refused) as refusal:
        client.post("orders/", wanted(*line, **more))
    return refusal.value


def test_an_order_as_the_contract_has_it(marie, buyer, gas):
    answer = marie.ask("POST", "orders/", wanted((gas.pk, 2, "EXCHANGE"), (gas.pk, 1, "NEW")))

    found, order = answer.json(), Order.objects.get()
    refill, new = order.lines.order_by("pk")
    usual = {"listing": gas.pk, "sku": "SP-12", "name": "SP 12 kg", "delivered": 0, "empties": 0}
    [placed] = found.pop("timeline")
    assert answer.status_code == 201
    assert (placed["status"], placed["by"], placed["note"]) == ("PLACED", "Marie Uwase", "")
    assert datetime.fromisoformat(placed["at"]).utcoffset() is not None
    assert datetime.fromisoformat(found.pop("placed_at")).utcoffset() is not None
    assert datetime.fromisoformat(found.pop("promised_until")) > order.placed_at
    assert found == {
        "number": order.number,
        "status": "PLACED",
        "station": {
            "slug": "remera",
            "name": "Remera Gas",
            "district": "Gasabo",
            "phone": "+250788000111",
        },
        "buyer": {"id": buyer.pk, "name": "Marie Uwase"},
        "lines": [
            {
                **(usual | {"id": refill.pk, "kind": "EXCHANGE", "quantity": 2}),
                "unit_price": "20000",
                "deposit": "0",
                "total": "40000",
            },
            {
                **(usual | {"id": new.pk, "kind": "NEW", "quantity": 1}),
                "unit_price": "22000",
                "deposit": "30000",
                "total": "52000",
            },
        ],
        "total": "93000",
        "delivery_fee": "1000",
        "currency": "RWF",
        "fulfilment": "DELIVERY",
        "address": PLACE,
        "contact_phone": "+250788412906",
        "note": "",
        "payment_method": "CASH",
        "delivery_code": order.code,
        "rider": None,
        "promised_from": None,
        "invoice": {
            "id": order.invoice_id,
            "number": None,
            "status": "DRAFT",
            "total": "93000",
            "credited": "0",
            "paid": "0",
            "due": "93000",
        },
        "corrections": [],
    }
    assert order.buyer == buyer
    assert held(gas) == (10, 3)
    assert marie.get(f"orders/{order.number}/") == answer.json()


def test_a_pick_up_needs_no_address_and_costs_no_fee(marie, gas):
    line = (gas.pk, 1, "EXCHANGE")

    order = marie.post("orders/", wanted(line, fulfilment="PICKUP", address=None))

    assert (order["total"], order["delivery_fee"], order["address"]) == ("20000", "0", None)


def test_a_district_has_its_fee(marie, gas, station):
    DeliveryArea.objects.create(station=station, district="Kicukiro", fee=1_500)
    place = {"district": "kicukiro", "line": "KK 1"}

    order = marie.post("orders/", wanted((gas.pk, 1, "EXCHANGE"), address=place))

    assert order["delivery_fee"] == "1500"
    assert order["address"] == {"district": "Kicukiro", "line": "KK 1"}


def test_two_lines_of_the_same_thing_are_one(marie, gas):
    order = marie.post("orders/", wanted((gas.pk, 1, "EXCHANGE"), (gas.pk, 2, "EXCHANGE")))

    assert [line["quantity"] for line in order["lines"]] == [3]


def test_what_is_no_cylinder_is_bought_new(marie, station):
    hose = make_listing(station, make_variant("Hose", size_g=None), new_price=None)

    for kind in ("NEW", "ACCESSORY"):
        [line] = marie.post("orders/", wanted((hose.pk, 1, kind)))["lines"]
        assert (line["kind"], line["total"]) == ("ACCESSORY", "20000")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"address": None}, ["address"]),
        ({"address": {"district": "Gasabo"}}, ["address.line"]),
        ({"address": PLACE | {"line": "\u202e "}}, ["address.line"]),
        ({"address": PLACE | {"line": "x" * 161}}, ["address.line"]),
        ({"address": PLACE | {"district": "Paris"}}, ["address.district"]),
        ({"contact_phone": "12"}, ["contact_phone"]),
        ({"contact_phone": ""}, ["contact_phone"]),
        ({"note": "x" * 241}, ["note"]),
        ({"fulfilment": "delivery by drone"}, ["fulfilment"]),
        ({"payment_method": "GOLD"}, ["payment_method"]),
        ({"lines": []}, ["lines"]),
        ({"lines": None}, ["lines"]),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(marie, gas, change, fields):
    refusal = refused(marie, (gas.pk, 1, "EXCHANGE"), **change)

    assert (refusal.status, list(refusal.fields)) == (422, fields)
    assert not Order.objects.exists()


@pytest.mark.parametrize("quantity", [0, -1, 0.5, "1", "1e5", True, None, 100_001, 10**30])
def test_a_quantity_is_a_whole_number(marie, gas, quantity):
    refusal = refused(marie, (gas.pk, quantity, "EXCHANGE"))

    assert (refusal.status, list(refusal.fields)) == (422, ["lines.0.quantity"])


@pytest.mark.parametrize("kind", ["RETURN", "refill", "", None])
def test_a_kind_is_one_of_those(marie, gas, kind):
    refusal = refused(marie, (gas.pk, 1, kind))

    assert (refusal.status, list(refusal.fields)) == (422, ["lines.0.kind"])


def test_what_is_not_on_sale_is_not_told_from_what_is_not_there(marie, gas, station):
    secret = make_listing(station, make_variant("Canary"), is_published=False)
    closed = make_listing(make_station(status="suspended", status_reason="x"))
    lines = [(gas.pk, 1, "EXCHANGE")]
    lines += [(pk, 1, "EXCHANGE") for pk in (secret.pk, closed.pk, 2**62)]

    refusal = refused(marie, *lines)

    assert refusal.fields == dict.fromkeys(
        ["lines.1.listing", "lines.2.listing", "lines.3.listing"],
        "There is nothing like that on sale.",
    )
    assert held(gas) == (10, 0)


def test_one_order_is_of_one_station(marie, gas):
    refusal = refused(marie, (gas.pk, 1, "EXCHANGE"), (make_listing().pk, 1, "EXCHANGE"))

    assert (refusal.status, list(refusal.fields)) == (422, ["lines"])
    assert not Order.objects.exists()


def test_a_shortage_is_told_line_by_line(marie, gas, station):
    low = make_listing(station, make_variant("SP 6 kg"), full=0)
    lines = (gas.pk, 8, "EXCHANGE"), (low.pk, 1, "NEW"), (gas.pk, 3, "NEW")

    refusal = refused(marie, *lines)

    assert (refusal.status, refusal.kind) == (409, "out-of-stock")
    assert refusal.fields == {
        "lines.0.quantity": "Only 10 left of SP 12 kg.",
        "lines.1.quantity": "None left of SP 6 kg.",
        "lines.2.quantity": "Only 10 left of SP 12 kg.",
    }
    assert not Order.objects.exists()
    assert held(gas) == (10, 0)


@pytest.mark.parametrize(
    ("fields", "change", "kind"),
    [
        ({}, {"payment_method": "MOMO"}, "method-not-taken"),
        ({}, {"payment_method": "MPESA"}, "method-not-taken"),
        ({"takes_bank": False}, {"payment_method": "BANK"}, "method-not-taken"),
        ({"delivers": False}, {}, "no-delivery"),
    ],
)
def test_what_the_station_does_not_do_is_refused(marie, gas, station, fields, change, kind):
    type(station).objects.filter(pk=station.pk).update(**fields)

    refusal = refused(marie, (gas.pk, 1, "EXCHANGE"), **change)

    assert (refusal.status, refusal.kind) == (409, kind)
    assert held(gas) == (10, 0)


def test_what_is_not_sold_new_is_refused(marie, station):
    old = make_listing(station, new_price=None)

    refusal = refused(marie, (old.pk, 1, "NEW"))

    assert (refusal.status, refusal.kind) == (409, "kind-not-offered")


def test_the_buyers_own_price_is_not_believed(marie, buyer, gas):
    extra = {"total": "1", "delivery_fee": "0", "status": "DELIVERED", "buyer": 1, "paid": True}
    body = wanted((gas.pk, 1, "EXCHANGE")) | extra
    body["lines"][0] |= {"unit_price": "1", "price": "1", "deposit": "0", "delivered": 1}

    order = marie.post("orders/", body)

    assert (order["total"], order["status"]) == ("21000", "PLACED")
    assert order["buyer"]["id"] == buyer.pk


def test_the_same_order_sent_twice_is_one(marie, gas):
    body = wanted((gas.pk, 1, "EXCHANGE"))

    first, again = (marie.ask("POST", "orders/", body, key="k-1") for _ in range(2))
    other = marie.ask("POST", "orders/", body | {"note": "Ring"}, key="k-1")

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.content == again.content
    assert other.json()["type"].endswith("/idempotency-mismatch")
    assert Order.objects.count() == 1


def test_what_was_short_may_be_ordered_with_the_same_key_later(marie, station):
    low = make_listing(station, full=1)
    last = make_order(low)
    body = wanted((low.pk, 1, "EXCHANGE"))

    assert marie.ask("POST", "orders/", body, key="k-1").status_code == 409
    cancel_order(last.buyer, order=last)
    assert marie.ask("POST", "orders/", body, key="k-1").status_code == 201
