"""What riders carry, and bringing it back to the station."""

from collections.abc import Mapping
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from gasstock.accounts.models import Station, User
from gasstock.core import clock
from gasstock.inventory.errors import NothingCarried
from gasstock.inventory.models import Balance, Condition, LocationKind, Move, Reason
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of


def loads(station: Station) -> list[tuple[User, list[Balance]]]:
    """Return each rider who carries something of the station's, with what; one query."""
    rows = Balance.objects.filter(
        location__station=station, location__kind=LocationKind.RIDER, on_hand__gt=0
    ).select_related("location__person", "variant__product__brand")
    ordered = rows.order_by(
        "location__person__name", "location__person", "variant__name", "-condition"
    )
    return [
        (rider, list(group))
        for rider, group in groupby(ordered, key=lambda balance: balance.location.person)
        if rider is not None
    ]


@transaction.atomic
def take_in(
    actor: User | None,
    *,
    station: Station,
    rider: User,
    keep: Mapping[int, int] | None = None,
) -> list[Move]:
    """Move what the rider carries back to the station's shelf.

    `keep` says, by variant pk, how many full ones stay with the rider. Raises NothingCarried.
    """
    place = location_of(LocationKind.RIDER, station=station, person=rider)
    home = location_of(LocationKind.STATION, station=station)
    lines = []
    for balance in lock_load(station, rider):
        stays = (keep or {}).get(balance.variant_id, 0) if balance.condition == "full" else 0
        back = max(0, balance.on_hand - stays)
        lines.append(Line(balance.variant, Condition(balance.condition), back, place, home))
    if not any(line.quantity for line in lines):
        raise NothingCarried(str(rider))
    return post(
        actor,
        station=station,
        lines=lines,
        reason=Reason.RETURN,
        document=f"RETURN-{rider.pk}-{timezone.localtime(clock.now()):%y%m%d-%H%M%S}",
    )


def lock_load(station: Station, rider: User) -> list[Balance]:
    """Fetch what the rider carries, and keep others from changing it in this transaction."""
    rows = Balance.objects.select_for_update(of=("self",)).select_related("variant")
    return list(
        rows.filter(
            location__station=station,
            location__kind=LocationKind.RIDER,
            location__person=rider,
            on_hand__gt=0,
        ).order_by("pk")
    )
