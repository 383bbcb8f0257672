"""The storefront's shelf: the page of what was found. A page starts where the one before ended."""

from dataclasses import dataclass
from datetime import time
from functools import cache, cached_property
from typing import Any

from django.core import signing
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station, StationStatus, User
from gasstock.core import clock
from gasstock.inventory.models import Listing
from gasstock.orders.facets import TWELVE, Facets, Offered, size_group
from gasstock.orders.models import DeliveryArea, LineKind, OrderLine
from gasstock.orders.wish import ALL, Wish

PAGE = 24
FEW = 5  # from here on a card says how many are left
WORDS = 5

# What a page is ordered by: fields, and whether the figure falls. The key makes it unambiguous.
SORTS: dict[str, tuple[tuple[str, bool], ...]] = {
    "price": (("refill_price", False), ("pk", False)),
    "-price": (("refill_price", True), ("pk", True)),
    "size": (("variant__size_g", False), ("refill_price", False), ("pk", False)),
    "name": (("variant__name", False), ("refill_price", False), ("pk", False)),
    "rating": (("station__rating_average", True), ("refill_price", False), ("pk", False)),
}

Rows = Any  # a ListingQuerySet that yields tuples, which no type tells
HAS_NONE = "variant__size_g"  # the one field of these that may be null


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
    """One listing as the storefront shows it. Prices in minor units.

    `area_fee` is the lowest fee of the districts where it is not the usual one, if there are any.
    """

    variant: Offered
    pk: int
    price: int
    new_price: int | None
    station: str
    district: str
    opens_at: time
    closes_at: time
    delivers: bool
    fee: int
    area_fee: int | None
    rating_sum: int
    rating_count: int
    on_hand: int
    reserved: int

    @property
    def url(self) -> str:
        return reverse("shop:listing", args=[self.pk])

    @property
    def left(self) -> int:
        return max(0, self.on_hand - self.reserved)

    @property
    def is_few(self) -> bool:
        return 0 < self.left <= FEW

    @property
    def least_fee(self) -> int:
        return self.fee if self.area_fee is None else min(self.fee, self.area_fee)

    @cached_property
    def opening(self) -> Opening:
        return opening(self.opens_at, self.closes_at)

    @property
    def kind(self) -> str:
        """What a tap on Add puts into the cart."""
        return LineKind.ACCESSORY if self.variant.size_g is None else LineKind.EXCHANGE

    @property
    def price_with_new(self) -> int | None:
        return None if self.new_price is None else self.new_price + self.variant.deposit

    @property
    def rating(self) -> float | None:
        return self.rating_sum / self.rating_count if self.rating_count else None


COLUMNS = (  # in the order of the fields of Card; the variant's are known from the facets
    "pk",
    "refill_price",
    "new_price",
    "station__name",
    "station__district",
    "station__opens_at",
    "station__closes_at",
    "station__delivers",
    "station__delivery_fee",
    "area_fee",
    "station__rating_sum",
    "station__rating_count",
    "full__on_hand",
    "full__reserved",
)


@dataclass(frozen=True)
class Shelf:
    """A page of cards, and the cursor of the page after it (None at the end)."""

    cards: list[Card]
    next: str | None


def find(wish: Wish, facets: Facets, cursor: str) -> Shelf:
    """Return up to 24 cards after `cursor`; a cursor that is not ours starts over."""
    rows, last = rows_of(wish, facets, cursor, columns=("variant_id", *COLUMNS), size=PAGE)
    return Shelf([Card(facets.by_pk[row[0]], *row[1:]) for row in rows], last)


def rows_of(
    wish: Wish, facets: Facets, cursor: str, *, columns: tuple[str, ...], size: int
) -> tuple[list[tuple[Any, ...]], str | None]:
    """Return `columns` of up to `size` listings after `cursor`, and the cursor after them."""
    keys = SORTS[wish.sort]
    asked = _asked_for(columns, wish.sort)
    rows = _matching(_everything(asked, wish.sort), wish, facets)
    if (values := _read_cursor(cursor, wish.sort)) is not None:
        rows = rows.filter(_after(keys, values))
    found = list(rows[: size + 1])
    last = None
    if len(found) > size:
        said = dict(zip(asked, found[size - 1], strict=True))
        last = _write_cursor(wish.sort, [said[name] for name, _falls in keys])
    return [row[: len(columns)] for row in found[:size]], last


def card_of(listing: Listing, area_fee: int | None = None) -> Card:
    """The card of a listing that was read with `for_cards`."""
    variant, product = listing.variant, listing.variant.product
    station, brand, category = listing.station, product.brand, product.category
    offered = Offered(
        pk=variant.pk,
        name=variant.name,
        product=product.name,
        size_g=variant.size_g,
        deposit=variant.deposit,
        price=listing.refill_price,
        brand=brand.name if brand else None,
        brand_slug=brand.slug if brand else None,
        colour=brand.colour if brand else None,
        category=category.name,
        category_slug=category.slug,
        position=category.position,
    )
    return Card(
        variant=offered,
        pk=listing.pk,
        price=listing.refill_price,
        new_price=listing.new_price,
        station=station.name,
        district=station.district,
        opens_at=station.opens_at,
        closes_at=station.closes_at,
        delivers=station.delivers,
        fee=station.delivery_fee,
        area_fee=area_fee,
        rating_sum=station.rating_sum,
        rating_count=station.rating_count,
        on_hand=listing.full.on_hand,
        reserved=listing.full.reserved,
    )


def elsewhere(listing: Listing) -> list[Card]:
    """The cheapest four like it that can be had at once, from whichever station."""
    rows = Listing.objects.on_sale().in_stock().exclude(pk=listing.pk)
    variant = listing.variant
    if variant.size_g is None:
        rows = rows.filter(variant__product__category=variant.product.category)
    elif size_group(variant.size_g) == "12":
        rows = rows.filter(variant__size_g__range=TWELVE)
    else:
        rows = rows.filter(variant__size_g=variant.size_g)
    return [card_of(found) for found in rows.for_cards().order_by("refill_price", "pk")[:4]]


def usual_of(user: User) -> OrderLine | None:
    """What somebody ordered last, if it is still on sale."""
    lines = OrderLine.objects.filter(
        order__buyer=user,
        listing__is_published=True,
        listing__station__status=StationStatus.APPROVED,
    ).exclude(kind=LineKind.RETURN)
    lines = lines.select_related(
        "listing__station", "listing__variant__product__brand", "listing__full"
    )
    return lines.order_by("-order_id", "pk").first()


@cache
def _everything(columns: tuple[str, ...], sort: str) -> Rows:
    """All that is on sale, in order. Put together once, for that takes longer than to find it."""
    rows = Listing.objects.on_sale(is_walked=SORTS[sort][0][0] == "refill_price")
    rows = rows.order_by(*(_rule(*key) for key in SORTS[sort]))
    if "area_fee" in columns:
        areas = DeliveryArea.objects.filter(station=OuterRef("station")).order_by("fee")
        rows = rows.annotate(area_fee=Subquery(areas.values("fee")[:1]))
    return rows.values_list(*columns)


def _asked_for(columns: tuple[str, ...], sort: str) -> tuple[str, ...]:
    """The columns, and behind them what the cursor needs besides."""
    return (*columns, *(name for name, _falls in SORTS[sort] if name not in columns))


def _matching(rows: Rows, wish: Wish, facets: Facets) -> Rows:
    variants = [each for each in facets.offered if _is_asked_for(each, wish)]
    if not facets.is_whole or len(variants) < len(facets.offered):
        rows = rows.filter(variant__in=[each.pk for each in variants])
    for word in wish.q.split()[:WORDS]:
        rows = rows.filter(_about(word, variants))
    exact = {
        "station__district": wish.district,
        "station": wish.station,
        "refill_price__gte": wish.least,
        "refill_price__lte": wish.most,
        "station__delivers": wish.delivers,
    }
    if said := {name: value for name, value in exact.items() if value}:
        rows = rows.filter(**said)
    if wish.is_gas_only:
        # Lets the database step over all the hoses that are cheaper than any gas.
        rows = rows.filter(refill_price__gte=facets.cheapest_gas)
    if wish.in_stock:
        rows = rows.in_stock()
    return rows.filter(_open_now()) if wish.is_open else rows


def _is_asked_for(variant: Offered, wish: Wish) -> bool:
    if wish.brand and variant.brand_slug != wish.brand:
        return False
    if wish.size and variant.group != wish.size:
        return False
    if wish.size_g is not None and variant.size_g != wish.size_g:
        return False
    if wish.category:
        return wish.category in (ALL, variant.category_slug)
    return bool(variant.size_g) or not wish.is_gas_only


def _about(word: str, variants: list[Offered]) -> Q:
    """What has the word in its name, its brand's or its station's, or lies where it says."""
    low = word.casefold()
    named = [
        each.pk
        for each in variants
        if low in f"{each.name}\n{each.product}\n{each.brand or ''}".casefold()
    ]
    stations = Station.objects.filter(
        Q(name__icontains=word) | Q(district__icontains=word) | Q(address__icontains=word)
    )
    return Q(variant__in=named) | Q(station__in=stations.values("pk"))


def _open_now() -> Q:
    """The same as `opening`, for the database."""
    now, closes = timezone.localtime(clock.now()).time(), F("station__closes_at")
    after, before = Q(station__opens_at__lte=now), Q(station__closes_at__gt=now)
    by_day = Q(station__opens_at__lt=closes) & after & before
    by_night = Q(station__opens_at__gt=closes) & (after | before)
    return Q(station__opens_at=closes) | by_day | by_night


# --- Pages ------------------------------------------------------------------------------------


def _rule(name: str, falls: bool) -> Any:
    if falls:
        return F(name).desc()
    return F(name).asc(nulls_last=True) if name == HAS_NONE else F(name).asc()


def _after(keys: tuple[tuple[str, bool], ...], values: list[Any]) -> Q:
    """The rows that come after the one with these values; what has no size comes last."""
    later, same = Q(), Q()
    for (name, falls), value in zip(keys, values, strict=True):
        if value is not None:
            beyond = Q(**{f"{name}__lt" if falls else f"{name}__gt": value})
            later |= same & (
                beyond | Q(**{f"{name}__isnull": True}) if name == HAS_NONE else beyond
            )
        same &= Q(**{f"{name}__isnull": True}) if value is None else Q(**{name: value})
    name, falls = keys[0]
    if name == HAS_NONE:
        return later
    # Says nothing new, but it is what an index can start from.
    return later & Q(**{f"{name}__lte" if falls else f"{name}__gte": values[0]})


def _write_cursor(sort: str, values: list[Any]) -> str:
    return signing.dumps([sort, *values], salt="shelf")


def _read_cursor(text: str, sort: str) -> list[Any] | None:
    try:
        said, *values = signing.loads(text[:300], salt="shelf")
    except (signing.BadSignature, ValueError):
        return None
    return values if said == sort and len(values) == len(SORTS[sort]) else None
