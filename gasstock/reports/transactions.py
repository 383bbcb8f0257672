"""Sales and purchases one by one, the latest first: a list in pages, however long it is.

A sale is an order that was handed over, or a counter sale; a purchase is what a supplier brought.
"""

from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.core.paging import below, cursor_below
from gasstock.core.sums import big
from gasstock.orders.figures import DEPOSITS, GOODS
from gasstock.orders.models import HANDED_OVER, Channel, Order, OrderLine
from gasstock.purchasing.models import TAKEN_TOTAL, Receipt, ReceiptLine
from gasstock.reports import facts, sums
from gasstock.reports.kept import Span
from gasstock.reports.report import Ask, Choice, Column, Kind, Report, Row, Table
from gasstock.reports.sums import Scope

SALES, PURCHASES = "sales", "purchases"
RANKS = {SALES: 1, PURCHASES: 0}  # of two in the same moment, sales come first

COLUMNS = [
    Column("number", gettext_lazy("Number")),
    Column("at", gettext_lazy("When"), Kind.MOMENT),
    Column("what", gettext_lazy("What")),
    Column("party", gettext_lazy("With whom")),
    Column("pieces", gettext_lazy("Pieces"), Kind.COUNT),
    Column("sold", gettext_lazy("Sold"), Kind.MONEY, total=True),
    Column("bought", gettext_lazy("Bought"), Kind.MONEY, total=True),
]
STATION = Column("station", gettext_lazy("Station"))


def read_transactions(ask: Ask) -> Table:
    """In at most eight queries, the totals included; those of two spans as of one."""
    rows: list[Row] = []
    if ask.group != PURCHASES and not ask.is_brief:
        rows += _sales(ask)
    if ask.group != SALES and "channel" not in ask.filters and not ask.is_brief:
        rows += _purchases(ask)
    rows.sort(key=lambda row: row["place"], reverse=True)
    more = ask.size is not None and len(rows) > ask.size
    rows = rows[: ask.size]
    columns = COLUMNS if ask.scope.station else [*COLUMNS[:3], STATION, *COLUMNS[3:]]
    return Table(
        columns,
        rows,
        _totals(ask) if rows or ask.is_brief else None,
        next=cursor_below(rows[-1]["place"]) if more else None,
    )


def _totals(ask: Ask) -> Row:
    sold = bought = 0
    if ask.group != PURCHASES:
        scope = replace(ask.scope, filters=_channel(ask, "channel"))
        lines, tills = sums.sales(scope), sums.tills(scope)
        sold = sum(each.goods + each.deposits for each in lines.values())
        sold += sum(each.fees for each in tills.values())
    if ask.group != SALES and "channel" not in ask.filters:
        bought = _bought(ask.scope)
    return {"sold": sold, "bought": bought}


def _bought(scope: Scope) -> int:
    """Read along with the other days that were looked up with these; one query."""
    kept = scope.kept

    def read() -> dict[Span, int]:
        lines = ReceiptLine.objects.all()
        if scope.station:
            lines = lines.filter(receipt__order__station=scope.station)
        days = [facts.span("receipt__created_at", *span) for span in kept.spans]
        each = {f"sum_{n}": Sum(TAKEN_TOTAL, filter=some) for n, some in enumerate(days)}
        found = lines.filter(reduce(or_, days)).aggregate(**each)
        return {span: found[f"sum_{n}"] or 0 for n, span in enumerate(kept.spans)}

    return kept.once(_bought, read)[scope.span]


def _channel(ask: Ask, name: str) -> dict[str, Any]:
    return {name: ask.filters["channel"]} if "channel" in ask.filters else {}


def _sales(ask: Ask) -> list[Row]:
    orders = Order.objects.filter(status__in=HANDED_OVER, **_channel(ask, "channel"))
    page = _page(ask, _in_scope(ask, orders, "delivered_at", "station"), SALES, "delivered_at")
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
    rows = page.select_related("station", "invoice").annotate(
        pieces=_sum_of(lines, Sum(big("delivered"))), money=_sum_of(lines, Sum(GOODS + DEPOSITS))
    )
    return [_sale(order) for order in rows]


def _sum_of(lines: QuerySet[Any, Any], what: Sum) -> Subquery:
    return Subquery(lines.annotate(sum_of=what).values("sum_of"), output_field=BigIntegerField())


def _sale(order: Any) -> Row:
    is_counter = order.channel == Channel.COUNTER
    page = "counter:sale" if is_counter else "station:order"
    assert order.delivered_at  # noqa: S101 a delivered order says when
    return {
        "place": (order.delivered_at, RANKS[SALES], order.pk),
        "at": order.delivered_at,
        "number": order.number,
        "what": _("Counter sale") if is_counter else _("Order"),
        "station": order.station.name,
        "party": order.invoice.buyer_name,
        "pieces": order.pieces,
        "sold": int(order.money) + order.delivery_fee,
        "bought": None,
        "url": reverse(page, args=[order.station.slug, order.number]),
    }


def _purchases(ask: Ask) -> list[Row]:
    receipts = _in_scope(ask, Receipt.objects.all(), "created_at", "order__station")
    page = _page(ask, receipts, PURCHASES, "created_at")
    lines = ReceiptLine.objects.filter(receipt=OuterRef("pk")).order_by().values("receipt")
    rows = page.select_related("order__station", "order__supplier").annotate(
        pieces=_sum_of(lines, Sum(big("accepted"))), cost=_sum_of(lines, Sum(TAKEN_TOTAL))
    )
    return [_purchase(receipt) for receipt in rows]


def _purchase(receipt: Any) -> Row:
    order = receipt.order
    return {
        "place": (receipt.created_at, RANKS[PURCHASES], receipt.pk),
        "at": receipt.created_at,
        "number": receipt.number,
        "what": _("Purchase"),
        "station": order.station.name,
        "party": order.supplier.name,
        "pieces": receipt.pieces,
        "sold": None,
        "bought": int(receipt.cost),
        "url": reverse("purchasing:receipt", args=[order.station.slug, receipt.number]),
    }


def _in_scope(ask: Ask, rows: QuerySet[Any], moment: str, station: str) -> QuerySet[Any]:
    rows = rows.filter(facts.span(moment, ask.scope.since, ask.scope.until))
    return rows.filter(**{station: ask.scope.station}) if ask.scope.station else rows


def _page(ask: Ask, rows: QuerySet[Any], what: str, moment: str) -> QuerySet[Any]:
    """Those below the cursor's place, and one more."""
    rows = below(rows, ask.cursor, moment=moment, rank=RANKS[what])
    return rows if ask.size is None else rows[: ask.size + 1]


REPORTS = [
    Report(
        "transactions",
        gettext_lazy("Sales and purchases"),
        gettext_lazy("Every sale and every delivery from a supplier, the latest first."),
        read_transactions,
        "Sales",
        (
            Choice("all", gettext_lazy("Sales and purchases")),
            Choice(SALES, gettext_lazy("Sales")),
            Choice(PURCHASES, gettext_lazy("Purchases")),
        ),
        ("channel",),
        pages=True,
    ),
]
