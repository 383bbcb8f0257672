"""What a station holds: its inventory, and all that ever moved."""

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
from gasstock.api.schemas.stock import (
    Adjustment,
    Asked,
    Item,
    ItemChange,
    Movement,
    NewItem,
    item_of,
    movement_of,
)
from gasstock.catalog.models import Variant
from gasstock.core.paging import oldest_first
from gasstock.inventory.errors import (
    AlreadyListed,
    HeldForOrders,
    ListingInUse,
    NotSold,
    OutOfStock,
    TooMany,
)
from gasstock.inventory.models import Condition, Listing
from gasstock.inventory.services import listings as services
from gasstock.inventory.services.adjustments import change_stock, conditions_of
from gasstock.inventory.services.alerts import check_levels
from gasstock.inventory.services.log import page_of_log
from gasstock.inventory.services.shelf import with_rest

router = Router(tags=["Inventory"])


@router.get(
    "seller/inventory/",
    response=Listed[Item],
    operation_id="listInventory",
    summary="What the station sells and holds",
)
@requires(Permission.STOCK_VIEW)
def list_inventory(request: ApiRequest, paging: Query[Paging]) -> Listed[Item]:
    listings = Listing.objects.at(request.station).kept().for_cards()
    page = oldest_first(listings, paging.cursor, size=paging.limit)
    stands = with_rest(request.station, page.rows)
    return Listed[Item](items=[item_of(stand) for stand in stands], next=page.next)


@router.post(
    "seller/inventory/",
    response={201: Item},
    operation_id="addInventory",
    summary="Sell something more",
)
@requires(Permission.LISTING_CHANGE)
@refuses(AlreadyListed, NotSold)
@idempotent
def add_inventory(request: ApiRequest, body: NewItem) -> Status[Item]:
    """Put something of the catalogue on the station's list, and open its books."""
    variant = Variant.objects.sold().with_names().filter(sku=body.sku).first()
    if variant is None:
        raise Invalid({"sku": "There is nothing like that in the catalogue."})
    opening = {Condition.FULL: body.opening.full, Condition.EMPTY: body.opening.empty}
    listing = services.create_listing(
        request.user,
        station=request.station,
        variant=variant,
        refill_price=body.refill_price,
        new_price=body.new_price,
        reorder_level=body.reorder_level,
        opening=opening,
        is_published=body.published,
    )
    return Status(201, _item(request.station, listing.pk))


@router.get(
    "seller/inventory/{int:pk}/",
    response=Item,
    operation_id="getInventory",
    summary="One thing that the station sells",
)
@requires(Permission.STOCK_VIEW)
@refuses(404)
def get_inventory(request: ApiRequest, pk: int) -> Item:
    return _item(request.station, pk)


@router.patch(
    "seller/inventory/{int:pk}/",
    response=Item,
    operation_id="changeInventory",
    summary="Change prices, the reorder level, whether buyers see it",
)
@requires(Permission.LISTING_CHANGE)
@refuses(404, NotSold)
def change_inventory(request: ApiRequest, pk: int, body: ItemChange) -> Item:
    """Orders placed before keep their prices."""
    sent = body.model_dump(exclude_unset=True)
    published = sent.pop("published", None)
    listing = _listing(request.station, pk)
    services.revise_listing(request.user, listing=listing, is_published=published, **sent)
    return _item(request.station, pk)


@router.delete(
    "seller/inventory/{int:pk}/",
    response={204: None},
    operation_id="retireInventory",
    summary="Sell it no longer",
)
@requires(Permission.LISTING_CHANGE)
@refuses(404, ListingInUse)
def retire_inventory(request: ApiRequest, pk: int) -> Status[None]:
    """Refused while there is stock of it, in any condition, or an order holds some."""
    services.retire_listing(request.user, listing=_listing(request.station, pk))
    return Status(204, None)


@router.post(
    "seller/inventory/{int:pk}/adjust/",
    response=Item,
    operation_id="adjustInventory",
    summary="Put the books right",
)
@requires(Permission.STOCK_ADJUST)
@refuses(404, OutOfStock, HeldForOrders, TooMany)
@idempotent
def adjust_inventory(request: ApiRequest, pk: int, body: Adjustment) -> Status[Item]:
    """Add what was found, or take off what is gone, with a reason that stays in the books."""
    listing = _listing(request.station, pk)
    if body.condition not in conditions_of(listing.variant):
        raise Invalid({"condition": "An accessory is only ever FULL."})
    change_stock(
        request.user,
        listing=listing,
        condition=body.condition,
        change=body.quantity,
        reason=body.reason,
    )
    check_levels(request.station)
    return Status(200, _item(request.station, pk))


@router.get(
    "stock/movements/",
    response=Listed[Movement],
    operation_id="listMovements",
    summary="All that moved, newest first",
)
@requires(Permission.STOCK_VIEW)
def list_movements(
    request: ApiRequest, asked: Query[Asked], paging: Query[Paging]
) -> Listed[Movement]:
    """The ledger of the station, which nobody changes; what has no such code never moved."""
    variant = Variant.objects.filter(sku__iexact=asked.sku).first() if asked.sku else None
    if asked.sku and variant is None:
        return Listed[Movement](items=[], next=None)
    wanted = asked.wanted(variant.pk if variant else None)
    page = page_of_log(request.station, wanted, paging.cursor, size=paging.limit)
    return listed(Movement, page, movement_of)


def _item(station: Station, pk: int) -> Item:
    [stand] = with_rest(station, [_listing(station, pk)])
    return item_of(stand)


def _listing(station: Station, pk: int) -> Listing:
    return get_object_or_404(Listing.objects.at(station).kept().for_cards(), pk=pk)
