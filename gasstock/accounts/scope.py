"""Which days at which stations somebody asks about."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db.models import Model, QuerySet

from gasstock.core import clock

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Scope:
    """Some days, both inclusive, and some stations (pks); None for all there are."""

    first: date
    last: date
    stations: Collection[int] | None = None

    def pick(self, rows: QuerySet[Row], moment: str, station: str) -> QuerySet[Row]:
        """Those of `rows` that are meant, by the names of their fields."""
        start, end = clock.bounds_of(self.first, self.last)
        rows = rows.filter(**{f"{moment}__gte": start, f"{moment}__lt": end})
        if self.stations is None:
            return rows
        return rows.filter(**{f"{station}__in": self.stations})
