"""Which rows a report is about: those of its days and of its station."""

from django.db.models import F, Q
from django.db.models.functions import TruncDate
from django.db.models.lookups import Exact
from django.utils import timezone

from gasstock.core.lookups import Unindexed
from gasstock.reports.facts import span
from gasstock.reports.sums import Scope


def at(scope: Scope, station: str = "station") -> Q:
    """Match rows of the scope's station, or all; `station` is the path to it."""
    return Q(**{station: scope.station}) if scope.station else Q()


def among(scope: Scope, station: str = "station") -> Q:
    """As `at`, among rows that another index finds: by their moments, or what state they are in.

    SQLite would rather go through all that a station ever had (core/lookups.py).
    """
    return Q(Exact(Unindexed(F(station)), scope.station.pk)) if scope.station else Q()


def within(scope: Scope, moment: str, station: str = "station") -> Q:
    """Match rows of the scope's days and station, by the paths to their moment and station."""
    return span(moment, scope.since, scope.until) & among(scope, station)


def day_of(moment: str) -> TruncDate:
    """The day of a moment at the stations."""
    return TruncDate(moment, tzinfo=timezone.get_default_timezone())
