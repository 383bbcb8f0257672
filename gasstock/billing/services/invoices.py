"""The life of an invoice. Nothing here knows orders; orders call these."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.billing.errors import OwnInvoice, WrongInvoiceStatus
from gasstock.billing.models import (
    CHANGEABLE,
    FINAL,
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
)
from gasstock.billing.services.numbers import next_number
from gasstock.billing.services.tax import keep_tax, set_tax, tax_given_back
from gasstock.core import clock, platform


@dataclass(frozen=True)
class Bill:
    """One thing to bill; `unit_price` in minor units. Equal ones are the same line."""

    kind: LineKind
    description: str
    unit_price: int


Bills = Counter[Bill]


@dataclass(frozen=True)
class Party:
    """The buyer, as the paper says it."""

    user: User | None
    name: str
    phone: str = ""
    address: str = ""


def total_of(bills: Bills) -> int:
    return sum(quantity * bill.unit_price for bill, quantity in bills.items())


def taxable_of(bills: Bills) -> int:
    """Sum up goods and delivery; a deposit is the buyer's own money."""
    return sum(n * bill.unit_price for bill, n in bills.items() if bill.kind != LineKind.DEPOSIT)


@transaction.atomic
def draft_invoice(
    actor: User | None,
    *,
    station: Station,
    party: Party,
    reference: str,
    bills: Bills,
    corrects: Invoice | None = None,
) -> Invoice:
    """Write down what will be owed, at the prices of this moment."""
    invoice = Invoice.objects.create(
        station=station,
        buyer=party.user,
        buyer_name=party.name,
        buyer_phone=party.phone,
        buyer_address=party.address,
        reference=reference,
        currency=platform.current().currency,
        total=total_of(bills),
        corrects=corrects,
    )
    write_lines(invoice, bills)
    return invoice


@transaction.atomic
def submit_invoice(actor: User | None, *, invoice: Invoice) -> Invoice:
    """Give the invoice the station's next number and its tax, and send it to be approved.

    One that was rejected keeps both. Raises WrongInvoiceStatus.
    """
    invoice = lock_invoice(invoice, InvoiceStatus.DRAFT, InvoiceStatus.REJECTED)
    if not invoice.number:
        invoice.number = next_number(invoice.station, "INV")
        keep_tax(invoice)
    invoice.status = InvoiceStatus.SUBMITTED
    invoice.submitted_at, invoice.submitted_by = clock.now(), actor
    invoice.reason = ""
    invoice.save()
    record(actor, "invoice.submitted", invoice, total=invoice.total)
    return invoice


@transaction.atomic
def approve_invoice(actor: User | None, *, invoice: Invoice) -> Invoice:
    """Make the invoice final; it is paid at once if the money is already there.

    Raises WrongInvoiceStatus, and OwnInvoice for whoever submitted it.
    """
    invoice = lock_invoice(invoice, InvoiceStatus.SUBMITTED)
    if actor is not None and actor == invoice.submitted_by:
        raise OwnInvoice
    invoice.status = InvoiceStatus.APPROVED
    invoice.approved_at, invoice.approved_by = clock.now(), actor
    invoice.due_on = clock.today() + timedelta(days=platform.current().invoice_due_days)
    invoice.save()
    record(actor, "invoice.approved", invoice, total=invoice.total)
    settle(invoice)
    return invoice


@transaction.atomic
def reject_invoice(actor: User | None, *, invoice: Invoice, reason: str) -> Invoice:
    """Send the invoice back to the station, which may correct and submit it again."""
    invoice = lock_invoice(invoice, InvoiceStatus.SUBMITTED)
    invoice.status, invoice.reason = InvoiceStatus.REJECTED, reason
    invoice.save(update_fields=["status", "reason"])
    record(actor, "invoice.rejected", invoice, reason=reason)
    return invoice


@transaction.atomic
def void_invoice(actor: User | None, *, invoice: Invoice, reason: str) -> Invoice:
    """Owe nothing any more: a draft becomes void, an approved one is credited in full."""
    invoice = lock_invoice(invoice, *CHANGEABLE, *FINAL)
    if invoice.status in FINAL:
        return rebill(actor, invoice=invoice, bills=Counter(), reason=reason)
    invoice.status, invoice.reason = InvoiceStatus.VOID, reason
    invoice.save(update_fields=["status", "reason"])
    record(actor, "invoice.voided", invoice, reason=reason)
    return invoice


@transaction.atomic
def rebill(actor: User | None, *, invoice: Invoice, bills: Bills, reason: str) -> Invoice:
    """Bill `bills` instead of what this invoice and its corrections bill together.

    What is not approved yet is rewritten. Approved invoices stay: what is less is credited,
    what is more goes to a further invoice.
    """
    invoice = lock_invoice(invoice, *CHANGEABLE, *FINAL)
    if invoice.status in CHANGEABLE:
        return _rewrite(actor, invoice, bills, reason)
    family = [invoice, *_locked_corrections(invoice)]
    billed = [bills_of(each) for each in family]
    total: Bills = sum(billed, Counter())
    less, more = total - bills, bills - total
    for each, before in reversed(list(zip(family, billed, strict=True))):
        part = before & less
        less -= part
        if each.status in FINAL:
            _credit(actor, each, part, reason)
        else:
            _rewrite(actor, each, before - part + more, reason)
            more = Counter()
    if more:
        _draft_further(actor, invoice, more)
    if invoice.tax_rate:
        _tax_corrections(invoice)
    return invoice


def _tax_corrections(invoice: Invoice) -> None:
    """Have corrections not yet approved say how much tax they add to what is final now."""
    for each in _locked_corrections(invoice):
        if each.status in CHANGEABLE:
            set_tax(each)
            each.save(update_fields=["tax"])


def _locked_corrections(invoice: Invoice) -> list[Invoice]:
    alive = invoice.corrections.exclude(status=InvoiceStatus.VOID).order_by("pk")
    return [lock_invoice(each, *CHANGEABLE, *FINAL) for each in alive]


def _rewrite(actor: User | None, invoice: Invoice, bills: Bills, reason: str) -> Invoice:
    """Put other lines on an invoice that is not approved yet; a correction of nothing is void."""
    if bills_of(invoice) == bills:
        return invoice
    if not bills and invoice.corrects_id:
        return void_invoice(actor, invoice=invoice, reason=reason)
    invoice.lines.all().delete()
    invoice.total = total_of(bills)
    set_tax(invoice, taxable_of(bills))
    invoice.save(update_fields=["total", "tax"])
    write_lines(invoice, bills)
    record(actor, "invoice.rewritten", invoice, total=invoice.total, reason=reason)
    return invoice


def _draft_further(actor: User | None, invoice: Invoice, bills: Bills) -> Invoice:
    party = Party(invoice.buyer, invoice.buyer_name, invoice.buyer_phone, invoice.buyer_address)
    return draft_invoice(
        actor,
        station=invoice.station,
        party=party,
        reference=invoice.reference,
        bills=bills,
        corrects=invoice,
    )


def _credit(actor: User | None, invoice: Invoice, bills: Bills, reason: str) -> None:
    amount = total_of(bills)
    if not amount:
        return
    note = CreditNote.objects.create(
        invoice=invoice,
        number=next_number(invoice.station, "CRN"),
        amount=amount,
        tax=tax_given_back(invoice, taxable_of(bills)),
        lines=[asdict(bill) | {"quantity": quantity} for bill, quantity in bills.items()],
        reason=reason,
        actor=actor,
    )
    invoice.credited += amount
    invoice.save(update_fields=["credited"])
    record(actor, "invoice.credited", invoice, note=note.number, amount=amount, reason=reason)
    settle(invoice)


def settle(invoice: Invoice) -> bool:
    """Mark an approved invoice paid if nothing is left to pay; say whether it is paid."""
    rows = Invoice.objects.filter(
        pk=invoice.pk, status=InvoiceStatus.APPROVED, paid__gte=F("total") - F("credited")
    )
    if rows.update(status=InvoiceStatus.PAID, paid_at=clock.now()):
        invoice.refresh_from_db()
        record(None, "invoice.paid", invoice)
    return invoice.status == InvoiceStatus.PAID


def bills_of(invoice: Invoice) -> Bills:
    """What the invoice's lines bill, less what its credit notes took off."""
    bills: Bills = Counter()
    for line in invoice.lines.all():
        bills[Bill(LineKind(line.kind), line.description, line.unit_price)] += line.quantity
    for note in invoice.credit_notes.all():
        for off in note.lines:
            kind = LineKind(off["kind"])
            bills[Bill(kind, off["description"], off["unit_price"])] -= off["quantity"]
    return +bills


def lock_invoice(invoice: Invoice, *expected: InvoiceStatus) -> Invoice:
    """Fetch the invoice afresh, in one of the `expected` states, and keep others waiting."""
    locked = (
        Invoice.objects.select_for_update(of=("self",))
        .select_related("station", "buyer")
        .get(pk=invoice.pk)
    )
    if locked.status not in expected:
        raise WrongInvoiceStatus(locked)
    return locked


def write_lines(invoice: Invoice, bills: Bills) -> None:
    InvoiceLine.objects.bulk_create(_lines(invoice, bills))


def _lines(invoice: Invoice, bills: Bills) -> Iterable[InvoiceLine]:
    for bill, quantity in bills.items():
        if quantity:
            yield InvoiceLine(
                invoice=invoice,
                kind=bill.kind,
                description=bill.description,
                quantity=quantity,
                unit_price=bill.unit_price,
            )
