import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from gasstock.billing.errors import (
    AmountMissing,
    NoOpenShift,
    PaidOutTooMuch,
    ReferenceMissing,
    TooLittleGiven,
    WrongInvoiceStatus,
)
from gasstock.billing.models import (
    DrawerEntry,
    Invoice,
    InvoiceStatus,
    LineKind,
    Method,
    Payment,
)
from gasstock.billing.services.invoices import Bill, Bills, Party
from gasstock.billing.services.payments import Tender, record_payment
from gasstock.billing.services.receipts import issue_receipt, void_receipt
from gasstock.billing.services.shifts import expected, open_shift
from gasstock.billing.services.verify import differences
from gasstock.core import clock
from tests.billing.conftest import DEPOSIT, NEW, REFILL

pytestmark = pytest.mark.django_db

APPROVED, PAID, VOID = InvoiceStatus.APPROVED, InvoiceStatus.PAID, InvoiceStatus.VOID
CASH, BANK = Method.CASH, Method.BANK
BACK = Bill(LineKind.DEPOSIT, "Deposit, SP 12 kg cylinder", -30_000)


@pytest.fixture(autouse=True)
def _everything_adds_up(db):
    yield
    assert list(differences()) == []


@pytest.fixture
def shift(clerk, station):
    return open_shift(clerk, station=station, float_amount=50_000)


@pytest.fixture
def issue(clerk, station):
    """As a sale does it, all or nothing."""

    @transaction.atomic
    def issue(bills, *tenders, shift=None):
        return issue_receipt(
            clerk,
            station=station,
            party=Party(None, "Counter sale"),
            reference="KGP-S4L3",
            bills=Bills(bills),
            shift=shift,
            tenders=tenders,
        )

    return issue


def test_a_receipt_is_final_and_paid_as_it_is_written(issue, shift, clerk):
    receipt = issue({REFILL: 2}, Tender(CASH, 40_000, tendered=50_000), shift=shift)

    receipt.refresh_from_db()
    assert receipt.number == f"KGP-RCT-{clock.today().year}-00001"
    assert (receipt.status, receipt.total, receipt.paid, receipt.due) == (PAID, 40_000, 40_000, 0)
    assert (receipt.submitted_by, receipt.approved_by) == (clerk, clerk)
    payment = receipt.payments.get()
    assert (payment.amount, payment.tendered, payment.received_by) == (40_000, 50_000, clerk)
    assert expected(shift) == {CASH: 90_000}


def test_cash_and_bank_may_pay_one_receipt_together(issue, shift):
    receipt = issue(
        {NEW: 1, DEPOSIT: 1}, Tender(CASH, 12_000), Tender(BANK, 40_000, "FT1"), shift=shift
    )

    assert receipt.status == PAID
    assert expected(shift) == {CASH: 62_000, BANK: 40_000}


def test_what_is_not_paid_at_the_counter_is_due_like_an_invoice(issue, shift, clerk):
    receipt = issue({REFILL: 2}, Tender(CASH, 10_000), shift=shift)

    receipt.refresh_from_db()
    assert (receipt.status, receipt.due) == (APPROVED, 30_000)
    assert receipt.due_on > clock.today()
    record_payment(clerk, invoice=receipt, method=CASH, amount=30_000, key="later")
    receipt.refresh_from_db()
    assert receipt.status == PAID


def test_more_deposit_given_back_than_sold_is_paid_out(issue, shift):
    receipt = issue({REFILL: 1, BACK: 1}, Tender(CASH, -10_000), shift=shift)

    receipt.refresh_from_db()
    assert (receipt.status, receipt.total, receipt.paid) == (PAID, -10_000, -10_000)
    assert expected(shift) == {CASH: 40_000}
    assert shift.entries.get(payment__isnull=False).kind == "refund"


def test_a_receipt_for_nothing_is_settled(issue):
    assert issue({Bill(LineKind.GOODS, "Valve, free of charge", 0): 1}).status == PAID


@pytest.mark.parametrize(
    ("tender", "error"),
    [
        (Tender(CASH, 0), AmountMissing),
        (Tender(BANK, 40_000), ReferenceMissing),
        (Tender(CASH, 40_000, tendered=39_999), TooLittleGiven),
        (Tender(CASH, -1), PaidOutTooMuch),
    ],
)
def test_wrong_payments_leave_nothing_behind(issue, shift, tender, error):
    with pytest.raises(error):
        issue({REFILL: 2}, tender, shift=shift)

    assert not Invoice.objects.exists()
    assert not Payment.objects.exists()


def test_no_more_is_paid_out_than_the_deposit(issue, shift):
    with pytest.raises(PaidOutTooMuch):
        issue({BACK: 1}, Tender(CASH, -30_001), shift=shift)


def test_voiding_gives_every_payment_back(issue, shift, clerk):
    receipt = issue(
        {NEW: 1, DEPOSIT: 1}, Tender(CASH, 12_000), Tender(BANK, 40_000, "FT1"), shift=shift
    )

    void_receipt(clerk, invoice=receipt, reason="Wrong size")

    receipt.refresh_from_db()
    assert (receipt.status, receipt.paid, receipt.due, receipt.credit) == (VOID, 0, 0, 0)
    assert receipt.reason == "Wrong size"
    assert expected(shift) == {CASH: 50_000, BANK: 0}
    assert not DrawerEntry.objects.filter(is_late=True).exists()


def test_voiding_a_receipt_below_zero_brings_the_money_in_again(issue, shift, clerk):
    receipt = issue({REFILL: 1, BACK: 1}, Tender(CASH, -10_000), shift=shift)

    void_receipt(clerk, invoice=receipt, reason="Wrong size")

    receipt.refresh_from_db()
    assert (receipt.status, receipt.paid) == (VOID, 0)
    assert expected(shift) == {CASH: 50_000}


def test_change_in_another_way_can_be_voided_too(issue, shift, clerk):
    receipt = issue({REFILL: 1}, Tender(BANK, 25_000, "FT1"), Tender(CASH, -5_000), shift=shift)

    void_receipt(clerk, invoice=receipt, reason="Wrong size")

    assert expected(shift) == {CASH: 50_000, BANK: 0}


def test_a_receipt_is_voided_once(issue, shift, clerk):
    receipt = issue({REFILL: 1}, Tender(CASH, 20_000), shift=shift)
    void_receipt(clerk, invoice=receipt, reason="Wrong size")

    with pytest.raises(WrongInvoiceStatus):
        void_receipt(clerk, invoice=receipt, reason="Wrong size")

    assert expected(shift) == {CASH: 50_000}


def test_voiding_cash_needs_an_open_drawer(issue, shift, manager):
    receipt = issue({REFILL: 1}, Tender(CASH, 20_000), shift=shift)

    with pytest.raises(NoOpenShift):
        void_receipt(manager, invoice=receipt, reason="Wrong size")

    receipt.refresh_from_db()
    assert (receipt.status, receipt.paid) == (PAID, 20_000)


def test_a_manager_gives_the_money_back_out_of_their_own_drawer_flagged_late(
    issue, shift, manager, station
):
    receipt = issue({REFILL: 1}, Tender(CASH, 20_000), shift=shift)
    own = open_shift(manager, station=station, float_amount=30_000)

    void_receipt(manager, invoice=receipt, reason="Wrong size")

    assert (expected(shift), expected(own)) == ({CASH: 70_000}, {CASH: 10_000})
    assert own.entries.get(is_late=True).amount == -20_000


def test_a_receipt_with_two_payments_costs_seven_queries(issue, shift):
    issue({REFILL: 1}, Tender(CASH, 20_000), shift=shift)

    with CaptureQueriesContext(connection) as queries:
        issue({REFILL: 2}, Tender(CASH, 10_000), Tender(BANK, 30_000, "FT1"), shift=shift)

    assert len([x for x in queries if "SAVEPOINT" not in x["sql"]]) <= 7


def test_the_paper_of_a_receipt_says_what_was_paid_out(issue, shift, client, clerk):
    receipt = issue({REFILL: 1, BACK: 1}, Tender(CASH, -10_000), shift=shift)
    client.force_login(clerk)

    text = client.get(f"/at/kimironko/invoices/{receipt.pk}/").text

    assert f"<h1>Receipt {receipt.number}</h1>" in text
    assert "Approved by GasStock" not in text
    assert 'Left to pay</td><td class="num">RWF\xa00</td>' in text
    assert "Paid out" in text
    assert "−−" not in text
