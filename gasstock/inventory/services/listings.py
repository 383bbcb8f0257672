"""A station's list: what it sells, for how much, and what it began with."""

from collections.abc import Mapping

from django.db import transaction

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.inventory.errors import ListingInUse, NotSold
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind
from gasstock.inventory.services.alerts import check_levels
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.openings import Draft, create_listings, lock_listing

EDITABLE = frozenset({"refill_price", "new_price", "reorder_level"})


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
    draft = Draft(variant, refill_price, new_price, reorder_level, is_published, opening or {})
    [listing] = create_listings(actor, station=station, drafts=[draft])
    return listing


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
    return change_listing(
        actor,
        listing=listing,
        refill_price=refill_price,
        new_price=new_price,
        reorder_level=reorder_level,
    )


@transaction.atomic
def change_listing(actor: User | None, *, listing: Listing, **changes: int | None) -> Listing:
    """Change some of `EDITABLE` and leave the rest as it is, whoever changes that meanwhile."""
    if unknown := changes.keys() - EDITABLE:
        raise ValueError(f"Not for this form: {', '.join(sorted(unknown))}.")
    listing = lock_listing(listing)
    after = dict(changes)
    if "new_price" in after and not listing.variant.is_cylinder:
        after["new_price"] = None
    before = {name: getattr(listing, name) for name in after}
    if before == after:
        return listing
    for name, value in after.items():
        setattr(listing, name, value)
    listing.save(update_fields=list(after))
    record(actor, "listing.changed", listing, before=before, after=after)
    return listing


@transaction.atomic
def revise_listing(
    actor: User | None,
    *,
    listing: Listing,
    is_published: bool | None = None,
    **changes: int | None,
) -> None:
    """Change some of `EDITABLE`, and whether buyers see it, all or nothing; None: as it is.

    A changed reorder level is looked at at once. Raises NotSold.
    """
    if changes:
        change_listing(actor, listing=listing, **changes)
    if is_published is not None:
        show = publish_listing if is_published else unpublish_listing
        show(actor, listing=listing)
    if "reorder_level" in changes:
        check_levels(listing.station)


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
    listing = lock_listing(listing)  # before its balances, as receipts do
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
