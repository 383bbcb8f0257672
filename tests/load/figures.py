"""What a benchmark measures: a number, and the goal beside it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value and the most (or least) that it should be."""

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def is_met(self) -> bool:
        enough = self.least is None or self.value >= self.least
        return enough and (self.most is None or self.value <= self.most)

    def __str__(self) -> str:
        sign, bar = ("≤", self.most) if self.least is None else ("≥", self.least)
        goal = "" if bar is None else f"goal {sign} {bar:g} {self.unit}".rstrip()
        missed = "" if self.is_met else "MISSED"
        return f"{self.name:48} {self.value:>10.2f} {self.unit:5} {goal:20} {missed}".rstrip()
