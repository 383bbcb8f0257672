"""Proving the books: every balance rebuilt from the moves, every hold from its reservations."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Sum

from gasstock.inventory.models import Balance, Move, Reservation

Key = tuple[int, int, str]


def differences() -> Iterator[str]:
    """Name every balance that differs from what moves and reservations say."""
    moved = _sum_of_moves()
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


def _sum_of_moves() -> Counter[Key]:
    moved: Counter[Key] = Counter()
    for end, sign in (("source", -1), ("destination", 1)):
        sums = Move.objects.values_list(end, "variant", "condition").annotate(Sum("quantity"))
        for location, variant, condition, quantity in sums.order_by():
            moved[location, variant, condition] += sign * quantity
    return moved
