from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.billing.models import Method
from gasstock.core.fields import MoneyField
from gasstock.core.money import format_money, notes_of

MOST = 9_999


class OpenForm(forms.Form):
    float_amount = MoneyField(
        label=gettext_lazy("Cash in the drawer"),
        help_text=gettext_lazy("Count it: it is your change for the day. 0 if there is none."),
    )


class MoveForm(forms.Form):
    """Cash that goes into or out of the drawer without a sale."""

    amount = MoneyField(label=gettext_lazy("How much, in cash"), min_value=1)
    note = forms.CharField(label=gettext_lazy("What for"), max_length=240)


class ExplainForm(forms.Form):
    explanation = forms.CharField(
        label=gettext_lazy("Why it differs"),
        max_length=240,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("In your own words. Whoever accepts the drawer reads it."),
    )


@dataclass(frozen=True)
class NoteRow:
    """A note or coin of the counting page: its worth in minor units, and where to type."""

    worth: int
    field: forms.BoundField


class CountForm(forms.Form):
    """How many there are of each note and coin, and the sum of each other way to pay."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for worth in notes_of():
            self.fields[f"note_{worth}"] = note_field(worth)
        for method in Method:
            if method != Method.CASH:
                self.fields[f"wallet_{method}"] = MoneyField(label=method.label, required=False)

    def rows(self) -> list[NoteRow]:
        return [NoteRow(worth, self[f"note_{worth}"]) for worth in notes_of()]

    def wallet_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("wallet_")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and all(value is None for value in data.values()):
            raise forms.ValidationError(
                _("Type how many there are of each; 0 of one note if the drawer is empty.")
            )
        return data

    def notes(self) -> dict[int, int]:
        return {worth: self.cleaned_data[f"note_{worth}"] or 0 for worth in notes_of()}

    def wallets(self) -> dict[Method, int]:
        values = self.cleaned_data
        return {
            method: values[f"wallet_{method}"] or 0 for method in Method if method != Method.CASH
        }


def note_field(worth: int) -> forms.IntegerField:
    label = _("How many of %(note)s") % {"note": format_money(worth)}
    attrs = {
        "inputmode": "numeric",
        "autocomplete": "off",
        "placeholder": "0",
        "aria-label": label,
        "data-min": 0,
        "data-max": MOST,
        "data-worth": worth,
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
