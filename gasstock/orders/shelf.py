"""The storefront's shelf: what there is to look for, and the page of what was found.

Nothing here counts or caches. What there is to choose from is read off the catalogue, one look
into an index per variant; a page starts where the one before it ended.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from functools import cached_property
from typing import Any, Self

from django.core import signing
from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.core.money import NBSP, NotMoney, format_money, parse_money
from gasstock.inventory.models import Listing

PAGE = 24
FEW = 5  # from here on a card says how many are left
WORDS = 5
SIZES_SHOWN = 7
ALL = "all"

# What a page is ordered by: fields, and whether the figure falls. The key makes it unambiguous.
SORTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "price": (("refill_price", False), ("pk", False)),
    "-price": (("refill_price", True), ("pk", True)),
    "size": (("variant__size_g", False), ("refill_price", False), ("pk", False)),
    "name": (("variant__name", False), ("refill_price", False), ("pk", False)),
    "rating": (("station__rating_average", True), ("refill_price", False), ("pk", False)),
}


# --- What there is to choose from -------------------------------------------------------------


def size_group(size_g: int) -> str:
    """Return the size as people ask for it: one who wants 12 kg takes a 13 kg cylinder too."""
    return "12" if 12_000 <= size_g < 14_000 else f"{size_g / 1000:g}"


@dataclass(frozen=True)
class Offered:
    """A variant that some station sells, and its lowest price (minor units)."""

    size_g: int | None
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


def load_facets() -> Facets:
    """Read what is offered and where, in one query (the districts ride along as rows)."""
    cheapest = Listing.objects.on_sale().filter(variant=OuterRef("pk")).order_by("refill_price")
    nothing = Value(None, output_field=IntegerField())
    rows = Variant.objects.values_list(
        "size_g",
        Subquery(cheapest.values("refill_price")[:1]),
        "product__brand__name",
        "product__brand__slug",
        "product__brand__colour",
        "product__category__name",
        "product__category__slug",
        "product__category__position",
    ).union(
        Station.objects.selling().values_list(
            nothing, nothing, "district", Value(""), Value(""), Value(""), Value(""), nothing
        )
    )
    offered, districts = [], []
    for row in rows:
        if row[7] is None:
            districts.append(row[2])
        elif row[1] is not None:
            offered.append(Offered(*row))
    return Facets(offered, sorted(districts))


# --- What somebody looks for ------------------------------------------------------------------


@dataclass(frozen=True)
class Wish:
    """What a visitor looks for. What we do not know or understand is left out, never refused."""

    q: str = ""
    brand: str = ""
    size: str = ""
    category: str = ""
    district: str = ""
    station: str = ""
    least: int | None = None
    most: int | None = None
    in_stock: bool = False
    is_open: bool = False
    delivers: bool = False
    sort: str = "price"

    @classmethod
    def read(cls, params: Mapping[str, str], facets: Facets) -> Self:
        def known(name: str, values: Iterable[str | None]) -> str:
            value = params.get(name, "")
            return value if value in set(values) else ""

        return cls(
            q=_words(params.get("q", "")),
            brand=known("brand", (each.brand_slug for each in facets.brands)),
            size=_size_asked(params.get("size", ""), facets),
            category=known("category", [ALL, *(each.category_slug for each in facets.offered)]),
            district=known("district", facets.districts),
            station=_slug(params.get("station", "")),
            least=_amount(params.get("min", "")),
            most=_amount(params.get("max", "")),
            in_stock="in_stock" in params,
            is_open="open" in params,
            delivers="delivers" in params,
            sort=known("sort", SORTS) or "price",
        )

    @property
    def is_narrow(self) -> bool:
        """Whether anything was asked for at all."""
        return self != Wish(sort=self.sort)

    @property
    def is_gas_only(self) -> bool:
        """Hoses are not what people come for: they show when asked for."""
        return not (self.category or self.q or self.station)


def _words(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text[:200])
    return " ".join(shown.split())[:60]


def _slug(text: str) -> str:
    good = text.isascii() and text.replace("-", "").replace("_", "").isalnum()
    return text if good and len(text) <= 60 else ""


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


# --- What is found ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Opening:
    """Whether a station is open, and the words for it."""

    is_open: bool
    text: str


def opening(opens_at: time, closes_at: time) -> Opening:
    """Say when a station opens or closes next, by the clock of its country."""
    now = timezone.localtime(clock.now()).time()
    if opens_at == closes_at:
        return Opening(True, _("Open day and night"))
    by_day = opens_at < closes_at
    after, before = now >= opens_at, now < closes_at
    if (after and before) if by_day else (after or before):
        return Opening(True, _("Open until %(time)s") % {"time": f"{closes_at:%H:%M}"})
    words = _("Opens %(time)s tomorrow") if by_day and after else _("Opens %(time)s")
    return Opening(False, words % {"time": f"{opens_at:%H:%M}"})


@dataclass(frozen=True)
class Card:
    """One listing as the storefront shows it. Prices in minor units."""

    pk: int
    price: int
    new_price: int | None
    deposit: int
    name: str
    size_g: int | None
    colour: str | None
    part: str
    station: str
    district: str
    opens_at: time
    closes_at: time
    delivers: bool
    fee: int
    rating_sum: int
    rating_count: int
    on_hand: int
    reserved: int
    keys: tuple[Any, ...] = field(default=(), compare=False)

    @property
    def url(self) -> str:
        return reverse("shop:listing", args=[self.pk])

    @property
    def left(self) -> int:
        return max(0, self.on_hand - self.reserved)

    @property
    def is_few(self) -> bool:
        return 0 < self.left <= FEW

    @cached_property
    def opening(self) -> Opening:
        return opening(self.opens_at, self.closes_at)

    @property
    def kind(self) -> str:
        return "accessory" if self.size_g is None else "exchange"

    @property
    def price_with_new(self) -> int | None:
        return None if self.new_price is None else self.new_price + self.deposit

    @property
    def rating(self) -> float | None:
        return self.rating_sum / self.rating_count if self.rating_count else None


COLUMNS = {
    "price": F("refill_price"),
    "deposit": F("variant__deposit"),
    "name": F("variant__name"),
    "size_g": F("variant__size_g"),
    "colour": F("variant__product__brand__colour"),
    "part": F("variant__product__category__slug"),
    "station": F("station__name"),
    "district": F("station__district"),
    "opens_at": F("station__opens_at"),
    "closes_at": F("station__closes_at"),
    "delivers": F("station__delivers"),
    "fee": F("station__delivery_fee"),
    "rating_sum": F("station__rating_sum"),
    "rating_count": F("station__rating_count"),
    "on_hand": F("full__on_hand"),
    "reserved": F("full__reserved"),
}


@dataclass(frozen=True)
class Shelf:
    """A page of cards, and the cursor of the page after it (None at the end)."""

    cards: list[Card]
    next: str | None


def find(wish: Wish, facets: Facets, cursor: str) -> Shelf:
    """Return up to 24 cards after `cursor`; a cursor that is not ours starts over."""
    keys = SORTS[wish.sort]
    rows = _matching(wish, facets).filter(_after(keys, _read_cursor(cursor, wish.sort)))
    cards = _cards(rows.order_by(*(_rule(*key) for key in keys))[: PAGE + 1], wish.sort)
    more = len(cards) > PAGE
    last = _write_cursor(wish.sort, cards[PAGE - 1].keys) if more else None
    return Shelf(cards[:PAGE], last)


def card_of(listing: Listing) -> Card:
    return _cards(Listing.objects.filter(pk=listing.pk), "price")[0]


def _cards(rows: QuerySet[Listing], sort: str) -> list[Card]:
    columns = {f"key_{place}": F(name) for place, (name, _falls) in enumerate(SORTS[sort])}
    found = []
    for row in rows.values("pk", "new_price", **COLUMNS, **columns):
        keys = tuple(row.pop(name) for name in columns)
        found.append(Card(**row, keys=keys))
    return found


def _matching(wish: Wish, facets: Facets) -> QuerySet[Listing]:
    rows = Listing.objects.on_sale()
    for word in wish.q.split()[:WORDS]:
        rows = rows.filter(_about(word))
    exact = {
        "variant__product__brand__slug": wish.brand,
        "station__district": wish.district,
        "station__slug": wish.station,
        "refill_price__gte": wish.least,
        "refill_price__lte": wish.most,
        "station__delivers": wish.delivers,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wish.size:
        sizes = {each.size_g for each in facets.offered if each.group == wish.size}
        rows = rows.filter(variant__size_g__in=sizes)
    if wish.in_stock:
        rows = rows.in_stock()
    if wish.is_open:
        rows = rows.filter(_open_now())
    return rows.filter(_of_category(wish, facets))


def _of_category(wish: Wish, facets: Facets) -> Q:
    if wish.category and wish.category != ALL:
        return Q(variant__product__category__slug=wish.category)
    if wish.is_gas_only and not wish.size:
        # The price lets the database step over all the hoses that are cheaper than any gas.
        return Q(variant__size_g__isnull=False, refill_price__gte=facets.cheapest_gas)
    return Q()


def _about(word: str) -> Q:
    """What has the word in its name, its brand's or its station's, or lies where it says."""
    variants = Variant.objects.filter(
        Q(name__icontains=word)
        | Q(product__name__icontains=word)
        | Q(product__brand__name__icontains=word)
    )
    stations = Station.objects.filter(
        Q(name__icontains=word) | Q(district__icontains=word) | Q(address__icontains=word)
    )
    return Q(variant__in=variants.values("pk")) | Q(station__in=stations.values("pk"))


def _open_now() -> Q:
    now = timezone.localtime(clock.now()).time()
    opens, closes = F("station__opens_at"), F("station__closes_at")
    after, before = Q(station__opens_at__lte=now), Q(station__closes_at__gt=now)
    by_day = Q(station__opens_at__lt=closes)
    return Q(station__opens_at=closes) | (by_day & after & before) | (
        Q(station__opens_at__gt=closes) & (after | before)
    ) if opens else Q()


# --- Pages ------------------------------------------------------------------------------------


def _rule(name: str, falls: bool) -> Any:
    return F(name).desc() if falls else F(name).asc(nulls_last=True)


def _after(keys: tuple[tuple[str, bool], ...], values: list[Any] | None) -> Q:
    """The rows that come after the one with these values (what has no size comes last)."""
    if values is None:
        return Q()
    later, same = Q(), Q()
    for (name, falls), value in zip(keys, values, strict=True):
        if value is not None:
            beyond = Q(**{f"{name}__lt" if falls else f"{name}__gt": value})
            later |= same & (beyond if falls else beyond | Q(**{f"{name}__isnull": True}))
        same &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    return later


def _write_cursor(sort: str, values: tuple[Any, ...]) -> str:
    return signing.dumps([sort, *values], salt="shelf")


def _read_cursor(text: str, sort: str) -> list[Any] | None:
    try:
        said, *values = signing.loads(text[:300], salt="shelf")
    except (signing.BadSignature, ValueError):
        return None
    return values if said == sort and len(values) == len(SORTS[sort]) else None


# --- In words ---------------------------------------------------------------------------------


def describe(wish: Wish, facets: Facets) -> str:
    """Name what was asked for: “SP, 12–13 kg, in Gasabo”."""
    brands = {each.brand_slug: each.brand for each in facets.brands}
    categories = {each.category_slug: each.category for each in facets.offered}
    sizes = {size.group: size.label for size in facets.sizes}
    parts = [
        f"“{wish.q}”" if wish.q else "",
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
