"""The yard as a picture: one drawing is one cylinder, stacked three to a layer.

Geometry only. A cell is 11 × 15 units wide and high; y falls from the ground up, as in SVG.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from gasstock.inventory.services.shelf import Stand

WIDE, HIGH = 11, 15
ROW = 3  # cylinders in a layer
LAYERS = 25  # the highest stack; the masks of the page reach no further


@dataclass(frozen=True)
class Tower:
    """A listing as a stack. Paths are "" where there is nothing of the kind."""

    stand: Stand
    free: str
    held: str
    line: str  # around all full ones
    empties: str
    reorder: str  # the height of the reorder level above the ground


@dataclass(frozen=True)
class Yard:
    """All towers of a view; one drawing stands for `unit` cylinders in each of them."""

    towers: list[Tower]
    unit: int
    box: str  # the viewBox they share


def yard_of(stands: Iterable[Stand]) -> Yard:
    """Draw the cylinders of `stands`, in their order."""
    cylinders = [stand for stand in stands if stand.listing.variant.is_cylinder]
    most = max((max(_tallest(stand)) for stand in cylinders), default=0)
    unit = unit_for(most)
    height = max(1, -(-_drawn(most, unit) // ROW)) * HIGH + 2
    return Yard(
        towers=[_tower(stand, unit) for stand in cylinders],
        unit=unit,
        box=f"-2 {-height} 78 {height + 2}",
    )


def run(a: int, b: int) -> str:
    """Return the path around the cells from `a` up to `b`, layer by layer.

    Whole layers become one rectangle, a part of a layer another.
    """
    parts = []
    while a < b:
        row, column = divmod(a, ROW)
        whole = (b - a) // ROW
        if column == 0 and whole:
            parts.append(f"M0 {-row * HIGH}h{ROW * WIDE}v{-whole * HIGH}h{-ROW * WIDE}z")
            a += whole * ROW
        else:
            width = min(b - a, ROW - column)
            parts.append(f"M{column * WIDE} {-row * HIGH}h{width * WIDE}v{-HIGH}h{-width * WIDE}z")
            a += width
    return "".join(parts)


def unit_for(most: int) -> int:
    """Return how many one drawing stands for, so that no stack has more than 25 layers."""
    return next(unit for unit in _units() if _drawn(most, unit) <= LAYERS * ROW)


def _units() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50, …"""
    for power in count():
        yield from (step * 10**power for step in (1, 2, 5))


def _drawn(quantity: int, unit: int) -> int:
    """How many drawings show `quantity`: a rest gets one of its own."""
    return -(-max(0, quantity) // unit)


def _tallest(stand: Stand) -> tuple[int, int, int]:
    return stand.full, stand.empties, stand.listing.reorder_level


def _tower(stand: Stand, unit: int) -> Tower:
    full = _drawn(stand.full, unit)
    free = min(_drawn(stand.free, unit), full - (1 if stand.held else 0))
    level = stand.listing.reorder_level * HIGH / ROW / unit
    return Tower(
        stand=stand,
        free=run(0, free),
        held=run(free, full),
        line=run(0, full),
        empties=run(0, _drawn(stand.empties, unit)),
        reorder=f"M-2 {-level:.1f}h37" if level else "",
    )
