"""Where the shells are, and the deposits that stations keep for them."""

from typing import Any

from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from gasstock.inventory.models import DEPOSIT, Balance, Condition, DepositEntry, LocationKind
from gasstock.reports.reach import at, day_of, within
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
    bars,
    day_line,
)
from gasstock.reports.sales import BY
from gasstock.reports.stock import (
    ARTICLES,
    KEYS,
    NAMES,
    by_label,
    label,
    label_of,
    of_brand,
)

SHELL = Q(variant__size_g__isnull=False)
AT_STATION = Q(location__kind=LocationKind.STATION)
PLACES = {
    "full": AT_STATION & Q(condition=Condition.FULL),
    "empty": AT_STATION & Q(condition=Condition.EMPTY),
    "defect": AT_STATION & Q(condition=Condition.DEFECT),
    "riders": Q(location__kind=LocationKind.RIDER),
    "transit": Q(location__kind=LocationKind.TRANSIT),
    "buyers": Q(location__kind=LocationKind.BUYER),
}
TITLES = {
    "full": gettext_lazy("Full"),
    "empty": gettext_lazy("Empty"),
    "defect": gettext_lazy("Defect"),
    "riders": gettext_lazy("With riders"),
    "transit": gettext_lazy("On the way"),
    "buyers": gettext_lazy("With buyers"),
}
DRAWN = (  # as many as a picture can tell apart
    (TITLES["full"], ("full",)),
    (gettext_lazy("Empty or defect"), ("empty", "defect")),
    (gettext_lazy("With riders or on the way"), ("riders", "transit")),
    (TITLES["buyers"], ("buyers",)),
)
# As KEYS and NAMES, in entries of deposits.
_KEYS = {**KEYS, "station": "station"}
_NAMES = {**NAMES, "station": "station__name"}


def shells(ask: Ask) -> Table:
    """Every shell in the books by where it is, with the deposits for those at buyers; two queries.

    Below zero with buyers: more came back of a brand than was ever handed out.
    """
    places = [Column(name, title, Kind.COUNT, total=True) for name, title in TITLES.items()]
    columns = (
        label(ask.group),
        *places,
        Column("all", gettext_lazy("In all"), Kind.COUNT, total=True),
        Column("held", gettext_lazy("With a deposit"), Kind.COUNT, total=True),
        Column("owed", gettext_lazy("Deposits kept"), Kind.MONEY, total=True),
    )
    found: dict[Any, Row] = {}
    for row in _counted(ask):
        found[row["key"]] = {
            **row,
            "all": sum(row[place] for place in PLACES),
            "held": 0,
            "owed": 0,
        }
    for row in _kept(ask):
        empty = {**dict.fromkeys(PLACES, 0), "all": 0, **row}
        found.setdefault(row["key"], empty).update(held=row["held"], owed=row["owed"])
    rows = [row for row in found.values() if any(row[column.name] for column in columns[1:])]
    for row in rows:
        row["label"] = label_of(ask.group, row["called"])
    rows = by_label(ask.group, rows)
    return Table(columns, rows, add_up(columns, rows), _stacked(rows))


def _counted(ask: Ask) -> Any:
    held = Balance.objects.filter(SHELL, at(ask.scope, "location__station"), of_brand(ask))
    counts: dict[str, Any] = {
        name: Coalesce(Sum("on_hand", filter=place), 0) for name, place in PLACES.items()
    }
    rows = held.exclude(on_hand=0).values(key=F(KEYS[ask.group]), called=F(NAMES[ask.group]))
    return rows.annotate(**counts).order_by()


def _kept(ask: Ask) -> Any:
    entries = DepositEntry.objects.filter(at(ask.scope), of_brand(ask))
    rows = entries.values(key=F(_KEYS[ask.group]), called=F(_NAMES[ask.group]))
    return rows.annotate(held=Sum("quantity"), owed=Sum(DEPOSIT)).order_by()


def _stacked(rows: list[Row]) -> Chart | None:
    shown = sorted(rows, key=lambda row: -row["all"])[:MOST_BARS]
    series = [
        Series(title, [max(0, sum(row[place] for place in of)) for row in shown])
        for title, of in DRAWN
    ]
    drawn = [each for each in series if any(each.values)]
    return Chart("stacked", [row["label"] for row in shown], drawn) if drawn else None


# --- Deposits taken and given back --------------------------------------------------------------


def deposits(ask: Ask) -> Table:
    """What was taken for shells on these days and what was given back; one query."""
    group = ask.group
    taken = Column("taken_amount", gettext_lazy("Deposits taken"), Kind.MONEY, total=True)
    back = Column("back_amount", gettext_lazy("Deposits given back"), Kind.MONEY, total=True)
    is_daily = group == "day"
    columns = (
        Column("label", BY["day"].title, Kind.DAY) if is_daily else label(group),
        Column("taken", gettext_lazy("Shells kept"), Kind.COUNT, total=True),
        taken,
        Column("back", gettext_lazy("Shells brought"), Kind.COUNT, total=True),
        back,
        Column("net", gettext_lazy("More deposits"), Kind.MONEY, total=True),
    )
    rows = [{**row, "net": row["taken_amount"] - row["back_amount"]} for row in _entered(ask)]
    for row in rows:
        row["label"] = row["key"] if is_daily else label_of(group, row["called"])
    rows = by_label(group, rows)
    most = sorted(rows, key=lambda row: -row["taken_amount"])
    chart = (
        day_line(rows, ask.scope, taken, back, day="label")
        if is_daily
        else bars(most, "label", taken, back)
    )
    return Table(columns, rows, add_up(columns, rows), chart)


def _entered(ask: Ask) -> Any:
    entries = DepositEntry.objects.filter(within(ask.scope, "created_at"), of_brand(ask))
    if ask.group == "day":
        rows: Any = entries.annotate(key=day_of("created_at")).values("key")
    else:
        rows = entries.values(key=F(_KEYS[ask.group]), called=F(_NAMES[ask.group]))
    more, less = Q(quantity__gt=0), Q(quantity__lt=0)
    return rows.annotate(
        taken=Coalesce(Sum("quantity", filter=more), 0),
        taken_amount=Coalesce(Sum(DEPOSIT, filter=more), 0),
        back=-Coalesce(Sum("quantity", filter=less), 0),
        back_amount=-Coalesce(Sum(DEPOSIT, filter=less), 0),
    ).order_by()


REPORTS = [
    Report(
        "cylinders",
        gettext_lazy("Cylinders"),
        gettext_lazy("Where all shells are now, and the deposits you keep for those with buyers."),
        shells,
        section="Stock",
        groups=ARTICLES,
        filters=("brand",),
        dated=False,
    ),
    Report(
        "deposits",
        gettext_lazy("Deposits"),
        gettext_lazy("What buyers paid for the cylinders they keep, and what they got back."),
        deposits,
        section="Stock",
        groups=(BY["day"], *ARTICLES),
        filters=("brand",),
    ),
]
