"""Proving the orders: what they hold and handed over against reservations, moves and ratings."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import BigIntegerField, Case, Count, F, Sum, When
from django.db.models.functions import Cast, Coalesce

from gasstock.accounts.models import Station
from gasstock.inventory.models import DEPOSIT, Condition, DepositEntry, Move, Reason, Reservation
from gasstock.orders.models import HANDED_OVER, LineKind, OrderLine, OrderStatus, Rating

HOLDING = (OrderStatus.PLACED, OrderStatus.APPROVED)


def differences() -> Iterator[str]:
    """Name every order that differs from what is held, moved or paid as deposit for it,
    and every station whose stars differ from its ratings."""
    yield from _holds()
    yield from _handed_over()
    yield from _deposits()
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
    moves = Move.objects.filter(reason__in=[Reason.DELIVERY, Reason.SALE, Reason.VOID])
    columns = ("document", "variant", "condition", "reason")
    for *key, reason, quantity in moves.values_list(*columns).annotate(Sum("quantity")).order_by():
        moved[tuple(key)] += -quantity if reason == Reason.VOID else quantity
    for (number, status, variant, condition), quantity in _delivered_lines().items():
        there = moved.pop((number, variant, condition), 0)
        if status == OrderStatus.VOIDED:
            quantity = 0  # what a sale moved, its undoing moved back
        if quantity != there or (quantity and status not in HANDED_OVER):
            yield (
                f"order {number} ({status}): {quantity} {condition} of variant {variant} "
                f"handed over, the moves say {there}"
            )
    for (number, variant, moved_as), quantity in moved.items():
        if quantity:
            yield f"no order for {quantity} {moved_as} of variant {variant} moved for {number}"


def _delivered_lines() -> Counter[tuple[str, str, int, str]]:
    """Count what the lines say by order, its status, variant and condition."""
    said = Counter[tuple[str, str, int, str]]()
    rows = OrderLine.objects.values_list("order__number", "order__status", "variant")
    brought = rows.annotate(brought=Coalesce("empty_variant", "variant"))
    sums = brought.annotate(Sum("delivered"), Sum("empties")).order_by("order", "variant")
    for number, status, variant, other, full, empty in sums.iterator():
        said[number, status, variant, Condition.FULL] += full
        said[number, status, other, Condition.EMPTY] += empty
    return said


def _deposits() -> Iterator[str]:
    """What an order's lines charged and paid out as deposit is what is held for it."""
    held = _held_deposits()
    lines = OrderLine.objects.filter(order__status__in=HANDED_OVER, variant__size_g__isnull=False)
    kept = Case(
        When(kind=LineKind.NEW, then="delivered"),
        When(kind=LineKind.EXCHANGE, then=F("delivered") - F("empties")),
        default=-F("empties"),
        output_field=BigIntegerField(),
    )
    taken = Case(
        When(kind=LineKind.RETURN, then=-F("refunded")),
        default=Cast("deposit", BigIntegerField()) * kept,
        output_field=BigIntegerField(),
    )
    sums = lines.values_list("order__number").annotate(shells=Sum(kept), amount=Sum(taken))
    for number, shells, amount in sums.order_by("order").iterator():
        there = held.pop(number, (0, 0))
        if (shells, amount) != there:
            yield (
                f"order {number}: deposits of {amount} for {shells} shells, "
                f"held are {there[1]} for {there[0]}"
            )
    for document, there in held.items():
        yield f"no order for the deposits of {there[1]} for {there[0]} shells of {document}"


def _held_deposits() -> dict[str, tuple[int, int]]:
    """Sum up shells and amounts by document, leaving out what was undone."""
    rows = DepositEntry.objects.values_list("document").order_by()
    sums = rows.annotate(shells=Sum("quantity"), amount=Sum(DEPOSIT))
    return {document: (n, amount) for document, n, amount in sums if n or amount}


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
