"""The shop: anyone may browse."""

from collections.abc import Iterable
from decimal import Decimal

from django.shortcuts import get_object_or_404
from ninja import Query, Router

from gasstock.accounts.districts import PROVINCES
from gasstock.accounts.models import Station
from gasstock.api.auth import public
from gasstock.api.http import ApiRequest
from gasstock.api.pagination import Listed, Paging
from gasstock.api.schemas.shop import (
    COLUMNS,
    THING,
    Asked,
    Filters,
    Gas,
    filters_of,
    gas_of,
    gas_of_row,
)
from gasstock.catalog.models import Variant
from gasstock.inventory.models import Listing
from gasstock.orders.facets import EVERYTHING, Facets, load_catalogue, load_facets
from gasstock.orders.shelf import rows_of
from gasstock.orders.wish import ALL, Wish, plain_words

DISTRICTS = [name for names in PROVINCES.values() for name in names]
SORTS = {"weight": "size", "-rating": "rating"}  # what the storefront calls otherwise
# Asked apart, for a database plans two short queries sooner than one with all their joins.
THINGS = Variant.objects.values_list(*THING)

router = Router(tags=["Shop"])


@router.get("gas/", response=Listed[Gas], operation_id="listGas", summary="What is on sale")
@public
def list_gas(request: ApiRequest, asked: Query[Asked], paging: Query[Paging]) -> Listed[Gas]:
    """Everything on sale, as it was asked for, the cheapest first."""
    catalogue = load_catalogue() if asked.names_variants else EVERYTHING
    wish = _wish(asked, catalogue)
    if wish is None:
        return Listed[Gas](items=[], next=None)
    rows, last = rows_of(wish, catalogue, paging.cursor, columns=COLUMNS, size=paging.limit)
    things = {thing[0]: thing for thing in THINGS.filter(pk__in={row[0] for row in rows})}
    return Listed[Gas](items=[gas_of_row(row, things[row[0]]) for row in rows], next=last)


@router.get("gas/{int:pk}/", response=Gas, operation_id="getGas", summary="One listing")
@public
def get_gas(request: ApiRequest, pk: int) -> Gas:
    return gas_of(get_object_or_404(Listing.objects.on_sale().for_cards(), pk=pk))


@router.get("filters/", response=Filters, operation_id="getFilters", summary="What to choose from")
@public
def get_filters(request: ApiRequest) -> Filters:
    """The brands, weights, districts and categories of what is on sale."""
    return filters_of(load_facets())


def _wish(asked: Asked, catalogue: Facets) -> Wish | None:
    """Read what was asked for; None where it names what nobody offers."""
    offered = catalogue.offered
    brand = _named(asked.brand, ((each.brand_slug, each.brand) for each in offered))
    category = _named(asked.category, ((each.category_slug, each.category) for each in offered))
    district = _named(asked.location, ((name, name) for name in DISTRICTS))
    station = Station.objects.selling().filter(slug=asked.station) if asked.station else None
    seller = station.first() if station is not None else None
    is_void = None in (brand, category, district) or asked.max_price == 0
    if is_void or bool(asked.station) != bool(seller):
        return None
    return Wish(
        q=plain_words(asked.q),
        brand=brand or "",
        size_g=_grams(asked.weight),
        category=category or ALL,
        district=district or "",
        station=seller,
        least=asked.min_price,
        most=asked.max_price,
        in_stock=asked.in_stock,
        sort=SORTS.get(asked.ordering, asked.ordering),
    )


def _named(text: str, known: Iterable[tuple[str | None, str | None]]) -> str | None:
    """Return the slug of what is called `text`, by slug or name; None if nothing is."""
    if not text:
        return ""
    wanted = text.strip().casefold()
    return next((slug for slug, name in known if wanted in {str(slug), str(name).casefold()}), None)


def _grams(weight: str) -> int | None:
    digits = weight.lower().removesuffix("kg").strip()
    return round(Decimal(digits) * 1000) if digits else None
