from datetime import date
from typing import Annotated

from pydantic import Field

from gasstock.api.schemas.base import In, Moment, Money, Out, Spoken, Words, money
from gasstock.billing.models import (
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    LineKind,
    Method,
    Payment,
)

Status = Annotated[InvoiceStatus, Spoken]


class NewInvoice(In):
    order: Annotated[Words, Field(max_length=16, examples=["KGP-7M4QX"])]


class InvoiceRow(Out):
    """What is owed for an order. A draft has no number; `due` is what is still to be paid."""

    id: int
    number: str | None = Field(examples=["KGP-INV-2026-00055"])
    status: Status
    is_overdue: bool
    order: str = Field(description="Number of the order, or of the sale.", examples=["KGP-7M4QX"])
    station: str = Field(description="Slug.")
    buyer_name: str
    currency: str = Field(examples=["RWF"])
    total: Money
    credited: Money = Field(description="What credit notes took off the total.")
    paid: Money
    due: Money
    created_at: Moment
    due_on: date | None


class InvoiceLineOut(Out):
    kind: Annotated[LineKind, Spoken]
    description: str
    quantity: int
    unit_price: Money
    total: Money


class CreditNoteOut(Out):
    number: str
    amount: Money
    tax: Money = Field(description="How much of the amount is tax.")
    reason: str
    at: Moment


class ReceivedOut(Out):
    """Money that came in for it; below zero it was paid out."""

    id: int
    method: Annotated[Method, Spoken]
    amount: Money
    currency: str
    reference: str
    at: Moment


class InvoiceOut(InvoiceRow):
    """An invoice with all that its paper says. The tax is in the total, never on top of it.

    It is that of the moment in which the invoice got its number; a rate of 0 is none.
    """

    tax: Money = Field(description="How much of the total is tax; deposits are not taxed.")
    tax_name: str = Field(examples=["VAT"])
    tax_rate: str = Field(description="In percent.", examples=["18", "7.5"])
    buyer_phone: str
    buyer_address: str
    corrects: int | None = Field(description="Id of the invoice that this one adds to.")
    reason: str = Field(description="Why it was sent back, or is void; for staff.")
    submitted_at: Moment | None
    approved_at: Moment | None
    paid_at: Moment | None
    lines: list[InvoiceLineOut]
    credit_notes: list[CreditNoteOut]
    payments: list[ReceivedOut]


def row_of(invoice: Invoice) -> InvoiceRow:
    """Write an invoice with its station at hand."""
    currency = invoice.currency
    return InvoiceRow(
        id=invoice.pk,
        number=invoice.number,
        status=InvoiceStatus(invoice.status),
        is_overdue=invoice.is_overdue,
        order=invoice.reference,
        station=invoice.station.slug,
        buyer_name=invoice.buyer_name,
        currency=currency,
        total=money(invoice.total, currency),
        credited=money(invoice.credited, currency),
        paid=money(invoice.paid, currency),
        due=money(invoice.due, currency),
        created_at=invoice.created_at,
        due_on=invoice.due_on,
    )


def invoice_of(invoice: Invoice, *, is_staff: bool = True) -> InvoiceOut:
    """Write an invoice that was read with `papers.whole`."""
    currency = invoice.currency
    lines = sorted(invoice.lines.all(), key=lambda line: line.pk)
    notes = sorted(invoice.credit_notes.all(), key=lambda note: note.pk)
    received: list[Payment] = invoice.received  # type: ignore[attr-defined]
    return InvoiceOut(
        **dict(row_of(invoice)),
        tax=money(invoice.tax, currency),
        tax_name=invoice.tax_name,
        tax_rate=f"{invoice.tax_rate / 100:g}",
        buyer_phone=invoice.buyer_phone,
        buyer_address=invoice.buyer_address,
        corrects=invoice.corrects_id,
        reason=invoice.reason if is_staff else "",
        submitted_at=invoice.submitted_at,
        approved_at=invoice.approved_at,
        paid_at=invoice.paid_at,
        lines=[_line_of(line, currency) for line in lines],
        credit_notes=[_note_of(note, currency) for note in notes],
        payments=[received_of(payment, currency) for payment in received],
    )


def received_of(payment: Payment, currency: str) -> ReceivedOut:
    return ReceivedOut(
        id=payment.pk,
        method=Method(payment.method),
        amount=money(payment.amount, currency),
        currency=currency,
        reference=payment.reference,
        at=payment.created_at,
    )


def _line_of(line: InvoiceLine, currency: str) -> InvoiceLineOut:
    return InvoiceLineOut(
        kind=LineKind(line.kind),
        description=line.description,
        quantity=line.quantity,
        unit_price=money(line.unit_price, currency),
        total=money(line.total, currency),
    )


def _note_of(note: CreditNote, currency: str) -> CreditNoteOut:
    return CreditNoteOut(
        number=note.number,
        amount=money(note.amount, currency),
        tax=money(note.tax, currency),
        reason=note.reason,
        at=note.created_at,
    )
