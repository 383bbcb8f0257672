"""The rider's deliveries."""

from django.shortcuts import get_object_or_404
from ninja import Query, Router
from ninja.responses import Status

from gasstock.accounts.access import authorize
from gasstock.accounts.permissions import Permission
from gasstock.api.auth import signed_in
from gasstock.api.document import refuses
from gasstock.api.handing import handed_of
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.deliveries import (
    AskedDeliveries,
    Delivered,
    DeliveryOut,
    Failed,
    delivery_of,
)
from gasstock.core.paging import newest_first
from gasstock.delivery.errors import (
    AlreadyDelivered,
    CashAboveBill,
    DeliveredOtherwise,
    DeliveryIsAlready,
    NotLeftYet,
    WithAnotherRider,
)
from gasstock.delivery.models import Delivery
from gasstock.delivery.runs import seen_by, whole
from gasstock.delivery.services import running
from gasstock.orders.errors import (
    CodeMissing,
    NothingDelivered,
    QuantityOutOfRange,
    WrongCode,
)

router = Router(tags=["Deliveries"])


@router.get(
    "deliveries/",
    response=Listed[DeliveryOut],
    operation_id="listDeliveries",
    summary="My deliveries",
)
@signed_in
@refuses(404)
def list_deliveries(
    request: ApiRequest, asked: Query[AskedDeliveries], paging: Query[Paging]
) -> Listed[DeliveryOut]:
    """What I bring or brought, and all of a station whose orders I serve; the latest first."""
    rows = seen_by(request.user)
    if asked.station:
        rows = rows.at(authorize(request.user, asked.station, Permission.ORDER_DELIVER))
    if asked.status:
        rows = rows.filter(status=asked.status)
    if asked.waiting:
        rows = rows.waiting()
    return listed(
        DeliveryOut, newest_first(whole(rows), paging.cursor, size=paging.limit), delivery_of
    )


@router.get(
    "deliveries/{int:pk}/",
    response=DeliveryOut,
    operation_id="getDelivery",
    summary="One delivery",
)
@signed_in
@refuses(404)
def get_delivery(request: ApiRequest, pk: int) -> DeliveryOut:
    return delivery_of(_find(request, pk))


@router.post(
    "deliveries/{int:pk}/depart/",
    response=DeliveryOut,
    operation_id="depart",
    summary="Leave with it",
)
@signed_in
@refuses(404, DeliveryIsAlready, WithAnotherRider)
@idempotent
def depart(request: ApiRequest, pk: int) -> Status[DeliveryOut]:
    """The gas goes from the station to the rider, and the buyer is told."""
    delivery = _find(request, pk)
    station, rider = delivery.station, delivery.rider
    if rider != request.user:
        authorize(request.user, station.slug, Permission.ORDER_DISPATCH)
    running.depart(request.user, station=station, rider=rider, deliveries=[delivery])
    return Status(200, delivery_of(_find(request, pk)))


@router.post(
    "deliveries/{int:pk}/deliver/",
    response=DeliveryOut,
    operation_id="deliver",
    summary="Hand it over",
)
@signed_in
@refuses(
    *(404, NotLeftYet, DeliveryIsAlready, AlreadyDelivered, DeliveredOtherwise),
    *(WrongCode, CodeMissing, QuantityOutOfRange, NothingDelivered, CashAboveBill),
)
@idempotent
def deliver(request: ApiRequest, pk: int, body: Delivered) -> Status[DeliveryOut]:
    """Against the buyer's code: gas to the buyer, empties back, cash into the rider's pocket.

    Of a line that is not named, nothing was handed over. A missing empty is charged. Cash above
    the bill is the buyer's credit; it must be confirmed.
    """
    delivery = _find(request, pk)
    running.deliver(
        request.user,
        delivery=delivery,
        handed=handed_of(delivery.order, body.lines),
        code=body.code,
        override_reason=body.override_reason,
        cash=body.cash,
        confirm_over=body.confirm_over,
    )
    return Status(200, delivery_of(_find(request, pk)))


@router.post(
    "deliveries/{int:pk}/fail/",
    response=DeliveryOut,
    operation_id="failDelivery",
    summary="It could not be handed over",
)
@signed_in
@refuses(404, NotLeftYet, DeliveryIsAlready)
@idempotent
def fail(request: ApiRequest, pk: int, body: Failed) -> Status[DeliveryOut]:
    """The gas stays with the rider; the buyer is asked when to come again."""
    delivery = _find(request, pk)
    running.fail(
        request.user,
        delivery=delivery,
        failure=body.reason,
        note=body.note,
        goes_back=body.goes_back,
    )
    return Status(200, delivery_of(_find(request, pk)))


def _find(request: ApiRequest, pk: int) -> Delivery:
    return get_object_or_404(whole(seen_by(request.user)), pk=pk)
