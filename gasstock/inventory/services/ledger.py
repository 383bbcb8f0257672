"""The only place where a move is written and a balance changes.

Double entry: every change of stock is a set of moves between locations, posted together
with the balances they change. Balances change by conditional UPDATE, in primary-key order,
so nothing is taken that is not there and two postings never wait for each other in a ring.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q

from gasstock.accounts.models import Station, User
from gasstock.catalog.models import Variant
from gasstock.inventory.errors import OutOfStock
from gasstock.inventory.models import Balance, Condition, Location, Move, Reason

Key = tuple[int, int, str]


@dataclass(frozen=True)
class Line:
    """`quantity` (> 0) of a variant in a condition, from one place to another."""

    variant: Variant
    condition: Condition
    quantity: int
    source: Location
    destination: Location


@transaction.atomic
def post(
    actor: User | None,
    *,
    station: Station,
    lines: Iterable[Line],
    reason: Reason,
    document: str,
    note: str = "",
) -> list[Move]:
    """Write the moves of one event in the station's books and change the balances they touch.

    Lines of nothing are left out. What is held must be released before it can leave. Raises
    OutOfStock if a counted place does not hold enough beside what it promised to others, and
    then nothing has happened.
    """
    lines = [line for line in lines if line.quantity]
    changes: dict[Key, int] = defaultdict(int)
    places: dict[Key, tuple[Location, Variant]] = {}
    for line in lines:
        for place, quantity in (
            (line.source, -line.quantity),
            (line.destination, line.quantity),
        ):
            key: Key = (place.pk, line.variant.pk, line.condition)
            places[key] = (place, line.variant)
            changes[key] += quantity
    balances = balances_of(places)
    for key in sorted(places, key=lambda key: balances[key].pk):
        _change(balances[key], changes[key], name=str(places[key][1]))
    return Move.objects.bulk_create(
        Move(
            station=station,
            variant=line.variant,
            condition=line.condition,
            quantity=line.quantity,
            source=line.source,
            destination=line.destination,
            reason=reason,
            document=document,
            note=note,
            actor=actor,
        )
        for line in lines
    )


def balances_of(places: dict[Key, tuple[Location, Variant]]) -> dict[Key, Balance]:
    """Fetch the balance rows of these places, making those that are not there yet."""
    found = _find(places)
    missing = [key for key in sorted(places) if key not in found]
    if missing:
        Balance.objects.bulk_create(
            [
                Balance(
                    location_id=location_id,
                    variant_id=variant_id,
                    condition=condition,
                    is_counted=places[location_id, variant_id, condition][0].is_counted,
                )
                for location_id, variant_id, condition in missing
            ],
            ignore_conflicts=True,
        )
        found = _find(places)
    return found


def _find(keys: Collection[Key]) -> dict[Key, Balance]:
    rows = Balance.objects.filter(
        location__in={location for location, _, _ in keys},
        variant__in={variant for _, variant, _ in keys},
        condition__in={condition for _, _, condition in keys},
    )
    return {(row.location_id, row.variant_id, row.condition): row for row in rows}


def _change(balance: Balance, quantity: int, *, name: str) -> None:
    """Add `quantity` (may be negative), if the database agrees that it is free to go."""
    rows = Balance.objects.filter(pk=balance.pk)
    if quantity < 0:
        rows = rows.filter(Q(is_counted=False) | Q(on_hand__gte=F("reserved") - quantity))
    if not rows.update(on_hand=F("on_hand") + quantity):
        balance.refresh_from_db()
        raise OutOfStock(name, balance.available)
