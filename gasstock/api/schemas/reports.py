from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from gasstock.accounts.models import Station
from gasstock.accounts.scope import Scope
from gasstock.api.figures import Kind, Sums, Transaction
from gasstock.api.schemas.base import Day, Moment, Money, Out, Spoken, money
from gasstock.catalog.models import Variant
from gasstock.core import platform
from gasstock.inventory.models import LowStockAlert
from gasstock.inventory.services.alerts import suggest
from gasstock.inventory.services.shelf import Stand
from gasstock.orders import figures as sales
from gasstock.orders.models import Channel
from gasstock.purchasing import history as purchases

Currency = Annotated[str, Field(examples=["RWF"])]


class Days(BaseModel):
    """Days at the stations, the last one included."""

    first: Day | None = Field(None, alias="from", description="Without it, 29 days before `to`.")
    last: Day | None = Field(None, alias="to", description="Inclusive; without it, today.")


class ByDay(Days):
    group: Literal["day"] = "day"


class ByAnything(Days):
    group: Literal["day", "station", "product"] = "day"


class Best(Days):
    limit: int = Field(10, ge=1, le=100, description="How many.")


class AskedTransactions(BaseModel):
    first: Day | None = Field(None, alias="from")
    last: Day | None = Field(None, alias="to", description="Inclusive.")
    kind: Kind | None = None


class OfDays(Out):
    """Says which days it is about."""

    first: date = Field(serialization_alias="from")
    last: date = Field(serialization_alias="to")
    currency: Currency


# --- What runs low ------------------------------------------------------------------------------


class LowStock(Out):
    """Something whose free ones are down to its reorder level."""

    id: int = Field(description="Of the listing.")
    sku: str
    name: str = Field(examples=["SP 12 kg"])
    station: str = Field(description="Slug.")
    on_hand: int
    reserved: int
    available: int
    empty: int
    reorder_level: int
    suggested: int = Field(description="How many to order.")
    days_of_cover: int | None = Field(
        description="How long they last as sales went; null where nothing was sold lately."
    )
    since: Moment | None = Field(description="When the managers were told; null before.")


def low_stock_of(stand: Stand, alert: LowStockAlert | None) -> LowStock:
    listing, suggestion = stand.listing, suggest(stand.listing, stand=stand)
    return LowStock(
        id=listing.pk,
        sku=listing.variant.sku,
        name=listing.variant.name,
        station=listing.station.slug,
        on_hand=stand.full,
        reserved=stand.held,
        available=stand.free,
        empty=stand.empties,
        reorder_level=listing.reorder_level,
        suggested=suggestion.quantity,
        days_of_cover=suggestion.days,
        since=alert.raised_at if alert else None,
    )


# --- Sales --------------------------------------------------------------------------------------


class Sold(Out):
    """`total` is all that was charged: goods, deposits (less those paid back), delivery."""

    orders: int = Field(description="Orders handed over, and sales at the counter.")
    quantity: int = Field(description="Full cylinders and accessories.")
    goods: Money
    deposits: Money
    delivery: Money
    total: Money


class SoldOn(Sold):
    day: date


class TotalSales(OfDays, Sold):
    """What was handed over on these days, in all and day by day."""

    items: list[SoldOn] = Field(description="Every day, also one without a sale.")


class TopProduct(Out):
    sku: str
    name: str = Field(examples=["SP 12 kg"])
    product: str
    brand: str | None
    quantity: int
    orders: int
    goods: Money = Field(description="What it brought, without deposits and delivery.")


class TopProducts(OfDays):
    items: list[TopProduct]


def total_sales_of(scope: Scope, days: list[tuple[date, sales.Sums]]) -> TotalSales:
    whole = sum((sums for _day, sums in days), sales.Sums())
    return TotalSales(
        first=scope.first,
        last=scope.last,
        currency=platform.current().currency,
        items=[SoldOn(day=day, **dict(sold_of(sums))) for day, sums in days],
        **dict(sold_of(whole)),
    )


def sold_of(sums: sales.Sums) -> Sold:
    return Sold(
        orders=sums.orders,
        quantity=sums.pieces,
        goods=money(sums.goods),
        deposits=money(sums.deposits),
        delivery=money(sums.delivery),
        total=money(sums.total),
    )


def top_products_of(scope: Scope, best: list[tuple[Variant, sales.Sums]]) -> TopProducts:
    return TopProducts(
        first=scope.first,
        last=scope.last,
        currency=platform.current().currency,
        items=[_top_product(variant, sums) for variant, sums in best],
    )


def _top_product(variant: Variant, sums: sales.Sums) -> TopProduct:
    brand = variant.product.brand
    return TopProduct(
        sku=variant.sku,
        name=variant.name,
        product=variant.product.name,
        brand=brand.name if brand else None,
        quantity=sums.pieces,
        orders=sums.orders,
        goods=money(sums.goods),
    )


# --- Sales and purchases ------------------------------------------------------------------------


class TransactionOut(Out):
    """An order that was handed over, a sale at the counter, or what a supplier delivered."""

    kind: Kind
    number: str = Field(description="Of the order, the sale or the goods receipt.")
    at: Moment
    station: str = Field(description="Slug.")
    channel: Annotated[Channel, Spoken] | None = Field(description="Of a sale.")
    party: str = Field(description="Who bought, or the supplier.")
    quantity: int
    amount: Money = Field(description="What was charged, or what it cost.")
    currency: Currency


class Bought(Out):
    receipts: int
    quantity: int
    total: Money


class ReportRow(Out):
    """What was sold and bought on a day, at a station (slug) or of a product (SKU)."""

    key: str = Field(examples=["2026-07-31"])
    name: str
    sales: Sold
    purchases: Bought


class Report(OfDays):
    """Delivery belongs to no product: by product, it is missing from the sums."""

    group: Literal["day", "station", "product"]
    sales: Sold
    purchases: Bought
    items: list[ReportRow]


def transaction_of(row: Transaction) -> TransactionOut:
    return TransactionOut(
        kind=row.kind,
        number=row.number,
        at=row.at,
        station=row.station.slug,
        channel=Channel(row.channel) if row.channel else None,
        party=row.party,
        quantity=row.pieces,
        amount=money(row.amount, row.currency),
        currency=row.currency,
    )


def row_of(key: date | Station | Variant, sums: Sums) -> ReportRow:
    if isinstance(key, date):
        name = word = key.isoformat()
    else:
        name, word = key.name, key.slug if isinstance(key, Station) else key.sku
    return ReportRow(
        key=word, name=name, sales=sold_of(sums.sold), purchases=bought_of(sums.bought)
    )


def bought_of(sums: purchases.Sums) -> Bought:
    return Bought(receipts=sums.receipts, quantity=sums.pieces, total=money(sums.cost))
