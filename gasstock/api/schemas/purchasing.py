from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from gasstock.api.schemas.base import (
    Amount,
    Count,
    Day,
    In,
    Key,
    Line,
    Moment,
    Money,
    Out,
    Price,
    Quantity,
    Spoken,
    Words,
    money,
)
from gasstock.purchasing.models import (
    PurchaseKind,
    PurchaseLine,
    PurchaseOrder,
    PurchaseStatus,
    Receipt,
    ReceiptLine,
    Supplier,
)

Kind = Annotated[PurchaseKind, Spoken]
Status = Annotated[PurchaseStatus, Spoken]
Short = Annotated[Line, Field(max_length=80)]
Long = Annotated[Line, Field(max_length=240)]


# --- Suppliers --------------------------------------------------------------------------------


class NewSupplier(In):
    """Somebody the station buys from. Orders go to the e-mail address by themselves."""

    name: Annotated[Words, Field(max_length=80, examples=["SP Depot"])]
    contact: Short = ""
    phone: Annotated[Line, Field(max_length=30, examples=["0788 412 906"])] = ""
    email: Annotated[Line, Field(max_length=254, examples=["orders@example.com"])] = ""
    address: Annotated[Line, Field(max_length=160)] = ""
    note: Long = ""


class SupplierChange(NewSupplier):
    """What is left out stays as it is."""

    name: Annotated[Words, Field(max_length=80)] = Field(default_factory=str)


class SupplierOut(Out):
    id: int
    name: str
    contact: str
    phone: str | None
    email: str
    address: str
    note: str
    created_at: Moment


def supplier_of(supplier: Supplier) -> SupplierOut:
    return SupplierOut(
        id=supplier.pk,
        name=supplier.name,
        contact=supplier.contact,
        phone=str(supplier.phone) or None,
        email=supplier.email,
        address=supplier.address,
        note=supplier.note,
        created_at=supplier.created_at,
    )


# --- Purchase orders, in ----------------------------------------------------------------------


class AskedPurchases(BaseModel):
    status: Status | None = None
    supplier: int | None = Field(None, ge=1, le=2**63 - 1)


class NewPurchaseLine(In):
    """What is left out is what was paid last, and as many empties as are here."""

    sku: Annotated[Words, Field(max_length=30, examples=["SP-12"])]
    quantity: Quantity
    unit_cost: Price = Field(description="For the gas, or the accessory.")
    kind: Kind | None = Field(None, description="REFILL, or GOODS for what is no cylinder.")
    unit_shell_cost: Amount | None = Field(None, description="On top, for a NEW cylinder.")
    empties: Count | None = Field(None, description="To be sent to the supplier for a REFILL.")


class NewPurchase(In):
    supplier: Key
    lines: Annotated[list[NewPurchaseLine], Field(min_length=1, max_length=100)]
    expected_on: Day | None = None
    note: Long = ""


class PurchaseStep(In):
    """SUBMITTED sends a draft, RECEIVED takes in what is still to come, CANCELLED ends it."""

    status: Literal["SUBMITTED", "RECEIVED", "CANCELLED"]
    reason: Long = Field("", description="Needed to cancel what was sent.")


class CameLine(In):
    id: Key = Field(description="Of the order's line.")
    accepted: Count
    rejected: Count = 0
    empties_out: Count = Field(0, description="How many left with the driver.")
    reason: Annotated[Line, Field(max_length=160, description="Why some were rejected.")] = ""


class NewReceipt(In):
    lines: Annotated[list[CameLine], Field(min_length=1, max_length=100)]
    delivery_note: Annotated[Line, Field(max_length=60)] = ""
    note: Long = ""
    confirm_over: bool = Field(
        False, strict=True, description="More came than was ordered; for who writes orders."
    )


# --- Purchase orders, out ---------------------------------------------------------------------


class SupplierRef(Out):
    id: int
    name: str


class PurchaseRow(Out):
    """Costs are null for who only takes goods in. A draft is called DRAFT-<id>."""

    id: int
    number: str = Field(examples=["KGP-PO-2026-00004"])
    status: Status
    supplier: SupplierRef
    currency: str = Field(examples=["RWF"])
    total: Money | None
    expected_on: date | None
    created_at: Moment
    submitted_at: Moment | None


class PurchaseLineOut(Out):
    id: int
    sku: str
    name: str = Field(examples=["SP 12 kg, refill"])
    kind: Kind
    quantity: int
    unit_cost: Money | None
    unit_shell_cost: Money | None
    total: Money | None
    empties: int = Field(description="To be sent to the supplier.")
    received: int
    rejected: int
    empties_sent: int
    to_come: int


class ReceiptLineOut(Out):
    line: int
    accepted: int
    rejected: int
    reason: str
    empties_out: int


class ReceiptOut(Out):
    number: str = Field(examples=["KGP-GRN-2026-00009"])
    at: Moment
    by: str | None
    delivery_note: str
    note: str
    lines: list[ReceiptLineOut]


class PurchaseOut(PurchaseRow):
    note: str
    ended_at: Moment | None
    reason: str
    lines: list[PurchaseLineOut]
    receipts: list[ReceiptOut]


def purchase_row_of(order: PurchaseOrder, total: int | None) -> PurchaseRow:
    """Write an order; `total` in minor units, None where costs are not to be seen."""
    return PurchaseRow(
        id=order.pk,
        number=order.number or f"DRAFT-{order.pk}",
        status=PurchaseStatus(order.status),
        supplier=SupplierRef(id=order.supplier_id, name=order.supplier.name),
        currency=order.currency,
        total=None if total is None else money(total, order.currency),
        expected_on=order.expected_on,
        created_at=order.created_at,
        submitted_at=order.submitted_at,
    )


def purchase_of(
    order: PurchaseOrder, lines: list[PurchaseLine], receipts: list[Receipt], *, costs: bool
) -> PurchaseOut:
    total = sum(line.total for line in lines) if costs else None
    return PurchaseOut(
        **dict(purchase_row_of(order, total)),
        note=order.note,
        ended_at=order.ended_at,
        reason=order.reason,
        lines=[_line_of(line, order.currency, costs=costs) for line in lines],
        receipts=[_receipt_of(receipt) for receipt in receipts],
    )


def _line_of(line: PurchaseLine, currency: str, *, costs: bool) -> PurchaseLineOut:
    return PurchaseLineOut(
        id=line.pk,
        sku=line.variant.sku,
        name=line.name,
        kind=PurchaseKind(line.kind),
        quantity=line.quantity,
        unit_cost=money(line.unit_cost, currency) if costs else None,
        unit_shell_cost=money(line.unit_shell_cost, currency) if costs else None,
        total=money(line.total, currency) if costs else None,
        empties=line.empties,
        received=line.received,
        rejected=line.rejected,
        empties_sent=line.empties_sent,
        to_come=line.to_come,
    )


def _receipt_of(receipt: Receipt) -> ReceiptOut:
    return ReceiptOut(
        number=receipt.number,
        at=receipt.created_at,
        by=str(receipt.received_by) if receipt.received_by else None,
        delivery_note=receipt.delivery_note,
        note=receipt.note,
        lines=[_receipt_line_of(line) for line in receipt.lines.all()],
    )


def _receipt_line_of(row: ReceiptLine) -> ReceiptLineOut:
    return ReceiptLineOut(
        line=row.line_id,
        accepted=row.accepted,
        rejected=row.rejected,
        reason=row.reason,
        empties_out=row.empties_out,
    )
