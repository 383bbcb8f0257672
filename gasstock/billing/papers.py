"""An invoice as it is looked for and read: on its page, in the API, as a PDF."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import to_python

from gasstock.accounts.models import Station
from gasstock.billing.models import (
    FINAL,
    Invoice,
    InvoiceStatus,
    LineKind,
    Payment,
    PaymentStatus,
)
from gasstock.core import clock
from gasstock.core.money import format_amount, format_money, symbol_of
from gasstock.core.pdf import render_pdf
from gasstock.core.templatetags.ui import local_phone

OVERDUE = "overdue"
Pair = tuple[str, str]


def matching(rows: QuerySet[Invoice], state: str, words: str) -> QuerySet[Invoice]:
    """Narrow invoices to a status or OVERDUE, and to numbers that hold `words`."""
    if state == OVERDUE:
        rows = rows.filter(status=InvoiceStatus.APPROVED, due_on__lt=clock.today())
    elif state in InvoiceStatus.values:
        rows = rows.filter(status=state)
    if words:  # both are written in capital letters
        text = words.upper()
        rows = rows.filter(Q(number__contains=text) | Q(reference__contains=text))
    return rows


def whole(rows: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """With all that the paper says; `received` are the payments that stand."""
    received = Payment.objects.filter(status=PaymentStatus.SUCCEEDED).order_by("pk")
    return rows.select_related("station", "corrects").prefetch_related(
        "lines", "credit_notes", Prefetch("payments", received, to_attr="received")
    )


def figures_of(invoice: Invoice) -> dict[str, Any]:
    """What its page shows of a whole invoice; amounts in minor units."""
    lines = sorted(invoice.lines.all(), key=lambda line: line.pk)
    deposits = sum(line.total for line in lines if line.kind == LineKind.DEPOSIT)
    phone = to_python(invoice.buyer_phone)
    return {
        "invoice": invoice,
        "phone": phone if phone and phone.is_valid() else invoice.buyer_phone,
        "lines": lines,
        "deposits": deposits,
        "goods": invoice.total - deposits,
        "is_final": invoice.status in FINAL,
        "is_void": invoice.status == InvoiceStatus.VOID,
    }


# --- The paper --------------------------------------------------------------------------------


def invoice_pdf(invoice: Invoice) -> bytes:
    """Return a whole invoice as a sheet of paper; one that is not final says so."""
    return render_pdf("billing/invoice.typ", _paper_of(invoice))


def _paper_of(invoice: Invoice) -> dict[str, Any]:
    figures = figures_of(invoice)
    unit = symbol_of(invoice.currency)
    return {
        "title": _title(invoice),
        "sender": _sender(invoice.station),
        "foot": f"GasStock · {invoice}",
        "facts": list(_facts(invoice)),
        "words": {"to": _("Billed to"), "state": _("State")},
        "to": _to(invoice),
        "state": list(_state(invoice)),
        "heads": [_("What"), _("Quantity"), f"{_('Each')}, {unit}", f"{_('Amount')}, {unit}"],
        "rows": [
            [
                line.description,
                f"{line.quantity:,}",
                format_amount(line.unit_price, invoice.currency),
                format_amount(line.total, invoice.currency),
            ]
            for line in figures["lines"]
        ],
        "sums": list(_sums(invoice, figures)),
        "total": [_("Left to pay"), _money(invoice.due, invoice)],
        "pay": list(_ways_to_pay(invoice)) if invoice.due and figures["is_final"] else [],
        "notes": list(_notes(invoice)),
    }


def _title(invoice: Invoice) -> str:
    if invoice.is_receipt:
        return _("Receipt %(number)s") % {"number": invoice.number}
    if invoice.number:
        return _("Invoice %(number)s") % {"number": invoice.number}
    return _("Invoice without a number")


def _sender(station: Station) -> list[str]:
    lines = [station.name, f"{station.address}, {station.district}", local_phone(station.phone)]
    if station.licence:
        lines.append(_("licence %(number)s") % {"number": station.licence})
    return lines


def _facts(invoice: Invoice) -> Iterator[Pair]:
    yield _("Date"), _day(invoice.submitted_at or invoice.created_at)
    due = _("Overdue since") if invoice.is_overdue else _("Due")
    yield due, _day(invoice.due_on) if invoice.due_on else "–"
    yield _("Sale") if invoice.is_receipt else _("Order"), invoice.reference
    yield _("Left to pay"), _money(invoice.due, invoice)


def _to(invoice: Invoice) -> list[str]:
    lines = [invoice.buyer_name, invoice.buyer_address, local_phone(invoice.buyer_phone)]
    return [line for line in lines if line]


def _state(invoice: Invoice) -> Iterator[str]:
    yield _("Overdue") if invoice.is_overdue else invoice.get_status_display()
    if invoice.status == InvoiceStatus.VOID:
        yield _("Nothing is owed for it.")
    elif invoice.status not in FINAL:
        yield _("Not final: the figures can still change.")
    if invoice.paid_at:
        yield _("Settled on %(day)s") % {"day": _day(invoice.paid_at)}


def _sums(invoice: Invoice, figures: dict[str, Any]) -> Iterator[Pair]:
    if figures["deposits"]:
        yield _("Goods and delivery"), _money(figures["goods"], invoice)
        yield _("Deposits"), _money(figures["deposits"], invoice)
    yield _("Total"), _money(invoice.total, invoice)
    yield from _tax(invoice, invoice.tax)
    for note in invoice.credit_notes.all():
        words = {"number": note.number, "day": _day(note.created_at, "j M")}
        yield _("Credit note %(number)s, %(day)s") % words, _money(-note.amount, invoice)
        yield from _tax(invoice, -note.tax)
    if figures["is_void"] and invoice.owed:
        yield _("Void"), _money(-invoice.owed, invoice)
    for payment in invoice.received:  # type: ignore[attr-defined]
        yield _paid(payment), _money(payment.paid_out or -payment.amount, invoice)
    if invoice.credit:
        yield _("Paid too much: kept for the buyer"), _money(invoice.credit, invoice)


def _tax(invoice: Invoice, amount: int) -> Iterator[Pair]:
    if invoice.tax_rate:
        yield _("of which %(tax)s") % {"tax": invoice.tax_label}, _money(amount, invoice)


def _paid(payment: Payment) -> str:
    text = _("Paid out %(day)s, %(method)s") if payment.paid_out else _("Paid %(day)s, %(method)s")
    words = {"day": _day(payment.created_at, "j M"), "method": payment.get_method_display().lower()}
    return f"{text % words} {payment.reference}".strip()


def _ways_to_pay(invoice: Invoice) -> Iterator[list[str]]:
    station = invoice.station
    yield [
        _("Pay in cash"),
        _("At %(name)s, or to the rider") % {"name": station.name},
        f"{_('Say the number of the order:')} {invoice.reference}",
    ]
    if station.takes_bank:
        yield [_("Pay by bank"), station.bank_account, f"{_('Reference')} {invoice}"]


def _notes(invoice: Invoice) -> Iterator[str]:
    for note in invoice.credit_notes.all():
        things = ", ".join(f"{line['quantity']} × {line['description']}" for line in note.lines)
        words = {"number": note.number, "reason": note.reason}
        yield f"{_('Credit note %(number)s: %(reason)s.') % words} {things}."
    if invoice.corrects:
        yield f"{_('Adds to invoice')} {invoice.corrects}."
    if invoice.approved_at is None:
        yield _("Not approved by GasStock.")
        return
    text = (
        _("Written at the counter on %(day)s.")
        if invoice.is_receipt
        else _(
            "Approved by GasStock on %(day)s. An approved invoice is never changed; "
            "a credit note corrects it."
        )
    )
    yield text % {"day": _day(invoice.approved_at)}


def _money(amount: int, invoice: Invoice) -> str:
    return format_money(amount, invoice.currency)


def _day(moment: date | datetime, style: str = "j M Y") -> str:
    local = localtime(moment) if isinstance(moment, datetime) else moment
    return date_format(local, style)
