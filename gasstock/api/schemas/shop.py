from typing import Any, Literal

from pydantic import BaseModel, Field

from gasstock.api.schemas.base import Amount, Money, Out, money, money_or_none
from gasstock.core import platform
from gasstock.inventory.models import Listing
from gasstock.orders.facets import Facets

Ordering = Literal["price", "-price", "weight", "name", "-rating"]


class Asked(BaseModel):
    """What to look for. What nobody offers finds nothing."""

    q: str = Field("", max_length=200, description="Words of the thing, the station or the place.")
    brand: str = Field("", max_length=40, description="Name or slug.", examples=["sp"])
    weight: str = Field(
        "", pattern=r"^[0-9]{1,3}(\.[0-9]{1,3})? ?([kK][gG])?$", examples=["6", "6kg"]
    )
    location: str = Field("", max_length=40, description="A district.", examples=["Gasabo"])
    station: str = Field("", max_length=60, description="Slug.")
    category: str = Field("", max_length=40, description="Name or slug.")
    min_price: Amount | None = None
    max_price: Amount | None = None
    in_stock: bool = False
    ordering: Ordering = "price"

    @property
    def names_variants(self) -> bool:
        """Whether the catalogue must be looked at to know what is meant."""
        return bool(self.brand or self.weight or self.category or self.q)


class Seller(Out):
    slug: str
    name: str
    district: str
    rating: float | None = Field(description="1 to 5; null while nobody rated.", examples=[4.6])


class Gas(Out):
    """A listing: one size of a product at one station. Prices are for one."""

    id: int
    sku: str
    name: str = Field(examples=["SP 12 kg"])
    product: str
    brand: str | None
    weight_kg: float | None = Field(description="Null for what is no cylinder.", examples=[12])
    category: str
    attributes: dict[str, Any]
    refill_price: Money = Field(description="For a full one in exchange for an empty one.")
    new_price: Money | None = Field(description="Gas without an empty; the deposit comes on top.")
    deposit: Money
    currency: str = Field(examples=["RWF"])
    available: int
    station: Seller
    image: str | None = None


class Choice(Out):
    slug: str
    name: str


class Filters(Out):
    """What there is to choose from in `gas/`."""

    brands: list[Choice]
    weights: list[float]
    districts: list[str]
    categories: list[Choice]


# What is read of a variant and of a listing, in the order in which `gas_of_row` takes it.
THING = (
    "pk",
    "sku",
    "name",
    "product__name",
    "product__brand__name",
    "size_g",
    "product__category__name",
    "attributes",
    "deposit",
)
COLUMNS = (
    "variant_id",
    "pk",
    "refill_price",
    "new_price",
    "full__on_hand",
    "full__reserved",
    "station__slug",
    "station__name",
    "station__district",
    "station__rating_average",
)


def gas_of_row(row: tuple[Any, ...], thing: tuple[Any, ...]) -> Gas:
    """Write a listing from its COLUMNS, and the THING that it sells."""
    _variant, pk, refill, new, on_hand, reserved, slug, station, district, rating = row
    _pk, sku, name, product, brand, size, category, attributes, deposit = thing
    currency = platform.current().currency
    return Gas(
        id=pk,
        sku=sku,
        name=name,
        product=product,
        brand=brand,
        weight_kg=_kilograms(size),
        category=category,
        attributes=attributes,
        refill_price=money(refill, currency),
        new_price=money_or_none(new, currency),
        deposit=money(deposit, currency),
        currency=currency,
        available=max(0, on_hand - reserved),
        station=Seller(
            slug=slug, name=station, district=district, rating=rating / 10 if rating else None
        ),
    )


def gas_of(listing: Listing) -> Gas:
    """Write a listing that was read with `for_cards`."""
    variant, station, full = listing.variant, listing.station, listing.full
    brand = variant.product.brand
    return gas_of_row(
        (
            *(variant.pk, listing.pk, listing.refill_price, listing.new_price),
            *(full.on_hand, full.reserved),
            *(station.slug, station.name, station.district, station.rating_average),
        ),
        (
            *(variant.pk, variant.sku, variant.name, variant.product.name),
            *(brand.name if brand else None, variant.size_g, variant.product.category.name),
            *(variant.attributes, variant.deposit),
        ),
    )


def filters_of(facets: Facets) -> Filters:
    sizes = {each.size_g for each in facets.offered if each.size_g}
    categories = {each.category_slug: each.category for each in facets.offered}
    return Filters(
        brands=[Choice(slug=str(each.brand_slug), name=str(each.brand)) for each in facets.brands],
        weights=[size / 1000 for size in sorted(sizes)],
        districts=facets.districts,
        categories=[Choice(slug=slug, name=name) for slug, name in sorted(categories.items())],
    )


def _kilograms(size_g: int | None) -> float | None:
    return None if size_g is None else size_g / 1000
