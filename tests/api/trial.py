"""An API with a router of our own, to try what routers stand on."""

from ninja import Query, Router
from ninja.responses import Status

from gasstock.accounts.errors import MemberGone, TooManyAddresses
from gasstock.accounts.models import Address, User
from gasstock.accounts.permissions import Permission
from gasstock.accounts.services import add_address
from gasstock.api.auth import admin_only, requires, signed_in
from gasstock.api.document import refuses
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.main import build
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.base import Amount, In, Money, Out, Quantity, money
from gasstock.api.schemas.session import Place, PlaceOut
from gasstock.api.urls import addresses
from gasstock.core.paging import oldest_first

router = Router(tags=["Trial"])


class Sum(In):
    amount: Amount
    quantity: Quantity


class Result(Out):
    total: Money


def place_of(row: Address) -> PlaceOut:
    return PlaceOut(id=row.pk, label=row.label, district=row.district, line=row.line)


@router.get("places/", response=Listed[PlaceOut], operation_id="listPlaces")
@signed_in
def list_places(request: ApiRequest, paging: Query[Paging]) -> Listed[PlaceOut]:
    page = oldest_first(request.user.addresses.all(), paging.cursor, size=paging.limit)
    return listed(PlaceOut, page, place_of)


@router.post("places/", response={201: PlaceOut}, operation_id="addPlace")
@signed_in
@refuses(TooManyAddresses)
@idempotent
def add_place(request: ApiRequest, body: Place) -> Status[PlaceOut]:
    return Status(201, place_of(add_address(request.user, **body.model_dump())))


@router.post("try/", response={204: None}, operation_id="try")
@signed_in
@idempotent
def count_a_try(request: ApiRequest) -> Status[None]:
    """Leave a trace on purpose, as a wrong code does, and refuse."""
    User.objects.filter(pk=request.user.pk).update(name=f"{request.user.name}!")
    raise MemberGone


@router.post("fail/", response={204: None}, operation_id="fail")
@signed_in
@idempotent
def fail(request: ApiRequest) -> Status[None]:
    User.objects.filter(pk=request.user.pk).update(name="half done")
    raise RuntimeError


@router.post("sum/", response=Result, operation_id="sum")
@signed_in
def add_up(request: ApiRequest, body: Sum) -> Result:
    return Result(total=money(body.amount * body.quantity))


@router.get("here/", response=str, operation_id="here")
@requires(Permission.STOCK_ADJUST)
def here(request: ApiRequest) -> str:
    return request.station.slug


@router.get("throne/", response=str, operation_id="throne")
@admin_only
def throne(request: ApiRequest) -> str:
    return "yours"


urlpatterns = addresses(build(router))
