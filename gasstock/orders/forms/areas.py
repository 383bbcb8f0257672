"""What a station types in about its deliveries: fees by district, windows, minutes."""

from datetime import time
from typing import Any

from django import forms
from django.forms import BaseFormSet, BoundField, formset_factory
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.districts import DISTRICTS, PROVINCES
from gasstock.accounts.models import Station
from gasstock.core.fields import MoneyField
from gasstock.core.money import format_amount
from gasstock.orders.errors import WindowEndsFirst, WindowsOverlap
from gasstock.orders.services.areas import Hours, check_hours

MOST_FEE = 10_000_000
MOST_WINDOWS = 12
BLANK_ROWS = 2
CLOCK = {"type": "time", "class": "form-control"}


class TermsForm(forms.Form):
    """How long it takes, and a fee for each district that is not to cost the usual one."""

    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes to bring it"),
        min_value=15,
        max_value=1440,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), gettext_lazy("From 15 to 1,440 minutes.")
        ),
        help_text=gettext_lazy(
            "What “as soon as possible” means, from the order or the opening on."
        ),
    )

    def __init__(self, data: QueryDict | None, *, station: Station) -> None:
        fees = dict(station.areas.values_list("district", "fee"))
        initial = {_fee(district): fee for district, fee in fees.items()}
        super().__init__(data, initial=initial | {"minutes": station.delivery_minutes})
        self.station = station
        for district in DISTRICTS:
            field = MoneyField(label=district, max_value=MOST_FEE, required=False)
            field.widget.attrs |= {
                "placeholder": format_amount(station.delivery_fee),
                "class": "form-control",
                "maxlength": 16,
            }
            self.fields[_fee(district)] = field

    @property
    def provinces(self) -> list[tuple[str, list[BoundField], int, bool]]:
        """Each province: its fields, how many have a fee, and whether it is looked at first."""
        return [self._province(name, districts) for name, districts in PROVINCES.items()]

    def _province(
        self, name: str, districts: tuple[str, ...]
    ) -> tuple[str, list[BoundField], int, bool]:
        fields = [self[_fee(district)] for district in districts]
        filled = sum(field.value() not in (None, "") for field in fields)
        is_open = bool(filled) or self.station.district in districts
        return name, fields, filled, is_open

    @property
    def fees(self) -> dict[str, int]:
        fees = {district: self.cleaned_data[_fee(district)] for district in DISTRICTS}
        return {district: fee for district, fee in fees.items() if fee is not None}


def _fee(district: str) -> str:
    return f"fee_{district.lower()}"


class WindowForm(forms.Form):
    starts_at = forms.TimeField(
        label=gettext_lazy("From"), required=False, widget=forms.TimeInput(CLOCK, "%H:%M")
    )
    ends_at = forms.TimeField(
        label=gettext_lazy("Until"), required=False, widget=forms.TimeInput(CLOCK, "%H:%M")
    )

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        for name, words in (
            ("starts_at", _("Say when it begins.")),
            ("ends_at", _("Say when it ends.")),
        ):
            if any(data.values()) and not data.get(name) and name not in self.errors:
                self.add_error(name, words)
        if not self.errors and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", str(WindowEndsFirst()))
        return data

    @property
    def hours(self) -> Hours | None:
        """From when until when; None for a row that is left open or to be removed."""
        data = self.cleaned_data
        if self.errors or data.get("DELETE") or data.get("ends_at") is None:
            return None
        return data["starts_at"], data["ends_at"]


class BaseWindows(BaseFormSet):
    """All windows of a station; blank rows do not count."""

    def clean(self) -> None:
        known: list[Hours] = []
        for form in sorted(self.forms, key=_by_start):
            hours = form.hours
            if hours is None:
                continue
            try:
                check_hours([*known, hours])
            except WindowsOverlap as error:
                form.add_error("starts_at", str(error))
            else:
                known.append(hours)

    @property
    def hours(self) -> list[Hours]:
        return [form.hours for form in self.forms if form.hours]


def _by_start(form: WindowForm) -> time:
    return form.hours[0] if form.hours else time.max


WindowFormSet: type[BaseWindows] = formset_factory(  # type: ignore[assignment]
    WindowForm,
    formset=BaseWindows,
    extra=BLANK_ROWS,
    can_delete=True,
    can_delete_extra=False,
    max_num=MOST_WINDOWS,
    absolute_max=MOST_WINDOWS,
    validate_max=True,
)


def windows_form(data: QueryDict | None, station: Station) -> BaseWindows:
    """The rows of the windows there are and blank ones after them, or the rows that were sent."""
    if data is not None:
        return WindowFormSet(data, prefix="windows")
    windows = station.windows.order_by("starts_at").values("starts_at", "ends_at")
    return WindowFormSet(initial=list(windows), prefix="windows")
