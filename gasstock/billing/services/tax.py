"""The tax within the prices of invoices: how much it is, and what each paper says of it.

An invoice, the further ones that correct it and their credit notes are one bill with one rate.
Each of them says by how much the tax of the whole bill rose or fell with it, so that together
they are the tax of what is left of the bill, to the last unit.
"""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Q

from gasstock.billing.models import FINAL, Invoice, InvoiceStatus, LineKind
from gasstock.core import platform
from gasstock.core.money import round_half_up


def tax_within(taxable: int, rate: int) -> int:
    """Return how much of `taxable`, which includes it, is tax; both in minor units.

    tax = taxable × rate ÷ (100 + rate), the rate in percent, halves up. `rate` is in hundredths of
    a percent: 1800 is 18 %, and in RWF 12,000 are 12000 × 1800 ÷ 11800 = RWF 1,831.
    """
    return round_half_up(Decimal(taxable * rate) / (10_000 + rate))


def keep_tax(invoice: Invoice, taxable: int | None = None) -> None:
    """Freeze the tax of an invoice that gets its number now; the caller saves it.

    A correction has the rate of what it corrects, any other invoice that of today.
    """
    source = invoice.corrects or platform.current()
    if source.tax_rate:
        invoice.tax_name, invoice.tax_rate = source.tax_name, source.tax_rate
    set_tax(invoice, taxable)


def set_tax(invoice: Invoice, taxable: int | None = None) -> None:
    """Set how much tax is in an invoice that is not final, at its own rate; not saved.

    `taxable` is what it bills besides deposits, None if that is to be read from its lines.
    """
    if not invoice.tax_rate:
        return
    more = taxable_left(invoice) if taxable is None else taxable
    before = _taxable_of_bill(invoice) if invoice.corrects_id else 0
    invoice.tax = _step(before, before + more, invoice.tax_rate)


def tax_given_back(invoice: Invoice, taxable: int) -> int:
    """Return how much less tax is in a final bill if a credit note takes so much off."""
    if not invoice.tax_rate:
        return 0
    before = _taxable_of_bill(invoice)
    return -_step(before, before - taxable, invoice.tax_rate)


def _step(before: int, after: int, rate: int) -> int:
    return tax_within(after, rate) - tax_within(before, rate)


def _taxable_of_bill(invoice: Invoice) -> int:
    """Sum up what is final of the whole bill that the invoice is a part of."""
    first = invoice.corrects_id or invoice.pk
    parts = Invoice.objects.filter(Q(pk=first) | Q(corrects=first), status__in=FINAL)
    return sum(taxable_left(part) for part in parts.prefetch_related("lines", "credit_notes"))


def taxable_left(invoice: Invoice) -> int:
    """What it bills for goods and delivery, less what was credited; deposits are not taxed."""
    billed = sum(line.total for line in invoice.lines.all() if line.kind != LineKind.DEPOSIT)
    off = (line for note in invoice.credit_notes.all() for line in note.lines)
    credited = (x["quantity"] * x["unit_price"] for x in off if x["kind"] != LineKind.DEPOSIT)
    return billed - sum(credited)


def tax_differences() -> Iterator[str]:
    """Name every bill whose papers are not together the tax of what is left of it."""
    taxed = Invoice.objects.filter(tax_rate__gt=0).exclude(status=InvoiceStatus.VOID)
    rows = taxed.order_by("pk").prefetch_related("lines", "credit_notes")
    taxable: dict[tuple[int, int], int] = defaultdict(int)  # by bill and rate, which is one
    said: dict[tuple[int, int], int] = defaultdict(int)
    for each in rows.iterator(chunk_size=500):
        key = each.corrects_id or each.pk, each.tax_rate
        taxable[key] += taxable_left(each)
        said[key] += each.tax - sum(note.tax for note in each.credit_notes.all())
    for (pk, rate), tax in said.items():
        expected = tax_within(taxable[pk, rate], rate)
        if tax != expected:
            yield f"bill of invoice {pk}: tax {tax}, its lines say {expected}"
