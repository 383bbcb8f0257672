"""How the values of a report stand on a page, in a file and in its picture."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from gasstock.core import money
from gasstock.core.exports import Cell
from gasstock.core.templatetags.ui import kg
from gasstock.reports.report import Ask, Chart, Column, Kind, Report, Row, Table

NOTHING = "–"


# --- On a page ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shown:
    """A cell of the page: its words under the column's head; `url` where the row leads."""

    column: Column
    text: str
    url: str = ""


def text_of(value: Any, kind: Kind) -> str:
    return NOTHING if value is None or value == "" else WORDS[kind](value)


def _number(value: int | Decimal) -> str:
    sign = money.MINUS if value < 0 else ""
    return f"{sign}{abs(value):,}"


WORDS: dict[Kind, Callable[[Any], str]] = {
    Kind.TEXT: str,
    Kind.MONEY: money.format_amount,
    Kind.COUNT: _number,
    Kind.SHARE: lambda value: f"{_number(Decimal(value) / 10)}{money.NBSP}%",
    Kind.KG: kg,
    Kind.DAYS: _number,
    Kind.DAY: lambda value: date_format(value, "D j M Y"),
    Kind.MOMENT: lambda value: date_format(localtime(value), "j M Y, H:i"),
}


def head_of(column: Column) -> str:
    """The title, with the currency where its cells are money."""
    if column.kind == Kind.MONEY:
        return f"{column.title}, {money.symbol_of()}"
    return str(column.title)


def shown(table: Table) -> list[list[Shown]]:
    return [_shown_row(table.columns, row) for row in table.rows]


def _shown_row(columns: Sequence[Column], row: Row) -> list[Shown]:
    first, *others = columns
    named = Shown(first, text_of(row[first.name], first.kind), row.get("url", ""))
    return [named, *(Shown(each, text_of(row[each.name], each.kind)) for each in others)]


def totals_of(table: Table) -> list[Shown]:
    """The last row; without a total a column stays empty."""
    totals = table.totals
    if totals is None:
        return []
    return [
        Shown(each, text_of(totals[each.name], each.kind) if each.name in totals else "")
        for each in table.columns
    ]


# --- The sums above the table ---------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A total in large; `change` against the period before, in words, "" if it is not asked."""

    title: str
    text: str
    before: str = ""
    change: str = ""


def figures(table: Table, before: Table | None) -> list[Figure]:
    then = before.totals or {} if before else None
    return [
        _figure(each, table.totals[each.name], then)
        for each in table.columns
        if table.totals and each.name in table.totals
    ]


def _figure(column: Column, value: int, then: Row | None) -> Figure:
    plain = _large(value, column.kind)
    if then is None:
        return Figure(str(column.title), plain)
    old = then.get(column.name) or 0
    return Figure(str(column.title), plain, _large(old, column.kind), _change(value or 0, old))


def _large(value: int, kind: Kind) -> str:
    return money.format_money(value) if kind == Kind.MONEY else text_of(value, kind)


def _change(now: int, old: int) -> str:
    if now == old:
        return _("the same")
    if old <= 0:
        return ""
    percent = money.round_half_up(Decimal(100 * (now - old)) / old)
    return (
        f"{'+' if percent > 0 else money.MINUS if percent < 0 else ''}{abs(percent):,}{money.NBSP}%"
    )


# --- In a file ------------------------------------------------------------------------------------


def head_of_export(table: Table) -> list[str]:
    units = {Kind.SHARE: "%", Kind.KG: "kg", Kind.MONEY: money.symbol_of()}
    return [
        f"{each.title} ({units[each.kind]})" if each.kind in units else str(each.title)
        for each in table.columns
    ]


def rows_of_export(report: Report, ask: Ask, table: Table) -> Iterator[list[Cell]]:
    """The rows of `table`, those of the pages after it, and the totals."""
    page = table
    while True:
        for row in page.rows:
            yield [cell_of(row[each.name], each.kind) for each in table.columns]
        if not page.next:
            break
        page = report.read(replace(ask, cursor=page.next))
    if totals := table.totals:
        yield [
            cell_of(totals.get(each.name), each.kind) if n else _("Total")
            for n, each in enumerate(table.columns)
        ]


def cell_of(value: Any, kind: Kind) -> Cell:
    if value is None:
        return None
    match kind:
        case Kind.MONEY:
            return money.as_decimal(value)
        case Kind.SHARE:
            return Decimal(value).scaleb(-1)
        case Kind.KG:
            return Decimal(value).scaleb(-3)
        case Kind.TEXT:
            return str(value)
    cell: Cell = value
    return cell


# --- In the picture -------------------------------------------------------------------------------


def drawn(chart: Chart) -> str:
    """The chart for charts.js, as JSON: amounts in whole units of the currency."""
    return json.dumps(
        {
            "kind": chart.kind,
            "labels": chart.labels,
            "series": [
                {
                    "title": str(each.title),
                    "unit": money.symbol_of() if each.kind == Kind.MONEY else "",
                    "values": [float(_plain(value, each.kind)) for value in each.values],
                }
                for each in chart.series
            ],
        },
        ensure_ascii=False,
    )


def _plain(value: int, kind: Kind) -> Decimal:
    cell = cell_of(value, kind)
    return Decimal(cell) if isinstance(cell, (int, Decimal)) else Decimal(0)


def said(since: date, until: date) -> str:
    """16 Nov 2026, or 1 Nov 2026 – 16 Nov 2026."""
    first = date_format(since, "j M Y")
    return first if since == until else f"{first} – {date_format(until, 'j M Y')}"
