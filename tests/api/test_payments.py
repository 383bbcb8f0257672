"""How a buyer says that they pay, and what becomes of it."""

import pytest
from django.core.management import call_command

from gasstock.accounts.permissions import Role
from gasstock.billing.models import Method, Payment
from gasstock.billing.services.payments import reverse_payment
from gasstock.billing.services.shifts import open_shift
from gasstock.orders.models import LineKind
from gasstock.orders.services.counter import SaleLine, sell
from gasstock.orders.services.life import approve_order, cancel_order
from gasstock.orders.services.money import approve_bill, submit_bill, take_payment
from gasstock.orders.till import slip_of
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
)


@pytest.fixture(autouse=True)
def _books_are_clean(db):
    yield
    call_command("verify_ledger", verbosity=0)


@pytest.fixture
def station(db):
    return make_station("remera", name="Remera Gas")


@pytest.fixture
def clerk(station):
    return make_member(None, station, Role.CLERK)


@pytest.fixture
def buyer(db):
    return make_user("marie@example.com", name="Marie Uwase")


@pytest.fixture
def marie(buyer):
    return signed_in(buyer)


@pytest.fixture
def order(station, buyer):
    """To be paid in cash: 21,000."""
    return make_order(make_listing(station), buyer=buyer)


@pytest.fixture
def pay(marie, order):
    """`pay("BANK")` promises to."""

    def pay(method="CASH", key="", **more):
        body = {"method": method} | more
        return marie.post(f"orders/{order.number}/payments/", body, key=key)

    return pay


def came(clerk, order, amount=21_000, method=Method.CASH, key="k", **more):
    return take_payment(clerk, invoice=order.invoice, method=method, amount=amount, key=key, **more)


def test_a_promise_as_the_contract_has_it(marie, order, pay):
    payment = pay("BANK", phone="0788 412 906")

    again = marie.get(f"payments/{payment['id']}/")

    assert payment.pop("created_at")
    assert payment == {
        "id": Payment.objects.get().pk,
        "status": "PENDING",
        "method": "BANK",
        "amount": "21000",
        "currency": "RWF",
        "provider_reference": None,
        "order": order.number,
    }
    assert payment.items() <= again.items()


def test_it_is_taken_on_and_not_more(marie, order):
    answer = marie.ask("POST", f"orders/{order.number}/payments/", {"method": "CASH"})

    found = marie.get(f"orders/{order.number}/")
    assert answer.status_code == 202
    assert (found["invoice"]["paid"], found["invoice"]["due"]) == ("0", "21000")


def test_the_station_is_told_how_it_is_paid_if_that_is_new(clerk, order, pay):
    pay("CASH")
    told = clerk.notifications.count()
    pay("BANK")

    order.refresh_from_db()
    assert order.payment_method == Method.BANK
    assert clerk.notifications.count() == told + 1
    assert "bank transfer" in clerk.notifications.latest("pk").text


def test_who_changes_their_mind_all_day_rings_no_bell_all_day(clerk, order, pay):
    told = clerk.notifications.count()
    for _ in range(3):
        pay("BANK")
        pay("CASH")

    assert clerk.notifications.count() == told + 1


def test_said_anew_it_replaces_what_was_said(order, pay):
    first, second = pay("BANK"), pay("CASH")

    assert (second["id"], second["method"]) == (first["id"], "CASH")
    assert Payment.objects.count() == 1


def test_a_promise_with_a_key_is_one_answer(pay):
    assert pay("BANK", key="k-1") == pay("BANK", key="k-1")


def test_the_money_takes_its_place(marie, clerk, order, pay):
    promised = pay("BANK")

    came(clerk, order, 20_000, reference="FT 7")

    kept = marie.get(f"payments/{promised['id']}/")
    assert (kept["status"], kept["method"], kept["amount"]) == ("SUCCEEDED", "CASH", "20000")
    assert kept["provider_reference"] == "FT 7"
    assert kept["created_at"] >= promised["created_at"]
    found = marie.get(f"orders/{order.number}/")["invoice"]
    assert (found["paid"], found["due"]) == ("20000", "1000")
    rest = pay("CASH")
    assert (rest["id"] != kept["id"], rest["amount"]) == (True, "1000")


def test_the_same_money_sent_twice_is_once(clerk, order, pay):
    pay("CASH")
    first = came(clerk, order, 20_000)
    pay("CASH")

    again = came(clerk, order, 20_000)

    assert first == again
    assert list(order.invoice.payments.values_list("status", "amount").order_by("pk")) == [
        ("succeeded", 20_000),
        ("pending", 1_000),
    ]


def test_money_that_goes_out_keeps_no_promise(marie, buyer, clerk, order, pay):
    approve_order(clerk, order=order)
    [invoice] = submit_bill(clerk, order=order)
    approve_bill(make_admin(), invoice=invoice)
    came(clerk, order, 5_000, key="a")
    promised = pay("CASH")
    cancel_order(buyer, order=order)

    came(clerk, order, -5_000, key="b")

    kept = marie.get(f"payments/{promised['id']}/")
    assert (kept["status"], kept["amount"]) == ("FAILED", "16000")


def test_where_nothing_is_owed_any_more_it_has_failed(marie, buyer, order, pay):
    promised = pay("CASH")

    cancel_order(buyer, order=order)

    assert marie.get(f"payments/{promised['id']}/")["status"] == "FAILED"
    with pytest.raises(Refused) as refusal:
        pay("CASH")
    assert (refusal.value.status, refusal.value.kind) == (409, "nothing-to-pay")


def test_money_that_was_taken_back_is_told(marie, clerk, order, pay):
    promised = pay("BANK")
    payment = came(clerk, order, method=Method.BANK, reference="FT 7")

    reverse_payment(clerk, payment=payment, reason="Bounced")

    assert marie.get(f"payments/{promised['id']}/")["status"] == "REVERSED"
    assert pay("CASH")["id"] != promised["id"]


@pytest.mark.parametrize("method", ["MOMO", "MPESA", "BANK"])
def test_what_nobody_collects_is_refused(station, order, pay, method):
    type(station).objects.update(takes_bank=False)

    with pytest.raises(Refused) as refusal:
        pay(method)

    assert (refusal.value.status, refusal.value.kind) == (409, "method-not-taken")
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "method"), ({"method": "cash?"}, "method"), ({"method": "CASH", "phone": "1"}, "phone")],
)
def test_what_is_wrong_is_said_beside_its_field(marie, order, body, field):
    with pytest.raises(Refused) as refusal:
        marie.post(f"orders/{order.number}/payments/", body)

    assert (refusal.value.status, list(refusal.value.fields)) == (422, [field])


def test_the_amount_is_not_the_buyers_to_say(pay):
    assert pay("CASH", amount="1", status="SUCCEEDED")["amount"] == "21000"


def test_nobody_promises_for_another(clerk, order):
    path, body = f"orders/{order.number}/payments/", {"method": "CASH"}

    answers = [signed_in(who).ask("POST", path, body).status_code for who in (clerk, make_user())]

    assert answers == [403, 404]
    assert not Payment.objects.exists()


def test_who_may_see_the_invoice_sees_its_payments(station, clerk, order, pay):
    path = f"payments/{pay()['id']}/"
    rider = make_member(None, station, Role.RIDER)
    stranger = make_member(None, make_station())

    statuses = [signed_in(who).ask("GET", path).status_code for who in (clerk, rider, stranger)]

    assert statuses == [200, 403, 404]


def test_no_provider_calls_back_here(api):
    answer = api.ask("POST", "payments/mtn-momo/callback/token/", {})

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_a_promise_stands_on_no_receipt(marie, buyer, clerk, station):
    open_shift(clerk, station=station, float_amount=0)
    sale = sell(
        clerk,
        station=station,
        lines=[SaleLine(make_listing(station), LineKind.EXCHANGE, 1)],
        tenders=[],
        key="on-account",
        buyer=buyer,
    )

    marie.post(f"orders/{sale.number}/payments/", {"method": "BANK"})

    assert slip_of(sale).payments == []
