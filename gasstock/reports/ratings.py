"""How buyers rated what was brought to them."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from gasstock.orders.models import Rating
from gasstock.reports.reach import within
from gasstock.reports.report import (
    MOST_BARS,
    Ask,
    Chart,
    Column,
    Kind,
    Report,
    Row,
    Series,
    Table,
    add_up,
)
from gasstock.reports.sales import BY

STARS = {
    5: gettext_lazy("5 stars"),
    4: gettext_lazy("4 stars"),
    3: gettext_lazy("3 stars"),
    2: gettext_lazy("2 stars"),
    1: gettext_lazy("1 star"),
}
DRAWN = (  # as many as a picture can tell apart
    *((STARS[n], (n,)) for n in (5, 4, 3)),
    (gettext_lazy("2 stars or 1"), (2, 1)),
)


def ratings(ask: Ask) -> Table:
    """How many of each, and their average; one query."""
    given = [Column(f"of_{n}", title, Kind.COUNT, total=True) for n, title in STARS.items()]
    columns = (
        Column("label", BY[ask.group].title),
        Column("count", gettext_lazy("Ratings"), Kind.COUNT, total=True),
        Column("average", gettext_lazy("Average"), Kind.DAYS),
        *given,
        Column("answered", gettext_lazy("Answered"), Kind.COUNT, total=True),
    )
    rows = [
        {**row, "label": _label(ask.group, row), "average": average(row["sum"], row["count"])}
        for row in _counted(ask)
    ]
    rows.sort(key=lambda row: row["key"] if ask.group == "month" else (-row["count"], row["label"]))
    totals = add_up(columns, rows)
    if totals:
        totals["average"] = average(sum(row["sum"] for row in rows), totals["count"])
    shown = rows[-MOST_BARS:] if ask.group == "month" else rows[:MOST_BARS]
    series = [
        Series(title, [sum(row[f"of_{n}"] for n in of) for row in shown]) for title, of in DRAWN
    ]
    chart = Chart("stacked", [row["label"] for row in shown], series) if shown else None
    return Table(columns, rows, totals, chart)


def _counted(ask: Ask) -> Any:
    rows = Rating.objects.filter(within(ask.scope, "created_at")).order_by()
    if ask.group == "month":
        zone = timezone.get_default_timezone()
        grouped: Any = rows.annotate(key=TruncMonth("created_at", tzinfo=zone)).values("key")
    else:
        grouped = rows.values(key=F("station"), called=F("station__name"))
    by_stars: dict[str, Any] = {f"of_{n}": Count("pk", filter=Q(stars=n)) for n in STARS}
    return grouped.annotate(
        count=Count("pk"),
        sum=Sum("stars"),
        answered=Count("pk", filter=~Q(reply="")),
        **by_stars,
    )


def _label(group: str, row: Row) -> str:
    return date_format(row["key"], "F Y") if group == "month" else row["called"]


def average(stars: int, count: int) -> Decimal | None:
    """To one place, halves up."""
    if not count:
        return None
    return (Decimal(stars) / count).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


REPORTS = [
    Report(
        "ratings",
        gettext_lazy("Ratings"),
        gettext_lazy("How buyers rated their orders, and how often you answered."),
        ratings,
        section="Sales",
        groups=(BY["month"], BY["station"]),
    ),
]
