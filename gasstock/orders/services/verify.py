"""Proving the orders: what they hold and handed over against reservations, moves and ratings."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Count, Sum

from gasstock.accounts.models import Station
from gasstock.inventory.models import Condition, Move, Reason, Reservation
from gasstock.orders.models import HANDED_OVER, OrderLine, OrderStatus, Rating

HOLDING = (OrderStatus.PLACED, OrderStatus.APPROVED)


def differences() -> Iterator[str]:
    """Name every order that differs from what is held or moved for it, and every station
    whose stars differ from its ratings."""
    yield from _holds()
    yield from _handed_over()
    yield from _stars()


def _holds() -> Iterator[str]:
    """An order holds exactly its lines from when it is placed until it leaves or ends."""
    lines = OrderLine.objects.filter(order__status__in=HOLDING)
    wanted = Counter[tuple[str, int]]()
    for number, balance, quantity in lines.values_list(
        "order__number", "listing__full", "quantity"
    ):
        wanted[number, balance] += quantity
    held = Counter[tuple[str, int]]()
    for number, balance, quantity in Reservation.objects.values_list(
        "document", "balance", "quantity"
    ):
        held[number, balance] += quantity
    for number, balance in sorted(wanted.keys() | held.keys()):
        here, there = wanted[number, balance], held[number, balance]
        if here != there:
            yield f"order {number}: wants {here} held of balance {balance}, {there} are held"


def _handed_over() -> Iterator[str]:
    """What the lines say was delivered and came back is what was moved for the order."""
    moved = Counter[tuple[str, int, str]]()
    moves = Move.objects.filter(reason=Reason.DELIVERY)
    columns = ("document", "variant", "condition")
    for *key, quantity in moves.values_list(*columns).annotate(Sum("quantity")).order_by():
        moved[tuple(key)] = quantity
    for number, status, variant, full, empty in _delivered_lines():
        done = status in HANDED_OVER
        for condition, quantity in ((Condition.FULL, full), (Condition.EMPTY, empty)):
            there = moved.pop((number, variant, condition), 0)
            if quantity != there or (quantity and not done):
                yield (
                    f"order {number} ({status}): {quantity} {condition} of variant {variant} "
                    f"handed over, the moves say {there}"
                )
    for (number, variant, moved_as), quantity in moved.items():
        yield f"no order for {quantity} {moved_as} of variant {variant} moved for {number}"


def _delivered_lines() -> Iterator[tuple[str, str, int, int, int]]:
    rows = OrderLine.objects.values_list("order__number", "order__status", "variant")
    sums = rows.annotate(Sum("delivered"), Sum("empties"))
    yield from sums.order_by("order", "variant").iterator()


def _stars() -> Iterator[str]:
    rows = Rating.objects.values_list("station").annotate(Sum("stars"), Count("pk")).order_by()
    said = {station: (stars, count) for station, stars, count in rows}
    for station in Station.objects.order_by("pk"):
        kept = station.rating_sum, station.rating_count
        if kept != said.get(station.pk, (0, 0)):
            stars, count = said.get(station.pk, (0, 0))
            yield (
                f"station {station.pk} ({station.slug}): {kept[0]} stars of {kept[1]} ratings, "
                f"its ratings say {stars} of {count}"
            )
