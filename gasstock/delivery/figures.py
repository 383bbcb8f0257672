"""What a station's riders did in a stretch of time, for whoever leads them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum

from gasstock.accounts.models import Station, User
from gasstock.delivery.models import Attempt, CollectedCash, Delivery, DeliveryStatus


@dataclass
class Figures:
    """Of one rider. `cash` was taken at doors, `to_hand_in` of it is not home; minor units."""

    rider: User
    delivered: int = 0
    on_time: int = 0
    late: int = 0
    failed: int = 0
    cash: int = 0
    to_hand_in: int = 0

    @property
    def percent_on_time(self) -> int | None:
        """Of those that were promised; None if none was."""
        promised = self.on_time + self.late
        return 100 * self.on_time // promised if promised else None


def figures_of(station: Station, *, since: datetime, until: datetime) -> list[Figures]:
    """Each rider who did something from `since` on and before `until`; five queries.

    What is still to be handed in is as of now, whenever it was taken.
    """
    sums: dict[int, dict[str, int]] = defaultdict(dict)
    done = Delivery.objects.at(station).filter(
        status=DeliveryStatus.DELIVERED, ended_at__gte=since, ended_at__lt=until
    )
    late = Q(order__delivered_at__gt=F("order__promised_until"))
    on_time = Q(order__delivered_at__lte=F("order__promised_until"))
    attempts = Attempt.objects.filter(
        delivery__station=station, created_at__gte=since, created_at__lt=until
    )
    cash = CollectedCash.objects.filter(station=station)
    taken = cash.filter(payment__created_at__gte=since, payment__created_at__lt=until)
    waiting = cash.filter(homecoming=None)
    counted: tuple[QuerySet[Any, Any], ...] = (
        done.values("rider").annotate(
            delivered=Count("pk"),
            on_time=Count("pk", filter=on_time),
            late=Count("pk", filter=late),
        ),
        attempts.values("rider").annotate(failed=Count("pk")),
        taken.values("rider").annotate(cash=Sum("payment__amount")),
        waiting.values("rider").annotate(to_hand_in=Sum("payment__amount")),
    )
    for rows in counted:
        for row in rows.order_by():
            sums[row.pop("rider")] |= row
    people = User.objects.in_bulk(sums)
    found = [Figures(people[pk], **values) for pk, values in sums.items()]
    return sorted(found, key=lambda each: (-each.delivered, str(each.rider), each.rider.pk))
