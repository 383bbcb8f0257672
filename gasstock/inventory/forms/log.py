from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.models import User
from gasstock.catalog.models import Variant
from gasstock.core.fields import DayField
from gasstock.inventory.models import Condition, Reason
from gasstock.inventory.services.log import DOCUMENT, NOBODY, Wanted

FILTERS = ("variant", "condition", "reason", "document", "actor", "first", "last")


class LogForm(forms.Form):
    """What to look for in the movement log; all of it may stay empty."""

    variant = forms.TypedChoiceField(
        label=gettext_lazy("What"), required=False, coerce=int, empty_value=None
    )
    condition = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    reason = forms.ChoiceField(label=gettext_lazy("Why"), required=False)
    actor = forms.TypedChoiceField(
        label=gettext_lazy("Who"), required=False, coerce=int, empty_value=None
    )
    document = forms.RegexField(
        DOCUMENT,
        label=gettext_lazy("Document"),
        required=False,
        strip=True,
        max_length=40,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
        error_messages={
            "invalid": gettext_lazy("Write a number or its beginning, such as COUNT-7.")
        },
    )
    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("To"))
    order = forms.ChoiceField(
        label=gettext_lazy("Order"),
        required=False,
        choices=[("", gettext_lazy("Newest first")), ("oldest", gettext_lazy("Oldest first"))],
    )

    def __init__(
        self, *args: Any, variants: list[Variant], members: list[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._offer("variant", [(variant.pk, str(variant)) for variant in variants])
        self._offer("condition", Condition.choices)
        self._offer("reason", Reason.choices)
        people = [(member.pk, str(member)) for member in members]
        self._offer("actor", [*people, (NOBODY, "GasStock")])
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.widget.attrs["class"] = "form-select"

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 for mypy
        field.choices = [("", _("All")), *choices]

    def clean_document(self) -> str:
        return str(self.cleaned_data["document"]).upper()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and first > last:
            self.add_error("last", _("This day is before the first one."))
        return data

    def is_set(self) -> bool:
        """Whether anything is left out of the log."""
        return any(value not in ("", None) for name, value in self.data.items() if name in FILTERS)

    def wanted(self) -> Wanted:
        data = self.cleaned_data
        found = {name: data[name] for name in FILTERS}
        return Wanted(oldest_first=data["order"] == "oldest", **found)
