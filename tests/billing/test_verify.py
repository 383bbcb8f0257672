"""Whatever of the drawers is tampered with is named."""

import pytest
from django.db import connection

from gasstock.billing.models import InvoiceStatus, Method, NumberSeries
from gasstock.billing.services.payments import record_payment, reverse_payment
from gasstock.billing.services.shifts import accept_shift, count_shift, open_shift
from gasstock.billing.services.verify import differences

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift(clerk, station):
    return open_shift(clerk, station=station, float_amount=50_000)


@pytest.fixture
def payment(shift, make_invoice, clerk):
    invoice = make_invoice(to=InvoiceStatus.APPROVED)
    return record_payment(clerk, invoice=invoice, method=Method.CASH, amount=41_000, key="a")


@pytest.fixture
def closed(payment, shift, clerk, manager):
    count_shift(clerk, shift=shift, notes={5_000: 18, 1_000: 1}, wallets={})
    return accept_shift(manager, shift=shift)


def tamper(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        assert cursor.rowcount == 1


def put(shift, payment, kind, amount):
    """An entry behind the back of the services."""
    shift.entries.create(
        kind=kind, method=payment.method, amount=amount, payment=payment, actor=shift.cashier
    )


def test_a_counted_and_accepted_drawer_is_clean(closed):
    assert list(differences()) == []


def test_a_payment_that_is_not_in_the_drawer_as_it_was_paid_is_named(payment, shift):
    put(shift, payment, "refund", -1_000)

    assert list(differences()) == [
        f"payment {payment.pk} (succeeded): 41000, the drawers say 40000"
    ]


def test_a_reversed_payment_that_is_still_in_a_drawer_is_named(payment):
    tamper("UPDATE billing_payment SET status = 'reversed' WHERE id = %s", payment.pk)

    assert f"payment {payment.pk} (reversed): 41000, the drawers say 41000" in list(differences())


def test_what_came_in_outside_of_any_drawer_may_go_out_of_one(make_invoice, clerk, station):
    invoice = make_invoice(to=InvoiceStatus.APPROVED)
    free = record_payment(clerk, invoice=invoice, method=Method.CASH, amount=41_000, key="a")
    open_shift(clerk, station=station, float_amount=50_000)
    reverse_payment(clerk, payment=free, reason="Wrong order")

    assert list(differences()) == []


def test_an_entry_after_the_count_is_named(payment, closed, make_invoice):
    put(closed, payment, "refund", -41_000)

    assert any("does not belong into shift" in said for said in differences())


def test_a_counted_shift_without_a_count_is_named(shift):
    tamper(
        "UPDATE billing_shift SET status = 'counted', counted_at = opened_at, "
        "counted_by_id = cashier_id WHERE id = %s",
        shift.pk,
    )

    told = f"shift {shift.pk} (Shift {shift.pk}): counted, but nothing was counted"
    assert told in list(differences())


def test_a_gap_in_the_z_numbers_is_named(closed):
    NumberSeries.objects.filter(kind="Z").update(last=2)

    assert any("-Z-" in said and "2 numbers given, 1 documents" in said for said in differences())


def test_series_of_other_apps_are_not_judged_here(station):
    NumberSeries.objects.create(station=station, kind="PO", year=2026, last=3)

    assert list(differences()) == []
