"""What a station's riders did in a stretch of time, for whoever leads them.

Nothing here tells what is on a bike or in a pocket now: those who read it also count it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum, Value

from gasstock.accounts.models import Station, User
from gasstock.delivery.models import (
    Attempt,
    CollectedCash,
    Delivery,
    DeliveryStatus,
    Homecoming,
    HomecomingLine,
)


@dataclass
class Figures:
    """Of one rider. `cash` was taken at doors and is home; with `short` and `over` in minor units.

    `missing` and `found` pieces, `short` and `over` are what counts of the load were off by.
    """

    rider: User
    delivered: int = 0
    on_time: int = 0
    late: int = 0
    failed: int = 0
    cash: int = 0
    missing: int = 0
    found: int = 0
    short: int = 0
    over: int = 0

    @property
    def percent_on_time(self) -> int | None:
        """Of those that were promised; None if none was."""
        promised = self.on_time + self.late
        return 100 * self.on_time // promised if promised else None


def figures_of(station: Station, *, since: datetime, until: datetime) -> list[Figures]:
    """Each rider who did something from `since` on and before `until`; two queries."""
    found = by_rider(*_done(station, since, until), *_differences(station, since, until))
    people = User.objects.in_bulk(found)
    rows = [Figures(people[pk], **values) for pk, values in found.items()]
    return sorted(rows, key=lambda each: (-each.delivered, str(each.rider), each.rider.pk))


def by_rider(*parts: QuerySet[Any, Any]) -> dict[int, dict[str, int]]:
    """What each part counts (rows of a rider's pk, a name and a number); one query."""
    rows = [each.order_by() for each in parts]
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for rider, name, number in rows[0].union(*rows[1:], all=True):
        found[rider][name] = int(number)
    return found


def sum_up(rows: QuerySet[Any, Any], name: str, number: Any, rider: str = "rider") -> Any:
    """`number` of the rows by rider, under that name, for `by_rider`."""
    return rows.values_list(rider).annotate(name=Value(name), number=number)


def _done(station: Station, since: datetime, until: datetime) -> list[QuerySet[Any, Any]]:
    done = Delivery.objects.at(station).filter(
        status=DeliveryStatus.DELIVERED, ended_at__gte=since, ended_at__lt=until
    )
    promise = F("order__promised_until")
    attempts = Attempt.objects.filter(
        delivery__station=station, created_at__gte=since, created_at__lt=until
    )
    home = CollectedCash.objects.filter(
        station=station,
        homecoming__isnull=False,
        payment__created_at__gte=since,
        payment__created_at__lt=until,
    )
    return [
        sum_up(done, "delivered", Count("pk")),
        sum_up(done.filter(order__delivered_at__lte=promise), "on_time", Count("pk")),
        sum_up(done.filter(order__delivered_at__gt=promise), "late", Count("pk")),
        sum_up(attempts, "failed", Count("pk")),
        sum_up(home, "cash", Sum("payment__amount")),
    ]


def _differences(station: Station, since: datetime, until: datetime) -> list[QuerySet[Any, Any]]:
    posted = Homecoming.objects.filter(station=station, posted_at__gte=since, posted_at__lt=until)
    lines = HomecomingLine.objects.filter(homecoming__in=posted.values("pk"))
    less, more = Q(counted__lt=F("expected")), Q(counted__gt=F("expected"))
    off, rider = F("counted") - F("expected"), "homecoming__rider"
    cash_off = F("cash_counted") - F("cash_expected")
    return [
        sum_up(lines.filter(less), "missing", -Sum(off), rider),
        sum_up(lines.filter(more), "found", Sum(off), rider),
        sum_up(posted.filter(cash_counted__lt=F("cash_expected")), "short", -Sum(cash_off)),
        sum_up(posted.filter(cash_counted__gt=F("cash_expected")), "over", Sum(cash_off)),
    ]
