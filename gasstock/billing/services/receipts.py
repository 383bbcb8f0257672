"""Bills of counter sales: final as they are written, so nobody has to approve them."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.billing.models import (
    FINAL,
    RECEIPTS,
    Invoice,
    InvoiceStatus,
    Payment,
    PaymentStatus,
    Shift,
)
from gasstock.billing.services.invoices import (
    Bills,
    Party,
    lock_invoice,
    taxable_of,
    total_of,
    write_lines,
)
from gasstock.billing.services.numbers import next_number
from gasstock.billing.services.payments import Tender, check_paid_out, reverse_payment
from gasstock.billing.services.shifts import enter
from gasstock.billing.services.tax import keep_tax
from gasstock.core import clock, platform


@transaction.atomic(savepoint=False)
def issue_receipt(
    actor: User,
    *,
    station: Station,
    party: Party,
    reference: str,
    bills: Bills,
    shift: Shift | None = None,
    tenders: Sequence[Tender] = (),
) -> Invoice:
    """Write the receipt of a sale with its number, and what was paid for it into `shift`.

    A part of the sale's transaction, which has locked the open shift (`lock_shift_of`) and fails
    with it. It is paid if the tenders cover it or there is nothing to pay; else the rest is due
    like an invoice. Raises what `Tender.check` does, PaidOutTooMuch.
    """
    for tender in tenders:
        tender.check()
    receipt = _receipt(actor, station, party, reference, total_of(bills))
    check_paid_out(receipt, sum(tender.amount for tender in tenders))
    receipt.number = next_number(station, RECEIPTS)
    keep_tax(receipt, taxable_of(bills))
    receipt.paid = sum(tender.amount for tender in tenders)
    if receipt.paid >= receipt.total:
        receipt.status, receipt.paid_at = InvoiceStatus.PAID, receipt.approved_at
    receipt.save()
    write_lines(receipt, bills)
    payments = _write_payments(actor, receipt, tenders)
    if shift is not None:
        enter(actor, shift=shift, payments=payments)
    record(
        actor,
        "receipt.issued",
        receipt,
        total=receipt.total,
        payments=[[tender.method, tender.amount] for tender in tenders],
    )
    return receipt


def _receipt(actor: User, station: Station, party: Party, reference: str, total: int) -> Invoice:
    now = clock.now()
    return Invoice(
        station=station,
        buyer=party.user,
        buyer_name=party.name,
        buyer_phone=party.phone,
        buyer_address=party.address,
        status=InvoiceStatus.APPROVED,
        reference=reference,
        currency=platform.current().currency,
        total=total,
        submitted_at=now,
        submitted_by=actor,
        approved_at=now,
        approved_by=actor,
        due_on=clock.today() + timedelta(days=platform.current().invoice_due_days),
    )


def _write_payments(actor: User, receipt: Invoice, tenders: Sequence[Tender]) -> list[Payment]:
    return Payment.objects.bulk_create(
        Payment(
            invoice=receipt,
            method=tender.method,
            amount=tender.amount,
            tendered=tender.tendered,
            reference=tender.reference,
            key=f"{receipt.number}-{place}",
            received_by=actor,
        )
        for place, tender in enumerate(tenders, start=1)
    )


@transaction.atomic
def void_receipt(actor: User, *, invoice: Invoice, reason: str) -> Invoice:
    """Take the receipt and all its payments back. Raises WrongInvoiceStatus, NoOpenShift."""
    invoice = lock_invoice(invoice, *FINAL)
    received = invoice.payments.filter(status=PaymentStatus.SUCCEEDED)
    for payment in received.order_by("amount", "pk"):  # first what was paid out
        reverse_payment(actor, payment=payment, reason=reason)
    invoice.refresh_from_db()
    invoice.status, invoice.reason, invoice.paid_at = InvoiceStatus.VOID, reason, None
    invoice.save(update_fields=["status", "reason", "paid_at"])
    record(actor, "receipt.voided", invoice, reason=reason)
    return invoice
