"""The days a report is asked for: by a name that moves along with today, or day by day."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from gasstock.reports.report import Text
from gasstock.reports.sums import Scope

Days = tuple[date, date]  # both included
OWN = "own"
USUAL = "30"
ONE = timedelta(days=1)
MOST_DAYS = 3 * 366


def _last(count: int) -> Callable[[date], Days]:
    return lambda today: (today - timedelta(days=count - 1), today)


def _last_month(today: date) -> Days:
    end = today.replace(day=1) - ONE
    return end.replace(day=1), end


PRESETS: dict[str, tuple[Text, Callable[[date], Days]]] = {
    "today": (_("Today"), _last(1)),
    "yesterday": (_("Yesterday"), lambda today: (today - ONE, today - ONE)),
    "7": (_("Last 7 days"), _last(7)),
    "30": (_("Last 30 days"), _last(30)),
    "month": (_("This month"), lambda today: (today.replace(day=1), today)),
    "last-month": (_("Last month"), _last_month),
    "year": (_("This year"), lambda today: (today.replace(month=1, day=1), today)),
}


def days_of(preset: str, today: date) -> Days:
    return PRESETS[preset][1](today)


def days_over(preset: str, today: date) -> Days:
    """The same, up to yesterday where it would end today: what a letter in the morning tells."""
    first, last = days_of(preset, today)
    return (first, last) if last < today else days_of(preset, today - ONE)


def period_before(scope: Scope) -> Scope:
    """As many days as those of `scope`, right before them; before a whole month, a whole one.

    Of a month or a year that is not over, the same days of the one before.
    """
    since, until = _before(scope.since, scope.until)
    return replace(scope, since=since, until=until)


def _before(since: date, until: date) -> Days:
    if since.day == 1 and (until.year, until.month) == (since.year, since.month):
        return _month_before(since, until)
    if (since.month, since.day) == (1, 1) and since.year == until.year:
        return _year_before(since), _year_before(until)
    length = until - since + ONE
    return since - length, until - length


def _month_before(since: date, until: date) -> Days:
    end = since - ONE
    whole = (until + ONE).month != until.month
    return end.replace(day=1), end if whole else end.replace(day=min(until.day, end.day))


def _year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
