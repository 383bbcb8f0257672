"""What was handed over, as a body says it: by the rider at the door, or at the counter."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from gasstock.api.errors import Invalid
from gasstock.api.schemas.base import Count, In, Key
from gasstock.orders.models import LineKind, Order, OrderLine
from gasstock.orders.services.handover import Handed


class HandedLine(In):
    id: Key = Field(description="Of the order's line.")
    delivered: Count
    empties: Count | None = Field(
        None, description="How many came back; needed for refills. A missing one is charged."
    )


HandedLines = Annotated[list[HandedLine], Field(min_length=1, max_length=100)]


def handed_of(order: Order, said: Iterable[HandedLine]) -> dict[int, Handed]:
    """What became of each line, by its pk; of what is not said, nothing. Raises Invalid."""
    lines = {line.pk: line for line in order.lines.all()}
    handed: dict[int, Handed] = {}
    errors: dict[str, str] = {}
    for n, each in enumerate(said):
        line = lines.get(each.id)
        if line is None:
            errors[f"lines.{n}.id"] = "That is no line of this order."
        elif each.id in handed:
            errors[f"lines.{n}.id"] = "This line is there twice."
        elif each.empties is None and line.kind == LineKind.EXCHANGE and each.delivered:
            errors[f"lines.{n}.empties"] = "Say how many empties came back."
        handed[each.id] = Handed(each.delivered, each.empties or 0)
    if errors:
        raise Invalid(errors)
    return handed


def all_handed(order: Order) -> dict[int, Handed]:
    """Everything that was ordered, an empty for each refill."""
    return {line.pk: _in_full(line) for line in order.lines.all()}


def _in_full(line: OrderLine) -> Handed:
    return Handed(line.quantity, line.quantity if line.kind == LineKind.EXCHANGE else 0)
