from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from gasstock.audit.models import AuditEvent
from gasstock.billing.errors import OwnInvoice, WrongInvoiceStatus
from gasstock.billing.models import CreditNote, Invoice, InvoiceStatus, Method
from gasstock.billing.services.invoices import (
    approve_invoice,
    bills_of,
    rebill,
    reject_invoice,
    submit_invoice,
    void_invoice,
)
from gasstock.billing.services.payments import record_payment
from gasstock.billing.services.verify import differences
from gasstock.core import clock
from tests.billing.conftest import DELIVERY, DEPOSIT, NEW, REFILL
from tests.factories import make_station

pytestmark = pytest.mark.django_db

DRAFT, SUBMITTED = InvoiceStatus.DRAFT, InvoiceStatus.SUBMITTED
APPROVED, PAID = InvoiceStatus.APPROVED, InvoiceStatus.PAID
REJECTED, VOID = InvoiceStatus.REJECTED, InvoiceStatus.VOID
BILLED = Counter({REFILL: 2, DELIVERY: 1})


@pytest.fixture(autouse=True)
def _everything_adds_up(db):
    yield
    assert list(differences()) == []


def money(invoice):
    invoice.refresh_from_db()
    return (invoice.status, invoice.total, invoice.credited, invoice.paid, invoice.due)


def test_a_draft_has_lines_and_a_total_but_no_number(make_invoice):
    invoice = make_invoice()

    assert (invoice.number, invoice.status, invoice.total) == (None, DRAFT, 41_000)
    assert bills_of(invoice) == BILLED
    assert str(invoice) == "Draft for KGP-ABC234"


def test_submitting_gives_the_next_number(make_invoice, clerk):
    with clock.at(datetime(2026, 5, 4, 8, tzinfo=UTC)):
        numbers = [make_invoice(to=SUBMITTED).number for _ in range(3)]

    assert numbers == [f"KGP-INV-2026-0000{n}" for n in (1, 2, 3)]


def test_numbers_begin_anew_each_year_of_the_stations_calendar(make_invoice):
    with clock.at(datetime(2026, 12, 31, 21, 59, tzinfo=UTC)):  # 23:59 in Kigali
        assert make_invoice(to=SUBMITTED).number == "KGP-INV-2026-00001"
    with clock.at(datetime(2026, 12, 31, 22, 1, tzinfo=UTC)):
        assert make_invoice(to=SUBMITTED).number == "KGP-INV-2027-00001"


def test_each_station_counts_for_itself(make_invoice):
    other = make_station(code="RMR")
    with clock.at(datetime(2026, 5, 4, tzinfo=UTC)):
        make_invoice(to=SUBMITTED)
        assert make_invoice(to=SUBMITTED, station=other).number == "RMR-INV-2026-00001"


def test_a_number_that_was_not_used_goes_to_the_next(make_invoice, clerk):
    first, second = make_invoice(), make_invoice()

    with transaction.atomic():
        assert submit_invoice(clerk, invoice=first).number.endswith("00001")
        transaction.set_rollback(True)
    submit_invoice(clerk, invoice=second)

    second.refresh_from_db()
    first.refresh_from_db()
    assert second.number.endswith("00001")
    assert (first.number, first.status) == (None, DRAFT)


def test_approving_makes_it_due(make_invoice, admin, settings):
    settings.INVOICE_DUE_DAYS = 14
    invoice = make_invoice(to=SUBMITTED)

    with clock.at(datetime(2026, 5, 4, 8, tzinfo=UTC)):
        invoice = approve_invoice(admin, invoice=invoice)

    assert (invoice.status, invoice.approved_by) == (APPROVED, admin)
    assert invoice.due_on.isoformat() == "2026-05-18"
    with clock.at(datetime(2026, 5, 18, 21, tzinfo=UTC)):
        assert not invoice.is_overdue
    with clock.at(datetime(2026, 5, 18, 22, 30, tzinfo=UTC)):  # the 19th in Kigali
        assert invoice.is_overdue
        assert Invoice.objects.overdue(clock.today()).get() == invoice


def test_nobody_approves_what_they_submitted(make_invoice, admin):
    invoice = submit_invoice(admin, invoice=make_invoice())

    with pytest.raises(OwnInvoice):
        approve_invoice(admin, invoice=invoice)

    assert money(invoice)[0] == SUBMITTED


def test_a_rejected_invoice_says_why_and_keeps_its_number(make_invoice, admin, clerk):
    invoice = make_invoice(to=SUBMITTED)
    number = invoice.number

    invoice = reject_invoice(admin, invoice=invoice, reason="The delivery is missing")
    assert (invoice.status, invoice.reason) == (REJECTED, "The delivery is missing")

    again = submit_invoice(clerk, invoice=invoice)
    assert (again.number, again.status, again.reason) == (number, SUBMITTED, "")
    assert make_invoice(to=SUBMITTED).number.endswith("00002")


STEPS = {
    "submit": lambda invoice, who: submit_invoice(who, invoice=invoice),
    "approve": lambda invoice, who: approve_invoice(who, invoice=invoice),
    "reject": lambda invoice, who: reject_invoice(who, invoice=invoice, reason="x"),
    "rebill": lambda invoice, who: rebill(who, invoice=invoice, bills=BILLED, reason="x"),
    "void": lambda invoice, who: void_invoice(who, invoice=invoice, reason="x"),
}


@pytest.mark.parametrize(
    ("status", "refused"),
    [
        (DRAFT, {"approve", "reject"}),
        (SUBMITTED, {"submit"}),
        (APPROVED, {"submit", "approve", "reject"}),
        (VOID, set(STEPS)),
    ],
)
def test_a_step_that_does_not_fit_the_state_is_refused(make_invoice, admin, status, refused):
    for name, step in STEPS.items():
        invoice = make_invoice(to=DRAFT if status == VOID else status)
        if status == VOID:
            void_invoice(None, invoice=invoice, reason="x")
        if name not in refused:
            step(invoice, admin)
            continue
        with pytest.raises(WrongInvoiceStatus):
            step(invoice, admin)


def test_a_step_looks_at_the_state_of_now_and_not_at_the_row_in_hand(make_invoice, admin):
    stale = make_invoice(to=SUBMITTED)
    approve_invoice(admin, invoice=Invoice.objects.get())

    with pytest.raises(WrongInvoiceStatus):
        approve_invoice(admin, invoice=stale)


@pytest.mark.parametrize("status", [DRAFT, SUBMITTED])
def test_what_is_not_approved_is_rewritten(make_invoice, clerk, status):
    invoice = make_invoice(to=status)
    bills = Counter({NEW: 1, DEPOSIT: 1, REFILL: 1})

    rebill(clerk, invoice=invoice, bills=bills, reason="One empty was missing")

    assert money(invoice)[:3] == (status, 72_000, 0)
    assert bills_of(invoice) == bills
    assert Invoice.objects.count() == 1
    assert not CreditNote.objects.exists()


def test_what_is_less_than_approved_is_credited(make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)

    rebill(clerk, invoice=invoice, bills=Counter({REFILL: 1, DELIVERY: 1}), reason="One came back")

    assert money(invoice) == (APPROVED, 41_000, 20_000, 0, 21_000)
    note = CreditNote.objects.get()
    assert (note.amount, note.reason, note.actor) == (20_000, "One came back", clerk)
    assert "-CRN-" in note.number
    assert note.lines == [
        {
            "kind": "goods",
            "description": "SP 12 kg, refill",
            "unit_price": 20_000,
            "quantity": 1,
        }
    ]
    assert invoice.lines.count() == 2, "what was approved stays as it was"


def test_what_is_more_than_approved_is_billed_further(make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)

    rebill(clerk, invoice=invoice, bills=BILLED + Counter({DEPOSIT: 1}), reason="No empty")

    further = Invoice.objects.get(corrects=invoice)
    assert (further.status, further.total, further.number) == (DRAFT, 30_000, None)
    assert (further.reference, further.buyer) == (invoice.reference, invoice.buyer)
    assert money(invoice)[:3] == (APPROVED, 41_000, 0)
    assert not CreditNote.objects.exists()


def test_an_exchange_that_became_a_new_cylinder_does_both(make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)
    bills = Counter({REFILL: 1, NEW: 1, DEPOSIT: 1, DELIVERY: 1})

    rebill(clerk, invoice=invoice, bills=bills, reason="One empty was missing")

    assert money(invoice)[2] == 20_000
    assert Invoice.objects.get(corrects=invoice).total == 52_000


def test_billing_the_same_changes_nothing(make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)
    count = AuditEvent.objects.count()

    rebill(clerk, invoice=invoice, bills=BILLED, reason="x")

    assert AuditEvent.objects.count() == count
    assert money(invoice) == (APPROVED, 41_000, 0, 0, 41_000)


def test_what_was_credited_is_not_credited_again(make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)

    for left in ({REFILL: 1, DELIVERY: 1}, {DELIVERY: 1}, {DELIVERY: 1}):
        rebill(clerk, invoice=invoice, bills=Counter(left), reason="One came back")

    assert list(CreditNote.objects.order_by("pk").values_list("amount", flat=True)) == [
        20_000,
        20_000,
    ]
    assert money(invoice)[2] == 40_000


def test_what_was_billed_further_is_not_billed_again(make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)

    for extra in (1, 2, 2):
        rebill(clerk, invoice=invoice, bills=BILLED + Counter({REFILL: extra}), reason="More")

    further = Invoice.objects.get(corrects=invoice)
    assert (further.status, further.total) == (DRAFT, 40_000)


def test_a_further_invoice_that_bills_nothing_any_more_is_void(make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)
    rebill(clerk, invoice=invoice, bills=BILLED + Counter({DEPOSIT: 1}), reason="No empty")

    rebill(clerk, invoice=invoice, bills=BILLED, reason="The empty was found")

    assert money(Invoice.objects.get(corrects=invoice))[0] == VOID
    assert money(invoice)[2] == 0


def test_an_approved_correction_is_credited_before_what_it_corrects(make_invoice, clerk, admin):
    invoice = make_invoice(to=APPROVED)
    rebill(clerk, invoice=invoice, bills=BILLED + Counter({REFILL: 1}), reason="One more")
    further = submit_invoice(clerk, invoice=Invoice.objects.get(corrects=invoice))
    approve_invoice(admin, invoice=further)

    rebill(clerk, invoice=invoice, bills=Counter({REFILL: 1, DELIVERY: 1}), reason="Two back")

    assert money(further)[2] == 20_000
    assert money(invoice)[2] == 20_000


def test_voiding_a_draft_owes_nothing(make_invoice, admin):
    invoice = void_invoice(admin, invoice=make_invoice(), reason="Cancelled")

    assert (invoice.status, invoice.due, invoice.number) == (VOID, 0, None)


def test_voiding_an_approved_invoice_credits_all_of_it(make_invoice, admin, clerk):
    invoice = make_invoice(to=APPROVED)
    rebill(clerk, invoice=invoice, bills=Counter({REFILL: 2}), reason="No delivery")

    void_invoice(admin, invoice=invoice, reason="Cancelled")

    assert money(invoice) == (PAID, 41_000, 41_000, 0, 0)
    assert CreditNote.objects.count() == 2


def test_a_credit_note_gives_back_what_was_paid(make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)
    record_payment(clerk, invoice=invoice, method=Method.CASH, amount=41_000, key="a")

    rebill(clerk, invoice=invoice, bills=Counter({REFILL: 2}), reason="No delivery")

    assert money(invoice) == (PAID, 41_000, 1_000, 41_000, 0)
    assert invoice.credit == 1_000


def test_a_credit_note_may_settle_the_invoice(make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)
    record_payment(clerk, invoice=invoice, method=Method.CASH, amount=40_000, key="a")

    rebill(clerk, invoice=invoice, bills=Counter({REFILL: 2}), reason="No delivery")

    assert money(invoice)[0] == PAID
    assert clock.now() - invoice.paid_at < timedelta(minutes=1)
