"""What a report is: what is asked of it, and the table and the chart that it answers.

A report is one function that reads; `registry.py` lists them all. How it looks, how it is drawn,
downloaded, saved and sent is the same for each and stands elsewhere. The report of the platform is
the same one, asked for no station.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gasstock.reports.sums import Scope

Text = str | Promise
Row = dict[str, Any]


class Kind(StrEnum):
    """What a value is, and how it stands in a row; None is an empty cell, of every kind."""

    TEXT = "text"
    DAY = "day"  # a date
    COUNT = "count"
    MONEY = "money"  # minor units
    SHARE = "share"  # tenths of a percent: 125 is 12.5 %
    MOMENT = "moment"  # an aware datetime
    KG = "kg"  # grams
    DAYS = "days"  # a number of days, whole or Decimal


NUMBERS = frozenset({Kind.COUNT, Kind.MONEY, Kind.SHARE, Kind.KG, Kind.DAYS})


@dataclass(frozen=True)
class Column:
    """A column; `total` says that its values are added up in the last row."""

    name: str
    title: Text
    kind: Kind = Kind.TEXT
    total: bool = False

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True)
class Choice:
    """What rows may stand for. Those by station are offered for the whole platform only."""

    key: str
    title: Text

    @property
    def is_for_platform(self) -> bool:
        return self.key == "station"


@dataclass(frozen=True)
class Ask:
    """What is asked: cleaned by the form, so `group` is one of the report's, or "".

    `filters` has only what was chosen, by name: `brand`, `product`, `clerk`, `supplier` and `rider`
    are keys (pk), `channel` and `method` are their values. `cursor` and `size` (None: all) are for
    reports that come in pages; the others show what they have. `is_brief`: only the totals are
    looked at, so rows need no names, and there need be none.
    """

    scope: Scope
    group: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    cursor: str = ""
    size: int | None = None
    is_brief: bool = False


@dataclass(frozen=True)
class Series:
    title: Text
    values: list[int]
    kind: Kind = Kind.COUNT


@dataclass(frozen=True)
class Chart:
    """A picture of the table: at most MOST_BARS labels, unless they are days."""

    kind: Literal["line", "bar", "stacked"]
    labels: list[str]
    series: list[Series]


@dataclass
class Table:
    """The answer. A row has a raw value by the name of each column, and may have a "url".

    `note` is a sentence that people must know to read it; `next` the cursor of the next page.
    """

    columns: Sequence[Column]
    rows: list[Row]
    totals: Row | None = None
    chart: Chart | None = None
    note: str = ""
    next: str | None = None


SECTIONS: dict[str, Text] = {
    "Sales": _("Sales"),
    "Stock": _("Stock"),
    "Money": _("Money"),
    "Buying": _("Buying"),
    "Delivery": _("Delivery"),
}


@dataclass(frozen=True)
class Report:
    """A report; `dated` is false for what only is as of now. The first of `groups` is taken
    unless another one is asked for. `pages`: it may be long, and answers `size` rows from `cursor`.
    """

    name: str  # of its address: a slug
    title: Text
    text: Text  # one sentence: what it tells
    read: Callable[[Ask], Table]
    section: Literal["Sales", "Stock", "Money", "Buying", "Delivery"]
    groups: tuple[Choice, ...] = ()
    filters: tuple[str, ...] = ()
    dated: bool = True
    pages: bool = False

    def groups_for(self, scope: Scope) -> tuple[Choice, ...]:
        return tuple(each for each in self.groups if not (scope.station and each.is_for_platform))


MOST_BARS = 12


def add_up(columns: Sequence[Column], rows: Sequence[Row]) -> Row | None:
    """The sums of the columns that have one; None where nothing is to add."""
    names = [column.name for column in columns if column.total]
    if not rows or not names:
        return None
    return {name: sum(row[name] or 0 for row in rows) for name in names}


def share(part: int, whole: int) -> int | None:
    """How much of the whole, in tenths of a percent, halves away from zero; None of nothing."""
    if not whole:
        return None
    doubled = 2000 * abs(part) + abs(whole)
    sign = -1 if (part < 0) != (whole < 0) else 1
    return sign * (doubled // (2 * abs(whole)))


def bars(rows: Sequence[Row], label: str, *series: Column) -> Chart | None:
    """Draw the first MOST_BARS rows, one bar a column of `series`; None of no rows."""
    shown = rows[:MOST_BARS]
    if not shown:
        return None
    drawn = [
        Series(column.title, [row[column.name] or 0 for row in shown], column.kind)
        for column in series
    ]
    return Chart("bar", [str(row[label]) for row in shown], drawn)


def day_line(rows: Sequence[Row], scope: Scope, *series: Column, day: str = "day") -> Chart | None:
    """Draw rows that stand for days, those in between as nothing; None of no rows."""
    if not rows:
        return None
    by_day = {row[day]: row for row in rows}
    length = (scope.until - scope.since).days + 1
    days = [scope.since + timedelta(days=n) for n in range(length)]
    drawn = [
        Series(
            column.title,
            [by_day.get(each, {}).get(column.name) or 0 for each in days],
            column.kind,
        )
        for column in series
    ]
    return Chart("line", [date_format(each, "j M") for each in days], drawn)
