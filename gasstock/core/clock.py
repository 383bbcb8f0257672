"""The time everything is stamped with. The demo and the tests tell stories of other days."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta

from django.utils import timezone

_pinned: ContextVar[datetime | None] = ContextVar("pinned", default=None)


def now() -> datetime:
    """Return the moment it is, aware, in UTC."""
    return _pinned.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Pretend that it is `moment` (aware) for as long as the block runs."""
    token = _pinned.set(moment)
    try:
        yield
    finally:
        _pinned.reset(token)


def today() -> date:
    """Return the calendar day it is at the stations (settings.TIME_ZONE)."""
    return timezone.localdate(now())


def bounds_of(first: date, last: date) -> tuple[datetime, datetime]:
    """Return when the days from `first` to `last` begin, and when both are over."""
    return begin_of(first), begin_of(last + timedelta(days=1))


def begin_of(day: date) -> datetime:
    """Return when the day begins at the stations."""
    return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())
