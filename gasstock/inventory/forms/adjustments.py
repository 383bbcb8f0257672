import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.catalog.models import Variant
from gasstock.inventory.models import Condition
from gasstock.inventory.services.adjustments import MOST, conditions_of

TYPED = re.compile(r"(?P<sign>[+−-]?) ?(?P<digits>[0-9]{1,6})")


class CountField(forms.CharField):
    """A new count ("8"), or how many more or fewer ("+2", "−1"): cleaned to (is_change, number)."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"autocomplete": "off"})
        super().__init__(max_length=8, widget=widget, **kwargs)

    def clean(self, value: Any) -> tuple[bool, int]:
        match = TYPED.fullmatch(str(super().clean(value)))
        if not match:
            raise ValidationError(_("Write a number, for example 8, or +2, or −1."), code="invalid")
        number = int(match["digits"])
        return bool(match["sign"]), -number if match["sign"] in {"-", "−"} else number


class AdjustForm(forms.Form):
    """How many stand there really, and why the books said otherwise.

    What the person saw when they wrote comes along, one hidden number for each condition.
    """

    condition = forms.ChoiceField(
        label=gettext_lazy("Which ones?"), choices=Condition.choices, initial=Condition.FULL
    )
    quantity = CountField(
        label=gettext_lazy("How many are there?"),
        help_text=gettext_lazy(
            "Count all that stand there, held ones too. Or write +2 or −1 for a change."
        ),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why?"),
        max_length=240,
        help_text=gettext_lazy("It stands in the movements, for everybody who looks after stock."),
    )

    def __init__(self, *args: Any, variant: Variant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conditions = conditions_of(variant)
        choices = [(each.value, each.label) for each in self.conditions]
        self.fields["condition"].choices = choices  # type: ignore[attr-defined]
        for condition in self.conditions:
            self.fields[f"seen_{condition}"] = forms.IntegerField(
                min_value=0, widget=forms.HiddenInput
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not {"condition", "quantity", "reason"} <= data.keys():
            return data
        seen = data.get(f"seen_{data['condition']}")
        if seen is None:
            raise ValidationError(_("Open this page again and write it once more."))
        is_change, number = data["quantity"]
        quantity = seen + number if is_change else number
        if quantity < 0:
            self.add_error("quantity", _("There are only %(seen)s.") % {"seen": seen})
        elif quantity > MOST:
            self.add_error("quantity", _("At most %(most)s.") % {"most": MOST})
        return {
            "condition": Condition(data["condition"]),
            "quantity": quantity,
            "reason": data["reason"],
            "seen": seen,
        }
