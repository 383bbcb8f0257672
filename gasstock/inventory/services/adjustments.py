"""Putting the books right where what stands there differs from what they say."""

from django.db import transaction

from gasstock.accounts.models import User
from gasstock.audit.services import record
from gasstock.inventory.errors import HeldForOrders, ReasonMissing, StockMoved
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind, Move, Reason
from gasstock.inventory.services.ledger import Key, Line, balances_of, post
from gasstock.inventory.services.locations import location_of


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
    home = location_of(LocationKind.STATION, station=listing.station)
    loss = location_of(LocationKind.LOSS, station=listing.station)
    keys: tuple[Key, Key] = (
        (home.pk, listing.variant_id, condition),
        (loss.pk, listing.variant_id, condition),
    )
    balances = balances_of({keys[0]: (home, listing.variant), keys[1]: (loss, listing.variant)})
    balance = _lock(balances[keys[0]], balances[keys[1]])
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


def _lock(first: Balance, other: Balance) -> Balance:
    """Return `first` as it is now; neither of the two changes until this transaction ends."""
    pair = Balance.objects.select_for_update().filter(pk__in=(first.pk, other.pk)).order_by("pk")
    return next(balance for balance in pair if balance.pk == first.pk)
