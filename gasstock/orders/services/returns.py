"""Taking in what a rider brings back, beside what buyers still wait for."""

from collections import Counter, defaultdict

from django.db import transaction
from django.db.models import Sum

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.inventory.models import Move
from gasstock.inventory.services.riders import lock_load, take_in
from gasstock.orders.models import OrderLine, OrderStatus


@transaction.atomic
def take_in_load(actor: User, *, station: Station, rider: User) -> list[Move]:
    """Bring the rider's load home, but not the gas of orders that are on the way.

    Raises NothingCarried.
    """
    lock_load(station, rider)  # before looking at the orders: a dispatch in between waits for us
    keep = promised(station)[rider.pk]
    moves = take_in(actor, station=station, rider=rider, keep=keep)
    record(
        actor, "rider.returned", rider, station=station.slug, pieces=sum(m.quantity for m in moves)
    )
    return moves


def promised(station: Station) -> dict[int, Counter[int]]:
    """Count the full ones of orders on the way, by rider pk and then by variant pk."""
    lines = OrderLine.objects.filter(order__station=station, order__status=OrderStatus.DISPATCHED)
    sums = lines.values_list("order__rider", "variant").annotate(Sum("quantity")).order_by()
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for rider, variant, quantity in sums:
        counts[rider][variant] += quantity
    return counts
