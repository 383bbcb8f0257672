"""Money coming in for invoices, and going out again."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, F

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.billing.errors import (
    AmountMissing,
    GivenBackAlready,
    NoOpenShift,
    NothingToPay,
    PaidOutTooMuch,
    PaymentKeyReused,
    PaymentReversed,
    ReferenceMissing,
    TooLittleGiven,
)
from gasstock.billing.models import (
    CHANGEABLE,
    FINAL,
    Invoice,
    InvoiceStatus,
    Method,
    Payment,
    PaymentStatus,
    Shift,
    ShiftStatus,
)
from gasstock.billing.services.invoices import lock_invoice, settle
from gasstock.billing.services.shifts import enter, lock_shift, lock_shift_of
from gasstock.core import clock


@dataclass(frozen=True)
class Tender:
    """One way of paying, in minor units; below zero it is paid out. `tendered`: the cash given."""

    method: Method
    amount: int
    reference: str = ""
    tendered: int | None = None

    def check(self) -> None:
        """Raises AmountMissing, ReferenceMissing, TooLittleGiven."""
        if not self.amount:
            raise AmountMissing
        if self.method == Method.BANK and not self.reference:
            raise ReferenceMissing
        if self.tendered is not None and self.tendered < self.amount:
            raise TooLittleGiven


@transaction.atomic
def record_payment(
    actor: User | None,
    *,
    invoice: Invoice,
    method: Method,
    amount: int,
    key: str,
    reference: str = "",
    tendered: int | None = None,
    shift: Shift | None = None,
    is_carried: bool = False,
) -> Payment:
    """Write down money received (`amount` in minor units), or paid out if it is below 0.

    It goes into the drawer of `shift`, or else into the one the actor has open at the station,
    if any; what `is_carried` by a rider is in no drawer before it comes home. The same `key`
    again answers the first payment. What is paid too much is the buyer's credit, and the most
    that is paid out. Raises what `Tender.check` does, WrongInvoiceStatus for a void invoice,
    PaymentKeyReused, PaidOutTooMuch, WrongShiftStatus.
    """
    Tender(method, amount, reference, tendered).check()
    invoice = lock_invoice(invoice, *CHANGEABLE, *FINAL)
    values = {
        "invoice": invoice,
        "method": method,
        "amount": amount,
        "reference": reference,
        "tendered": tendered,
    }
    payment, made = _write(key, {**values, "received_by": actor})
    if not made:
        if any(getattr(payment, name) != value for name, value in values.items()):
            raise PaymentKeyReused
        return payment
    check_paid_out(invoice, amount)
    if not is_carried:
        _into_drawer(actor, payment, shift, invoice.station)
    Invoice.objects.filter(pk=invoice.pk).update(paid=F("paid") + amount)
    invoice.refresh_from_db()
    record(actor, "payment.received", payment, invoice=str(invoice), amount=amount, method=method)
    settle(invoice)
    return payment


def _write(key: str, values: dict[str, Any]) -> tuple[Payment, bool]:
    """The payment of this key, and whether it is new. It takes the place of a promise."""
    promise = Payment.objects.filter(invoice=values["invoice"], status=PaymentStatus.PENDING)
    if values["amount"] > 0:
        came = {"status": PaymentStatus.SUCCEEDED, "created_at": clock.now(), "key": key}
        is_new = ~Exists(Payment.objects.filter(key=key))
        if promise.filter(is_new).update(**came, **values):
            return Payment.objects.get(key=key), True
    return Payment.objects.get_or_create(key=key, defaults=values)


@transaction.atomic
def promise_payment(actor: User, *, invoice: Invoice, method: Method) -> Payment:
    """Write down how the buyer will pay what is due; said anew, it replaces what was said.

    No money moves, and nothing counts it. Raises NothingToPay, WrongInvoiceStatus.
    """
    invoice = lock_invoice(invoice, *CHANGEABLE, *FINAL)
    if not invoice.due:
        raise NothingToPay(invoice)
    payment, _made = Payment.objects.update_or_create(
        invoice=invoice,
        status=PaymentStatus.PENDING,
        defaults={"method": method, "amount": invoice.due},
        create_defaults={
            "method": method,
            "amount": invoice.due,
            "key": f"promise-{invoice.pk}",
        },
    )
    record(actor, "payment.promised", payment, invoice=str(invoice), method=method)
    return payment


def check_paid_out(invoice: Invoice, amount: int) -> None:
    """No more leaves for an invoice than came in too much for it. Raises PaidOutTooMuch."""
    most = max(0, invoice.paid - invoice.owed)
    if amount < -most:
        raise PaidOutTooMuch(most, invoice.currency)


def _into_drawer(
    actor: User | None, payment: Payment, shift: Shift | None, station: Station
) -> None:
    if actor is None:
        return
    if shift is not None:
        shift = lock_shift(shift, ShiftStatus.OPEN)
    else:
        shift = lock_shift_of(actor, station)
    if shift is not None:
        enter(actor, shift=shift, payments=[payment])


@transaction.atomic
def reverse_payment(actor: User | None, *, payment: Payment, reason: str) -> Payment:
    """Take a payment back, as if it had not been made.

    Cash, and what went through a drawer, goes out of the drawer that the actor has open at the
    station. Raises PaymentReversed, NoOpenShift, GivenBackAlready.
    """
    invoice = lock_invoice(payment.invoice, *InvoiceStatus)
    rows = Payment.objects.filter(pk=payment.pk, status=PaymentStatus.SUCCEEDED)
    if not rows.update(status=PaymentStatus.REVERSED, reversed_at=clock.now(), reason=reason):
        raise PaymentReversed
    payment.refresh_from_db()
    if invoice.total >= 0 and invoice.paid < payment.amount:
        raise GivenBackAlready
    shift = lock_shift_of(actor, invoice.station) if actor else None
    if actor and shift:
        enter(actor, shift=shift, payments=[payment], back=True)
    elif payment.method == Method.CASH or payment.entries.exists():
        raise NoOpenShift
    _lower_paid(invoice, payment.amount)
    record(actor, "payment.reversed", payment, invoice=str(invoice), reason=reason)
    return payment


def _lower_paid(invoice: Invoice, amount: int) -> None:
    """An invoice that is not covered any more is to be paid again."""
    invoice.paid -= amount
    if invoice.status == InvoiceStatus.PAID and invoice.paid < invoice.owed:
        invoice.status, invoice.paid_at = InvoiceStatus.APPROVED, None
    invoice.save(update_fields=["paid", "status", "paid_at"])


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
