"""How drawers were counted: what should have been there, and what was.

Only of those that were counted; of an open one nobody may know.
"""

from functools import reduce
from operator import add
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy

from gasstock.billing.models import DrawerEntry, Method, Shift, ShiftCount, ShiftStatus
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
)
from gasstock.reports.sales import BY

CASHIER = Choice("cashier", gettext_lazy("Cashier"))
TITLES = {"cashier": CASHIER.title, "day": BY["day"].title, "station": BY["station"].title}
SHORT = Column("short", gettext_lazy("Missing"), Kind.MONEY, total=True)
OVER = Column("over", gettext_lazy("Too much"), Kind.MONEY, total=True)
NO_MONEY = Value(0, BigIntegerField())
FOUND = Cast("quantity", BigIntegerField()) * Coalesce("denomination", 1)


def drawers(ask: Ask) -> Table:
    """Drawers by the day they were counted, each way of paying for itself; one query."""
    is_daily = ask.group == "day"
    columns = (
        Column("label", TITLES[ask.group], Kind.DAY if is_daily else Kind.TEXT),
        Column("count", gettext_lazy("Drawers counted"), Kind.COUNT, total=True),
        Column("off", gettext_lazy("With a difference"), Kind.COUNT, total=True),
        Column("expected", gettext_lazy("Should be there"), Kind.MONEY, total=True),
        Column("counted", gettext_lazy("Counted"), Kind.MONEY, total=True),
        *(SHORT, OVER),
        Column("net", gettext_lazy("Difference"), Kind.MONEY, total=True),
    )
    rows = [_row(row, is_daily) for row in _grouped(ask)]
    rows.sort(key=lambda row: row["key"] if is_daily else (-row["short"], row["label"], row["key"]))
    chart = (
        day_line(rows, ask.scope, SHORT, OVER, day="label")
        if is_daily
        else bars(rows, "label", SHORT, OVER)
    )
    return Table(columns, rows, add_up(columns, rows), chart)


def _row(row: Row, is_daily: bool) -> Row:
    named = {"label": row["key"] if is_daily else row["called"]}
    return {**row, **named, "net": row["counted"] - row["expected"]}


def _grouped(ask: Ask) -> Any:
    methods = [Method(ask.filters["method"])] if ask.filters.get("method") else list(Method)
    shifts = _with_sums(_counted(ask), methods)
    if ask.group == "day":
        rows: Any = shifts.order_by().annotate(key=day_of("counted_at")).values("key")
    else:
        path = ask.group
        rows = shifts.order_by().values(key=F(path), called=F(f"{path}__name"))
    offs = [F(f"found_{method}") - F(f"should_{method}") for method in methods]
    is_off = reduce(
        lambda one, other: one | other,
        (~Q(**{f"found_{method}": F(f"should_{method}")}) for method in methods),
    )
    return rows.annotate(
        count=Count("pk"),
        off=Count("pk", filter=is_off),
        expected=_all(F(f"should_{method}") for method in methods),
        counted=_all(F(f"found_{method}") for method in methods),
        short=-_all(_only(each, methods[n], "lt") for n, each in enumerate(offs)),
        over=_all(_only(each, methods[n], "gt") for n, each in enumerate(offs)),
    )


def _counted(ask: Ask) -> QuerySet[Shift]:
    shifts = Shift.objects.filter(within(ask.scope, "counted_at"))
    shifts = shifts.exclude(status=ShiftStatus.OPEN)
    clerk = ask.filters.get("clerk")
    return shifts.filter(cashier=clerk) if clerk is not None else shifts


def _with_sums(shifts: QuerySet[Shift], methods: list[Method]) -> QuerySet[Shift]:
    """Name what should be there and what was found, by method."""
    sums: dict[str, Any] = {}
    for method in methods:
        entries = DrawerEntry.objects.filter(shift=OuterRef("pk"), method=method)
        counts = ShiftCount.objects.filter(shift=OuterRef("pk"), method=method)
        sums[f"should_{method}"] = _sum_of(entries, F("amount"))
        sums[f"found_{method}"] = _sum_of(counts, FOUND)
    return shifts.annotate(**sums)


def _sum_of(rows: QuerySet[Any], amount: Any) -> Coalesce:
    sums = rows.order_by().values("shift").annotate(sum_of=Sum(amount)).values("sum_of")
    return Coalesce(Subquery(sums, output_field=BigIntegerField()), NO_MONEY)


def _only(off: Any, method: Method, way: str) -> Case:
    """The difference where it goes this way, else nothing."""
    rule = Q(**{f"found_{method}__{way}": F(f"should_{method}")})
    return Case(When(rule, then=off), default=NO_MONEY, output_field=BigIntegerField())


def _all(amounts: Any) -> Coalesce:
    return Coalesce(Sum(reduce(add, amounts), output_field=BigIntegerField()), NO_MONEY)


REPORTS = [
    Report(
        "drawers",
        gettext_lazy("Drawer differences"),
        gettext_lazy("What was counted in each drawer against what should have been there."),
        drawers,
        section="Money",
        groups=(CASHIER, BY["day"], BY["station"]),
        filters=("clerk", "method"),
    ),
]
