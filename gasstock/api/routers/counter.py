"""Sales over the counter."""

import uuid

from django.shortcuts import get_object_or_404
from ninja import Query, Router
from ninja.responses import Status

from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.api.auth import requires
from gasstock.api.document import refuses
from gasstock.api.errors import Invalid
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.methods import method_of
from gasstock.api.schemas.sales import (
    AskedSales,
    NewSale,
    NewSaleLine,
    SaleOut,
    SaleRow,
    sale_of,
    sale_row_of,
)
from gasstock.billing.errors import AmountMissing, NotInDrawer, ReferenceMissing
from gasstock.billing.services.payments import Tender
from gasstock.inventory.errors import NotHeld
from gasstock.inventory.models import Listing
from gasstock.orders.errors import (
    CashOnly,
    KindNotOffered,
    MethodNotTaken,
    NobodyToOwe,
    NotAllPaid,
    OwnAccount,
    PaidTooMuch,
    QuantityOutOfRange,
    SameLineTwice,
    ShortOfStock,
)
from gasstock.orders.models import LineKind, Order
from gasstock.orders.services.apps import sell_by_app
from gasstock.orders.services.counter import SaleLine
from gasstock.orders.till import buyer_with, sales_page, slip_of

GOODS = (ShortOfStock, KindNotOffered, QuantityOutOfRange, SameLineTwice, NotHeld)
PAYING = (AmountMissing, NotAllPaid, PaidTooMuch, CashOnly, NotInDrawer, ReferenceMissing)

router = Router(tags=["Counter sales"])


@router.post(
    "sales/", response={201: SaleOut}, operation_id="makeSale", summary="Sell over the counter"
)
@requires(Permission.SALE_MAKE)
@refuses(*GOODS, *PAYING, MethodNotTaken, NobodyToOwe, OwnAccount)
@idempotent
def make_sale(request: ApiRequest, body: NewSale) -> Status[SaleOut]:
    """Hand over what is free on the shelf, take the money, write the receipt; all or nothing.

    The money goes into the open drawer of who sells; if they have none, one is opened for them.
    The buyer is who has this phone number.
    """
    station = request.station
    sale = sell_by_app(
        request.user,
        station=station,
        lines=_lines(station, body.lines),
        tenders=[
            Tender(method_of(station, each.method), each.amount, each.reference)
            for each in body.payments
        ],
        key=uuid.uuid4().hex,
        buyer=buyer_with(body.buyer_phone) if body.buyer_phone else None,
        buyer_phone=body.buyer_phone or "",
        on_account=body.on_account,
    )
    return Status(201, _sale(station, sale.number))


@router.get("sales/", response=Listed[SaleRow], operation_id="listSales", summary="What was sold")
@requires(Permission.SALE_MAKE)
def list_sales(
    request: ApiRequest, asked: Query[AskedSales], paging: Query[Paging]
) -> Listed[SaleRow]:
    """The counter sales of the station, the latest first."""
    page = sales_page(
        request.station,
        words=asked.q.strip(),
        day=asked.day,
        cursor=paging.cursor,
        size=paging.limit,
    )
    return listed(SaleRow, page, sale_row_of)


@router.get(
    "sales/{slug:number}/", response=SaleOut, operation_id="getSale", summary="One counter sale"
)
@requires(Permission.SALE_MAKE)
@refuses(404)
def get_sale(request: ApiRequest, number: str) -> SaleOut:
    return _sale(request.station, number)


def _sale(station: Station, number: str) -> SaleOut:
    sales = Order.objects.counter().at(station)
    joined = sales.select_related("station", "buyer", "invoice", "shift__cashier")
    return sale_of(slip_of(get_object_or_404(joined, number=number)))


def _lines(station: Station, lines: list[NewSaleLine]) -> list[SaleLine]:
    """What is sold, as the till means it. Raises Invalid for what the station does not list."""
    rows = Listing.objects.at(station).kept().for_cards()
    found = rows.in_bulk({line.listing for line in lines})
    errors = {
        f"lines.{n}.listing": "There is nothing like that on your list."
        for n, line in enumerate(lines)
        if line.listing not in found
    }
    if errors:
        raise Invalid(errors)
    return [
        SaleLine(found[x.listing], _kind(found[x.listing], x.kind), x.quantity, x.empties)
        for x in lines
    ]


def _kind(listing: Listing, said: LineKind) -> LineKind:
    """What is no cylinder is an accessory, whoever calls it new."""
    is_piece = said == LineKind.NEW and not listing.variant.is_cylinder
    return LineKind.ACCESSORY if is_piece else said
