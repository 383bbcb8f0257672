"""What there is to choose from on the storefront: brands, sizes, categories, districts.

Nothing here counts or caches: it is read off the catalogue, one look into an index per variant.
"""

from dataclasses import dataclass
from functools import cached_property

from django.db.models import OuterRef, Subquery, Value

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core.money import NBSP
from gasstock.inventory.models import Listing

SIZES_SHOWN = 7
TWELVE = (12_000, 13_999)  # grams


def size_group(size_g: int) -> str:
    """Return the size as people ask for it: one who wants 12 kg takes a 13 kg cylinder too."""
    return "12" if TWELVE[0] <= size_g <= TWELVE[1] else f"{size_g / 1000:g}"


@dataclass(frozen=True)
class Offered:
    """A variant that some station sells, and its lowest price (minor units)."""

    pk: int
    name: str
    product: str
    size_g: int | None
    deposit: int
    price: int
    brand: str | None
    brand_slug: str | None
    colour: str | None
    category: str
    category_slug: str
    position: int

    @property
    def group(self) -> str:
        return "" if self.size_g is None else size_group(self.size_g)


@dataclass(frozen=True)
class Size:
    """Cylinders that are asked for as one size."""

    group: str
    least_g: int
    most_g: int
    price: int
    colour: str

    @property
    def label(self) -> str:
        least, most = f"{self.least_g / 1000:g}", f"{self.most_g / 1000:g}"
        return f"{least}{NBSP}kg" if least == most else f"{least}–{most}{NBSP}kg"


@dataclass(frozen=True)
class Facets:
    """What there is to choose from, in everything that is on sale."""

    offered: list[Offered]
    districts: list[str]
    is_whole: bool = False  # so no listing is of anything else

    @cached_property
    def by_pk(self) -> dict[int, Offered]:
        return {each.pk: each for each in self.offered}

    @cached_property
    def brands(self) -> list[Offered]:
        named = {each.brand_slug: each for each in self.offered if each.brand and each.size_g}
        return sorted(named.values(), key=lambda each: str(each.brand))

    @cached_property
    def categories(self) -> list[Offered]:
        """The shelves beside the gas itself."""
        named = {each.category_slug: each for each in self.offered if each.size_g is None}
        return sorted(named.values(), key=lambda each: (each.position, each.category))

    @cached_property
    def sizes(self) -> list[Size]:
        """The sizes most brands offer, each in the colour of another brand where there are any."""
        groups: dict[str, list[Offered]] = {}
        for each in self.offered:
            if each.group:
                groups.setdefault(each.group, []).append(each)
        common = sorted(groups, key=lambda name: (-len(groups[name]), float(name)))[:SIZES_SHOWN]
        sizes: list[Size] = []
        for name in sorted(common, key=float):
            sizes.append(_size(name, groups[name], {size.colour for size in sizes}))
        return sizes

    @cached_property
    def cheapest_gas(self) -> int:
        return min((each.price for each in self.offered if each.size_g), default=0)

    @cached_property
    def ceilings(self) -> list[int]:
        """Three round amounts to choose a highest price from."""
        prices = sorted({each.price for each in self.offered if each.size_g})
        picked = {_round_up(prices[len(prices) * part // 4]) for part in (1, 2, 3) if prices}
        return sorted(picked)


def _size(name: str, members: list[Offered], taken: set[str]) -> Size:
    colours = [each.colour or "grey" for each in sorted(members, key=lambda each: each.price)]
    sizes = [each.size_g for each in members if each.size_g]
    colour = next((colour for colour in colours if colour not in taken), colours[0])
    return Size(name, min(sizes), max(sizes), min(each.price for each in members), colour)


def _round_up(amount: int) -> int:
    """Two leading figures: 20,400 becomes 21,000."""
    step = 10 ** max(len(str(amount)) - 2, 0)
    return -(-amount // step) * step


EVERYTHING = Facets([], [], is_whole=True)  # for who does not ask for anything by its name


def load_catalogue() -> Facets:
    """Read what could be offered, in one query; prices and districts would cost more."""
    variants = Variant.objects.values_list(
        "pk",
        "name",
        "product__name",
        "size_g",
        "deposit",
        Value(0),
        "product__brand__name",
        "product__brand__slug",
        "product__brand__colour",
        "product__category__name",
        "product__category__slug",
        "product__category__position",
    )
    return Facets([Offered(*row) for row in variants], [], is_whole=True)


def load_facets() -> Facets:
    """Read what is offered and where, in one query (the districts ride along as rows)."""
    cheapest = Listing.objects.on_sale().filter(variant=OuterRef("pk")).order_by("refill_price")
    variants = Variant.objects.values_list(
        "pk",
        "name",
        "product__name",
        "size_g",
        "deposit",
        Subquery(cheapest.values("refill_price")[:1]),
        "product__brand__name",
        "product__brand__slug",
        "product__brand__colour",
        "product__category__name",
        "product__category__slug",
        "product__category__position",
    )
    number, text = Value(0), Value("")
    districts = Station.objects.selling().values_list(
        number, "district", text, number, number, number, *[text] * 5, number
    )
    rows = list(variants.union(districts.distinct(), all=True))
    offered = [Offered(*row) for row in rows if row[0] and row[5] is not None]
    return Facets(offered, sorted(row[1] for row in rows if not row[0]))
