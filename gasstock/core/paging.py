"""Pages of a list without counting it: the next page begins where this one ended."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


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


def _is_key(cursor: str) -> bool:
    return cursor.isascii() and cursor.isdigit() and len(cursor) <= 18


def _cut(rows: QuerySet[Row], size: int) -> Page[Row]:
    found = list(rows[: size + 1])
    more = len(found) > size
    return Page(found[:size], str(found[size - 1].pk) if more else None)
