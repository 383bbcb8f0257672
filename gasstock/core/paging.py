"""Pages of a list without counting it: the next page begins where this one ended."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MOMENT = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")
PLACE = re.compile(r"([0-9]{1,17})-([01])-([0-9]{1,18})")
Place = tuple[datetime, int, int]  # moment, rank of its list (0 or 1), key


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the page after them (None at the end)."""

    rows: list[Row]
    next: str | None


def newest_first(rows: QuerySet[Row], cursor: str, *, size: int = 30) -> Page[Row]:
    """Return up to `size` rows by falling key; a cursor we never gave starts over."""
    rows = rows.order_by("-pk")
    return _cut(rows.filter(pk__lt=int(cursor)) if _is_key(cursor) else rows, size)


def oldest_first(rows: QuerySet[Row], cursor: str, *, size: int = 30) -> Page[Row]:
    """Return up to `size` rows by rising key; a cursor we never gave starts over."""
    rows = rows.order_by("pk")
    return _cut(rows.filter(pk__gt=int(cursor)) if _is_key(cursor) else rows, size)


def latest_first(rows: QuerySet[Row], cursor: str, *, size: int = 30) -> Page[Row]:
    """Return up to `size` rows by falling `created_at`; a cursor we never gave starts over.

    The index needs `created_at` and `id` at its end, after what the rows are filtered by.
    """
    if place := _moment_of(cursor):
        moment, key = place
        rows = rows.filter(Q(created_at__lt=moment) | Q(pk__lt=key), created_at__lte=moment)
    return _cut(rows.order_by("-created_at", "-pk"), size, _moment)


def earliest_first(rows: QuerySet[Row], cursor: str, *, size: int = 30) -> Page[Row]:
    """Return up to `size` rows by rising `created_at`; a cursor we never gave starts over."""
    if place := _moment_of(cursor):
        moment, key = place
        rows = rows.filter(Q(created_at__gt=moment) | Q(pk__gt=key), created_at__gte=moment)
    return _cut(rows.order_by("created_at", "pk"), size, _moment)


def below(rows: QuerySet[Row], cursor: str, *, moment: str, rank: int) -> QuerySet[Row]:
    """Order the rows of one of two lists that are shown as one, the latest `moment` first.

    What stands above the cursor is left out. Of the same moment the higher `rank` comes first.
    A cursor we never gave starts over.
    """
    rows = rows.order_by(f"-{moment}", "-pk")
    match = PLACE.fullmatch(cursor)
    if not match:
        return rows
    at, last, key = EPOCH + int(match[1]) * TICK, int(match[2]), int(match[3])
    if rank < last:
        return rows.filter(**{f"{moment}__lte": at})
    earlier = Q(**{f"{moment}__lt": at})
    if rank == last:
        return rows.filter(earlier | Q(pk__lt=key), **{f"{moment}__lte": at})
    return rows.filter(earlier)


def cursor_below(place: Place) -> str:
    """Return the cursor for what comes below `place`."""
    moment, rank, key = place
    return f"{(moment - EPOCH) // TICK}-{rank}-{key}"


def all_of(page: Callable[[str], Page[Row]]) -> Iterator[Row]:
    """Yield the rows of page after page; `page` returns the one at a cursor."""
    cursor: str | None = ""
    while cursor is not None:
        found = page(cursor)
        yield from found.rows
        cursor = found.next


def _moment(row: Any) -> str:
    return f"{(row.created_at - EPOCH) // TICK}-{row.pk}"


def _moment_of(cursor: str) -> tuple[datetime, int] | None:
    match = MOMENT.fullmatch(cursor)
    return (EPOCH + int(match[1]) * TICK, int(match[2])) if match else None


def _is_key(cursor: str) -> bool:
    return cursor.isascii() and cursor.isdigit() and len(cursor) <= 18


def _cut(
    rows: QuerySet[Row], size: int, cursor_of: Callable[[Row], str] = lambda row: str(row.pk)
) -> Page[Row]:
    found = list(rows[: size + 1])
    more = len(found) > size
    return Page(found[:size], cursor_of(found[size - 1]) if more else None)
