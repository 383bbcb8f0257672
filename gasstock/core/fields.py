from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gasstock.core.money import MAX_AMOUNT, NotMoney, format_amount, format_money, parse_money

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 12, 31)


class MoneyInput(forms.TextInput):
    """A text box that brings up the number keys of a phone."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off"} | (attrs or {}))


class MoneyField(forms.Field):
    """An amount as people type it ("12,000"), cleaned to an integer in minor units.

    `min_value` and `max_value` are minor units of `currency`, the platform's by default.
    """

    widget = MoneyInput

    def __init__(
        self,
        *,
        min_value: int = 0,
        max_value: int = MAX_AMOUNT,
        currency: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.min_value, self.max_value, self.currency = min_value, max_value, currency

    def prepare_value(self, value: Any) -> Any:
        return format_amount(value, self.currency) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            return value
        try:
            return parse_money(str(value), self.currency)
        except NotMoney as error:
            raise ValidationError(str(error), code="invalid") from error

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is None:
            return
        if value < self.min_value:
            least = format_money(self.min_value, self.currency)
            raise ValidationError(_("At least %(least)s.") % {"least": least}, code="min_value")
        if value > self.max_value:
            most = format_money(self.max_value, self.currency)
            raise ValidationError(_("At most %(most)s.") % {"most": most}, code="max_value")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class DayField(forms.DateField):
    """A day that calendars, time zones and databases agree on."""

    def __init__(self, **kwargs: Any) -> None:
        limits = {"type": "date", "min": FIRST_DAY.isoformat(), "max": LAST_DAY.isoformat()}
        widget = forms.DateInput(limits | {"class": "form-control"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=widget, **kwargs)

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value and not FIRST_DAY <= value <= LAST_DAY:
            raise ValidationError(_("Choose a day from 2000 to 2100."))
