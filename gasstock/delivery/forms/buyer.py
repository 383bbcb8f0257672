"""What a buyer answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.core import clock
from gasstock.delivery.models import Delivery, Wish
from gasstock.orders.services.promises import Slot

NOW, OTHER = "now", "other"
WITHIN = timedelta(days=7)
TYPED = "%Y-%m-%dT%H:%M"  # what a browser sends, in the time zone of the stations


class Answer(NamedTuple):
    wish: Wish
    wished_from: datetime | None = None
    wished_until: datetime | None = None


class AnswerForm(forms.Form):
    """When the gas comes after all: now, in one of the station's windows, or at a time typed in."""

    when = forms.ChoiceField(
        label=gettext_lazy("When should it come?"),
        error_messages={
            "required": gettext_lazy("Choose when to come."),
            "invalid_choice": gettext_lazy("That time is gone. Choose another."),
        },
    )
    moment = forms.DateTimeField(
        label=gettext_lazy("Day and time"),
        required=False,
        input_formats=[TYPED],
        error_messages={"invalid": gettext_lazy("Write a day and a time, such as 18 Nov, 16:00.")},
    )

    def __init__(
        self, *args: Any, slots: Sequence[Slot], delivery: Delivery, **kwargs: Any
    ) -> None:
        self.slots = {slot.key: slot for slot in slots}
        super().__init__(*args, **kwargs)
        self.initial = self._said(delivery)
        choices = [NOW, *self.slots, OTHER]
        self.fields["when"].choices = [  # type: ignore[attr-defined]
            (choice, choice) for choice in choices
        ]
        limits = {"min": _typed(clock.now()), "max": _typed(clock.now() + WITHIN)}
        self.fields["moment"].widget = forms.DateTimeInput(
            {"type": "datetime-local", "class": "form-control"} | limits, format=TYPED
        )

    def _said(self, delivery: Delivery) -> dict[str, Any]:
        """What the buyer answered before, if anything."""
        if delivery.wish == Wish.TRY_AGAIN:
            return {"when": NOW}
        for key, slot in self.slots.items():
            if slot.starts_at == delivery.wished_from:
                return {"when": key}
        return {"when": OTHER if delivery.wished_from else "", "moment": delivery.wished_from}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("when") == OTHER and "moment" not in self.errors:
            self._check(data.get("moment"))
        elif data.get("when") != OTHER:
            self.errors.pop("moment", None)
        return data

    def _check(self, moment: datetime | None) -> None:
        if moment is None:
            self.add_error("moment", _("Choose a day and a time."))
        elif moment <= clock.now():
            self.add_error("moment", _("That time is over. Choose one that is still to come."))
        elif moment > clock.now() + WITHIN:
            self.add_error("moment", _("Choose a time within the next 7 days."))

    @property
    def answer(self) -> Answer:
        when = self.cleaned_data["when"]
        if when == NOW:
            return Answer(Wish.TRY_AGAIN)
        if when == OTHER:
            return Answer(Wish.LATER, self.cleaned_data["moment"])
        return Answer(Wish.LATER, self.slots[when].starts_at, self.slots[when].ends_at)


def _typed(moment: datetime) -> str:
    return f"{timezone.localtime(moment):{TYPED}}"
