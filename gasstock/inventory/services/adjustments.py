"""Putting the books right where what stands there differs from what they say."""

from django.db import transaction

from gasstock.accounts.models import User
from gasstock.audit.services import record
from gasstock.catalog.models import Variant
from gasstock.inventory.errors import (
    HeldForOrders,
    OutOfStock,
    ReasonMissing,
    StockMoved,
    TooMany,
)
from gasstock.inventory.models import (
    Balance,
    Condition,
    Listing,
    Location,
    LocationKind,
    Move,
    Reason,
)
from gasstock.inventory.services.ledger import Key, Line, balances_of, post
from gasstock.inventory.services.locations import location_of

MOST = 100_000  # of one thing in one place


def conditions_of(variant: Variant) -> list[Condition]:
    """In which conditions there can be any of it: an accessory is only ever full."""
    return list(Condition) if variant.is_cylinder else [Condition.FULL]


@transaction.atomic
def adjust_stock(
    actor: User | None,
    *,
    listing: Listing,
    condition: Condition,
    quantity: int,
    reason: str,
    seen: int | None = None,
) -> list[Move]:
    """Make `quantity` what stands at the station, against what was lost or found.

    Held ones count too. `seen` is the number the person looked at: a form sent twice, or after
    a sale, changes nothing. Returns no moves where the books say so already. Raises
    HeldForOrders, StockMoved and ReasonMissing.
    """
    reason = " ".join(reason.split())[:240]
    if not reason:
        raise ReasonMissing
    name = str(listing.variant)
    home, loss = _ends(listing)
    balance = _lock(listing, condition, home, loss)
    if seen is not None and seen != balance.on_hand:
        raise StockMoved(name, balance.on_hand)
    if quantity < balance.reserved:
        raise HeldForOrders(name, balance.available, balance.reserved)
    change = quantity - balance.on_hand
    if not change:
        return []
    event = record(
        actor,
        "stock.adjusted",
        listing,
        condition=str(condition),
        before=balance.on_hand,
        after=quantity,
        reason=reason,
    )
    source, destination = (loss, home) if change > 0 else (home, loss)
    return post(
        actor,
        station=listing.station,
        lines=[Line(listing.variant, condition, abs(change), source, destination)],
        reason=Reason.ADJUSTMENT,
        document=f"ADJUST-{event.pk}",
        note=reason,
    )


@transaction.atomic
def change_stock(
    actor: User | None, *, listing: Listing, condition: Condition, change: int, reason: str
) -> list[Move]:
    """Make it `change` more (below zero: fewer) than the books say, whatever they say by now.

    Raises OutOfStock for fewer than none, TooMany, and what `adjust_stock` does.
    """
    on_hand = _lock(listing, condition, *_ends(listing)).on_hand
    quantity = on_hand + change
    if quantity < 0:
        raise OutOfStock(str(listing.variant), on_hand)
    if change > 0 and quantity > MOST:
        raise TooMany(str(listing.variant), MOST)
    return adjust_stock(
        actor, listing=listing, condition=condition, quantity=quantity, reason=reason
    )


def _ends(listing: Listing) -> tuple[Location, Location]:
    """The shelf it stands on, and where goes what was lost."""
    home = location_of(LocationKind.STATION, station=listing.station)
    return home, location_of(LocationKind.LOSS, station=listing.station)


def _lock(listing: Listing, condition: Condition, home: Location, loss: Location) -> Balance:
    """Return what stands there; neither it nor the lost ones change until this transaction ends."""
    places: dict[Key, tuple[Location, Variant]] = {
        (place.pk, listing.variant_id, condition): (place, listing.variant)
        for place in (home, loss)
    }
    return balances_of(places, lock=True)[home.pk, listing.variant_id, condition]
