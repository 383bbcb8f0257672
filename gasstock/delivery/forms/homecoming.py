"""What the station types in when a rider comes home: what is there, and why it differs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.billing.forms.shifts import NoteRow, note_field
from gasstock.catalog.models import Variant
from gasstock.core.fields import MoneyField, MoneyInput
from gasstock.core.money import format_money, notes_of
from gasstock.delivery.services.homecoming import Key
from gasstock.inventory.models import Condition

MOST = 999  # no bike carries more


@dataclass(frozen=True)
class Row:
    """A variant with a field for each condition that it comes in."""

    variant: Variant
    full: forms.BoundField
    empty: forms.BoundField | None
    defect: forms.BoundField | None


class CountForm(forms.Form):
    """How many there are of each, and the cash: in one sum, or note by note."""

    cash = MoneyField(
        label=gettext_lazy("Cash in all"),
        required=False,
        widget=MoneyInput({"class": "form-control"}),
        help_text=gettext_lazy("0 if there is none."),
    )

    def __init__(
        self, data: Any = None, *, kinds: Iterable[tuple[Variant, list[Condition]]]
    ) -> None:
        super().__init__(data)
        self.kinds = list(kinds)
        for variant, conditions in self.kinds:
            for condition in conditions:
                self.fields[_name(variant, condition)] = _figure(variant, condition)
        for worth in notes_of():
            self.fields[f"note_{worth}"] = note_field(worth)

    def cylinders(self) -> list[Row]:
        return [row for row in self._rows() if row.variant.is_cylinder]

    def parts(self) -> list[Row]:
        return [row for row in self._rows() if not row.variant.is_cylinder]

    def _rows(self) -> list[Row]:
        return [
            Row(variant, *(self._field(variant, condition) for condition in Condition))
            for variant, _conditions in self.kinds
        ]

    def _field(self, variant: Variant, condition: Condition) -> Any:
        name = _name(variant, condition)
        return self[name] if name in self.fields else None

    def notes(self) -> list[NoteRow]:
        return [NoteRow(worth, self[f"note_{worth}"]) for worth in notes_of()]

    def has_notes(self) -> bool:
        return _any_typed(row.field for row in self.notes())

    def has_defects(self) -> bool:
        return _any_typed(row.defect for row in self.cylinders())

    def has_parts(self) -> bool:
        return _any_typed(row.full for row in self.parts())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        typed = {worth: data.get(f"note_{worth}") for worth in notes_of()}
        if "cash" in self.errors or any(f"note_{worth}" in self.errors for worth in typed):
            return data
        if all(number is None for number in typed.values()):
            if data["cash"] is None:
                self.add_error("cash", _("Type how much cash there is; 0 if there is none."))
            return data
        total = sum(worth * (number or 0) for worth, number in typed.items())
        if data["cash"] not in (None, total):
            text = _("The notes below make %(total)s. Leave one of the two empty.")
            self.add_error("cash", text % {"total": format_money(total)})
        return data | {"cash": total}

    def counted(self) -> dict[Key, int]:
        """How many there are, by variant pk and condition; what was left empty is none."""
        found = {
            (variant.pk, condition.value): self.cleaned_data[_name(variant, condition)]
            for variant, conditions in self.kinds
            for condition in conditions
        }
        return {key: number for key, number in found.items() if number}


def _any_typed(fields: Iterable[Any]) -> bool:
    """Whether somebody began to count there, well or not."""
    return any(field.value() for field in fields)


def _name(variant: Variant, condition: Condition) -> str:
    return f"n{variant.pk}-{condition.value}"


def _figure(variant: Variant, condition: Condition) -> forms.IntegerField:
    label = str(variant)
    if variant.is_cylinder:
        label = f"{variant}, {condition.label.lower()}"
    attrs = {
        "inputmode": "numeric",
        "autocomplete": "off",
        "placeholder": "0",
        "aria-label": label,
        "data-min": 0,
        "data-max": MOST,
    }
    text = _("A number from 0 to %(most)s.") % {"most": MOST}
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=MOST,
        required=False,
        widget=forms.TextInput(attrs),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), text),
    )


class WhyForm(forms.Form):
    """Who answers for a difference, and what happened."""

    answers = forms.CharField(
        label=gettext_lazy("Who answers for it"),
        max_length=80,
        error_messages={"required": gettext_lazy("Name who answers for it.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("What happened"),
        max_length=240,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("It stands in the books with the name."),
        error_messages={"required": gettext_lazy("Say what happened.")},
    )
