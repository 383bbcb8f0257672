"""Proving the bills: what an invoice says of itself against its lines, payments and notes."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import F, QuerySet, Sum

from gasstock.billing.models import (
    CreditNote,
    Invoice,
    InvoiceLine,
    NumberSeries,
    Payment,
    PaymentStatus,
)


def differences() -> Iterator[str]:
    """Name every invoice whose sums differ from what they add up, and every gap in a series."""
    lines = InvoiceLine.objects.values_list("invoice").annotate(
        billed=Sum(F("quantity") * F("unit_price"))
    )
    payments = Payment.objects.filter(status=PaymentStatus.SUCCEEDED)
    witnesses = (
        ("total", "its lines", _by_invoice(lines)),
        ("paid", "its payments", _by_invoice(_amounts(payments))),
        ("credited", "its credit notes", _by_invoice(_amounts(CreditNote.objects.all()))),
    )
    invoices = Invoice.objects.values_list("pk", "number", "reference", "total", "paid", "credited")
    for pk, number, reference, *sums in invoices.order_by("pk").iterator():
        for found, (column, witness, expected) in zip(sums, witnesses, strict=True):
            if found != expected[pk]:
                name = f"invoice {pk} ({number or reference})"
                yield f"{name}: {column} {found}, {witness} say {expected[pk]}"
    yield from _gaps()


def _amounts(rows: QuerySet) -> QuerySet:
    return rows.values_list("invoice").annotate(Sum("amount"))


def _by_invoice(sums: QuerySet) -> Counter[int]:
    return Counter(dict(sums.order_by()))


def _gaps() -> Iterator[str]:
    """Numbers run without gaps: as many documents as the series has given numbers to."""
    for series in NumberSeries.objects.select_related("station").order_by("pk"):
        prefix = f"{series.station.code}-{series.kind}-{series.year}-"
        documents = CreditNote if series.kind == "CRN" else Invoice
        count = documents._default_manager.filter(number__startswith=prefix).count()
        if count != series.last:
            yield f"series {series.pk} ({prefix}): {series.last} numbers given, {count} documents"
