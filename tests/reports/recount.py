"""Counting a report over again: hand-written SQL over the books, without models and sums.

A recount is a function `recount(asked) -> list[dict]` in `tests/reports/sql/<report>.py` (dashes of
its name as underscores): the rows the report must have for what is asked, in any order, each with
the values of the report's columns by name. Columns that it leaves out are not compared.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from gasstock.reports.report import Ask, Table

# Where the books of the tests are kept there is no summer time.
LOCAL_DAY = {
    "sqlite": "date({}, '+2 hours')",
    "postgresql": f"to_char({{}} AT TIME ZONE '{settings.TIME_ZONE}', 'YYYY-MM-DD')",
}


@dataclass(frozen=True)
class Asked:
    """What the report was asked; `station` is a key (pk), None for all."""

    group: str
    since: date
    until: date
    station: int | None
    filters: dict[str, Any]

    def select(self, sql: str, **more: Any) -> list[dict[str, Any]]:
        """Run it. `day(x)` becomes the local day of a moment as "2026-11-16", `within(x)` says that
        it is one of those asked for, and `here(x)` that x is the station.
        """
        sql = re.sub(r"\bwithin\(([\w.]+)\)", r"day(\1) BETWEEN %(since)s AND %(until)s", sql)
        sql = re.sub(r"\bday\(([\w.]+)\)", lambda found: _local_day(found[1]), sql)
        here = r"\1 = %(station)s" if self.station else "1 = 1"
        sql = re.sub(r"\bhere\(([\w.]+)\)", here, sql)
        asked = {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "station": self.station,
        }
        with connection.cursor() as cursor:
            cursor.execute(sql, asked | more)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _local_day(moment: str) -> str:
    return LOCAL_DAY[connection.vendor].format(moment)


def asked_of(ask: Ask) -> Asked:
    scope = ask.scope
    station = scope.station.pk if scope.station else None
    return Asked(ask.group, scope.since, scope.until, station, dict(ask.filters))


def said(table: Table, columns: set[str]) -> Counter[tuple[Any, ...]]:
    """The rows that the report has, as the recount writes them."""
    return counted(table.rows, columns)


def counted(rows: list[dict[str, Any]], columns: set[str]) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(_plain(row[name]) for name in sorted(columns)) for row in rows)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, (str, Decimal)) else int(value)
