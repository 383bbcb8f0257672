"""What was bought: asked for, received, sent back, and how long that took."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Avg, Count, DurationField, F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy

from gasstock.core.sums import big
from gasstock.purchasing.history import SENT
from gasstock.purchasing.models import (
    LINE_TOTAL,
    TAKEN_TOTAL,
    PurchaseLine,
    PurchaseOrder,
    PurchaseStatus,
    ReceiptLine,
)
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

ORDERS = Column("orders", gettext_lazy("Orders sent"), Kind.COUNT, total=True)
ORDERED = Column("ordered", gettext_lazy("Pieces ordered"), Kind.COUNT, total=True)
RECEIVED = Column("received", gettext_lazy("Received"), Kind.COUNT, total=True)
REJECTED = Column("rejected", gettext_lazy("Rejected"), Kind.COUNT, total=True)
ASKED = Column("asked", gettext_lazy("Ordered for"), Kind.MONEY, total=True)
SPENT = Column("spent", gettext_lazy("Received for"), Kind.MONEY, total=True)
LEAD = Column("lead", gettext_lazy("Days until all was there"), Kind.DAYS)

GROUPS = (
    Choice("supplier", gettext_lazy("Supplier")),
    BY["variant"],
    BY["day"],
    BY["station"],
)
# Where the key and the name of a row stand, seen from an order; an article is of a line.
KEYS = {"supplier": "supplier", "station": "station"}
SUMS = tuple(column.name for column in (ORDERS, ORDERED, ASKED, RECEIVED, REJECTED, SPENT))
DAY = timedelta(days=1)


def purchases(ask: Ask) -> Table:
    """Orders by the day they were sent, goods by the day they came; at most three queries."""
    group = ask.group
    found: dict[Any, Row] = {}
    parts = [_ordered(ask), _received(ask), *([_lead(ask)] if group in KEYS else [])]
    for row in (row for part in parts for row in part):
        into = found.setdefault(row["key"], {**dict.fromkeys(SUMS, 0), "lead": None})
        into.update({name: value for name, value in row.items() if value is not None})
    rows = [{**row, "label": _label(group, row)} for row in found.values()]
    for row in rows:
        row["lead"] = days(row["lead"])
        if group == "supplier":
            row["url"] = reverse("purchasing:supplier", args=[row["slug"], row["key"]])
    if group == "day":
        rows.sort(key=lambda row: row["label"])
    else:
        rows.sort(key=lambda row: (-row["spent"], -row["asked"], row["label"], row["key"]))
    columns = _columns(ask)
    chart = (
        day_line(rows, ask.scope, ASKED, SPENT, day="label")
        if group == "day"
        else bars(rows, "label", ASKED, SPENT)
    )
    return Table(columns, rows, add_up(columns, rows), chart)


def _columns(ask: Ask) -> list[Column]:
    group = ask.group
    title = next(choice.title for choice in GROUPS if choice.key == group)
    with_station = group == "supplier" and not ask.scope.station
    return [
        Column("label", title, Kind.DAY if group == "day" else Kind.TEXT),
        *([Column("seller", gettext_lazy("Station"))] if with_station else []),
        # One order may be for several articles.
        *([] if group == "variant" else [ORDERS]),
        *(ORDERED, RECEIVED, REJECTED, ASKED, SPENT),
        *([LEAD] if group in KEYS else []),
    ]


def _label(group: str, row: Row) -> Any:
    return row["key"] if group == "day" else row["called"]


def _grouped(group: str, rows: QuerySet[Any], *, order: str, line: str, moment: str) -> Any:
    """Group `rows` under key and name, given the paths to order and line, and the moment."""
    if group == "day":
        return rows.order_by().annotate(key=day_of(moment)).values("key")
    if group == "variant":
        names = {"key": F(f"{line}variant"), "called": F(f"{line}variant__name")}
    else:
        names = {"key": F(f"{order}{group}"), "called": F(f"{order}{group}__name")}
    if group == "supplier":
        names |= {"slug": F(f"{order}station__slug"), "seller": F(f"{order}station__name")}
    return rows.order_by().values(**names)


def _of_supplier(ask: Ask, path: str) -> Q:
    supplier = ask.filters.get("supplier")
    return Q(**{path: supplier}) if supplier is not None else Q()


def _ordered(ask: Ask) -> Any:
    sent = PurchaseOrder.objects.filter(
        SENT, within(ask.scope, "submitted_at"), _of_supplier(ask, "supplier")
    )
    lines = PurchaseLine.objects.filter(order__in=sent)
    rows = _grouped(ask.group, lines, order="order__", line="", moment="order__submitted_at")
    return rows.annotate(
        orders=Count("order", distinct=True), ordered=Sum(big("quantity")), asked=Sum(LINE_TOTAL)
    )


def _received(ask: Ask) -> Any:
    lines = ReceiptLine.objects.filter(
        within(ask.scope, "receipt__created_at", "receipt__order__station"),
        _of_supplier(ask, "receipt__order__supplier"),
    )
    rows = _grouped(
        ask.group, lines, order="receipt__order__", line="line__", moment="receipt__created_at"
    )
    return rows.annotate(
        received=Sum(big("accepted")), refused=Sum(big("rejected")), spent=Sum(TAKEN_TOTAL)
    ).values(*_named(ask.group), "received", "spent", rejected=F("refused"))


def _named(group: str) -> list[str]:
    return {"day": ["key"], "supplier": ["key", "called", "slug", "seller"]}.get(
        group, ["key", "called"]
    )


def _lead(ask: Ask) -> Any:
    """How long those took that came in full on these days."""
    ended = PurchaseOrder.objects.filter(
        within(ask.scope, "ended_at"),
        _of_supplier(ask, "supplier"),
        status=PurchaseStatus.RECEIVED,
        submitted_at__isnull=False,
    )
    rows = _grouped(ask.group, ended, order="", line="", moment="ended_at")
    took = F("ended_at") - F("submitted_at")
    return rows.annotate(lead=Avg(took, output_field=DurationField()))


def days(length: timedelta | None) -> Decimal | None:
    """In days, to one place, halves up."""
    if length is None:
        return None
    exact = Decimal(length // timedelta(microseconds=1)) / (DAY // timedelta(microseconds=1))
    return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


REPORTS = [
    Report(
        "purchases",
        gettext_lazy("Purchases"),
        gettext_lazy("What you ordered from suppliers, what came of it, and how fast."),
        purchases,
        section="Buying",
        groups=GROUPS,
        filters=("supplier",),
    ),
]
