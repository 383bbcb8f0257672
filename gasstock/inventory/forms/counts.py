"""What people type in while they count: one figure a line, saved as it is typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.catalog.models import Brand, Variant
from gasstock.inventory.forms.listings import CountField
from gasstock.inventory.models import Condition, StocktakeLine

ORDER = list(Condition)


@dataclass(frozen=True)
class Cell:
    line: StocktakeLine
    field: forms.BoundField


@dataclass(frozen=True)
class Row:
    """A variant with a field for each condition that it comes in."""

    variant: Variant
    cells: list[Cell]

    @property
    def brand(self) -> Brand | None:
        return self.variant.product.brand


class CountForm(forms.Form):
    """The lines of a count. Only what this form changed is saved: others count too."""

    def __init__(self, data: Any = None, *, lines: Iterable[StocktakeLine]) -> None:
        super().__init__(data, auto_id="%s")
        self.lines = list(lines)
        for line in self.lines:
            name = f"{line.variant}, {line.get_condition_display().lower()}"
            self.fields[field_of(line)] = field = CountField(
                label=name,
                initial=line.counted,
                required=False,
                show_hidden_initial=True,
                error_messages={
                    "invalid": _("A whole number."),
                    "min_value": _("0 or more."),
                    "max_value": _("At most %(limit_value)s."),
                },
            )
            field.widget.attrs["aria-label"] = name
            field.widget.attrs["aria-describedby"] = f"mark-{line.pk}"

    def counts(self) -> dict[int, int | None]:
        """What was changed here and can be read, by line."""
        changed = set(self.changed_data) & self.cleaned_data.keys()
        return {
            line.pk: self.cleaned_data[field_of(line)]
            for line in self.lines
            if field_of(line) in changed
        }

    def rows(self) -> list[Row]:
        rows: dict[int, Row] = {}
        for line in self.lines:
            row = rows.setdefault(line.variant_id, Row(line.variant, []))
            row.cells.append(Cell(line, self[field_of(line)]))
        for row in rows.values():
            row.cells.sort(key=lambda cell: ORDER.index(Condition(cell.line.condition)))
        return list(rows.values())


def field_of(line: StocktakeLine) -> str:
    """The name of a line's field."""
    return f"n{line.pk}"


class WhyForm(forms.Form):
    """Why something is called off; whoever is concerned reads it."""

    reason = forms.CharField(
        max_length=240,
        label=gettext_lazy("Why"),
        widget=forms.Textarea({"rows": 2}),
        error_messages={"required": gettext_lazy("Say why: it stands in the books.")},
    )
