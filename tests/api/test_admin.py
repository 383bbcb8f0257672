"""An admin's desk at the API: what waits, what is decided."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.models import StationStatus, User
from gasstock.accounts.permissions import Role
from gasstock.billing.models import Method
from gasstock.billing.services.payments import record_payment
from gasstock.orders.services.life import reject_order
from gasstock.orders.services.money import approve_bill, submit_bill
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
from tests.orders.acts import delivered


@pytest.fixture
def boss(db):
    return make_admin("boss@example.com", name="Claire Niyonsaba")


@pytest.fixture
def admin(boss):
    return signed_in(boss)


@pytest.fixture
def station(db):
    return make_station("remera", name="Remera Gas")


@pytest.fixture
def manager(station):
    return make_member(make_user(name="Eric Mugisha"), station)


@pytest.fixture
def gas(station):
    return make_listing(station, full=60)


def sent_bill(gas, manager, **terms):
    order = delivered(make_order(gas, **terms), manager)
    [invoice] = submit_bill(manager, order=order)
    return invoice


def refusal(call, *args, **query):
    with pytest.raises(Refused) as refused:
        call(*args, **query)
    return refused.value.status, refused.value.kind


def ids(page):
    return [item["id"] for item in page["items"]]


# --- What waits ---------------------------------------------------------------------------------


def test_orders_wait_the_oldest_first(admin, gas, manager):
    first, second, done = (make_order(gas) for _ in range(3))
    reject_order(manager, order=done, reason="No gas")
    other = make_order()

    def numbers(**query):
        return [item["number"] for item in admin.get("admin/orders/pending/", **query)["items"]]

    assert numbers() == [first.number, second.number, other.number]
    assert numbers(station="remera") == [first.number, second.number]
    assert numbers(q=second.number) == [second.number]
    assert numbers(q=first.buyer.name) == [first.number]


def test_a_waiting_order_keeps_the_buyers_code(admin, gas):
    make_order(gas)

    [item] = admin.get("admin/orders/pending/")["items"]

    assert item["status"] == "PLACED"
    assert item["delivery_code"] is None


def test_invoices_wait_the_oldest_first(admin, gas, manager):
    first, second = (sent_bill(gas, manager) for _ in range(2))
    approve_bill(make_admin(), invoice=sent_bill(gas, manager))
    make_order(gas)

    page = admin.get("admin/invoices/pending/")

    assert ids(page) == [first.pk, second.pk]
    assert {item["status"] for item in page["items"]} == {"SUBMITTED"}
    assert ids(admin.get("admin/invoices/pending/", q=second.number)) == [second.pk]


def test_stations_wait_with_who_asks(admin, station):
    person = make_user("seller@example.com", name="Aline Uwera")
    waiting = make_station("new", status=StationStatus.APPLIED, applicant=person, licence="RURA 7")

    [item] = admin.get("admin/stations/pending/")["items"]

    assert item["slug"] == "new"
    assert item["status"] == "APPLIED"
    assert item["licence"] == "RURA 7"
    assert item["applicant"]["email"] == "seller@example.com"
    assert datetime.fromisoformat(item["applied_at"]) == waiting.applied_at.replace(microsecond=0)


@pytest.mark.parametrize("kind", ["orders", "invoices", "stations"])
def test_a_list_costs_the_same_however_long_it_is(admin, gas, manager, kind):
    costs = []

    for more in (1, 12):
        for _ in range(more):
            make_order(gas)
            sent_bill(gas, manager)
            make_station(status=StationStatus.APPLIED)
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(f"admin/{kind}/pending/", limit=100)["items"]
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 8


# --- Invoices -----------------------------------------------------------------------------------


def test_an_invoice_is_approved_and_paid(admin, gas, manager):
    invoice = sent_bill(gas, manager)

    approved = admin.do(f"invoices/{invoice.pk}/approve/")
    paid = admin.do(f"invoices/{invoice.pk}/mark-as-paid/", {"method": "BANK", "reference": "BK-7"})

    assert (approved["status"], approved["due"]) == ("APPROVED", "21000")
    assert (paid["status"], paid["paid"], paid["due"]) == ("PAID", "21000", "0")
    [payment] = invoice.payments.all()
    assert (payment.method, payment.reference, payment.amount) == ("bank", "BK-7", 21_000)
    assert invoice.order.__class__.objects.get(invoice=invoice).status == "closed"


def test_an_invoice_is_paid_once_however_often_it_is_marked(admin, gas, manager):
    invoice = sent_bill(gas, manager)
    admin.do(f"invoices/{invoice.pk}/approve/")

    answers = [
        admin.post(f"invoices/{invoice.pk}/mark-as-paid/", {"method": "CASH"}) for _ in range(3)
    ]

    assert answers[0] == answers[1] == answers[2]
    assert invoice.payments.count() == 1


def test_an_invoice_is_not_approved_twice(admin, gas, manager):
    invoice = sent_bill(gas, manager)
    path = f"invoices/{invoice.pk}/approve/"
    first = admin.post(path, key="one")

    assert admin.post(path, key="one") == first
    assert refusal(admin.post, path) == (409, "wrong-status")


def test_nobody_approves_what_they_sent(gas, boss, admin):
    order = delivered(make_order(gas), boss)
    [invoice] = submit_bill(boss, order=order)

    assert refusal(admin.post, f"invoices/{invoice.pk}/approve/") == (409, "own-invoice")


def test_an_invoice_goes_back_with_a_reason(admin, gas, manager):
    invoice = sent_bill(gas, manager)
    path = f"invoices/{invoice.pk}/reject/"

    for body in ({}, {"reason": " \u202e "}, {"reason": "x" * 241}):
        assert refusal(admin.post, path, body)[0] == 422
    rejected = admin.do(path, {"reason": "Wrong price"})

    assert (rejected["status"], rejected["reason"]) == ("REJECTED", "Wrong price")
    assert manager.notifications.filter(text__contains="Wrong price").exists()


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ({}, 422, "invalid"),
        ({"method": "GOLD"}, 422, "invalid"),
        ({"method": "BANK"}, 422, "invalid"),
        ({"method": "MOMO"}, 409, "method-not-taken"),
    ],
)
def test_a_payment_needs_a_way_that_is_taken(admin, gas, manager, body, status, kind):
    invoice = sent_bill(gas, manager)
    admin.do(f"invoices/{invoice.pk}/approve/")

    assert refusal(admin.post, f"invoices/{invoice.pk}/mark-as-paid/", body) == (status, kind)
    assert not invoice.payments.exists()


def test_what_is_not_approved_cannot_be_marked_paid(admin, gas, manager):
    invoice = sent_bill(gas, manager)
    path = f"invoices/{invoice.pk}/mark-as-paid/"

    assert refusal(admin.post, path, {"method": "CASH"}) == (409, "wrong-status")


def test_an_invoice_paid_before_needs_no_payment(admin, gas, manager):
    invoice = sent_bill(gas, manager)
    record_payment(manager, invoice=invoice, method=Method.CASH, amount=21_000, key="k")

    assert admin.do(f"invoices/{invoice.pk}/approve/")["status"] == "PAID"


def test_who_sees_an_invoice_may_not_decide_about_it(gas, manager):
    buyer = make_user()
    draft = delivered(make_order(gas, buyer=buyer), manager).invoice
    invoice = sent_bill(gas, manager, buyer=buyer)

    def status(person, bill):
        return signed_in(person).ask("POST", f"invoices/{bill.pk}/approve/").status_code

    assert status(manager, invoice) == status(buyer, invoice) == status(manager, draft) == 403
    assert status(buyer, draft) == 404
    assert status(make_member(None, make_station()), invoice) == 404


# --- Stations -----------------------------------------------------------------------------------


def test_an_approved_applicant_manages_the_station(admin):
    person = make_user()
    station = make_station("new", status=StationStatus.APPLIED, applicant=person)

    answer = admin.do("stations/new/approve/")

    assert answer["status"] == "APPROVED"
    assert person.memberships.get().role == Role.MANAGER
    assert refusal(admin.post, "stations/new/approve/") == (409, "wrong-status")
    assert refusal(admin.post, "stations/nowhere/approve/") == (404, "not-found")
    assert [station] == [*User.objects.get(pk=person.pk).applications.all()]


def test_nobody_approves_their_own_station(admin, boss):
    make_station("mine", status=StationStatus.APPLIED, applicant=boss)

    assert refusal(admin.post, "stations/mine/approve/") == (409, "own-application")


def test_a_suspended_station_leaves_the_shop_and_comes_back(admin, gas):
    path = f"gas/{gas.pk}/"

    stopped = admin.do("stations/remera/suspend/", {"reason": "Licence ran out"})

    assert (stopped["status"], stopped["reason"]) == ("SUSPENDED", "Licence ran out")
    assert refusal(admin.get, path)[0] == 404
    assert refusal(admin.post, "stations/remera/suspend/") == (409, "wrong-status")
    assert admin.do("stations/remera/approve/")["status"] == "APPROVED"
    assert admin.get(path)["id"] == gas.pk


def test_a_station_may_be_suspended_without_a_word(admin, station):
    assert admin.do("stations/remera/suspend/")["reason"] == "No reason was given."


def test_who_works_at_a_station_may_not_decide_about_it(station, manager):
    applicant = signed_in(station.applicant)

    for client in (signed_in(manager), applicant):
        assert refusal(client.post, "stations/remera/suspend/") == (403, "forbidden")
    assert refusal(signed_in(make_user()).post, "stations/remera/suspend/")[0] == 404
