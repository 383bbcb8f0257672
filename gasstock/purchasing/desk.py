"""The purchase orders of a station, as its pages and the API look them up."""

from django.db.models import Prefetch, QuerySet

from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.purchasing.models import (
    PurchaseOrder,
    PurchaseOrderQuerySet,
    Receipt,
    ReceiptLine,
)


def seen_at(station: Station) -> PurchaseOrderQuerySet:
    """The orders of the station; who only takes goods in sees no drafts, and no costs."""
    rows = PurchaseOrder.objects.at(station)
    return rows if sees_costs(station) else rows.filter(number__isnull=False)


def sees_costs(station: Station) -> bool:
    """Whether the person who was let in here buys; others only take goods in."""
    return Permission.PURCHASE_CHANGE in station.granted


def receipts_of(order: PurchaseOrder) -> QuerySet[Receipt]:
    """What came, the latest first; two queries."""
    lines = ReceiptLine.objects.select_related("line__variant").order_by("pk")
    rows = order.receipts.select_related("received_by").order_by("-pk")
    return rows.prefetch_related(Prefetch("lines", lines))
