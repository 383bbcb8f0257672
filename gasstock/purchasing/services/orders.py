"""The life of a purchase order: written, sent, ended. What comes in is in receiving.py."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.billing.services.numbers import next_number
from gasstock.catalog.models import Variant
from gasstock.core import clock, platform
from gasstock.purchasing.errors import (
    CostMissing,
    NotBought,
    NothingToBuy,
    ReasonMissing,
    SupplierRetired,
    SupplierUnclear,
    TwiceOnOrder,
    WrongPurchaseStatus,
)
from gasstock.purchasing.models import (
    PurchaseKind,
    PurchaseLine,
    PurchaseOrder,
    PurchaseStatus,
    Supplier,
)
from gasstock.purchasing.services import letters
from gasstock.purchasing.services.offers import UNSAID, kinds_of


@dataclass(frozen=True)
class Wanted:
    """One line to order; costs in minor units."""

    variant: Variant
    kind: PurchaseKind
    quantity: int
    unit_cost: int
    unit_shell_cost: int = 0
    empties: int = 0


@transaction.atomic
def draft_order(
    actor: User | None,
    *,
    station: Station,
    supplier: Supplier,
    lines: Sequence[Wanted],
    expected_on: date | None = None,
    note: str = "",
) -> PurchaseOrder:
    """Write an order down, to be looked over and sent. Raises SupplierRetired, NotBought."""
    _check(station, supplier, lines)
    order = PurchaseOrder.objects.create(
        station=station,
        supplier=supplier,
        currency=platform.current().currency,
        expected_on=expected_on,
        note=note,
        created_by=actor,
    )
    _write(order, lines)
    record(actor, "purchase.drafted", order, supplier=supplier.name, lines=len(lines))
    return order


@transaction.atomic
def change_order(
    actor: User | None,
    *,
    order: PurchaseOrder,
    supplier: Supplier,
    lines: Sequence[Wanted],
    expected_on: date | None = None,
    note: str = "",
) -> PurchaseOrder:
    """Write a draft anew. Raises WrongPurchaseStatus once it was sent."""
    order = lock_order(order, PurchaseStatus.DRAFT)
    _check(order.station, supplier, lines)
    order.supplier, order.expected_on, order.note = supplier, expected_on, note
    order.save(update_fields=["supplier", "expected_on", "note"])
    order.lines.all().delete()
    _write(order, lines)
    record(actor, "purchase.changed", order, supplier=supplier.name, lines=len(lines))
    return order


def _check(station: Station, supplier: Supplier, lines: Iterable[Wanted]) -> None:
    if supplier.retired_at or supplier.station_id != station.pk:
        raise SupplierRetired(supplier.name)
    seen = set()
    for line in lines:
        if line.kind not in kinds_of(line.variant) or line.quantity < 1:
            raise NotBought(line.variant.name)
        if (line.variant.pk, line.kind) in seen:
            raise TwiceOnOrder(line.variant.name)
        seen.add((line.variant.pk, line.kind))


def _write(order: PurchaseOrder, lines: Iterable[Wanted]) -> None:
    PurchaseLine.objects.bulk_create(
        PurchaseLine(
            order=order,
            variant=line.variant,
            kind=line.kind,
            quantity=line.quantity,
            unit_cost=line.unit_cost,
            unit_shell_cost=line.unit_shell_cost if line.kind == PurchaseKind.NEW else 0,
            empties=line.empties if line.kind == PurchaseKind.REFILL else 0,
        )
        for line in lines
    )


@transaction.atomic
def draft_more(
    actor: User | None,
    *,
    station: Station,
    wanted: Wanted,
    supplier: Supplier | None = None,
) -> PurchaseOrder:
    """Put `wanted` on the open draft to a supplier, or on a new one.

    Without a `supplier` it is the one who was asked for this last, else the only one there is.
    A line that stands there already is raised to the quantity, never added up, so twice is
    once. Raises SupplierUnclear.
    """
    supplier = supplier or _usual_supplier(station, wanted.variant)
    Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)  # two clicks make one draft
    drafts = PurchaseOrder.objects.at(station).filter(status=PurchaseStatus.DRAFT)
    order = drafts.filter(supplier=supplier).order_by("-pk").first()
    if order is None:
        return draft_order(actor, station=station, supplier=supplier, lines=[wanted])
    order = lock_order(order, PurchaseStatus.DRAFT)
    _check(station, supplier, [wanted])
    line = order.lines.filter(variant=wanted.variant, kind=wanted.kind).first()
    if line is None:
        _write(order, [wanted])
    elif line.quantity < wanted.quantity:
        line.quantity, line.empties = wanted.quantity, max(line.empties, wanted.empties)
        line.save(update_fields=["quantity", "empties"])
    record(actor, "purchase.changed", order, added=wanted.variant.sku, quantity=wanted.quantity)
    return order


def _usual_supplier(station: Station, variant: Variant) -> Supplier:
    asked = PurchaseLine.objects.filter(
        order__station=station, variant=variant, order__supplier__retired_at=None
    ).exclude(order__status__in=UNSAID)
    last = asked.select_related("order__supplier").order_by("-pk").first()
    if last is not None:
        return last.order.supplier
    kept = list(Supplier.objects.at(station).kept()[:2])
    if len(kept) != 1:
        raise SupplierUnclear(variant.name)
    return kept[0]


@transaction.atomic
def submit_order(actor: User | None, *, order: PurchaseOrder) -> PurchaseOrder:
    """Give the order its number and write to the supplier, if they have an address.

    Raises WrongPurchaseStatus, NothingToBuy, CostMissing and SupplierRetired.
    """
    order = lock_order(order, PurchaseStatus.DRAFT)
    if order.supplier.retired_at:
        raise SupplierRetired(order.supplier.name)
    _check_complete(order)
    order.number = next_number(order.station, "PO")
    order.status = PurchaseStatus.SUBMITTED
    order.submitted_at, order.submitted_by = clock.now(), actor
    order.save(update_fields=["number", "status", "submitted_at", "submitted_by"])
    record(actor, "purchase.sent", order, supplier=order.supplier.name)
    letters.send_order(actor, order)
    return order


def _check_complete(order: PurchaseOrder) -> None:
    lines = list(order.lines.select_related("variant").order_by("pk"))
    if not lines:
        raise NothingToBuy
    for line in lines:
        if not line.unit_cost:
            raise CostMissing(line.name)


@transaction.atomic
def cancel_order(actor: User | None, *, order: PurchaseOrder, reason: str = "") -> PurchaseOrder:
    """Give up an order of which nothing came; one that was sent says why to the supplier.

    Raises WrongPurchaseStatus and ReasonMissing.
    """
    order = lock_order(order, PurchaseStatus.DRAFT, PurchaseStatus.SUBMITTED)
    was_sent = order.status == PurchaseStatus.SUBMITTED
    if was_sent and not reason:
        raise ReasonMissing
    _end(actor, order, PurchaseStatus.CANCELLED, reason)
    if was_sent:
        letters.send_end(actor, order)
    return order


@transaction.atomic
def close_short(actor: User | None, *, order: PurchaseOrder, reason: str) -> PurchaseOrder:
    """Wait no longer for what did not come. Raises WrongPurchaseStatus and ReasonMissing."""
    order = lock_order(order, PurchaseStatus.PART_RECEIVED)
    if not reason:
        raise ReasonMissing
    _end(actor, order, PurchaseStatus.CLOSED_SHORT, reason)
    letters.send_end(actor, order)
    return order


def _end(actor: User | None, order: PurchaseOrder, status: PurchaseStatus, reason: str) -> None:
    order.status, order.reason, order.ended_at = status, reason, clock.now()
    order.save(update_fields=["status", "reason", "ended_at"])
    record(actor, f"purchase.{status}", order, reason=reason)


def lock_order(order: PurchaseOrder, *expected: PurchaseStatus) -> PurchaseOrder:
    """Fetch the order afresh, in one of the `expected` states, and keep others waiting."""
    locked = (
        PurchaseOrder.objects.select_for_update(of=("self",))
        .select_related("station", "supplier")
        .get(pk=order.pk)
    )
    if expected and locked.status not in expected:
        raise WrongPurchaseStatus(locked)
    return locked
