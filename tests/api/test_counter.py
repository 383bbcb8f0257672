"""Counter sales through the API."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.billing.models import Shift
from gasstock.billing.services.shifts import count_shift, open_shift
from gasstock.core import clock
from gasstock.orders.models import Order
from gasstock.orders.services.counter import void_sale
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
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
def clerk(station):
    return make_member(make_user(name="Aline Uwera"), station, "clerk")


@pytest.fixture
def till(clerk):
    return signed_in(clerk)


@pytest.fixture
def gas(station):
    return make_listing(station, make_variant("SP 12 kg", sku="SP-12"))


@pytest.fixture
def hose(station):
    variant = make_variant("Hose", size_g=None)
    return make_listing(station, variant, refill_price=4_000, new_price=None)


@pytest.fixture
def buyer(db):
    return make_user(name="Marie Uwase", phone="+250788412906")


def line(listing, quantity=1, kind="EXCHANGE", **more):
    return {"listing": listing.pk, "quantity": quantity, "kind": kind} | more


def cash(amount):
    return {"method": "CASH", "amount": str(amount)}


def sale(*lines, paid=None, **more):
    return {"lines": [*lines], "payments": paid or []} | more


def refused(call, *args, **query):
    with pytest.raises(Refused) as refusal:
        call(*args, **query)
    return refusal.value


def test_a_sale_as_it_was_made(till, gas, hose):
    bank = {"method": "BANK", "amount": "15000", "reference": "BK 7"}
    body = sale(line(gas, 2), line(hose, 1, "NEW"), paid=[cash(29_000), bank])

    answer = till.ask("POST", "sales/", body)

    made = answer.json()
    order = Order.objects.get()
    assert answer.status_code == 201
    assert made["number"] == order.number
    assert {name: made[name] for name in ("status", "station", "buyer", "cashier", "total")} == {
        "status": "CLOSED",
        "station": "remera",
        "buyer": None,
        "cashier": "Aline Uwera",
        "total": "44000",
    }
    assert [(x["kind"], x["quantity"], x["empties"], x["total"]) for x in made["lines"]] == [
        ("EXCHANGE", 2, 2, "40000"),
        ("ACCESSORY", 1, 0, "4000"),
    ]
    assert [(x["method"], x["amount"], x["reference"]) for x in made["payments"]] == [
        ("CASH", "29000", ""),
        ("BANK", "15000", "BK 7"),
    ]
    assert (made["invoice"]["status"], made["invoice"]["due"]) == ("PAID", "0")
    assert "-RCT-" in made["invoice"]["number"]
    assert made == till.get(f"sales/{order.number}/")
    assert held(gas) == (8, 0)
    assert held_at("station", gas, "empty") == 2


def test_who_has_no_drawer_open_gets_one(till, gas, clerk):
    for _ in range(2):
        till.post("sales/", sale(line(gas), paid=[cash(20_000)]))

    shift = Shift.objects.get()
    assert (shift.cashier, shift.sales.count()) == (clerk, 2)
    assert sum(shift.entries.values_list("amount", flat=True)) == 40_000


def test_the_drawer_that_is_open_is_taken(till, gas, clerk, station):
    shift = open_shift(clerk, station=station, float_amount=5_000)

    till.post("sales/", sale(line(gas), paid=[cash(20_000)]))

    assert Order.objects.get().shift == shift


def test_after_the_count_a_new_drawer_is_opened(till, gas, clerk, station):
    shift = open_shift(clerk, station=station, float_amount=0)
    count_shift(clerk, shift=shift, notes={}, wallets={})

    till.post("sales/", sale(line(gas), paid=[cash(20_000)]))

    assert Order.objects.get().shift != shift


def test_what_is_refused_opens_no_drawer(till, gas):
    assert refused(till.post, "sales/", sale(line(gas))).kind == "not-all-paid"
    assert not Shift.objects.exists()


def test_the_same_key_sells_once(till, gas):
    body = sale(line(gas), paid=[cash(20_000)])

    first, again = (till.post("sales/", body, key="k") for _ in range(2))
    other = refused(till.post, "sales/", sale(line(gas, 2), paid=[cash(40_000)]), key="k")

    assert first == again
    assert (other.status, other.kind) == (422, "idempotency-mismatch")
    assert held(gas) == (9, 0)


def test_missing_empties_are_charged_as_new(till, gas):
    body = sale(line(gas, 2, empties=1), paid=[cash(20_000 + 52_000)])

    made = till.post("sales/", body)

    assert made["total"] == made["lines"][0]["total"] == "72000"
    assert made["lines"][0]["empties"] == 1


def test_a_cylinder_is_given_back_for_its_deposit(till, gas, clerk, station):
    open_shift(clerk, station=station, float_amount=50_000)

    made = till.post("sales/", sale(line(gas, 1, "RETURN"), paid=[cash(-30_000)]))

    assert (made["total"], made["lines"][0]["total"]) == ("-30000", "-30000")
    assert made["payments"][0]["amount"] == "-30000"
    assert held_at("station", gas, "empty") == 1


def test_no_more_goes_out_than_is_in_the_drawer(till, gas):
    body = sale(line(gas, 1, "RETURN"), paid=[cash(-30_000)])

    assert refused(till.post, "sales/", body).kind == "not-in-drawer"


def test_a_buyer_is_known_by_phone(till, gas, buyer):
    body = sale(line(gas), paid=[cash(20_000)], buyer_phone="0788 412 906")

    made = till.post("sales/", body)

    assert made["buyer"] == {"id": buyer.pk, "name": "Marie Uwase"}
    assert made["buyer_name"] == "Marie Uwase"
    stranger = till.post("sales/", body | {"buyer_phone": "0788 000 999"})
    assert (stranger["buyer"], stranger["buyer_name"]) == (None, "Walk-in buyer")


def test_the_rest_is_owed_only_where_it_is_said(till, gas, buyer):
    body = sale(line(gas), paid=[cash(5_000)], buyer_phone=str(buyer.phone))

    assert refused(till.post, "sales/", body).kind == "not-all-paid"
    walk_in = body | {"on_account": True, "buyer_phone": None}
    assert refused(till.post, "sales/", walk_in).kind == "nobody-to-owe"
    made = till.post("sales/", body | {"on_account": True})

    assert (made["status"], made["invoice"]["due"]) == ("DELIVERED", "15000")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"payments": [cash(21_000)]}, "paid-too-much"),
        ({"payments": [{"method": "BANK", "amount": "20000"}]}, "reference-missing"),
        ({"payments": [{"method": "MOMO", "amount": "20000"}]}, "method-not-taken"),
        ({"payments": [{"method": "MPESA", "amount": "20000"}]}, "method-not-taken"),
    ],
)
def test_how_it_cannot_be_paid(till, gas, change, kind):
    refusal = refused(till.post, "sales/", sale(line(gas)) | change)

    assert (refusal.status, refusal.kind) == (409, kind)
    assert held(gas) == (10, 0)


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"quantity": 11}, "out-of-stock"),
        ({"quantity": 100}, "quantity-out-of-range"),
        ({"kind": "ACCESSORY"}, "kind-not-offered"),
        ({"empties": 2}, "quantity-out-of-range"),
        ({"quantity": 0}, "lines.0.quantity"),
        ({"quantity": "1"}, "lines.0.quantity"),
        ({"kind": "GIFT"}, "lines.0.kind"),
        ({"listing": 10**12}, "lines.0.listing"),
        ({"empties": -1}, "lines.0.empties"),
    ],
)
def test_what_cannot_be_sold(till, gas, wrong, kind):
    paid = [cash(220_000 if kind == "out-of-stock" else 20_000)]

    refusal = refused(till.post, "sales/", sale(line(gas) | wrong, paid=paid))

    if "." in kind:
        assert (refusal.status, [*refusal.fields]) == (422, [kind])
    else:
        assert (refusal.status, refusal.kind) == (409, kind)
    assert held(gas) == (10, 0)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"lines": []}, "lines"),
        ({"payments": [cash("0")]}, "payments.0.amount"),
        ({"payments": [cash("--5")]}, "payments.0.amount"),
        ({"payments": [cash("1e5")]}, "payments.0.amount"),
        ({"payments": [{"method": "GOATS", "amount": "1"}]}, "payments.0.method"),
        ({"buyer_phone": "12"}, "buyer_phone"),
        ({"on_account": "yes"}, "on_account"),
    ],
)
def test_what_is_wrong_stands_beside_it(till, gas, wrong, field):
    refusal = refused(till.post, "sales/", sale(line(gas), paid=[cash(20_000)]) | wrong)

    assert (refusal.status, [*refusal.fields]) == (422, [field])


def test_the_same_thing_stands_on_a_sale_once(till, gas):
    refusal = refused(till.post, "sales/", sale(line(gas), line(gas), paid=[cash(40_000)]))

    assert refusal.kind == "same-line-twice"


def test_of_another_station_nothing_is_sold_and_seen(till, gas):
    foreign = make_listing(make_station())
    made = till.post("sales/", sale(line(gas), paid=[cash(20_000)]))
    stranger = signed_in(make_member(None, foreign.station))

    assert [*refused(till.post, "sales/", sale(line(foreign))).fields] == ["lines.0.listing"]
    assert stranger.get("sales/")["items"] == []
    assert refused(stranger.get, f"sales/{made['number']}/").status == 404


def test_riders_do_not_sell(station, gas):
    rider = signed_in(make_member(None, station, "rider"))

    assert refused(rider.post, "sales/", sale(line(gas))).status == 403
    assert refused(rider.get, "sales/").status == 403


def test_an_admin_sells_where_they_say(gas):
    body, admin = sale(line(gas), paid=[cash(20_000)]), signed_in(make_admin())

    assert admin.ask("POST", "sales/", body).status_code == 422
    assert admin.ask("POST", "sales/", body, station="remera").status_code == 201


def test_what_was_sold_latest_first(till, gas, buyer, clerk):
    first = till.post("sales/", sale(line(gas), paid=[cash(20_000)]))
    with clock.at(clock.now() + timedelta(days=2)):
        second = signed_in(clerk).post(
            "sales/", sale(line(gas), paid=[cash(20_000)], buyer_phone=str(buyer.phone))
        )
        day = clock.today().isoformat()

    def found(**asked):
        return [x["number"] for x in till.get("sales/", **asked)["items"]]

    assert found() == [second["number"], first["number"]]
    assert found(day=day) == [second["number"]]
    assert found(q="marie") == [second["number"]]
    assert found(q=first["invoice"]["number"]) == [first["number"]]
    assert refused(till.get, "sales/", day="soon").fields.keys() == {"day"}
    row = till.get("sales/")["items"][1]
    assert row == {name: value for name, value in first.items() if name != "payments"}


def test_what_was_undone_is_void(till, gas, clerk, station):
    made = till.post("sales/", sale(line(gas), paid=[cash(20_000)]))
    boss = make_member(None, station)
    open_shift(boss, station=station, float_amount=50_000)
    void_sale(boss, sale=Order.objects.get(), reason="Typed wrong")

    found = till.get(f"sales/{made['number']}/")

    assert (found["status"], found["invoice"]["status"]) == ("VOIDED", "VOID")


def test_the_list_goes_on_and_costs_the_same(till, gas, buyer):
    body = sale(line(gas), paid=[cash(20_000)], buyer_phone=str(buyer.phone))
    till.post("sales/", body)
    few = _cost(till)
    for _ in range(6):
        till.post("sales/", body)

    pages = list(till.pages("sales/", limit=3))

    assert [len(page) for page in pages] == [3, 3, 1]
    assert _cost(till) == few


def _cost(client):
    with CaptureQueriesContext(connection) as queries:
        client.get("sales/")
    return len(queries)
