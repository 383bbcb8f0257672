"""How deliveries went, and what riders did.

As in delivery/figures.py, nothing here tells of cash that is still on a bike: it is counted first.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import (
    Avg,
    BigIntegerField,
    CharField,
    Count,
    DurationField,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy

from gasstock.delivery.models import Attempt, CollectedCash, Delivery, DeliveryStatus
from gasstock.reports.reach import day_of, within
from gasstock.reports.report import (
    Ask,
    Choice,
    Column,
    Kind,
    Report,
    Row,
    Table,
    add_up,
    bars,
    day_line,
    share,
)
from gasstock.reports.sales import BY

SENT = Column("sent", gettext_lazy("Sent out"), Kind.COUNT, total=True)
DELIVERED = Column("delivered", gettext_lazy("Delivered"), Kind.COUNT, total=True)
FAILED = Column("failed", gettext_lazy("Failed tries"), Kind.COUNT, total=True)
ON_TIME = Column("on_time", gettext_lazy("On time"), Kind.COUNT, total=True)
LATE = Column("late", gettext_lazy("Late"), Kind.COUNT, total=True)
SHARE = Column("share", gettext_lazy("Share on time"), Kind.SHARE)
MINUTES = Column("minutes", gettext_lazy("Minutes on the way"), Kind.COUNT)
CASH = Column("cash", gettext_lazy("Cash brought home"), Kind.MONEY, total=True)
COUNTS = ("sent", "delivered", "failed", "on_time", "late", "cash")

GROUPS = (Choice("rider", gettext_lazy("Rider")), BY["day"], BY["station"])


def deliveries(ask: Ask) -> Table:
    """Each part by the day it happened; two queries."""
    found: dict[Any, Row] = {}
    for row in (row for part in _parts(ask) for row in part):
        into = found.setdefault(row["key"], {**dict.fromkeys(COUNTS, 0), "length": None})
        into.update({name: value for name, value in row.items() if value is not None})
    is_daily = ask.group == "day"
    rows = [_row(row, is_daily) for row in found.values()]
    rows.sort(key=lambda row: row["key"] if is_daily else (-row["delivered"], row["label"]))
    title = next(choice.title for choice in GROUPS if choice.key == ask.group)
    columns = (
        Column("label", title, Kind.DAY if is_daily else Kind.TEXT),
        *(SENT, DELIVERED, FAILED, ON_TIME, LATE, SHARE, MINUTES, CASH),
    )
    totals = add_up(columns, rows)
    if totals:
        totals["share"] = share(totals["on_time"], totals["on_time"] + totals["late"])
    chart = (
        day_line(rows, ask.scope, DELIVERED, FAILED, day="label")
        if is_daily
        else bars(rows, "label", ON_TIME, LATE, FAILED)
    )
    return Table(columns, rows, totals, chart)


def _row(row: Row, is_daily: bool) -> Row:
    return {
        **row,
        "label": row["key"] if is_daily else row["called"],
        "share": share(row["on_time"], row["on_time"] + row["late"]),
        "minutes": _minutes(row["length"]),
    }


def _minutes(length: timedelta | None) -> int | None:
    if length is None:
        return None
    exact = Decimal(length // timedelta(microseconds=1)) / 60_000_000
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _parts(ask: Ask) -> Iterable[Any]:
    scope = ask.scope
    sent = Delivery.objects.filter(within(scope, "departed_at"), _of_rider(ask))
    done = Delivery.objects.filter(
        within(scope, "ended_at"), _of_rider(ask), status=DeliveryStatus.DELIVERED
    )
    failed = Attempt.objects.filter(
        within(scope, "created_at", "delivery__station"), _of_rider(ask)
    )
    home = CollectedCash.objects.filter(
        within(scope, "payment__created_at"), _of_rider(ask), homecoming__isnull=False
    )
    promise = F("order__promised_until")
    yield _grouped(ask, done, "ended_at").annotate(
        delivered=Count("pk"),
        on_time=Count("pk", filter=Q(order__delivered_at__lte=promise)),
        late=Count("pk", filter=Q(order__delivered_at__gt=promise)),
        length=Avg(F("ended_at") - F("departed_at"), output_field=DurationField()),
    )
    first, *others = (
        _sums(_grouped(ask, sent, "departed_at"), "sent", Count("pk")),
        _sums(_grouped(ask, failed, "created_at", "delivery__station"), "failed", Count("pk")),
        _sums(_grouped(ask, home, "payment__created_at"), "cash", Sum("payment__amount")),
    )
    for row in first.union(*others, all=True):
        yield [{**row, row["what"]: row["sum_of"]}]


def _sums(rows: Any, what: str, sum_of: Any) -> Any:
    total = Cast(sum_of, BigIntegerField())
    return rows.annotate(what=Value(what, CharField()), sum_of=total)


def _of_rider(ask: Ask) -> Q:
    rider = ask.filters.get("rider")
    return Q(rider=rider) if rider is not None else Q()


def _grouped(ask: Ask, rows: QuerySet[Any], moment: str, station: str = "station") -> Any:
    if ask.group == "day":
        return rows.order_by().annotate(key=day_of(moment)).values("key")
    path = station if ask.group == "station" else "rider"
    return rows.order_by().values(key=F(path), called=F(f"{path}__name"))


REPORTS = [
    Report(
        "deliveries",
        gettext_lazy("Deliveries and riders"),
        gettext_lazy("What was sent out and delivered, how fast and how punctual."),
        deliveries,
        section="Delivery",
        groups=GROUPS,
        filters=("rider",),
    ),
]
