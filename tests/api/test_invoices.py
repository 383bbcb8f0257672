"""Invoices through the API: submitted, looked for, read, on paper."""

import re
import zlib
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.billing.models import Invoice, Method
from gasstock.billing.papers import _paper_of, invoice_pdf, whole
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import approve_order, cancel_order
from gasstock.orders.services.money import (
    approve_bill,
    mark_bill_paid,
    reject_bill,
    submit_bill,
    take_payment,
)
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
from tests.orders.acts import delivered, on_the_way


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
def buyer(db):
    return make_user("marie@example.com", name="Marie Uwase", phone="+250788412906")


@pytest.fixture
def gas(station):
    return make_listing(station, make_variant("SP 12 kg"), full=90)


@pytest.fixture
def done(gas, buyer, manager):
    """A delivered order that nobody billed yet."""
    return delivered(make_order({gas: 2}, buyer=buyer), manager)


def sent(order, manager):
    [invoice] = submit_bill(manager, order=order)
    return invoice


def refused(call, *args, **query):
    with pytest.raises(Refused) as refusal:
        call(*args, **query)
    return refusal.value


# --- Submitting ---------------------------------------------------------------------------------


def test_an_invoice_as_it_is_submitted(seller, done):
    answer = seller.ask("POST", "seller/invoices/", {"order": done.number})

    invoice = answer.json()
    moments = {name: invoice.pop(name) for name in ("created_at", "submitted_at")}
    assert answer.status_code == 201
    assert all(moment.endswith("+02:00") for moment in moments.values())
    assert invoice == {
        "id": done.invoice_id,
        "number": f"RMR-INV-{date.today().year}-00001",
        "status": "SUBMITTED",
        "is_overdue": False,
        "order": done.number,
        "station": "remera",
        "buyer_name": "Marie Uwase",
        "buyer_phone": "+250788412906",
        "buyer_address": "KG 7 Ave 12, Gasabo",
        "currency": "RWF",
        "total": "41000",
        "credited": "0",
        "paid": "0",
        "due": "41000",
        "tax": "0",
        "tax_name": "",
        "tax_rate": "0",
        "due_on": None,
        "corrects": None,
        "reason": "",
        "approved_at": None,
        "paid_at": None,
        "lines": [
            {
                "kind": "GOODS",
                "description": "SP 12 kg, refill",
                "quantity": 2,
                "unit_price": "20000",
                "total": "40000",
            },
            {
                "kind": "DELIVERY",
                "description": "Delivery",
                "quantity": 1,
                "unit_price": "1000",
                "total": "1000",
            },
        ],
        "credit_notes": [],
        "payments": [],
    }


def test_the_same_key_submits_once_and_again_is_refused(seller, done):
    body = {"order": done.number}

    first, again = (seller.post("seller/invoices/", body, key="k") for _ in range(2))
    refusal = refused(seller.post, "seller/invoices/", body)

    assert first == again
    assert (refusal.status, refusal.kind) == (409, "wrong-status")


def test_what_nobody_approved_is_not_billed(seller, gas):
    refusal = refused(seller.post, "seller/invoices/", {"order": make_order(gas).number})

    assert (refusal.status, refusal.kind) == (409, "not-ready-to-bill")


@pytest.mark.parametrize("which", ["foreign", "missing"])
def test_an_order_of_another_station_is_none(seller, which):
    number = make_order().number if which == "foreign" else "NOTHING"

    refusal = refused(seller.post, "seller/invoices/", {"order": number})

    assert (refusal.status, [*refusal.fields]) == (422, ["order"])


def test_a_correction_is_submitted_by_itself(seller, gas, buyer, manager):
    order = make_order({gas: 2}, buyer=buyer)
    on_the_way(order, manager)
    first = approve_bill(make_admin(), invoice=sent(order, manager))
    line = order.lines.get()
    deliver_order(manager, order=order, handed={line.pk: Handed(2, 1)}, code=order.code)

    further = seller.post("seller/invoices/", {"order": order.number})

    assert (further["corrects"], further["status"]) == (first.pk, "SUBMITTED")
    bills = [seller.get(f"invoices/{pk}/") for pk in (first.pk, further["id"])]
    assert [len(bill["credit_notes"]) for bill in bills] == [1, 0]
    assert sum(int(bill["due"]) for bill in bills) == 20_000 + 22_000 + 30_000 + 1_000


# --- Who sees which -----------------------------------------------------------------------------


def test_a_station_sees_its_own(seller, done, gas):
    other = make_order(make_listing(make_station()))
    latest = make_order(gas)

    found = [row["id"] for row in seller.get("invoices/")["items"]]

    assert found == [latest.invoice_id, done.invoice_id]
    assert refused(seller.get, f"invoices/{other.invoice_id}/").status == 404
    assert refused(seller.get, f"invoices/{other.invoice_id}/pdf/").status == 404


def test_a_buyer_sees_theirs_once_they_have_a_number(done, manager, buyer):
    marie, other = signed_in(buyer), signed_in(make_user())

    before = marie.get("invoices/")["items"]
    hidden = refused(marie.get, f"invoices/{done.invoice_id}/").status
    sent(done, manager)

    assert (before, hidden) == ([], 404)
    assert [row["id"] for row in marie.get("invoices/")["items"]] == [done.invoice_id]
    assert marie.get(f"invoices/{done.invoice_id}/")["total"] == "41000"
    assert other.get("invoices/")["items"] == []
    assert refused(other.get, f"invoices/{done.invoice_id}/").status == 404


def test_why_it_was_sent_back_is_for_staff(seller, done, manager, buyer):
    reject_bill(make_admin(), invoice=sent(done, manager), reason="Wrong price")
    path = f"invoices/{done.invoice_id}/"

    assert seller.get(path)["reason"] == "Wrong price"
    assert signed_in(buyer).get(path)["reason"] == ""


def test_who_works_and_buys_chooses(seller, manager, done):
    foreign = make_listing(make_station("elsewhere"))
    boss = make_member(None, foreign.station)
    bought = delivered(make_order(foreign, buyer=manager), boss)
    sent(bought, boss)

    assert [row["id"] for row in seller.get("invoices/")["items"]] == [done.invoice_id]
    mine = seller.get("invoices/", mine="true")["items"]
    assert [row["id"] for row in mine] == [bought.invoice_id]
    assert seller.get(f"invoices/{bought.invoice_id}/")["station"] == "elsewhere"


def test_a_rider_sees_only_what_they_bought(station, gas, done, manager):
    rider = make_member(None, station, "rider")
    own = delivered(make_order(gas, buyer=rider), manager)
    sent(own, manager)
    client = signed_in(rider)

    assert [row["id"] for row in client.get("invoices/")["items"]] == [own.invoice_id]
    assert client.get(f"invoices/{own.invoice_id}/")["id"] == own.invoice_id
    assert refused(client.get, f"invoices/{done.invoice_id}/").status == 403
    assert refused(client.get, "invoices/", station="remera").status == 403


def test_an_admin_sees_all_or_those_of_a_station(done):
    other = make_order(make_listing(make_station("elsewhere")))
    admin = signed_in(make_admin())

    assert len(admin.get("invoices/")["items"]) == 2
    [row] = admin.get("invoices/", station="elsewhere")["items"]
    assert row["id"] == other.invoice_id
    assert refused(admin.get, "invoices/", station="nowhere").status == 404


def test_as_they_were_asked_for(seller, gas, manager, done):
    waiting = delivered(make_order(gas), manager)
    sent(waiting, manager)
    dead = make_order(gas)
    cancel_order(dead.buyer, order=dead)

    def found(**asked):
        return [row["order"] for row in seller.get("invoices/", **asked)["items"]]

    assert found(status="SUBMITTED") == [waiting.number]
    assert found(status="DRAFT") == [done.number]
    assert found(status="VOID") == [dead.number]
    assert found(status="OVERDUE") == []
    assert found(q=done.number.lower()) == [done.number]
    assert found(q="inv-") == [waiting.number]
    assert refused(seller.get, "invoices/", status="LOST").fields.keys() == {"status"}


def test_the_list_goes_on_and_costs_the_same(seller, gas):
    for _ in range(2):
        make_order(gas)
    few = _cost(seller)
    for _ in range(9):
        make_order(gas)

    pages = list(seller.pages("invoices/", limit=4))

    assert [len(page) for page in pages] == [4, 4, 3]
    assert _cost(seller) == few


def _cost(client):
    with CaptureQueriesContext(connection) as queries:
        client.get("invoices/")
    return len(queries)


# --- On paper -----------------------------------------------------------------------------------


def test_the_paper_is_a_pdf(seller, done, manager, buyer):
    invoice = sent(done, manager)

    for client in (seller, signed_in(buyer)):
        answer = client.ask("GET", f"invoices/{invoice.pk}/pdf/")

        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/pdf"
        assert f'filename="{invoice.number}.pdf"' in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content.startswith(b"%PDF-")
        assert b"InterGS" in _plain(answer.content)


def _plain(content):
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.DOTALL)
    return content + b"".join(zlib.decompressobj().decompress(x) for x in streams if x[:1] == b"x")


def paper_of(invoice):
    return _paper_of(whole(Invoice.objects.all()).get(pk=invoice.pk))


def test_a_draft_says_that_it_is_one(seller, done):
    paper = paper_of(done.invoice)

    assert paper["title"] == "Invoice without a number"
    assert paper["state"][1] == "Not final: the figures can still change."
    assert paper["pay"] == []
    answer = seller.ask("GET", f"invoices/{done.invoice_id}/pdf/")
    assert f'filename="draft-{done.invoice_id}.pdf"' in answer.headers["Content-Disposition"]


def test_what_was_paid_and_credited_comes_to_what_is_left(gas, buyer, manager):
    order = make_order({gas: 2}, buyer=buyer)
    on_the_way(order, manager)
    invoice = approve_bill(make_admin(), invoice=sent(order, manager))
    take_payment(manager, invoice=invoice, method=Method.CASH, amount=5_000, key="a")
    handed = {order.lines.get().pk: Handed(1, 1)}
    deliver_order(manager, order=order, handed=handed, code=order.code)
    invoice.refresh_from_db()

    paper = paper_of(invoice)

    sums = [int(re.sub(r"\D", "", x)) * (-1 if "−" in x else 1) for _, x in paper["sums"]]
    assert sums == [41_000, -20_000, -5_000]
    assert paper["total"] == ["Left to pay", "RWF\xa016,000"]
    assert [way[0] for way in paper["pay"]] == ["Pay in cash", "Pay by bank"]
    assert "RMR-CRN-" in paper["notes"][0]
    assert paper["notes"][-1].startswith("Approved by GasStock on ")


def test_a_paid_one_says_when_and_asks_for_nothing(done, manager):
    admin = make_admin()
    approve_bill(admin, invoice=sent(done, manager))
    invoice = mark_bill_paid(admin, invoice=done.invoice, method=Method.BANK, reference="BK 7")

    paper = paper_of(invoice)

    assert paper["state"][0] == "Paid"
    assert paper["state"][1].startswith("Settled on ")
    assert paper["sums"][-1][0].endswith("bank transfer BK 7")
    assert (paper["total"][1], paper["pay"]) == ("RWF\xa00", [])


def test_what_people_are_called_is_no_code(manager, gas):
    buyer = make_user(name='#panic("x") $y$ ] } \\ "')
    order = make_order(gas, buyer=buyer)
    approve_order(manager, order=order)

    content = invoice_pdf(whole(Invoice.objects.all()).get(pk=order.invoice_id))

    assert content.startswith(b"%PDF-")
