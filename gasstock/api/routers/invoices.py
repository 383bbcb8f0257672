"""Invoices: of a station for its members, of all for admins, one's own for buyers."""

from typing import Annotated, Literal

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from ninja.responses import Status
from pydantic import BaseModel, Field

from gasstock.accounts.access import authorize
from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.api.auth import requires, signed_in
from gasstock.api.document import refuses
from gasstock.api.errors import Invalid
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.invoices import (
    InvoiceOut,
    InvoiceRow,
    NewInvoice,
    invoice_of,
    row_of,
)
from gasstock.billing.errors import WrongInvoiceStatus
from gasstock.billing.models import Invoice
from gasstock.billing.papers import invoice_pdf, matching, whole
from gasstock.core.paging import newest_first
from gasstock.core.pdf import pdf_response
from gasstock.orders.errors import NotReadyToBill
from gasstock.orders.models import Order
from gasstock.orders.services.money import submit_bill

State = Literal["DRAFT", "SUBMITTED", "APPROVED", "PAID", "REJECTED", "VOID", "OVERDUE"]
PDF = {
    "responses": {
        200: {
            "description": "The paper.",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}

router = Router(tags=["Invoices"])


class Asked(BaseModel):
    station: Annotated[str, Field(max_length=60)] | None = Field(
        None, description="Slug; without it, of all stations whose invoices you may see."
    )
    mine: bool = Field(False, description="Those to pay oneself, for who works at a station.")
    status: State | None = None
    q: str = Field("", max_length=40, description="A part of a number, the invoice's or order's.")


@router.post(
    "seller/invoices/",
    response={201: InvoiceOut},
    operation_id="submitInvoice",
    summary="Send the invoice of an order to be approved",
)
@requires(Permission.INVOICE_SUBMIT)
@refuses(NotReadyToBill, WrongInvoiceStatus)
@idempotent
def submit_invoice(request: ApiRequest, body: NewInvoice) -> Status[InvoiceOut]:
    """Its number is given here. What corrects the invoice of the order goes along."""
    orders = Order.objects.at(request.station).online().select_related("station", "invoice")
    order = orders.filter(number=body.order).first()
    if order is None:
        raise Invalid({"order": "There is no such order here."})
    [first, *_more] = submit_bill(request.user, order=order)
    return Status(201, invoice_of(whole(Invoice.objects.all()).get(pk=first.pk)))


@router.get(
    "invoices/", response=Listed[InvoiceRow], operation_id="listInvoices", summary="Invoices"
)
@signed_in
@refuses(404)
def list_invoices(
    request: ApiRequest, asked: Query[Asked], paging: Query[Paging]
) -> Listed[InvoiceRow]:
    """Those of stations for who looks after them, all for admins, else one's own; newest first.

    Buyers find theirs from the day they have a number.
    """
    rows = _seen(request.user, asked).select_related("station")
    found = matching(rows, (asked.status or "").lower(), asked.q.strip())
    return listed(InvoiceRow, newest_first(found, paging.cursor, size=paging.limit), row_of)


@router.get(
    "invoices/{int:pk}/", response=InvoiceOut, operation_id="getInvoice", summary="One invoice"
)
@signed_in
@refuses(404)
def get_invoice(request: ApiRequest, pk: int) -> InvoiceOut:
    found, is_staff = _find(request.user, pk)
    return invoice_of(found, is_staff=is_staff)


@router.get(
    "invoices/{int:pk}/pdf/",
    operation_id="getInvoicePdf",
    summary="The invoice as a PDF",
    openapi_extra=PDF,
)
@signed_in
@refuses(404)
def get_invoice_pdf(request: ApiRequest, pk: int) -> HttpResponse:
    found, _is_staff = _find(request.user, pk)
    return pdf_response(invoice_pdf(found), f"{found.number or f'draft-{found.pk}'}.pdf")


def _seen(user: User, asked: Asked) -> QuerySet[Invoice]:
    """The invoices that are meant. Raises Http404, PermissionDenied."""
    if asked.station is not None:
        return Invoice.objects.at(authorize(user, asked.station, Permission.INVOICE_VIEW))
    if user.is_admin and not asked.mine:
        return Invoice.objects.all()
    stations = Station.objects.granting(user, Permission.INVOICE_VIEW)
    here = [] if asked.mine else list(stations.values_list("pk", flat=True))
    if here:
        return Invoice.objects.filter(station__in=here)
    return Invoice.objects.of(user).exclude(number=None)


def _find(user: User, pk: int) -> tuple[Invoice, bool]:
    """A whole invoice, and whether they see it as staff. Raises Http404, PermissionDenied."""
    found = get_object_or_404(whole(Invoice.objects.all()), pk=pk)
    try:
        authorize(user, found.station.slug, Permission.INVOICE_VIEW)
    except (Http404, PermissionDenied):
        if found.buyer_id != user.pk or found.number is None:
            raise
        return found, False
    return found, True
