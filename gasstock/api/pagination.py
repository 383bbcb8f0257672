"""Lists: `{"items": […], "next": "<cursor>"|null}`, a page after the other, never counted."""

from collections.abc import Callable
from typing import Generic, TypeVar

from pydantic import BaseModel, Field

from gasstock.core.paging import Page, Row

Item = TypeVar("Item", bound=BaseModel)


class Paging(BaseModel):
    """Which page of a list: `paging: Query[Paging]`."""

    cursor: str = Field("", max_length=400, description="`next` of the page before.")
    limit: int = Field(25, ge=1, le=100, description="How many to a page.")


class Listed(BaseModel, Generic[Item]):
    """A page of a list, and the cursor of the page after it (null at the end)."""

    items: list[Item]
    next: str | None = Field(examples=["1042"])


def listed(kind: type[Item], page: Page[Row], item: Callable[[Row], Item]) -> Listed[Item]:
    """Write a page of rows, as core/paging.py finds them, as a list of `kind`."""
    rows = [item(row) for row in page.rows]
    return Listed[kind](items=rows, next=page.next)  # type: ignore[valid-type]
