"""Money that came in and went out, and what buyers still owe.

What is in a drawer that nobody counted yet, or with a rider, is not told: that count is blind.
"""

from datetime import timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy, ngettext

from gasstock.billing.models import (
    DrawerEntry,
    Invoice,
    InvoiceStatus,
    Method,
    Payment,
    PaymentStatus,
    ShiftStatus,
)
from gasstock.core import clock
from gasstock.delivery.models import CollectedCash
from gasstock.reports.reach import among, day_of, within
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

METHOD = Choice("method", gettext_lazy("Way of paying"))
COUNT = Column("count", gettext_lazy("Payments"), Kind.COUNT, total=True)
IN = Column("came", gettext_lazy("In"), Kind.MONEY, total=True)
OUT = Column("left", gettext_lazy("Out"), Kind.MONEY, total=True)
NET = Column("net", gettext_lazy("In less out"), Kind.MONEY, total=True)
TITLES = {"method": METHOD.title, "day": BY["day"].title, "station": BY["station"].title}
NO_MONEY = Value(0, BigIntegerField())


def payments(ask: Ask) -> Table:
    """Payments on the day they were made, and again when they were taken back; three queries."""
    made, undone = _made(ask), _undone(ask)
    found: dict[Any, Row] = {}
    for row in [*_sums(ask, made, "created_at"), *_sums(ask, undone, "reversed_at", back=True)]:
        into = found.setdefault(row["which"], {**row, "count": 0, "came": 0, "left": 0})
        for name in ("count", "came", "left"):
            into[name] += row[name]
    rows = [
        {**row, "label": _label(ask.group, row), "net": row["came"] - row["left"], "key": key}
        for key, row in found.items()
    ]
    is_daily = ask.group == "day"
    rows.sort(key=lambda row: row["key"] if is_daily else (-row["came"], row["label"]))
    columns = (
        Column("label", TITLES[ask.group], Kind.DAY if is_daily else Kind.TEXT),
        *(COUNT, IN, OUT, NET),
    )
    chart = (
        day_line(rows, ask.scope, IN, OUT, day="key") if is_daily else bars(rows, "label", IN, OUT)
    )
    return Table(columns, rows, add_up(columns, rows), chart, "" if ask.is_brief else _waiting(ask))


def _label(group: str, row: Row) -> Any:
    if group == "method":
        return str(Method(row["which"]).label)
    return row["which"] if group == "day" else row["called"]


def _of(ask: Ask, moment: str) -> QuerySet[Payment]:
    rows = Payment.objects.filter(within(ask.scope, moment, "invoice__station"))
    rows = rows.exclude(status=PaymentStatus.PENDING)
    method = ask.filters.get("method")
    return rows.filter(method=method) if method else rows


def _made(ask: Ask) -> QuerySet[Payment]:
    return _of(ask, "created_at").filter(~_in_open_drawer(back=False), ~_ON_THE_ROAD)


def _undone(ask: Ask) -> QuerySet[Payment]:
    rows = _of(ask, "reversed_at").filter(status=PaymentStatus.REVERSED)
    return rows.filter(~_in_open_drawer(back=True), ~_ON_THE_ROAD)


_ON_THE_ROAD = Q(pk__in=CollectedCash.objects.filter(homecoming=None).values("payment"))


def _in_open_drawer(*, back: bool) -> Q:
    """Match what went through a drawer nobody counted; with `back`, out of it again."""
    amount = -F("payment__amount") if back else F("payment__amount")
    entries = DrawerEntry.objects.filter(shift__status=ShiftStatus.OPEN, amount=amount)
    return Q(pk__in=entries.values("payment"))


def _sums(ask: Ask, rows: QuerySet[Payment], moment: str, *, back: bool = False) -> Any:
    more, less = ("left", "came") if back else ("came", "left")
    groups: dict[str, Any] = {
        "method": {"which": F("method")},
        "station": {"which": F("invoice__station"), "called": F("invoice__station__name")},
    }
    if ask.group == "day":
        named: Any = rows.order_by().annotate(which=day_of(moment)).values("which")
    else:
        named = rows.order_by().values(**groups[ask.group])
    return named.annotate(
        **{
            "count": Count("pk") if not back else Value(0),
            more: Coalesce(Sum("amount", filter=Q(amount__gt=0)), NO_MONEY),
            less: -Coalesce(Sum("amount", filter=Q(amount__lt=0)), NO_MONEY),
        }
    )


def _waiting(ask: Ask) -> str:
    """How many payments are not told yet."""
    rows = _of(ask, "created_at").filter(_in_open_drawer(back=False) | _ON_THE_ROAD)
    count = rows.count()
    if not count:
        return ""
    return ngettext(
        "Without %(count)s payment in an open drawer or with a rider: it is not counted yet.",
        "Without %(count)s payments in open drawers or with riders: they are not counted yet.",
        count,
    ) % {"count": f"{count:,}"}


# --- What is owed -------------------------------------------------------------------------------

# Days over due, from and to; not due at all, or for longer.
AGES = {
    "not_due": (None, 0, gettext_lazy("Not due yet")),
    "week": (1, 7, gettext_lazy("1–7 days late")),
    "fortnight": (8, 14, gettext_lazy("8–14 days")),
    "month": (15, 30, gettext_lazy("15–30 days")),
    "older": (31, None, gettext_lazy("Longer")),
}
LEFT = F("total") - F("credited") - F("paid")
BUYER = Choice("buyer", gettext_lazy("Buyer"))


def receivables(ask: Ask) -> Table:
    """What is left to pay of approved bills, by how long it is over due; one query."""
    invoices = Invoice.objects.filter(among(ask.scope), status=InvoiceStatus.APPROVED)
    owed = invoices.annotate(owes=Cast(LEFT, BigIntegerField())).filter(owes__gt=0)
    if ask.group == "station":
        grouped = owed.order_by().values(key=F("station"), called=F("station__name"))
    else:
        known = When(buyer__isnull=False, then=F("buyer__name"))
        name = Case(known, default=F("buyer_name"), output_field=CharField())
        grouped = owed.order_by().values(key=F("buyer"), called=name)
    sums: dict[str, Any] = {
        name: Coalesce(Sum("owes", filter=_aged(*ages)), NO_MONEY)
        for name, (*ages, _title) in AGES.items()
    }
    rows = [
        {**row, "label": row["called"]}
        for row in grouped.annotate(bills=Count("pk"), all=Sum("owes"), **sums)
    ]
    rows.sort(key=lambda row: (-row["all"], row["label"], row["key"] or 0))
    late = [Column(key, title, Kind.MONEY, total=True) for key, (*_ages, title) in AGES.items()]
    columns = (
        Column("label", BUYER.title if ask.group == "buyer" else BY["station"].title),
        Column("bills", gettext_lazy("Invoices"), Kind.COUNT, total=True),
        *late,
        Column("all", gettext_lazy("In all"), Kind.MONEY, total=True),
    )
    totals = add_up(columns, rows)
    aged = [{"label": each.title, "sum": totals[each.name]} for each in late] if totals else []
    return Table(columns, rows, totals, bars(aged, "label", Column("sum", _OWED, Kind.MONEY)))


_OWED = gettext_lazy("Owed")


def _aged(least: int | None, most: int | None) -> Q:
    """Match bills that many days over due. One without a day is not due."""
    today = clock.today()
    if least is None:
        return Q(due_on=None) | Q(due_on__gte=today)
    rule = Q(due_on__lte=today - timedelta(days=least))
    return rule if most is None else rule & Q(due_on__gte=today - timedelta(days=most))


REPORTS = [
    Report(
        "payments",
        gettext_lazy("Payments"),
        gettext_lazy("Money that came in and went out, by the way it was paid."),
        payments,
        section="Money",
        groups=(METHOD, BY["day"], BY["station"]),
        filters=("method",),
    ),
    Report(
        "receivables",
        gettext_lazy("Unpaid invoices"),
        gettext_lazy("What buyers owe on approved invoices, and for how long it is over due."),
        receivables,
        section="Money",
        groups=(BUYER, BY["station"]),
        dated=False,
    ),
]
