"""Proving the purchases: lines against receipts, receipts against the stock ledger."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import F, Q, Sum

from gasstock.billing.services.verify import gaps
from gasstock.inventory.models import Move, Reason
from gasstock.purchasing.models import (
    PurchaseLine,
    PurchaseOrder,
    PurchaseStatus,
    Receipt,
    ReceiptLine,
)

SUMS = {"received": "accepted", "rejected": "rejected", "empties_sent": "empties_out"}
Moved = tuple[str, int, int, str, str]  # document, station, variant, reason, condition


def differences() -> Iterator[str]:
    """Name every line, state, posting and number that differs from what the receipts say."""
    yield from _lines()
    yield from _states()
    yield from _postings()
    yield from gaps({"PO": PurchaseOrder, "GRN": Receipt})


def _lines() -> Iterator[str]:
    rows = ReceiptLine.objects.values("line").order_by()
    said: Any = rows.annotate(**{f"sum_{name}": Sum(name) for name in SUMS.values()})
    sums = {row["line"]: row for row in said}
    for line in PurchaseLine.objects.select_related("order").order_by("pk").iterator():
        for column, name in SUMS.items():
            found, expected = getattr(line, column), sums.get(line.pk, {}).get(f"sum_{name}", 0)
            if found != expected:
                where = f"purchase line {line.pk} ({line.order})"
                yield f"{where}: {column} {found}, its receipts say {expected}"


def _states() -> Iterator[str]:
    """An order is received when every line is full, and only then."""
    short = Q(lines__received__lt=F("lines__quantity"))
    received = PurchaseOrder.objects.filter(short, status=PurchaseStatus.RECEIVED)
    for order in received.distinct().order_by("pk"):
        yield f"purchase order {order.pk} ({order}): received, but a line is short"
    waiting = PurchaseOrder.objects.filter(status=PurchaseStatus.PART_RECEIVED)
    still_short = PurchaseLine.objects.filter(received__lt=F("quantity")).values("order")
    for order in waiting.exclude(pk__in=still_short).order_by("pk"):
        yield f"purchase order {order.pk} ({order}): part received, but every line is full"
    untouched = (PurchaseStatus.DRAFT, PurchaseStatus.SUBMITTED, PurchaseStatus.CANCELLED)
    for order in (
        PurchaseOrder.objects.filter(receipts__isnull=False, status__in=untouched)
        .distinct()
        .order_by("pk")
    ):
        yield f"purchase order {order.pk} ({order}): {order.status}, but has receipts"


def _postings() -> Iterator[str]:
    """What each receipt took in and sent out must be what was moved in its name."""
    said, moved = _said(), _moved()
    for key in sorted(said.keys() | moved.keys()):
        if said[key] != moved[key]:
            document, _station, variant, reason, condition = key
            what = f"variant {variant} {condition} ({reason})"
            yield f"receipt {document}: {what} {said[key]}, moved for {document}: {moved[key]}"


def _said() -> Counter[Moved]:
    said: Counter[Moved] = Counter()
    rows = ReceiptLine.objects.values_list(
        "receipt__number", "receipt__order__station", "line__variant"
    ).annotate(Sum("accepted"), Sum("empties_out"))
    for document, station, variant, accepted, empties in rows.order_by():
        said[document, station, variant, Reason.RECEIPT.value, "full"] += accepted
        said[document, station, variant, Reason.TO_SUPPLIER.value, "empty"] += empties
    return +said


def _moved() -> Counter[Moved]:
    rows = (
        Move.objects.filter(reason__in=(Reason.RECEIPT, Reason.TO_SUPPLIER))
        .values_list("document", "station", "variant", "reason", "condition")
        .annotate(Sum("quantity"))
        .order_by()
    )
    return Counter({tuple(key): quantity for *key, quantity in rows})
