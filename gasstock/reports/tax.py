"""The tax in what was billed, less what credit notes gave back of it."""

from typing import Any

from django.db.models import BigIntegerField, Count, F, QuerySet, Sum
from django.db.models.functions import Cast, TruncMonth
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.billing.models import FINAL, CreditNote, Invoice
from gasstock.core.money import format_rate
from gasstock.reports.reach import within
from gasstock.reports.report import (
    MOST_BARS,
    Ask,
    Choice,
    Column,
    Kind,
    Report,
    Row,
    Table,
    add_up,
    bars,
)
from gasstock.reports.sales import BY

RATE = Choice("rate", gettext_lazy("Rate"))
TITLES = {"rate": RATE.title, "month": BY["month"].title, "station": BY["station"].title}
NET = Column("net", gettext_lazy("Tax"), Kind.MONEY, total=True)
SUMS = (
    Column("bills", gettext_lazy("Invoices and receipts"), Kind.COUNT, total=True),
    Column("billed", gettext_lazy("Tax in them"), Kind.MONEY, total=True),
    Column("notes", gettext_lazy("Credit notes"), Kind.COUNT, total=True),
    Column("back", gettext_lazy("Tax given back"), Kind.MONEY, total=True),
    NET,
)


def tax(ask: Ask) -> Table:
    """Invoices on the day they were approved, credit notes on theirs; two queries."""
    found: dict[Any, Row] = {}
    for row in [*_billed(ask), *_given_back(ask)]:
        key = row["which"], row.get("called")
        into = found.setdefault(key, {"bills": 0, "billed": 0, "notes": 0, "back": 0})
        into.update({name: row[name] for name in into if name in row})
    rows = [
        {**row, "key": key, "label": _label(ask.group, *key), "net": row["billed"] - row["back"]}
        for key, row in found.items()
    ]
    is_monthly = ask.group == "month"
    rows.sort(key=lambda row: row["key"][0] if is_monthly else (-row["net"], row["label"]))
    columns = (Column("label", TITLES[ask.group]), *SUMS)
    drawn = rows[-MOST_BARS:] if is_monthly else rows
    return Table(columns, rows, add_up(columns, rows), bars(drawn, "label", NET))


def _billed(ask: Ask) -> Any:
    rows = Invoice.objects.filter(within(ask.scope, "approved_at"), status__in=FINAL)
    return _grouped(ask, rows, "approved_at", bills=Count("pk"), billed=_sum("tax"))


def _given_back(ask: Ask) -> Any:
    rows = CreditNote.objects.filter(
        within(ask.scope, "created_at", "invoice__station"), invoice__status__in=FINAL
    )
    sums = {"notes": Count("pk"), "back": _sum("tax")}
    return _grouped(ask, rows, "created_at", "invoice__", **sums)


def _sum(column: str) -> Any:
    return Cast(Sum(column), BigIntegerField())


def _grouped(ask: Ask, rows: QuerySet[Any], moment: str, path: str = "", **sums: Any) -> Any:
    month = TruncMonth(moment, tzinfo=timezone.get_default_timezone())
    keys: dict[str, dict[str, Any]] = {
        "month": {"which": month},
        "rate": {"which": F(f"{path}tax_rate"), "called": F(f"{path}tax_name")},
        "station": {"which": F(f"{path}station"), "called": F(f"{path}station__name")},
    }
    return rows.order_by().values(**keys[ask.group]).annotate(**sums)


def _label(group: str, which: Any, called: str | None) -> str:
    if group == "month":
        return date_format(which, "F Y")
    if group == "rate":
        return f"{called} {format_rate(which)}" if which else _("No tax")
    return str(called)


REPORTS = [
    Report(
        "tax",
        gettext_lazy("Tax"),
        gettext_lazy("The tax in approved invoices and receipts, less what was credited."),
        tax,
        section="Money",
        groups=(BY["month"], RATE, BY["station"]),
    ),
]
