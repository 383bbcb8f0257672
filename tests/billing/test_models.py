"""What the database itself refuses."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from gasstock.billing.models import (
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Method,
    NumberSeries,
    Payment,
)
from gasstock.core.models import AppendOnlyError

pytestmark = pytest.mark.django_db


def refused(constraint=""):
    return pytest.raises(IntegrityError, match=constraint or None)


@pytest.fixture
def invoice(make_invoice):
    return make_invoice(to=InvoiceStatus.APPROVED)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"credited": 41_001}, "no_more_is_credited_than_billed"),
        ({"number": None}, "a_submitted_invoice_has_a_number"),
        ({"status": "paid"}, "a_paid_invoice_is_paid"),
        ({"status": "paid", "paid": 40_999}, "a_paid_invoice_is_paid"),
        ({"total": -1}, "an_invoice_below_zero_is_settled"),
        ({"paid": -1}, "money_goes_out_only_below_zero"),
    ],
)
def test_an_invoice_is_never_wrong(invoice, values, constraint):
    with refused(constraint), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(**values)


def test_a_number_is_given_once(invoice, make_invoice):
    other = make_invoice()

    with refused(), transaction.atomic():
        Invoice.objects.filter(pk=other.pk).update(number=invoice.number)


def test_a_line_bills_something(invoice):
    with refused("an_invoice_line_bills_something"), transaction.atomic():
        InvoiceLine.objects.filter(invoice=invoice).update(quantity=0)


def test_a_payment_pays_something(invoice):
    with refused("a_payment_pays_something"), transaction.atomic():
        Payment.objects.create(invoice=invoice, method=Method.CASH, amount=0, key="a")


def test_a_bank_transfer_has_a_reference(invoice):
    with refused("a_bank_transfer_has_a_reference"), transaction.atomic():
        Payment.objects.create(invoice=invoice, method=Method.BANK, amount=1, key="a")


def test_a_key_is_used_once(invoice):
    Payment.objects.create(invoice=invoice, method=Method.CASH, amount=1, key="a")

    with refused(), transaction.atomic():
        Payment.objects.create(invoice=invoice, method=Method.CASH, amount=1, key="a")


def test_a_series_is_there_once(invoice):
    series = NumberSeries.objects.get()
    series.pk = None

    with refused(), transaction.atomic():
        series.save(force_insert=True)


def note(invoice, **values):
    return CreditNote.objects.create(
        **({"invoice": invoice, "number": "N-1", "amount": 1, "reason": "x"} | values)
    )


def test_a_credit_note_credits_something_under_its_own_number(invoice):
    with refused("a_credit_note_credits_something"), transaction.atomic():
        note(invoice, amount=0)
    note(invoice)
    with refused(), transaction.atomic():
        note(invoice)


@pytest.mark.parametrize("statement", ["UPDATE {} SET amount = 2", "DELETE FROM {}"])
def test_a_credit_note_cannot_be_rewritten_in_the_database(invoice, statement):
    note(invoice)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(CreditNote._meta.db_table))

    assert CreditNote.objects.get().amount == 1


def test_a_credit_note_cannot_be_rewritten_in_the_code(invoice):
    written = note(invoice)

    for rewrite in (written.save, written.delete, CreditNote.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            rewrite()
