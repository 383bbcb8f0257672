"""The only place where a move is written and a balance changes.

Double entry: every change of stock is a set of moves between locations, posted together
with the balances they change. Balances are locked in primary-key order and change by a
conditional UPDATE, so nothing is taken that is not there and two postings never wait for each
other in a ring.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from gasstock.accounts.models import Station, User
from gasstock.catalog.models import Variant
from gasstock.inventory.errors import OutOfStock
from gasstock.inventory.models import Balance, Condition, Location, Move, Reason

Key = tuple[int, int, str]
AT_ONCE = 200  # balances changed by one statement


@dataclass(frozen=True)
class Line:
    """`quantity` (> 0) of a variant in a condition, from one place to another."""

    variant: Variant
    condition: Condition
    quantity: int
    source: Location
    destination: Location


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
    then nothing has happened. Three queries, however many lines, once the balances are there.
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
    with transaction.atomic(savepoint=False):
        balances = balances_of(places, lock=True)
        short = _first_short(balances, changes)
        if short is None:
            _change({balances[key].pk: change for key, change in changes.items()})
            return _write(actor, station, lines, reason, document, note)
    raise OutOfStock(str(places[short][1]), balances[short].available)


def _first_short(balances: dict[Key, Balance], changes: dict[Key, int]) -> Key | None:
    """Find the first counted place that would give what it has not, or promised."""
    for key in sorted(balances.keys() & changes.keys(), key=lambda key: balances[key].pk):
        balance, change = balances[key], changes[key]
        if change < 0 and balance.is_counted and balance.available + change < 0:
            return key
    return None


def _change(changes: dict[int, int]) -> None:
    """Add to each balance (by pk) what may be negative, if the database agrees to all of it."""
    pks = sorted(changes)
    for start in range(0, len(pks), AT_ONCE):
        some = pks[start : start + AT_ONCE]
        alike: dict[int, list[int]] = defaultdict(list)
        for pk in some:
            alike[changes[pk]].append(pk)
        change = Case(*(When(pk__in=group, then=Value(by)) for by, group in alike.items()))
        free = Q(is_counted=False) | Q(change__gte=0) | Q(on_hand__gte=F("reserved") - F("change"))
        rows = Balance.objects.filter(pk__in=some).annotate(change=change).filter(free)
        if rows.update(on_hand=F("on_hand") + F("change")) != len(some):
            raise RuntimeError("A balance changed although it was locked.")


def _write(
    actor: User | None,
    station: Station,
    lines: Iterable[Line],
    reason: Reason,
    document: str,
    note: str,
) -> list[Move]:
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


def balances_of(
    places: dict[Key, tuple[Location, Variant]], *, lock: bool = False
) -> dict[Key, Balance]:
    """Fetch the balance rows of these places, making those that are not there yet.

    With `lock`, nobody else changes them until the transaction ends.
    """
    found = _find(places, lock)
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
        found = _find(places, lock)
    return found


def _find(keys: Collection[Key], lock: bool) -> dict[Key, Balance]:
    rows = Balance.objects.select_for_update(no_key=True) if lock else Balance.objects.all()
    rows = rows.filter(
        location__in={location for location, _, _ in keys},
        variant__in={variant for _, variant, _ in keys},
        condition__in={condition for _, _, condition in keys},
    )
    return {(row.location_id, row.variant_id, row.condition): row for row in rows.order_by("pk")}
