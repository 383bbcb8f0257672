"""What a station's stock cost it: a moving average per listing."""

from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core.money import round_half_up
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind


@transaction.atomic
def receive_at_cost(*, station: Station, variant: Variant, quantity: int, unit_cost: int) -> None:
    """Take `quantity` bought at `unit_cost` (minor units) into the listing's average cost.

    Call it before the receipt is posted, in its transaction, by rising variant where there are
    several. The new average is

        (max(0, q) · average + quantity · unit_cost) / (max(0, q) + quantity)

    in whole minor units, halves up; q is what the station's shelf and its riders hold full
    before the receipt. While the average is unknown, it becomes the cost. What is not on the
    station's list has no average.
    """
    rows = Listing.objects.select_for_update(no_key=True)  # orders may go on naming the listing
    listing = rows.filter(station=station, variant=variant).first()
    if listing is None or quantity <= 0:
        return
    if listing.average_cost is None:
        average = unit_cost
    else:
        before = max(0, _full_at(station, variant))
        worth = before * listing.average_cost + quantity * unit_cost
        average = round_half_up(Decimal(worth) / (before + quantity))
    Listing.objects.filter(pk=listing.pk).update(average_cost=average)


def _full_at(station: Station, variant: Variant) -> int:
    held = Balance.objects.filter(
        location__station=station,
        location__kind__in=(LocationKind.STATION, LocationKind.RIDER),
        variant=variant,
        condition=Condition.FULL,
    )
    return held.aggregate(sum=Sum("on_hand"))["sum"] or 0
