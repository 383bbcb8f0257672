"""What riders carry."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from gasstock.accounts.models import Station, User
from gasstock.inventory.models import Balance, LocationKind


def load_of(station: Station, rider: User) -> QuerySet[Balance]:
    """What the rider carries of the station's, in primary-key order."""
    return (
        Balance.objects.select_related("variant")
        .filter(
            location__station=station,
            location__kind=LocationKind.RIDER,
            location__person=rider,
            on_hand__gt=0,
        )
        .order_by("pk")
    )


def lock_load(station: Station, rider: User) -> list[Balance]:
    """Fetch what the rider carries, and keep others from changing it in this transaction."""
    return list(load_of(station, rider).select_for_update(of=("self",), no_key=True))


def lock_stock(station: Station, rider: User, variants: Collection[int]) -> None:
    """Lock what shelf, rider and loss have of these variants (by pk), before several steps.

    One step alone locks what it touches in primary-key order; one after the other would not.
    """
    bike = Q(location__kind=LocationKind.RIDER, location__person=rider)
    here = Q(location__kind__in=[LocationKind.STATION, LocationKind.LOSS])
    rows = Balance.objects.select_for_update(of=("self",), no_key=True)
    places = rows.filter(bike | here, location__station=station, variant__in=variants)
    list(places.order_by("pk").values_list("pk"))
