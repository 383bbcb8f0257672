"""A station's list: what it sells, for how much, and what it began with."""

from collections.abc import Mapping

from django.db import transaction

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.inventory.errors import AlreadyListed, ListingInUse, NotSold
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind, Reason
from gasstock.inventory.services.ledger import Line, balances_of, post
from gasstock.inventory.services.locations import location_of


@transaction.atomic
def create_listing(
    actor: User | None,
    *,
    station: Station,
    variant: Variant,
    refill_price: int,
    new_price: int | None = None,
    reorder_level: int = 0,
    opening: Mapping[Condition, int] | None = None,
    is_published: bool = False,
) -> Listing:
    """Put a variant on the station's list; `opening` stock goes to the ledger.

    Prices in minor units. A listing that was retired comes back. Raises AlreadyListed, NotSold.
    """
    if variant.retired_at or variant.product.retired_at:
        raise NotSold(variant.name)
    opening = dict(opening or {})
    if not variant.is_cylinder:
        new_price = None
        opening = {Condition.FULL: opening.get(Condition.FULL, 0)}
    home = location_of(LocationKind.STATION, station=station)
    key = (home.pk, variant.pk, Condition.FULL)
    values = {
        "refill_price": refill_price,
        "new_price": new_price,
        "reorder_level": reorder_level,
        "is_published": is_published,
        "full": balances_of({key: (home, variant)})[key],
        "retired_at": None,
    }
    listing, made = Listing.objects.get_or_create(station=station, variant=variant, defaults=values)
    if not made:
        back = Listing.objects.filter(pk=listing.pk, retired_at__isnull=False)
        if not back.update(**values):
            raise AlreadyListed(variant.name)
        listing.refresh_from_db()
    _post_opening(actor, listing, opening)
    record(
        actor,
        "listing.created",
        listing,
        refill_price=refill_price,
        new_price=new_price,
        opening={str(condition): count for condition, count in opening.items()},
    )
    return listing


def _post_opening(actor: User | None, listing: Listing, opening: Mapping[Condition, int]) -> None:
    outside = location_of(LocationKind.SUPPLIER, station=listing.station)
    home = location_of(LocationKind.STATION, station=listing.station)
    post(
        actor,
        station=listing.station,
        lines=[
            Line(listing.variant, condition, quantity, source=outside, destination=home)
            for condition, quantity in opening.items()
        ],
        reason=Reason.OPENING,
        document=f"OPENING-{listing.pk}",
    )


@transaction.atomic
def update_listing(
    actor: User | None,
    *,
    listing: Listing,
    refill_price: int,
    new_price: int | None,
    reorder_level: int,
) -> Listing:
    """Change prices (minor units) and reorder level; orders placed before keep their prices."""
    listing = (
        Listing.objects.select_for_update(of=("self",))
        .select_related("variant", "station")
        .get(pk=listing.pk)
    )
    if not listing.variant.is_cylinder:
        new_price = None
    after = {
        "refill_price": refill_price,
        "new_price": new_price,
        "reorder_level": reorder_level,
    }
    before = {name: getattr(listing, name) for name in after}
    if before == after:
        return listing
    for name, value in after.items():
        setattr(listing, name, value)
    listing.save(update_fields=list(after))
    record(actor, "listing.changed", listing, before=before, after=after)
    return listing


@transaction.atomic
def publish_listing(actor: User | None, *, listing: Listing) -> None:
    """Show the listing on the storefront. Raises NotSold once it is retired."""
    rows = Listing.objects.filter(
        pk=listing.pk,
        retired_at=None,
        variant__retired_at=None,
        variant__product__retired_at=None,
    )
    if rows.filter(is_published=False).update(is_published=True):
        record(actor, "listing.published", listing)
    elif not rows.exists():
        raise NotSold(listing.variant.name)


@transaction.atomic
def unpublish_listing(actor: User | None, *, listing: Listing) -> None:
    """Take the listing off the storefront; open orders go on."""
    if Listing.objects.filter(pk=listing.pk, is_published=True).update(is_published=False):
        record(actor, "listing.unpublished", listing)


@transaction.atomic
def retire_listing(actor: User | None, *, listing: Listing) -> None:
    """Take the listing off the station's list for good.

    Raises ListingInUse while there is stock of it, in any condition, or an order holds some.
    """
    name = listing.variant.name
    balances = Balance.objects.filter(
        location=location_of(LocationKind.STATION, station=listing.station),
        variant=listing.variant,
    ).select_for_update()
    for balance in balances.order_by("pk"):
        if balance.reserved:
            raise ListingInUse(name, "orders hold some of it")
        if balance.on_hand:
            left = f"{balance.on_hand} {balance.get_condition_display().lower()}"
            raise ListingInUse(name, f"you still have {left}")
    rows = Listing.objects.filter(pk=listing.pk, retired_at=None)
    if rows.update(retired_at=clock.now(), is_published=False):
        record(actor, "listing.retired", listing)
