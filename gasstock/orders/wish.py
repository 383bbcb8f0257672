"""What a visitor of the storefront looks for, read off the address and put into words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.http import QueryDict
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station
from gasstock.core.money import NBSP, NotMoney, format_money, parse_money
from gasstock.orders.facets import Facets, Offered, size_group

ALL = "all"


def sort_names() -> dict[str, str]:
    return {
        "price": _("Cheapest first"),
        "-price": _("Dearest first"),
        "size": _("Smallest first"),
        "name": _("By name"),
        "rating": _("Best rated"),
    }


@dataclass(frozen=True)
class Wish:
    """What a visitor looks for; amounts in minor units.

    `size` is one that people ask for ("12" finds 13 kg too), `size_g` just these grams.
    """

    q: str = ""
    brand: str = ""
    size: str = ""
    size_g: int | None = None
    category: str = ""
    district: str = ""
    station: Station | None = None
    least: int | None = None
    most: int | None = None
    in_stock: bool = False
    is_open: bool = False
    delivers: bool = False
    sort: str = "price"

    @classmethod
    def read(cls, params: Mapping[str, str], facets: Facets) -> Self:
        """Read an address; what we do not know or understand is left out, never refused."""

        def known(name: str, values: Iterable[str | None]) -> str:
            value = params.get(name, "")
            return value if value in set(values) else ""

        return cls(
            q=plain_words(params.get("q", "")),
            brand=known("brand", (each.brand_slug for each in facets.brands)),
            size=_size_asked(params.get("size", ""), facets),
            category=known("category", [ALL, *(each.category_slug for each in facets.offered)]),
            district=known("district", facets.districts),
            station=_station(params.get("station", "")),
            least=_amount(params.get("min", "")),
            most=_amount(params.get("max", "")),
            in_stock="in_stock" in params,
            is_open="open" in params,
            delivers="delivers" in params,
            sort=known("sort", sort_names()) or "price",
        )

    @cached_property
    def query(self) -> QueryDict:
        """What an address says to ask for just this."""
        query = QueryDict(mutable=True)
        values = {
            "q": self.q,
            "brand": self.brand,
            "size": self.size,
            "category": self.category,
            "district": self.district,
            "station": self.station.slug if self.station else "",
            "min": str(self.least or ""),
            "max": str(self.most or ""),
            "in_stock": "on" * self.in_stock,
            "open": "on" * self.is_open,
            "delivers": "on" * self.delivers,
            "sort": self.sort if self.sort != "price" else "",
        }
        query.update({name: value for name, value in values.items() if value})
        return query

    @property
    def is_narrow(self) -> bool:
        """Whether anything was asked for at all."""
        return self != Wish(sort=self.sort)

    @property
    def is_gas_only(self) -> bool:
        """Hoses are not what people come for: they show when asked for."""
        return not (self.category or self.q or self.station)


def plain_words(text: str) -> str:
    """Return what can be searched for: words, without what does not print."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text[:200])
    return " ".join(shown.split())[:60]


def _station(slug: str) -> Station | None:
    good = slug.isascii() and slug.replace("-", "").replace("_", "").isalnum()
    return Station.objects.selling().filter(slug=slug).first() if good and len(slug) <= 60 else None


def _size_asked(text: str, facets: Facets) -> str:
    digits = text.replace(".", "", 1)
    if not (digits.isascii() and digits.isdigit() and len(text) <= 6):
        return ""
    group = size_group(int(float(text) * 1000))
    return group if any(each.group == group for each in facets.offered) else ""


def _amount(text: str) -> int | None:
    try:
        amount = parse_money(text[:30])
    except NotMoney:
        return None
    return amount if 0 < amount < 2**31 else None


# --- In words ---------------------------------------------------------------------------------


def describe(wish: Wish, facets: Facets) -> str:
    """Name what was asked for: “SP, 12–13 kg, in Gasabo”."""
    brands = {each.brand_slug: each.brand for each in facets.brands}
    categories = {each.category_slug: each.category for each in facets.offered}
    sizes = {size.group: size.label for size in facets.sizes}
    parts = [
        f"“{wish.q}”" if wish.q else "",
        str(wish.station or ""),
        brands.get(wish.brand) or "",
        sizes.get(wish.size, f"{wish.size}{NBSP}kg") if wish.size else "",
        categories.get(wish.category, ""),
        _("in %(district)s") % {"district": wish.district} if wish.district else "",
        _("from %(money)s") % {"money": format_money(wish.least)} if wish.least else "",
        _("up to %(money)s") % {"money": format_money(wish.most)} if wish.most else "",
    ]
    return ", ".join(part for part in parts if part)


def instead(wish: Wish, facets: Facets) -> Offered | None:
    """The nearest thing that exists: the same size, else the same brand, else the cheapest."""
    likeness: Counter[Offered] = Counter()
    for each in facets.offered:
        if each.size_g and each.brand:
            likeness[each] = 2 * (each.group == wish.size) + (each.brand_slug == wish.brand)
    best = max(likeness.values(), default=0)
    nearest = [each for each, points in likeness.items() if points == best]
    return min(nearest, key=lambda each: each.price, default=None)
