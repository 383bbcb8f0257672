"""Which days are read from the sums that are kept of them, and which are read live.

A day is live until it is summed up, and again at a station where something of it changed. It is
looked up once for all that a page reads, so that sums and live rows never tell of the same sale.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from django.db.models import BigIntegerField, CharField, F, Min, QuerySet, Value
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from gasstock.accounts.models import Station
from gasstock.billing.models import Shift
from gasstock.reports.facts import Stretch
from gasstock.reports.models import DirtyDay, RolledDay

MOST_STRETCHES = 100  # that a query can name; SQLite ends at a thousand conditions
DAY = timedelta(days=1)
Span = tuple[date, date]  # both included
Found = TypeVar("Found")


class Kept:
    """What is known of some days, of one station or (None) of all, and what was read of them.

    The `spans` have no day in common.
    """

    def __init__(self, station: Station | None, spans: Iterable[Span]) -> None:
        self.station = station
        self.spans = tuple(spans)
        self._read: dict[Hashable, object] = {}

    def once(self, key: Hashable, read: Callable[[], Found]) -> Found:
        """What `read` answers, asked once."""
        if key not in self._read:
            self._read[key] = read()
        return self._read[key]  # type: ignore[return-value]

    def summed_up(self, span: Span) -> list[date]:
        """The days of the span that are summed up: all moves, and sales unless they are dirty."""
        return [day for day in _days(span) if day in self._found.summed_up]

    def open_days(self, span: Span) -> list[date]:
        """Those that are not summed up."""
        return [day for day in _days(span) if day not in self._found.summed_up]

    @property
    def drawers(self) -> dict[int, date]:
        """The stations (pk) with an open drawer, and the day the oldest was opened."""
        return self._found.drawers

    @cached_property
    def live(self) -> list[Stretch]:
        """The days whose sales are read live: a few more rather than too many stretches."""
        summed_up, dirty = self._found.summed_up, self._found.dirty
        here = frozenset([self.station.pk]) if self.station else None
        return _fewer(
            _joined(
                Stretch(day, day, frozenset(dirty[day]) if day in summed_up else here)
                for span in sorted(self.spans)
                for day in _days(span)
                if day in dirty or day not in summed_up
            )
        )

    @cached_property
    def _found(self) -> "_Known":
        """Look it all up; one query."""
        days = min(first for first, _last in self.spans), max(last for _first, last in self.spans)
        marks, drawers = DirtyDay.objects.filter(day__range=days), Shift.objects.open()
        if self.station:
            marks, drawers = marks.filter(station=self.station), drawers.at(self.station)
        opened = TruncDate(Min("opened_at"), tzinfo=timezone.get_default_timezone())
        rows = _rows(marks, "dirty", F("day"), F("station")).union(
            _rows(RolledDay.objects.filter(day__range=days), "summed up", F("day"), Value(0)),
            _rows(drawers.values("station"), "drawer", opened, F("station")),
            all=True,
        )
        known = _Known(set(), defaultdict(set), {})
        for what, day, station in rows:
            if what == "drawer":
                known.drawers[station] = day
            elif what == "dirty":
                known.dirty[day].add(station)
            else:
                known.summed_up.add(day)
        return known


class _Known(NamedTuple):
    summed_up: set[date]
    dirty: dict[date, set[int]]
    drawers: dict[int, date]


def _rows(rows: QuerySet[Any, Any], what: str, day: Any, station: Any) -> QuerySet[Any, Any]:
    """In columns with names of their own: those of models may not clash."""
    at = Cast(station, BigIntegerField())
    named = rows.order_by().annotate(_what=Value(what, CharField()), _day=day, _at=at)
    return named.values_list("_what", "_day", "_at")


def _days(span: Span) -> Iterable[date]:
    first, last = span
    return (first + n * DAY for n in range((last - first).days + 1))


def _joined(days: Iterable[Stretch]) -> list[Stretch]:
    """Days that follow each other at the same stations as one."""
    found: list[Stretch] = []
    for day in days:
        last = found[-1] if found else None
        if last and last.stations == day.stations and day.first - last.last == DAY:
            found[-1] = last._replace(last=day.last)
        else:
            found.append(day)
    return found


def _fewer(stretches: list[Stretch]) -> list[Stretch]:
    """At most MOST_STRETCHES, which cover all of these: the smallest gaps are closed."""
    too_many = len(stretches) - MOST_STRETCHES
    if too_many <= 0:
        return stretches
    gaps = [after.first - before.last for before, after in pairwise(stretches)]
    closed = set(sorted(range(len(gaps)), key=gaps.__getitem__)[:too_many])
    found = stretches[:1]
    for n, stretch in enumerate(stretches[1:]):
        if n in closed:
            found[-1] = _both(found[-1], stretch)
        else:
            found.append(stretch)
    return found


def _both(one: Stretch, other: Stretch) -> Stretch:
    no_names = one.stations is None or other.stations is None
    stations = None if no_names else (one.stations or frozenset()) | (other.stations or frozenset())
    return Stretch(one.first, other.last, stations)
