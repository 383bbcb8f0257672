"""What comes onto a station's list, one thing or thousands, and what it begins with."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record, record_each
from gasstock.catalog.models import Variant
from gasstock.inventory.errors import AlreadyListed, BooksAreOpen, NotSold
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind, Move, Reason
from gasstock.inventory.services.ledger import Line, balances_of, post
from gasstock.inventory.services.locations import location_of

Opening = Mapping[Condition, int]
Stock = Sequence[tuple[Listing, Opening]]


@dataclass(frozen=True)
class Draft:
    """A listing to be: prices in minor units, and what there is of it."""

    variant: Variant
    refill_price: int
    new_price: int | None = None
    reorder_level: int = 0
    is_published: bool = False
    opening: Opening = field(default_factory=dict)

    @property
    def stock(self) -> Opening:
        """What can be opened: of an accessory only whole ones."""
        if self.variant.is_cylinder:
            return self.opening
        return {Condition.FULL: self.opening.get(Condition.FULL, 0)}

    def values(self, full: Balance) -> dict[str, Any]:
        return {
            "refill_price": self.refill_price,
            "new_price": self.new_price if self.variant.is_cylinder else None,
            "reorder_level": self.reorder_level,
            "is_published": self.is_published,
            "full": full,
            "retired_at": None,
        }


@transaction.atomic
def create_listings(
    actor: User | None, *, station: Station, drafts: Sequence[Draft], document: str = ""
) -> list[Listing]:
    """Put things on the station's list; their opening stock goes to the ledger.

    The moves bear the `document`; with none, each listing is opened under its own. A listing
    that was retired comes back. Raises AlreadyListed, NotSold, and then nothing has happened.
    """
    for draft in drafts:
        if draft.variant.retired_at or draft.variant.product.retired_at:
            raise NotSold(draft.variant.name)
    listings = _save(station, drafts)
    stock = [(listing, draft.stock) for listing, draft in zip(listings, drafts, strict=True)]
    for name, group in [(document, stock)] if document else _each_alone(stock):
        _post(actor, station, group, name)
    record_each(actor, "listing.created", [(row, _told(row, opening)) for row, opening in stock])
    return listings


@transaction.atomic
def open_books(
    actor: User | None, *, listing: Listing, opening: Opening, document: str = ""
) -> None:
    """Say what there was of a listing before anything of it moved. Raises BooksAreOpen."""
    listing = lock_listing(listing)
    if Move.objects.of(station=listing.station, variant=listing.variant).exists():
        raise BooksAreOpen(listing.variant.name)
    _post(actor, listing.station, [(listing, opening)], document or f"OPENING-{listing.pk}")
    record(actor, "listing.opened", listing, opening=_counts(opening))


def lock_listing(listing: Listing) -> Listing:
    """Fetch it afresh and keep others from changing it; orders may go on naming it."""
    rows = Listing.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("variant", "station").get(pk=listing.pk)


def _save(station: Station, drafts: Sequence[Draft]) -> list[Listing]:
    full = _full_balances(station, [draft.variant for draft in drafts])
    known = Listing.objects.at(station).filter(variant__in=full)
    there = {listing.variant_id: listing for listing in known}
    listings = []
    for draft in drafts:
        values = draft.values(full[draft.variant.pk])
        if listing := there.get(draft.variant.pk):
            _bring_back(listing, draft.variant, values)
        else:
            listing = Listing(station=station, variant=draft.variant, **values)
        listings.append(listing)
    try:
        with transaction.atomic():
            Listing.objects.bulk_create([listing for listing in listings if not listing.pk])
    except IntegrityError as error:  # somebody was faster
        raise AlreadyListed(str(drafts[0].variant)) from error
    return listings


def _full_balances(station: Station, variants: Collection[Variant]) -> dict[int, Balance]:
    """The balances of full ones at the station, by variant."""
    home = location_of(LocationKind.STATION, station=station)
    places = {(home.pk, variant.pk, str(Condition.FULL)): (home, variant) for variant in variants}
    return {variant: balance for (_, variant, _), balance in balances_of(places).items()}


def _bring_back(listing: Listing, variant: Variant, values: dict[str, Any]) -> None:
    retired = Listing.objects.filter(pk=listing.pk, retired_at__isnull=False)
    if not retired.update(**values):
        raise AlreadyListed(variant.name)
    for name, value in values.items():
        setattr(listing, name, value)
    listing.variant = variant


def _post(actor: User | None, station: Station, stock: Stock, document: str) -> None:
    outside = location_of(LocationKind.SUPPLIER, station=station)
    home = location_of(LocationKind.STATION, station=station)
    post(
        actor,
        station=station,
        lines=[
            Line(listing.variant, condition, quantity, source=outside, destination=home)
            for listing, opening in stock
            for condition, quantity in opening.items()
        ],
        reason=Reason.OPENING,
        document=document,
    )


def _each_alone(stock: Stock) -> Iterator[tuple[str, Stock]]:
    for listing, opening in stock:
        yield f"OPENING-{listing.pk}", [(listing, opening)]


def _told(listing: Listing, opening: Opening) -> dict[str, Any]:
    """What the audit log says of a new listing."""
    return {
        "refill_price": listing.refill_price,
        "new_price": listing.new_price,
        "opening": _counts(opening),
    }


def _counts(opening: Opening) -> dict[str, int]:
    return {str(condition): count for condition, count in opening.items()}
