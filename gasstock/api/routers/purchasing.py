"""Whom a station buys from, what it ordered, and what came."""

import re
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router
from ninja.responses import Status

from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.api.auth import requires
from gasstock.api.document import refuses
from gasstock.api.errors import FieldError, Invalid, form_errors
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.purchasing import (
    AskedPurchases,
    CameLine,
    NewPurchase,
    NewPurchaseLine,
    NewReceipt,
    NewSupplier,
    PurchaseOut,
    PurchaseRow,
    PurchaseStep,
    SupplierChange,
    SupplierOut,
    purchase_of,
    purchase_row_of,
    supplier_of,
)
from gasstock.core.paging import newest_first
from gasstock.purchasing.desk import receipts_of, seen_at, sees_costs
from gasstock.purchasing.errors import (
    CostMissing,
    NothingReceived,
    NotOnOrder,
    OverReceipt,
    ReasonMissing,
    SupplierExists,
    SupplierRetired,
    TooFewEmpties,
    TwiceOnOrder,
    WrongPurchaseStatus,
)
from gasstock.purchasing.forms.orders import LineForm, Offers, OrderForm
from gasstock.purchasing.forms.suppliers import SupplierForm
from gasstock.purchasing.models import PurchaseOrder, Supplier
from gasstock.purchasing.services import orders as services
from gasstock.purchasing.services import suppliers as people
from gasstock.purchasing.services.letters import lines_of
from gasstock.purchasing.services.offers import Offer, kinds_of, offers_of
from gasstock.purchasing.services.receiving import Came, receive_goods, receive_rest

DRAFT = re.compile(r"DRAFT-([0-9]{1,18})")

router = Router(tags=["Purchasing"])


# --- Suppliers --------------------------------------------------------------------------------


@router.get(
    "suppliers/",
    response=Listed[SupplierOut],
    operation_id="listSuppliers",
    summary="Whom the station buys from",
)
@requires(Permission.PURCHASE_CHANGE)
def list_suppliers(request: ApiRequest, paging: Query[Paging]) -> Listed[SupplierOut]:
    """The newest first, without those retired."""
    rows = Supplier.objects.at(request.station).kept()
    return listed(SupplierOut, newest_first(rows, paging.cursor, size=paging.limit), supplier_of)


@router.post(
    "suppliers/", response={201: SupplierOut}, operation_id="addSupplier", summary="One more"
)
@requires(Permission.PURCHASE_CHANGE)
@refuses(SupplierExists)
@idempotent
def add_supplier(request: ApiRequest, body: NewSupplier) -> Status[SupplierOut]:
    values = _good_supplier(body.model_dump())
    return Status(
        201, supplier_of(people.add_supplier(request.user, station=request.station, **values))
    )


@router.get(
    "suppliers/{int:pk}/", response=SupplierOut, operation_id="getSupplier", summary="One supplier"
)
@requires(Permission.PURCHASE_CHANGE)
@refuses(404)
def get_supplier(request: ApiRequest, pk: int) -> SupplierOut:
    return supplier_of(_supplier(request.station, pk))


@router.patch(
    "suppliers/{int:pk}/",
    response=SupplierOut,
    operation_id="changeSupplier",
    summary="Change what is known of a supplier",
)
@requires(Permission.PURCHASE_CHANGE)
@refuses(404, SupplierExists)
def change_supplier(request: ApiRequest, pk: int, body: SupplierChange) -> SupplierOut:
    supplier = _supplier(request.station, pk)
    now = {name: getattr(supplier, name) for name in people.FIELDS}
    values = _good_supplier(now | body.model_dump(exclude_unset=True))
    return supplier_of(people.change_supplier(request.user, supplier=supplier, **values))


@router.delete(
    "suppliers/{int:pk}/",
    response={204: None},
    operation_id="retireSupplier",
    summary="Order nothing more there",
)
@requires(Permission.PURCHASE_CHANGE)
@refuses(404)
def retire_supplier(request: ApiRequest, pk: int) -> Status[None]:
    """What is on its way still comes."""
    people.retire_supplier(request.user, supplier=_supplier(request.station, pk))
    return Status(204, None)


def _supplier(station: Station, pk: int) -> Supplier:
    return get_object_or_404(Supplier.objects.at(station).kept(), pk=pk)


def _good_supplier(values: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a supplier, as the page would take it."""
    form = SupplierForm(values)
    if not form.is_valid():
        raise Invalid(form_errors(form))
    return form.cleaned_data


# --- Purchase orders --------------------------------------------------------------------------


@router.get(
    "purchase-orders/",
    response=Listed[PurchaseRow],
    operation_id="listPurchaseOrders",
    summary="What the station ordered",
)
@requires(Permission.GOODS_RECEIVE)
def list_purchases(
    request: ApiRequest, asked: Query[AskedPurchases], paging: Query[Paging]
) -> Listed[PurchaseRow]:
    """The newest first; who only takes goods in sees no drafts and no costs."""
    rows = seen_at(request.station).for_list()
    wanted = {name: value for name, value in asked if value is not None}
    page = newest_first(rows.filter(**wanted), paging.cursor, size=paging.limit)
    costs = sees_costs(request.station)
    return listed(
        PurchaseRow,
        page,
        lambda order: purchase_row_of(order, order.sum if costs else None),  # type: ignore[attr-defined]
    )


@router.post(
    "purchase-orders/",
    response={201: PurchaseOut},
    operation_id="draftPurchaseOrder",
    summary="Write an order",
)
@requires(Permission.PURCHASE_CHANGE)
@refuses(SupplierRetired, TwiceOnOrder)
@idempotent
def draft_purchase(request: ApiRequest, body: NewPurchase) -> Status[PurchaseOut]:
    """It is a draft, and goes to the supplier once its status is set to SUBMITTED."""
    station = request.station
    head = OrderForm(body.model_dump(exclude={"lines"}), station=station)
    if not head.is_valid():
        raise Invalid(form_errors(head))
    offers = offers_of(station, head.cleaned_data["supplier"])
    order = services.draft_order(
        request.user, station=station, lines=_wanted(body.lines, offers), **head.cleaned_data
    )
    return Status(201, _shown(station, order))


@router.get(
    "purchase-orders/{slug:number}/",
    response=PurchaseOut,
    operation_id="getPurchaseOrder",
    summary="One purchase order",
)
@requires(Permission.GOODS_RECEIVE)
@refuses(404)
def get_purchase(request: ApiRequest, number: str) -> PurchaseOut:
    return _shown(request.station, _find(request.station, number))


@router.patch(
    "purchase-orders/{slug:number}/",
    response=PurchaseOut,
    operation_id="stepPurchaseOrder",
    summary="Send, receive or cancel it",
)
@requires(Permission.GOODS_RECEIVE)
@refuses(404, WrongPurchaseStatus, CostMissing, SupplierRetired, ReasonMissing, TooFewEmpties)
def step_purchase(request: ApiRequest, number: str, body: PurchaseStep) -> PurchaseOut:
    """RECEIVED again is received once; only who writes orders sends and cancels them."""
    order = _find(request.station, number)
    if body.status == "RECEIVED":
        receive_rest(request.user, order=order)
    elif not sees_costs(request.station):
        raise PermissionDenied
    elif body.status == "SUBMITTED":
        services.submit_order(request.user, order=order)
    else:
        services.cancel_order(request.user, order=order, reason=body.reason)
    return _shown(request.station, order)


@router.post(
    "purchase-orders/{slug:number}/receive/",
    response=PurchaseOut,
    operation_id="receivePurchaseOrder",
    summary="Take in what came",
)
@requires(Permission.GOODS_RECEIVE)
@refuses(404, WrongPurchaseStatus, OverReceipt, TooFewEmpties, NothingReceived, NotOnOrder)
@idempotent
def receive_purchase(request: ApiRequest, number: str, body: NewReceipt) -> Status[PurchaseOut]:
    """What is accepted is in stock then; what is rejected goes back with the driver."""
    order = _find(request.station, number)
    receive_goods(
        request.user,
        order=order,
        lines=_came(body.lines),
        key=uuid.uuid4().hex,
        delivery_note=body.delivery_note,
        note=body.note,
        confirm_over=body.confirm_over and sees_costs(request.station),
    )
    return Status(200, _shown(request.station, order))


def _find(station: Station, number: str) -> PurchaseOrder:
    rows = seen_at(station).select_related("station", "supplier")
    draft = DRAFT.fullmatch(number)
    wanted = {"pk": int(draft[1])} if draft else {"number": number}
    return get_object_or_404(rows, **wanted)


def _shown(station: Station, order: PurchaseOrder) -> PurchaseOut:
    now = PurchaseOrder.objects.select_related("supplier").get(pk=order.pk)
    costs = sees_costs(station)
    return purchase_of(now, lines_of(now), list(receipts_of(now)), costs=costs)


def _wanted(lines: list[NewPurchaseLine], offers: Offers) -> list[services.Wanted]:
    """The lines, filled in as the page would; all that is wrong with them at once."""
    errors: list[FieldError] = []
    wanted = []
    for n, line in enumerate(lines):
        offer = _offer(line, offers)
        if offer is None:
            errors.append(FieldError(f"lines.{n}.sku", "This is not on your list like that."))
            continue
        said = line.model_dump(exclude={"sku", "kind"})
        form = LineForm(said | {"what": offer.code}, offers=offers)
        if form.is_valid():
            wanted.append(form.wanted())
        errors += form_errors(form, names={"what": "sku"}, under=f"lines.{n}.")
    if errors:
        raise Invalid(errors)
    return wanted


def _offer(line: NewPurchaseLine, offers: Offers) -> Offer | None:
    """What of the station's list is meant; cylinders are refilled unless it says otherwise."""
    of_sku = [offer for offer in offers.values() if offer.variant.sku == line.sku]
    kinds = [line.kind] if line.kind else [next(kinds_of(x.variant)) for x in of_sku[:1]]
    return next((offer for offer in of_sku if offer.kind in kinds), None)


def _came(lines: list[CameLine]) -> list[Came]:
    seen: dict[int, int] = {}
    errors = {
        f"lines.{n}.id": "This line is there twice."
        for n, line in enumerate(lines)
        if seen.setdefault(line.id, n) != n
    }
    if errors:
        raise Invalid(errors)
    unsaid = _("No reason given")
    return [Came(x.id, x.accepted, x.rejected, x.reason or unsaid, x.empties_out) for x in lines]
