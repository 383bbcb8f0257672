"""What a station, or an admin, does with an order."""

from typing import TypedDict

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from ninja.responses import Status

from gasstock.accounts.access import authorize
from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.api.auth import requires, signed_in
from gasstock.api.document import refuses
from gasstock.api.errors import Invalid
from gasstock.api.handing import all_handed, handed_of
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.orders import AskedOrders, OrderOut, order_of
from gasstock.api.schemas.steps import Dispatch, HandOver, Rejection
from gasstock.core.paging import newest_first
from gasstock.delivery.errors import (
    AlreadyDelivered,
    DeliveredOtherwise,
    NotLeftYet,
    NotToDeliver,
    TooMuchToCarry,
)
from gasstock.delivery.runs import seen_by
from gasstock.delivery.services.assigning import send
from gasstock.delivery.services.running import deliver
from gasstock.orders.errors import (
    AboveLimit,
    CodeMissing,
    NothingDelivered,
    OwnOrder,
    QuantityOutOfRange,
    WrongCode,
    WrongStatus,
)
from gasstock.orders.models import Order
from gasstock.orders.services.handover import deliver_order
from gasstock.orders.services.life import approve_order, reject_order

router = Router(tags=["Orders of a station"])


class _Proof(TypedDict):
    code: str
    override_reason: str


@router.get(
    "seller/orders/",
    response=Listed[OrderOut],
    operation_id="listStationOrders",
    summary="What was ordered of the station",
)
@requires(Permission.ORDER_VIEW)
def list_orders(
    request: ApiRequest, asked: Query[AskedOrders], paging: Query[Paging]
) -> Listed[OrderOut]:
    """The latest first; counter sales stand in `sales/`."""
    rows = Order.objects.at(request.station).online().for_details()
    if asked.status:
        rows = rows.filter(status=asked.status)
    page = newest_first(rows, paging.cursor, size=paging.limit)
    return listed(OrderOut, page, lambda order: order_of(order, request.user))


@router.post(
    "orders/{slug:number}/approve/",
    response=OrderOut,
    operation_id="approveOrder",
    summary="Approve an order",
)
@signed_in
@refuses(404, WrongStatus, OwnOrder, AboveLimit)
@idempotent
def approve(request: ApiRequest, number: str) -> Status[OrderOut]:
    """The station up to its limit, an admin above it; nobody their own."""
    order = _find(request.user, number, Permission.ORDER_APPROVE)
    approve_order(request.user, order=order)
    return Status(200, _shown(request, order))


@router.post(
    "orders/{slug:number}/reject/",
    response=OrderOut,
    operation_id="rejectOrder",
    summary="Reject an order",
)
@signed_in
@refuses(404, WrongStatus)
@idempotent
def reject(request: ApiRequest, number: str, body: Rejection) -> Status[OrderOut]:
    """Tell the buyer why not; the stock is free again."""
    order = _find(request.user, number, Permission.ORDER_APPROVE)
    reject_order(request.user, order=order, reason=body.reason)
    return Status(200, _shown(request, order))


@router.post(
    "orders/{slug:number}/dispatch/",
    response=OrderOut,
    operation_id="dispatchOrder",
    summary="Send an order off",
)
@signed_in
@refuses(404, WrongStatus, NotToDeliver, TooMuchToCarry)
@idempotent
def dispatch(request: ApiRequest, number: str, body: Dispatch | None = None) -> Status[OrderOut]:
    """Give an approved delivery to a rider who leaves with it at once."""
    order = _find(request.user, number, Permission.ORDER_DISPATCH)
    rider = _rider(order.station, body.rider) if body and body.rider else request.user
    send(request.user, order=order, rider=rider)
    return Status(200, _shown(request, order))


@router.post(
    "orders/{slug:number}/mark-delivered/",
    response=OrderOut,
    operation_id="markOrderDelivered",
    summary="Hand an order over",
)
@signed_in
@refuses(
    *(404, WrongStatus, WrongCode, CodeMissing, QuantityOutOfRange, NothingDelivered),
    *(NotLeftYet, AlreadyDelivered, DeliveredOtherwise),
)
@idempotent
def mark_delivered(
    request: ApiRequest, number: str, body: HandOver | None = None
) -> Status[OrderOut]:
    """At the door or, what is picked up, at the station: against the code, or a reason why not.

    Riders do so with what they carry. What is missing of the empties is charged.
    """
    order, body = _find(request.user, number, Permission.ORDER_DELIVER), body or HandOver()
    _hand_over(request.user, order, body)
    return Status(200, _shown(request, order))


def _hand_over(user: User, order: Order, body: HandOver) -> None:
    handed = all_handed(order) if body.lines is None else handed_of(order, body.lines)
    proof = _Proof(code=body.code, override_reason=body.override_reason)
    if not order.is_delivery:
        authorize(user, order.station.slug, Permission.ORDER_DISPATCH)
        deliver_order(user, order=order, handed=handed, **proof)
        return
    runs = seen_by(user).filter(order=order).select_related("order__station", "station", "rider")
    run = runs.order_by("pk").last()
    if run is not None:
        deliver(user, delivery=run, handed=handed, **proof)
        return
    authorize(user, order.station.slug, Permission.ORDER_VIEW)
    raise WrongStatus(order)


def _rider(station: Station, pk: int) -> User:
    """Somebody who works there. Raises Invalid."""
    rider = User.objects.filter(pk=pk, memberships__station=station, is_active=True).first()
    if rider is None:
        raise Invalid({"rider": "Nobody like that works at the station."})
    return rider


def _find(user: User, number: str, permission: Permission) -> Order:
    """An order of a station where they hold `permission`; its buyer may only look at it."""
    orders = Order.objects.online().select_related("station", "buyer", "invoice", "rider")
    order = get_object_or_404(orders, number=number)
    try:
        authorize(user, order.station.slug, permission)
    except Http404:
        if order.buyer_id == user.pk:
            raise PermissionDenied from None
        raise
    return order


def _shown(request: ApiRequest, order: Order) -> OrderOut:
    return order_of(Order.objects.for_details().get(pk=order.pk), request.user)
