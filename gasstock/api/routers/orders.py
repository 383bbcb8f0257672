"""What buyers order, and how they pay for it."""

from django.shortcuts import get_object_or_404
from ninja import Query, Router
from ninja.responses import Status

from gasstock.accounts.access import authorize
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.api.auth import signed_in
from gasstock.api.document import refuses
from gasstock.api.errors import FieldError, Invalid, Problem, rule_of
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.own import own_order
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.methods import method_of
from gasstock.api.schemas.orders import (
    AskedOrders,
    NewOrder,
    OrderOut,
    Why,
    order_of,
)
from gasstock.api.schemas.payments import NewPayment, PaymentOut, payment_of
from gasstock.billing.errors import NothingToPay
from gasstock.billing.models import Payment
from gasstock.core.paging import newest_first
from gasstock.inventory.models import Listing
from gasstock.orders.errors import (
    KindNotOffered,
    MethodNotTaken,
    NoDelivery,
    NotForSale,
    QuantityOutOfRange,
    ReasonMissing,
    ShortOfStock,
    WrongStatus,
    shortage,
)
from gasstock.orders.models import Fulfilment, LineKind, Order
from gasstock.orders.services.life import call_off_order, cancel_order
from gasstock.orders.services.money import promise_payment
from gasstock.orders.services.placing import Terms, Wanted, place_order

router = Router(tags=["Orders"])


@router.post(
    "orders/", response={201: OrderOut}, operation_id="placeOrder", summary="Place an order"
)
@signed_in
@refuses(ShortOfStock, NotForSale, KindNotOffered, NoDelivery, MethodNotTaken, QuantityOutOfRange)
@idempotent
def place(request: ApiRequest, body: NewOrder) -> Status[OrderOut]:
    """Order things of one station, at today's prices; the stock is held from then on.

    `out-of-stock` names every line that there is too little of.
    """
    found = _listings(body)
    station = next(iter(found.values())).station
    try:
        order = place_order(
            request.user,
            station=station,
            wanted=_wanted(body, found),
            terms=_terms(body, station),
        )
    except ShortOfStock as error:
        raise _short(error, body, found) from error
    return Status(201, _shown(request, order))


@router.get("orders/", response=Listed[OrderOut], operation_id="listOrders", summary="My orders")
@signed_in
def list_orders(
    request: ApiRequest, asked: Query[AskedOrders], paging: Query[Paging]
) -> Listed[OrderOut]:
    """What I ordered, the latest first."""
    rows = Order.objects.of(request.user).for_details()
    if asked.status:
        rows = rows.filter(status=asked.status)
    page = newest_first(rows, paging.cursor, size=paging.limit)
    return listed(OrderOut, page, lambda order: order_of(order, request.user))


@router.get(
    "orders/{slug:number}/", response=OrderOut, operation_id="getOrder", summary="One order"
)
@signed_in
@refuses(404)
def get_order(request: ApiRequest, number: str) -> OrderOut:
    """An order of mine, or of a station whose orders I serve."""
    return _shown(request, _find(request, number, Permission.ORDER_VIEW))


@router.post(
    "orders/{slug:number}/cancel/",
    response=OrderOut,
    operation_id="cancelOrder",
    summary="Cancel an order",
)
@signed_in
@refuses(404, WrongStatus, ReasonMissing)
@idempotent
def cancel(request: ApiRequest, number: str, body: Why | None = None) -> Status[OrderOut]:
    """Its buyer may until it is on the way; the station with a reason, until it is handed over."""
    order = _find(request, number, Permission.ORDER_CANCEL)
    end = cancel_order if order.buyer == request.user else call_off_order
    end(request.user, order=order, reason=body.reason if body else "")
    return Status(200, _shown(request, order))


# --- Payments -----------------------------------------------------------------------------------


@router.post(
    "orders/{slug:number}/payments/",
    response={202: PaymentOut},
    operation_id="payOrder",
    summary="Say how I pay",
)
@signed_in
@refuses(403, 404, MethodNotTaken, NothingToPay)
@idempotent
def pay(request: ApiRequest, number: str, body: NewPayment) -> Status[PaymentOut]:
    """Promise what is due in cash or by bank. It has SUCCEEDED once the station has it."""
    order = own_order(request, number)
    method = method_of(order.station, body.method)
    return Status(202, payment_of(promise_payment(request.user, order=order, method=method)))


@router.get(
    "payments/{int:pk}/", response=PaymentOut, operation_id="getPayment", summary="One payment"
)
@signed_in
@refuses(404)
def get_payment(request: ApiRequest, pk: int) -> PaymentOut:
    payment = get_object_or_404(Payment.objects.select_related("invoice__station"), pk=pk)
    if payment.invoice.buyer_id != request.user.pk:
        authorize(request.user, payment.invoice.station.slug, Permission.INVOICE_VIEW)
    return payment_of(payment)


# ------------------------------------------------------------------------------------------------


def _find(request: ApiRequest, number: str, permission: Permission) -> Order:
    """An order of theirs, or of a station where they hold `permission`."""
    rows = Order.objects.select_related("station", "buyer", "invoice", "rider")
    order = get_object_or_404(rows, number=number)
    if order.buyer != request.user:
        authorize(request.user, order.station.slug, permission)
    return order


def _shown(request: ApiRequest, order: Order) -> OrderOut:
    return order_of(Order.objects.for_details().get(pk=order.pk), request.user)


def _listings(body: NewOrder) -> dict[int, Listing]:
    """What the lines name, by key: all on sale, at one station. Raises Invalid."""
    rows = Listing.objects.on_sale().for_cards().filter(pk__in={x.listing for x in body.lines})
    found = {listing.pk: listing for listing in rows}
    errors = {
        f"lines.{n}.listing": "There is nothing like that on sale."
        for n, line in enumerate(body.lines)
        if line.listing not in found
    }
    if len({listing.station_id for listing in found.values()}) > 1:
        errors["lines"] = "Order of one station at a time."
    if body.fulfilment == Fulfilment.DELIVERY and body.address is None:
        errors["address"] = "Say where to bring it."
    if errors:
        raise Invalid(errors)
    return found


def _wanted(body: NewOrder, found: dict[int, Listing]) -> list[Wanted]:
    """The lines; two of the same thing count as one."""
    sums: dict[tuple[int, LineKind], int] = {}
    for line in body.lines:
        kind = LineKind(line.kind.lower())
        if kind == LineKind.NEW and not found[line.listing].variant.is_cylinder:
            kind = LineKind.ACCESSORY
        sums[line.listing, kind] = sums.get((line.listing, kind), 0) + line.quantity
    return [Wanted(found[pk], kind, quantity) for (pk, kind), quantity in sums.items()]


def _terms(body: NewOrder, station: Station) -> Terms:
    return Terms(
        fulfilment=body.fulfilment,
        payment_method=method_of(station, body.payment_method),
        phone=body.contact_phone,
        district=body.address.district if body.address else "",
        address=body.address.line if body.address else "",
        note=body.note,
    )


def _short(error: ShortOfStock, body: NewOrder, found: dict[int, Listing]) -> Problem:
    """Say beside each line how many there are."""
    errors = [
        FieldError(
            f"lines.{n}.quantity",
            shortage(error.shortages[line.listing], found[line.listing].variant.name),
        )
        for n, line in enumerate(body.lines)
        if line.listing in error.shortages
    ]
    return Problem(409, rule_of(ShortOfStock), str(error), errors=errors)
