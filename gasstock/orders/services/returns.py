"""Taking in what a rider brings back, beside what buyers still wait for."""

from collections import Counter

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
    keep = promised(station, rider)
    moves = take_in(actor, station=station, rider=rider, keep=keep)
    record(
        actor, "rider.returned", rider, station=station.slug, pieces=sum(m.quantity for m in moves)
    )
    return moves


def promised(station: Station, rider: User) -> Counter[int]:
    """Count the full ones, by variant pk, of orders that are with the rider."""
    lines = OrderLine.objects.filter(
        order__station=station, order__rider=rider, order__status=OrderStatus.DISPATCHED
    )
    return Counter(dict(lines.values_list("variant").annotate(Sum("quantity")).order_by()))
