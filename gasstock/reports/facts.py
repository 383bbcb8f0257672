"""What really happened, read from orders and moves themselves: the ground of every sum.

Days are those of the stations' calendar (settings.TIME_ZONE). A sale counts on the day it was
handed over; one that was undone counts on no day. Money in minor units.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    Count,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from gasstock.accounts.models import Station
from gasstock.core import clock
from gasstock.core.sums import big
from gasstock.inventory.models import Move
from gasstock.orders.figures import DEPOSITS, GOODS
from gasstock.orders.models import HANDED_OVER, EventKind, Order, OrderEvent, OrderLine

SALE_KEYS = ("station", "day", "channel", "clerk", "variant", "kind")
SALE_SUMS = ("quantity", "empties", "goods", "deposits", "cost", "costed", "costed_goods")
TILL_KEYS = ("station", "day", "channel", "clerk")
TILL_SUMS = ("orders", "fees")
MOVE_KEYS = ("station", "day", "variant", "condition", "reason", "source", "destination")

NOTHING = Value(0, BigIntegerField())
Row = dict[str, Any]


class Stretch(NamedTuple):
    """Days that follow each other, both included, at these stations (pk) or (None) at all."""

    first: date
    last: date
    stations: frozenset[int] | None = None


def span(field: str, since: date, until: date) -> Q:
    """Match moments of the days from `since` to `until`, both included."""
    begin, end = clock.bounds_of(since, until)
    return Q(**{f"{field}__gte": begin, f"{field}__lt": end})


def sales_of(days: Sequence[Stretch]) -> list[Row]:
    """What was sold on these days, line by line of SALE_KEYS; one query."""
    if not days:
        return []
    lines = OrderLine.objects.filter(_of_days("order__", days))
    sums = lines.annotate(
        station=F("order__station"),
        day=TruncDate("order__delivered_at", tzinfo=timezone.get_default_timezone()),
        channel=F("order__channel"),
        clerk=_clerk("order"),
    )
    rows = sums.values(*SALE_KEYS).annotate(**line_sums()).order_by(*SALE_KEYS)
    return [
        {key: row[key] for key in (*SALE_KEYS, *SALE_SUMS[2:])}
        | {"quantity": row["sold"], "empties": row["back"]}
        for row in rows
    ]


def tills_of(days: Sequence[Stretch]) -> list[Row]:
    """How many orders were handed over on these days, and their fees; one query."""
    if not days:
        return []
    orders = Order.objects.filter(_of_days("", days)).annotate(
        day=TruncDate("delivered_at", tzinfo=timezone.get_default_timezone()),
        clerk=_clerk("pk"),
    )
    sums = orders.values(*TILL_KEYS).annotate(
        orders=Count("pk"), fees=Coalesce(Sum(big("delivery_fee")), NOTHING)
    )
    return list(sums.order_by(*TILL_KEYS))


def moves_of(days: Iterable[date], station: int | None = None) -> list[Row]:
    """What was moved on these days, at one station or all; at most two queries."""
    spans = [span("created_at", first, last) for first, last in stretches(days)]
    if not spans:
        return []
    # Named one by one, so that the index by station and moment serves.
    stations = [station] if station else list(Station.objects.values_list("pk", flat=True))
    named = Move.objects.filter(_any(spans), station__in=stations).annotate(
        day=TruncDate("created_at", tzinfo=timezone.get_default_timezone()),
        source_kind=F("source__kind"),
        destination_kind=F("destination__kind"),
    )
    names = {"source": "source_kind", "destination": "destination_kind"}
    keys = [names.get(key, key) for key in MOVE_KEYS]
    rows = named.values(*keys).annotate(sum=Sum(big("quantity"))).order_by(*keys)
    return [
        {key: row[names.get(key, key)] for key in MOVE_KEYS} | {"quantity": row["sum"]}
        for row in rows
    ]


def stretches(days: Iterable[date]) -> list[tuple[date, date]]:
    """The first and last of days that follow each other, for years of them are one condition."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    return found


def _of_days(path: str, days: Iterable[Stretch]) -> Q:
    wanted = [
        span(f"{path}delivered_at", each.first, each.last) & _at(f"{path}station", each.stations)
        for each in days
    ]
    return _any(wanted) & Q(**{f"{path}status__in": HANDED_OVER})


def _at(path: str, stations: Iterable[int] | None) -> Q:
    return Q() if stations is None else Q(**{f"{path}__in": sorted(stations)})


def _any(conditions: Iterable[Q]) -> Q:
    any_of = Q()
    for condition in conditions:
        any_of |= condition
    return any_of


def _clerk(order: str) -> Coalesce:
    """The cashier of a counter sale; of an order, who handed it over."""
    prefix = "" if order == "pk" else "order__"
    events = OrderEvent.objects.filter(order=OuterRef(order), kind=EventKind.DELIVERED)
    return Coalesce(
        F(f"{prefix}shift__cashier"),
        Subquery(events.order_by("-pk").values("actor")[:1]),
        output_field=BigIntegerField(),
    )


def line_sums() -> dict[str, Any]:
    """Sums over order lines: as `OrderLine.charged`, with its deposits apart."""
    delivered = big("delivered")
    return {
        "sold": Sum(delivered),
        "back": Sum(big("empties")),
        "goods": Sum(GOODS),
        "deposits": Sum(DEPOSITS),
        "cost": Coalesce(Sum(delivered * big("unit_cost")), 0),
        "costed": Coalesce(Sum(delivered, filter=Q(unit_cost__isnull=False)), 0),
        "costed_goods": Coalesce(Sum(GOODS, filter=Q(unit_cost__isnull=False)), 0),
    }
