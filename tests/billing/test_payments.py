import pytest

from gasstock.audit.models import AuditEvent
from gasstock.billing.errors import (
    AmountMissing,
    GivenBackAlready,
    NoOpenShift,
    PaidOutTooMuch,
    PaymentKeyReused,
    PaymentReversed,
    ReferenceMissing,
    TooLittleGiven,
    WrongInvoiceStatus,
)
from gasstock.billing.models import InvoiceStatus, Method, Payment
from gasstock.billing.services.invoices import approve_invoice, void_invoice
from gasstock.billing.services.payments import mark_paid, record_payment, reverse_payment
from gasstock.billing.services.shifts import expected, open_shift
from gasstock.billing.services.verify import differences

pytestmark = pytest.mark.django_db

APPROVED, PAID = InvoiceStatus.APPROVED, InvoiceStatus.PAID


@pytest.fixture(autouse=True)
def _everything_adds_up(db):
    yield
    assert list(differences()) == []


@pytest.fixture
def pay(clerk):
    def pay(invoice, amount=41_000, key="a", method=Method.CASH, **values):
        return record_payment(
            clerk, invoice=invoice, method=method, amount=amount, key=key, **values
        )

    return pay


def state(invoice):
    invoice.refresh_from_db()
    return (invoice.status, invoice.paid, invoice.due, invoice.credit)


def test_many_payments_settle_one_invoice(make_invoice, pay):
    invoice = make_invoice(to=APPROVED)

    pay(invoice, 20_000, "a")
    assert state(invoice) == (APPROVED, 20_000, 21_000, 0)
    pay(invoice, 21_000, "b", Method.BANK, reference="FT1")

    assert state(invoice) == (PAID, 41_000, 0, 0)
    assert invoice.paid_at


def test_the_same_key_is_the_same_payment(make_invoice, pay):
    invoice = make_invoice(to=APPROVED)

    assert pay(invoice, 20_000) == pay(invoice, 20_000)

    assert state(invoice)[1] == 20_000
    assert AuditEvent.objects.filter(action="payment.received").count() == 1


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 1},
        {"method": Method.BANK, "reference": "X"},
        {"reference": "Y"},
        {"tendered": 50_000},
    ],
)
def test_a_key_with_other_figures_is_refused(make_invoice, pay, other):
    invoice = make_invoice(to=APPROVED)
    pay(invoice, 20_000)

    with pytest.raises(PaymentKeyReused):
        pay(invoice, **({"amount": 20_000} | other))

    assert state(invoice)[1] == 20_000


def test_a_key_of_another_invoice_is_refused(make_invoice, pay):
    pay(make_invoice(to=APPROVED))
    other = make_invoice(to=APPROVED)

    with pytest.raises(PaymentKeyReused):
        pay(other)

    assert state(other)[1] == 0


def test_too_much_is_the_buyers_credit(make_invoice, pay):
    invoice = make_invoice(to=APPROVED)

    pay(invoice, 50_000)

    assert state(invoice) == (PAID, 50_000, 0, 9_000)


def test_a_prepayment_settles_the_invoice_when_it_is_approved(make_invoice, pay, admin):
    invoice = make_invoice(to=InvoiceStatus.SUBMITTED)
    pay(invoice)
    assert state(invoice) == (InvoiceStatus.SUBMITTED, 41_000, 0, 0)

    approve_invoice(admin, invoice=invoice)

    assert state(invoice)[0] == PAID


def test_a_bank_transfer_needs_a_reference(make_invoice, pay):
    with pytest.raises(ReferenceMissing):
        pay(make_invoice(to=APPROVED), method=Method.BANK)

    assert not Payment.objects.exists()


def test_nothing_is_paid_on_a_void_invoice(make_invoice, pay):
    invoice = make_invoice()
    void_invoice(None, invoice=invoice, reason="Cancelled")

    with pytest.raises(WrongInvoiceStatus):
        pay(invoice)


def test_voiding_what_was_paid_leaves_a_credit(make_invoice, pay):
    invoice = make_invoice()
    pay(invoice, 10_000)

    void_invoice(None, invoice=invoice, reason="Cancelled")

    assert state(invoice) == (InvoiceStatus.VOID, 10_000, 0, 10_000)


def test_marking_paid_records_the_rest_once(make_invoice, pay, admin):
    invoice = make_invoice(to=APPROVED)
    pay(invoice, 1_000)

    for _ in range(2):
        mark_paid(admin, invoice=invoice, method=Method.BANK, reference="FT2")

    assert state(invoice) == (PAID, 41_000, 0, 0)
    assert list(Payment.objects.order_by("pk").values_list("amount", "method")) == [
        (1_000, "cash"),
        (40_000, "bank"),
    ]


def test_only_an_approved_invoice_is_marked_paid(make_invoice, admin):
    with pytest.raises(WrongInvoiceStatus):
        mark_paid(admin, invoice=make_invoice(), method=Method.CASH)


def test_the_cash_given_covers_the_payment(make_invoice, pay):
    invoice = make_invoice(to=APPROVED)
    with pytest.raises(TooLittleGiven):
        pay(invoice, 41_000, tendered=40_000)

    assert pay(invoice, 41_000, tendered=50_000).tendered == 50_000


def test_a_payment_of_nothing_is_refused(make_invoice, pay):
    with pytest.raises(AmountMissing):
        pay(make_invoice(), 0)


def test_what_was_paid_too_much_is_paid_out_and_no_more(make_invoice, pay):
    invoice = make_invoice(to=APPROVED)
    pay(invoice, 50_000, "a")

    with pytest.raises(PaidOutTooMuch):
        pay(invoice, -9_001, "b")
    pay(invoice, -9_000, "c")

    assert state(invoice) == (PAID, 41_000, 0, 0)


def test_a_reversed_payment_is_to_be_paid_again(make_invoice, pay, manager, station):
    open_shift(manager, station=station, float_amount=50_000)
    invoice = make_invoice(to=APPROVED)
    payment = pay(invoice)

    reverse_payment(manager, payment=payment, reason="Typed twice")

    assert state(invoice) == (APPROVED, 0, 41_000, 0)
    payment.refresh_from_db()
    assert (payment.status, payment.reason) == ("reversed", "Typed twice")
    assert AuditEvent.objects.filter(action="payment.reversed").count() == 1
    pay(invoice, key="again")
    assert state(invoice)[0] == PAID


def test_a_payment_is_reversed_once(make_invoice, pay, manager, station):
    shift = open_shift(manager, station=station, float_amount=50_000)
    payment = pay(make_invoice(to=APPROVED))
    reverse_payment(manager, payment=payment, reason="Typed twice")

    with pytest.raises(PaymentReversed):
        reverse_payment(manager, payment=payment, reason="Typed twice")

    assert expected(shift) == {Method.CASH: 9_000}


def test_cash_is_reversed_out_of_a_drawer(make_invoice, pay, manager):
    invoice = make_invoice(to=APPROVED)
    payment = pay(invoice)

    with pytest.raises(NoOpenShift):
        reverse_payment(manager, payment=payment, reason="Typed twice")

    assert state(invoice)[0] == PAID


def test_a_bank_transfer_needs_a_drawer_only_if_it_went_through_one(
    make_invoice, pay, clerk, manager, station
):
    invoice = make_invoice(to=APPROVED)
    free = pay(invoice, 1_000, "a", Method.BANK, reference="FT1")
    shift = open_shift(clerk, station=station, float_amount=0)
    held = pay(invoice, 2_000, "b", Method.BANK, reference="FT2")

    reverse_payment(manager, payment=free, reason="Not ours")
    with pytest.raises(NoOpenShift):
        reverse_payment(manager, payment=held, reason="Not ours")
    reverse_payment(clerk, payment=held, reason="Not ours")

    assert expected(shift) == {Method.BANK: 0, Method.CASH: 0}
    assert state(invoice)[1] == 0


def test_what_was_paid_out_again_is_undone_first(make_invoice, pay, clerk, station):
    open_shift(clerk, station=station, float_amount=50_000)
    invoice = make_invoice(to=APPROVED)
    payment = pay(invoice, 50_000, "a")
    change = pay(invoice, -9_000, "b")

    with pytest.raises(GivenBackAlready):
        reverse_payment(clerk, payment=payment, reason="Typed twice")
    reverse_payment(clerk, payment=change, reason="Typed twice")
    reverse_payment(clerk, payment=payment, reason="Typed twice")

    assert state(invoice) == (APPROVED, 0, 41_000, 0)
