"""What a rider types in at the door."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.billing.models import Method
from gasstock.catalog.models import Variant
from gasstock.core.fields import MoneyField, MoneyInput
from gasstock.core.money import format_amount, format_money
from gasstock.delivery.models import Delivery, Failure
from gasstock.delivery.photos import NotAPhoto, shrink
from gasstock.delivery.runs import is_out
from gasstock.orders.board import Preview, preview
from gasstock.orders.forms.station import HandOverForm
from gasstock.orders.models import OrderLine


@dataclass(frozen=True)
class Money:
    """The bill of what is handed over, and the cash that was `taken`; minor units.

    `asked` is what the field begins with: what is due, if the buyer pays in cash.
    """

    bill: Preview
    asked: int
    taken: int

    @property
    def more(self) -> int:
        return max(0, self.taken - self.bill.due)

    @property
    def open(self) -> int:
        return max(0, self.bill.due - self.taken)


class PhotoField(forms.FileField):
    """A photo from the phone, cleaned to a small WebP."""

    widget = forms.FileInput

    def to_python(self, data: Any) -> Any:
        if not isinstance(data, File):
            return None
        try:
            return shrink(data)
        except NotAPhoto as error:
            raise ValidationError(str(error), code="unreadable") from error


class RunForm(HandOverForm):
    """What was handed over, the cash for it, the code, and a photo if the rider took one.

    `seen` is the cash that the page asked for: if that was left as it stood and the bill has
    changed since, the rider is asked again.
    """

    cash = MoneyField(
        label=gettext_lazy("Cash you took"),
        widget=MoneyInput({"class": "form-control gs-bigin"}),
        error_messages={"required": gettext_lazy("Type the cash you took, 0 if none.")},
    )
    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    more = forms.BooleanField(required=False, label=gettext_lazy("More than the bill"))
    photo = PhotoField(
        required=False,
        label=gettext_lazy("Photo"),
        widget=forms.FileInput(
            {"class": "form-control", "accept": "image/*", "capture": "environment"}
        ),
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        delivery: Delivery,
        lines: list[OrderLine],
        others: Mapping[int, list[Variant]],
    ) -> None:
        super().__init__(data, files, lines=lines, others=others)
        self.delivery = delivery
        self.initial = {"cash": self.money().asked}

    def money(self) -> Money:
        """What the figures come to; cash that was left as the page had it follows the bill."""
        order = self.delivery.order
        bill = preview(order, self.lines, self.handed())
        asked = bill.due if order.payment_method == Method.CASH else 0
        values = getattr(self, "cleaned_data", {})
        taken = values.get("cash")
        if taken is None or values.get("seen") == format_amount(taken, order.currency):
            taken = asked
        return Money(bill, asked, taken)

    def clean(self) -> None:
        super().clean()
        if not self.errors and is_out(self.delivery):
            self._check_cash()

    def _check_cash(self) -> None:
        money, typed = self.money(), self.cleaned_data["cash"]
        currency = self.delivery.order.currency
        if money.taken != typed:
            followed = {"cash": format_amount(money.taken, currency)}
            self.data = dict(self.data.items()) | followed
            text = _("The bill is %(bill)s now. Check the cash you took.")
            bill = format_money(money.bill.total, currency)
            self.add_error("cash", text % {"bill": bill})


SYMBOLS = {
    Failure.ABSENT: "home-x",
    Failure.ADDRESS: "map-pin-off",
    Failure.REFUSED: "hand-stop",
    Failure.VEHICLE: "tool",
    Failure.UNSAFE: "alert-triangle",
}


class FailedForm(forms.Form):
    """Why the gas could not be handed over, and what the rider does with it."""

    failure = forms.ChoiceField(
        choices=Failure.choices,
        label=gettext_lazy("What happened"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what happened.")},
    )
    note = forms.CharField(
        required=False,
        max_length=240,
        label=gettext_lazy("In your words"),
        widget=forms.Textarea({"rows": 2, "class": "form-control"}),
        help_text=gettext_lazy("The station reads it."),
    )
    then = forms.ChoiceField(
        choices=[
            ("again", gettext_lazy("Try again later")),
            ("back", gettext_lazy("Bring it back to the station")),
        ],
        initial="again",
        label=gettext_lazy("And the gas"),
        widget=forms.RadioSelect,
    )

    def reasons(self) -> list[tuple[forms.boundfield.BoundWidget, str]]:
        """Each way it may fail, with its icon."""
        return list(zip(self["failure"], SYMBOLS.values(), strict=True))
