"""What admins type in: the settings of the platform, and what the audit is narrowed to."""

import re
from dataclasses import asdict
from datetime import time
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Role
from gasstock.audit.log import SUBJECTS
from gasstock.core.fields import DayField, MoneyField
from gasstock.core.models import MOST_TAX
from gasstock.core.money import SYMBOLS
from gasstock.core.platform import Hours, Platform

WINDOW = re.compile(r"(\d{1,2})[:.h](\d{2})\s*[-–—]\s*(\d{1,2})[:.h](\d{2})", re.ASCII)
MOST_WINDOWS = 12
CURRENCIES = {
    "RWF": gettext_lazy("Rwandan francs (RWF)"),
    "UGX": gettext_lazy("Ugandan shillings (UGX)"),
    "KES": gettext_lazy("Kenyan shillings (KES)"),
    "TZS": gettext_lazy("Tanzanian shillings (TZS)"),
    "USD": gettext_lazy("US dollars (USD)"),
}
ACTION = r"^[a-z_]+\.[a-z_]+\Z"
THING = r"^[A-Za-z]+\.[A-Za-z]+:[A-Za-z0-9-]+\Z"


class NumberField(forms.IntegerField):
    """A whole number in a text box; what is wrong is said as the bounds it has to keep."""

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": 6})
        text = gettext_lazy("From %(least)s to %(most)s.")
        super().__init__(min_value=least, max_value=most, widget=widget, **kwargs)
        self._wrong = text, {"least": f"{least:,}", "most": f"{most:,}"}

    def clean(self, value: Any) -> int | None:
        try:
            return super().clean(value)
        except ValidationError as error:
            text, bounds = self._wrong
            raise ValidationError(str(text) % bounds, code="bounds") from error


class RateField(forms.DecimalField):
    """A rate in percent, “18” or “7.5 %”, cleaned to hundredths of a percent."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "maxlength": 8})
        super().__init__(
            min_value=0, max_value=MOST_TAX // 100, decimal_places=2, widget=widget, **kwargs
        )

    def prepare_value(self, value: Any) -> Any:
        return f"{value / 100:g}" if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        try:
            percent = super().clean(str(value or "").strip().removesuffix("%"))
        except ValidationError as error:
            words = {"most": MOST_TAX // 100}
            text = _("From 0 to %(most)s, with at most two digits after the point.") % words
            raise ValidationError(text, code="bounds") from error
        return int((percent or 0) * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)


class WindowsField(forms.CharField):
    """“08:00–12:00, 14:00–18:00”, cleaned to hours in order."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str) or value is None:
            return value
        return ", ".join(f"{start:%H:%M}–{end:%H:%M}" for start, end in value)

    def clean(self, value: Any) -> tuple[Hours, ...]:
        typed = str(super().clean(value) or "")
        windows = sorted(_window(part) for part in re.split(r"[,;\n]", typed) if part.strip())
        if len(windows) > MOST_WINDOWS:
            raise ValidationError(_("At most %(most)s windows.") % {"most": MOST_WINDOWS})
        if any(after[0] < before[1] for before, after in pairwise(windows)):
            raise ValidationError(_("Two windows overlap."))
        return tuple(windows)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)


def _window(part: str) -> Hours:
    """Read “8:00 - 12:00”. Raises ValidationError."""
    match = WINDOW.fullmatch(part.strip())
    if not match:
        raise ValidationError(_("Write windows like 08:00–12:00, 14:00–18:00."))
    hour, minute, last_hour, last_minute = (int(each) for each in match.groups())
    try:
        start, end = time(hour, minute), time(last_hour, last_minute)
    except ValueError as error:
        raise ValidationError(_("A day has hours from 00:00 to 23:59.")) from error
    if end <= start:
        raise ValidationError(_("A window must end after it begins."))
    return start, end


class PlatformForm(forms.Form):
    """The settings of the platform. The currency is not asked for once amounts are written."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"),
        help_text=gettext_lazy("It can be changed as long as no price or bill is written."),
    )
    order_expiry_hours = NumberField(
        label=gettext_lazy("Hours an order waits for an answer"),
        least=1,
        most=168,
        help_text=gettext_lazy("After that it expires, and what it held is free again."),
    )
    invoice_due_days = NumberField(
        label=gettext_lazy("Days until an invoice is due"),
        least=0,
        most=365,
        help_text=gettext_lazy("Counted from its approval. Invoices approved before keep theirs."),
    )
    sales_weeks = NumberField(
        label=gettext_lazy("Weeks of sales looked at"),
        least=1,
        most=26,
        help_text=gettext_lazy(
            "From them we say how long stock lasts and how much to order; counted anew each hour."
        ),
    )
    tax_rate = RateField(
        label=gettext_lazy("Tax in the prices, in percent"),
        help_text=gettext_lazy(
            "0: none. Of goods and delivery, never of deposits. Prices stay as they are; "
            "what has a number already keeps its tax."
        ),
    )
    tax_name = forms.CharField(
        label=gettext_lazy("What the tax is called"),
        required=False,
        max_length=12,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text=gettext_lazy("Short, like VAT. It stands on invoices and receipts."),
    )
    approval_limit = MoneyField(
        label=gettext_lazy("The team may approve orders up to"),
        max_value=1_000_000_000,
        help_text=gettext_lazy("0: every order waits for an admin."),
    )
    cover_days = NumberField(label=gettext_lazy("Days of stock to keep"), least=1, most=90)
    delivery_minutes = NumberField(label=gettext_lazy("Minutes to bring it"), least=15, most=1440)
    delivery_windows = WindowsField(
        label=gettext_lazy("Delivery windows"),
        required=False,
        max_length=240,
        help_text=gettext_lazy("Like 08:00–12:00, 14:00–18:00. Empty: as soon as possible only."),
    )
    OF_ALL = (
        *("currency", "order_expiry_hours", "invoice_due_days", "sales_weeks"),
        *("tax_rate", "tax_name"),
    )
    OF_NEW_STATIONS = ("approval_limit", "cover_days", "delivery_minutes", "delivery_windows")

    def __init__(
        self, data: QueryDict | None, *, platform: Platform, is_currency_used: bool
    ) -> None:
        super().__init__(data, initial=asdict(platform))
        known = dict.fromkeys([*CURRENCIES, platform.currency])
        choices = [(code, str(CURRENCIES.get(code, code))) for code in known]
        self.fields["currency"].choices = choices  # type: ignore[attr-defined]
        self.is_currency_used = is_currency_used
        if is_currency_used:
            del self.fields["currency"]
        elif data is not None and data.get("currency") in SYMBOLS:
            self.fields["approval_limit"].currency = data["currency"]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("tax_rate") and not data.get("tax_name") and "tax_name" not in self.errors:
            self.add_error("tax_name", _("Say what the tax is called, for example VAT."))
        return data

    @property
    def of_all(self) -> list[forms.BoundField]:
        return [self[name] for name in self.OF_ALL if name in self.fields]

    @property
    def of_new_stations(self) -> list[forms.BoundField]:
        return [self[name] for name in self.OF_NEW_STATIONS]


class AuditFilter(forms.Form):
    """What the log is narrowed to; what is wrong is said, and nothing is looked up."""

    person = forms.CharField(label=gettext_lazy("Who"), required=False, max_length=80)
    subject = forms.ChoiceField(
        label=gettext_lazy("What about"),
        required=False,
        choices=[("", gettext_lazy("Everything")), *SUBJECTS.items()],
    )
    target = forms.CharField(label=gettext_lazy("Name or number"), required=False, max_length=80)
    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("To"))
    action = forms.RegexField(ACTION, required=False, max_length=60, widget=forms.HiddenInput)
    thing = forms.RegexField(THING, required=False, max_length=101, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("person", "target", "subject"):
            look = "form-select" if name == "subject" else "form-control"
            self.fields[name].widget.attrs |= {"class": look, "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            self.add_error("until", _("It must not be before the first day."))
        return data

    @property
    def is_set(self) -> bool:
        return any(self.cleaned_data.values())

    @property
    def thing_asked(self) -> tuple[str, str] | None:
        label, colon, key = self.cleaned_data["thing"].partition(":")
        return (label, key) if colon else None


class WorkForm(forms.Form):
    """Where somebody is to work, and as what."""

    station = forms.ModelChoiceField(
        label=gettext_lazy("Station"),
        queryset=Station.objects.none(),
        empty_label=gettext_lazy("Choose a station"),
        to_field_name="slug",
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.CLERK)

    def __init__(self, *args: Any, stations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["station"].queryset = stations  # type: ignore[attr-defined]
