"""Proving the books: every balance rebuilt from the moves, every hold from its reservations."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import F, Sum

from gasstock.accounts.models import Station
from gasstock.inventory.models import (
    ON_THE_ROAD,
    Balance,
    DepositEntry,
    LocationKind,
    Move,
    Reason,
    Reservation,
    StocktakeLine,
    StocktakeStatus,
    TransferLine,
)

Key = tuple[int, int, str]


def differences() -> Iterator[str]:
    """Name every balance that differs from what moves, reservations and transfers say, every
    count whose differences were not posted as they stand, and deposits given back twice."""
    yield from _balances()
    yield from _on_the_way()
    yield from _counts()
    yield from _deposits()


def _balances() -> Iterator[str]:
    moved = sum_of_moves()
    held = dict(Reservation.objects.values_list("balance").annotate(Sum("quantity")).order_by())
    for balance in Balance.objects.select_related("location", "variant").iterator():
        key = (balance.location_id, balance.variant_id, balance.condition)
        expected = moved.pop(key, 0)
        name = (
            f"balance {balance.pk} ({balance.variant.sku} {balance.condition} "
            f"at location {balance.location_id})"
        )
        if balance.on_hand != expected:
            yield f"{name}: on hand {balance.on_hand}, the moves say {expected}"
        if balance.reserved != held.get(balance.pk, 0):
            yield f"{name}: reserved {balance.reserved}, held {held.get(balance.pk, 0)}"
        if balance.is_counted != balance.location.is_counted:
            yield f"{name}: counts as {balance.is_counted}, its location says otherwise"
    for (location, variant, condition), quantity in moved.items():
        if quantity:
            yield f"no balance for variant {variant} {condition} at location {location}: {quantity}"


def sum_of_moves(station: Station | None = None) -> Counter[Key]:
    """What each place has by its moves, or each of a station's places; two queries."""
    moved: Counter[Key] = Counter()
    for end, sign in (("source", -1), ("destination", 1)):
        moves = Move.objects.filter(**{f"{end}__station": station} if station else {})
        sums = moves.values_list(end, "variant", "condition").annotate(Sum("quantity"))
        for location, variant, condition, quantity in sums.order_by():
            moved[location, variant, condition] += sign * quantity
    return moved


def _deposits() -> Iterator[str]:
    """Nobody gives more back than was taken from them, at what they paid for it."""
    rows = DepositEntry.objects.filter(buyer__isnull=False)
    columns = ("station", "buyer", "variant", "unit_amount")
    sums = rows.values_list(*columns).annotate(held=Sum("quantity")).filter(held__lt=0)
    for station, buyer, variant, amount, held in sums.order_by(*columns):
        yield (
            f"station {station}: buyer {buyer} holds {held} of variant {variant} "
            f"at a deposit of {amount}"
        )


def _on_the_way() -> Iterator[str]:
    """What stands in transit in a station's books is what its transfers have on the way."""
    said = Counter[Key]()
    lines = TransferLine.objects.filter(sent__gt=F("received") + F("lost"))
    for station, status, *key, left in lines.values_list(
        "transfer__source",
        "transfer__status",
        "variant",
        "condition",
        F("sent") - F("received") - F("lost"),
    ):
        said[station, *key] += left
        if status not in ON_THE_ROAD:
            yield f"station {station}: a transfer that is {status} has {left} on the way"
    rows = Balance.objects.filter(location__kind=LocationKind.TRANSIT)
    there = {
        (station, variant, condition): on_hand
        for station, variant, condition, on_hand in rows.values_list(
            "location__station", "variant", "condition", "on_hand"
        )
    }
    for station, variant, condition in sorted(said.keys() | there.keys()):
        key = (station, variant, condition)
        if said[key] != there.get(key, 0):
            yield (
                f"station {station}: {there.get(key, 0)} of variant {variant} {condition} in "
                f"transit, its transfers say {said[key]}"
            )


def _counts() -> Iterator[str]:
    """What an approved count found too much or too little is what was moved for it."""
    said = Counter[tuple[str, int, str]]()
    lines = StocktakeLine.objects.filter(stocktake__status=StocktakeStatus.APPROVED)
    lines = lines.filter(counted__isnull=False).exclude(counted=F("expected"))
    for line in lines.select_related("stocktake").iterator():
        said[str(line.stocktake), line.variant_id, line.condition] = line.difference
    moved = Counter[tuple[str, int, str]]()
    for end, sign in (("source", -1), ("destination", 1)):
        moves = Move.objects.filter(
            **{"reason": Reason.COUNT, f"{end}__kind": LocationKind.STATION}
        )
        columns = ("document", "variant", "condition")
        for *key, quantity in moves.values_list(*columns).annotate(Sum("quantity")).order_by():
            moved[key[0], key[1], key[2]] += sign * quantity
    for key in sorted(said.keys() | moved.keys()):
        if said[key] != moved[key]:
            yield (
                f"{key[0]}: {said[key]:+} {key[2]} of variant {key[1]} found, "
                f"the moves say {moved[key]:+}"
            )
