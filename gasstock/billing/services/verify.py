"""Proving the money: invoices against their lines, payments and notes, drawers against both."""

from collections import Counter
from collections.abc import Iterator, Mapping

from django.db.models import F, Model, Q, QuerySet, Sum

from gasstock.billing.models import (
    CreditNote,
    DrawerEntry,
    Invoice,
    InvoiceLine,
    NumberSeries,
    Payment,
    PaymentStatus,
    Shift,
    ShiftStatus,
)
from gasstock.billing.services.tax import tax_differences

SERIES: dict[str, type[Model]] = {
    "INV": Invoice,
    "RCT": Invoice,
    "CRN": CreditNote,
    "Z": Shift,
}


def differences() -> Iterator[str]:
    """Name every invoice whose sums differ from what they add up, every gap in a series, and
    what is in a drawer without a payment or after its count."""
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
    yield from tax_differences()
    yield from gaps(SERIES)
    yield from _drawers()


def _amounts(rows: QuerySet) -> QuerySet:
    return rows.values_list("invoice").annotate(Sum("amount"))


def _by_invoice(sums: QuerySet) -> Counter[int]:
    return Counter(dict(sums.order_by()))


def gaps(documents_of: Mapping[str, type[Model]]) -> Iterator[str]:
    """Numbers run without gaps: as many documents of a kind as its series gave numbers to."""
    kept = NumberSeries.objects.filter(kind__in=documents_of)
    for series in kept.select_related("station").order_by("pk"):
        prefix = f"{series.station.code}-{series.kind}-{series.year}-"
        documents = documents_of[series.kind]._default_manager
        count = documents.filter(number__startswith=prefix).count()
        if count != series.last:
            yield f"series {series.pk} ({prefix}): {series.last} numbers given, {count} documents"


def _drawers() -> Iterator[str]:
    """What went through drawers is what was paid; a drawer that was counted says so."""
    entered = Payment.objects.annotate(entered=Sum("entries__amount")).filter(entered__isnull=False)
    stays = entered.filter(status=PaymentStatus.SUCCEEDED).exclude(entered=F("amount"))
    # what came in outside of any drawer and was reversed only went out of one
    undone = entered.filter(status=PaymentStatus.REVERSED).exclude(
        Q(entered=0) | Q(entered=-F("amount"))
    )
    columns = ("pk", "status", "amount", "entered")
    for pk, status, amount, found in stays.union(undone).values_list(*columns).order_by("pk"):
        yield f"payment {pk} ({status}): {amount}, the drawers say {found}"
    for entry in DrawerEntry.objects.filter(
        Q(payment__isnull=False) & ~Q(method=F("payment__method"))
        | Q(created_at__gt=F("shift__closed_at"))
        | Q(created_at__gt=F("shift__counted_at"), is_late=False)
    ).order_by("pk"):
        yield f"entry {entry.pk} ({entry}): does not belong into shift {entry.shift_id}"
    for shift in Shift.objects.exclude(status=ShiftStatus.OPEN).filter(counts=None).order_by("pk"):
        yield f"shift {shift.pk} ({shift}): {shift.status}, but nothing was counted"
