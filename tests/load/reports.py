"""Whether a month's report over a million moves is as quick as over ten thousand.

The same year, told by FEW moves and by MANY: the days that are over are summed up as the worker
does, today is read live. Two databases of each kind, each read by a process of its own, in turns.
"""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.load.figures import Figure
from tests.load.moves import Reader, in_turns, reader, two_databases, two_files

FEW, MANY = 10_000, 1_000_000
MOST = 2.0  # times as long as over FEW
REPORTS = {
    "sales": ("day", "variant", "brand"),
    "margin": ("variant",),
    "stock-movements": ("reason", "variant"),
    "stock-value": ("variant",),
}
# Added up from entries, of the month or (what is kept for shells) of all time: here a hundred times
# as many.
ONE_BY_ONE = {"cylinders": ("variant",), "deposits": ("day",), "payments": ("method",)}
PERIODS = {"a month": "last-month", "30 days": "30"}


def measure() -> Iterator[Figure]:
    for name, databases in (("SQLite", two_files), ("PostgreSQL", two_databases)):
        with databases(FEW, MANY) as (small, large), ExitStack() as stack:
            few, many = (stack.enter_context(reader("reports", *each)) for each in (small, large))
            yield from _figures(name, few, many)


def _figures(name: str, few: Reader, many: Reader) -> Iterator[Figure]:
    for reports, most in ((REPORTS, MOST), (ONE_BY_ONE, None)):
        for report, group in ((each, group) for each in reports for group in reports[each]):
            for period, days in PERIODS.items():
                asked = {"report": report, "group": group, "days": days}
                small, large = in_turns((few, asked), (many, asked))
                what = f"{name}, {report} by {group} of {period}"
                yield Figure(f"{what}, {MANY:,}", large * 1000, "ms")
                yield Figure(what, large / small, "x", most=most)


if __name__ == "__main__":
    for figure in measure():
        print(figure, flush=True)
