from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.models import User
from gasstock.core import clock
from gasstock.core.fields import DayField

LENGTHS = {
    "1": gettext_lazy("Today"),
    "7": gettext_lazy("7 days"),
    "30": gettext_lazy("30 days"),
}


class PeriodForm(forms.Form):
    """A stretch of days: the last few of them, or from one day to another. Today by itself."""

    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("To"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and last and first > last:
            self.add_error("last", _("This day is before the first one."))
        return data

    @property
    def is_of_days(self) -> bool:
        """Whether somebody asked for days of their own."""
        return any(self.data.get(name) for name in ("first", "last"))

    @property
    def length(self) -> str:
        """Which of LENGTHS is shown (`days`); "" for days of their own."""
        asked = str(self.data.get("days", ""))
        return "" if self.is_of_days else asked if asked in LENGTHS else "1"

    def window(self) -> tuple[datetime, datetime]:
        """The first moment, and the first that is past it. Only of a form that is valid."""
        data, today = self.cleaned_data, clock.today()
        if self.is_of_days:
            last = data["last"] or max(today, data["first"])
            first = data["first"] or last
        else:
            last, first = today, today - timedelta(days=int(self.length) - 1)
        return _start_of(first), _start_of(last + timedelta(days=1))


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class CountsForm(forms.Form):
    """Which counts of loads to show."""

    rider = forms.TypedChoiceField(
        label=gettext_lazy("Rider"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select({"class": "form-select gs-auto"}),
    )
    off = forms.BooleanField(
        label=gettext_lazy("Only with a difference"),
        required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )

    def __init__(self, data: Any, *, riders: list[User]) -> None:
        super().__init__(data)
        field = self.fields["rider"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = [("", _("All riders")), *((each.pk, str(each)) for each in riders)]

    def wanted(self) -> tuple[int | None, bool]:
        """A rider's pk (None: all), and whether only what differs is shown."""
        self.is_valid()
        return self.cleaned_data.get("rider"), bool(self.cleaned_data.get("off"))
