"""What runs low, what sells, and what was sold and bought."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ninja import Query, Router

from gasstock.accounts.permissions import Permission
from gasstock.accounts.scope import Scope
from gasstock.api import figures
from gasstock.api.auth import requires_somewhere
from gasstock.api.errors import Invalid
from gasstock.api.http import ApiRequest
from gasstock.api.pagination import Listed, Paging
from gasstock.api.schemas.reports import (
    AskedTransactions,
    Best,
    ByAnything,
    ByDay,
    Days,
    LowStock,
    Report,
    TopProducts,
    TotalSales,
    TransactionOut,
    bought_of,
    low_stock_of,
    row_of,
    sold_of,
    top_products_of,
    total_sales_of,
    transaction_of,
)
from gasstock.core import clock, platform
from gasstock.core.fields import FIRST_DAY, LAST_DAY
from gasstock.core.paging import oldest_first
from gasstock.inventory.models import Listing, LowStockAlert
from gasstock.inventory.services.shelf import with_rest_anywhere
from gasstock.orders import figures as sales

MOST_DAYS = 366
USUAL_DAYS = 30
SUMS: dict[str, Callable[[Scope], list[tuple[Any, figures.Sums]]]] = {
    "day": figures.by_day,
    "station": figures.by_station,
    "product": figures.by_variant,
}

router = Router(tags=["Dashboard and transactions"])


@router.get(
    "dashboard/low-stock/",
    response=Listed[LowStock],
    operation_id="listLowStock",
    summary="What runs low",
)
@requires_somewhere(Permission.STOCK_VIEW)
def list_low_stock(request: ApiRequest, paging: Query[Paging]) -> Listed[LowStock]:
    """What fell to its reorder level, as it is now, with how many to order."""
    low = Listing.objects.low().for_cards()
    if request.stations is not None:
        low = low.filter(station__in=request.stations)
    page = oldest_first(low, paging.cursor, size=paging.limit)
    alerts = LowStockAlert.objects.open().filter(listing__in=page.rows)
    raised = {alert.listing_id: alert for alert in alerts}
    stands = with_rest_anywhere(page.rows)
    items = [low_stock_of(stand, raised.get(stand.listing.pk)) for stand in stands]
    return Listed[LowStock](items=items, next=page.next)


@router.get(
    "dashboard/total-sales/",
    response=TotalSales,
    by_alias=True,
    operation_id="getTotalSales",
    summary="What was sold",
)
@requires_somewhere(Permission.REPORT_VIEW)
def get_total_sales(request: ApiRequest, asked: Query[ByDay]) -> TotalSales:
    """Orders handed over and counter sales, in all and by day. At most 366 days."""
    scope = _scope(request, asked)
    return total_sales_of(scope, figures.sales_by_day(scope))


@router.get(
    "dashboard/top-products/",
    response=TopProducts,
    by_alias=True,
    operation_id="getTopProducts",
    summary="What sells best",
)
@requires_somewhere(Permission.REPORT_VIEW)
def get_top_products(request: ApiRequest, asked: Query[Best]) -> TopProducts:
    """What most pieces were sold of, counted as in `dashboard/total-sales/`."""
    scope = _scope(request, asked)
    return top_products_of(scope, sales.top_variants(scope, size=asked.limit))


@router.get(
    "transactions/",
    response=Listed[TransactionOut],
    operation_id="listTransactions",
    summary="Sales and purchases",
)
@requires_somewhere(Permission.REPORT_VIEW)
def list_transactions(
    request: ApiRequest, asked: Query[AskedTransactions], paging: Query[Paging]
) -> Listed[TransactionOut]:
    """What was handed over, sold at the counter and received from suppliers, the latest first."""
    scope = Scope(asked.first or FIRST_DAY, asked.last or LAST_DAY, request.stations)
    page = figures.transactions(scope, asked.kind, paging.cursor, size=paging.limit)
    return Listed[TransactionOut](items=[transaction_of(row) for row in page.rows], next=page.next)


@router.get(
    "transactions/report/",
    response=Report,
    by_alias=True,
    operation_id="reportTransactions",
    summary="Sales and purchases in sums",
)
@requires_somewhere(Permission.REPORT_VIEW)
def report_transactions(request: ApiRequest, asked: Query[ByAnything]) -> Report:
    """By day, station or product; only where something was sold or bought. At most 366 days."""
    scope = _scope(request, asked)
    rows = SUMS[asked.group](scope)
    # An order of two products is one order, and its fee is of none of them.
    parts = figures.by_station(scope) if asked.group == "product" else rows
    whole = sum((sums for _key, sums in parts), figures.NOTHING)
    return Report(
        first=scope.first,
        last=scope.last,
        currency=platform.current().currency,
        group=asked.group,
        sales=sold_of(whole.sold),
        purchases=bought_of(whole.bought),
        items=[row_of(key, sums) for key, sums in rows],
    )


def _scope(request: ApiRequest, asked: Days) -> Scope:
    """Which days at which stations are meant. Raises Invalid."""
    last = asked.last or clock.today()
    first = asked.first or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        raise Invalid({"to": "It ends before it begins."})
    if (last - first).days >= MOST_DAYS:
        raise Invalid({"to": f"At most {MOST_DAYS} days at once."})
    return Scope(first, last, request.stations)
