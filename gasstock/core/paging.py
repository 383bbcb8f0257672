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
    """Return up to `size` rows by falling key, after `cursor`; a cursor we never gave starts over."""
    rows = rows.order_by("-pk")
    if cursor.isascii() and cursor.isdigit() and len(cursor) <= 18:
        rows = rows.filter(pk__lt=int(cursor))
    found = list(rows[: size + 1])
    more = len(found) > size
    return Page(found[:size], str(found[size - 1].pk) if more else None)
