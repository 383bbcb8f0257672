"""Money coming in."""

from django.db import transaction
from django.db.models import F

from gasstock.accounts.models import User
from gasstock.audit.services import record
from gasstock.billing.errors import NothingToPay, PaymentKeyReused, ReferenceMissing
from gasstock.billing.models import (
    CHANGEABLE,
    FINAL,
    Invoice,
    InvoiceStatus,
    Method,
    Payment,
)
from gasstock.billing.services.invoices import lock_invoice, settle


@transaction.atomic
def record_payment(
    actor: User | None,
    *,
    invoice: Invoice,
    method: Method,
    amount: int,
    key: str,
    reference: str = "",
) -> Payment:
    """Write down money received (`amount` in minor units, more than 0).

    The same `key` again answers the first payment. What is paid too much is the buyer's
    credit. Raises ReferenceMissing, WrongInvoiceStatus for a void invoice, PaymentKeyReused.
    """
    if method == Method.BANK and not reference:
        raise ReferenceMissing
    invoice = lock_invoice(invoice, *CHANGEABLE, *FINAL)
    values = {"invoice": invoice, "method": method, "amount": amount, "reference": reference}
    payment, made = Payment.objects.get_or_create(
        key=key, defaults={**values, "received_by": actor}
    )
    if not made:
        if any(getattr(payment, name) != value for name, value in values.items()):
            raise PaymentKeyReused
        return payment
    Invoice.objects.filter(pk=invoice.pk).update(paid=F("paid") + amount)
    invoice.refresh_from_db()
    record(actor, "payment.received", payment, invoice=str(invoice), amount=amount, method=method)
    settle(invoice)
    return payment


@transaction.atomic
def mark_paid(
    actor: User | None, *, invoice: Invoice, method: Method, reference: str = ""
) -> Invoice:
    """Record the rest of an approved invoice as received. One that is paid stays as it is."""
    invoice = lock_invoice(invoice, *FINAL)
    if invoice.status == InvoiceStatus.PAID:
        return invoice
    if not invoice.due:
        raise NothingToPay(invoice)
    record_payment(
        actor,
        invoice=invoice,
        method=method,
        amount=invoice.due,
        reference=reference,
        key=f"paid-in-full-{invoice.pk}-{invoice.paid}",
    )
    invoice.refresh_from_db()
    return invoice
