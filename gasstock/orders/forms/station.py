"""What a station types in about an order."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.billing.models import Invoice, Method
from gasstock.catalog.models import Variant
from gasstock.core.fields import MoneyField
from gasstock.orders.models import LineKind, OrderLine
from gasstock.orders.services.handover import Handed

Words = list[str | Promise]

WHY_REJECT: Words = [
    gettext_lazy("Not enough stock"),
    gettext_lazy("We do not deliver there"),
    gettext_lazy("Buyer cannot be reached"),
    gettext_lazy("Looks like a mistake"),
]
WHY_CALL_OFF: Words = [
    gettext_lazy("Nobody at home"),
    gettext_lazy("Wrong address"),
    gettext_lazy("Buyer said no"),
    gettext_lazy("Trouble with the bike"),
    gettext_lazy("Not safe there"),
    gettext_lazy("Not enough stock"),
]


class ReasonForm(forms.Form):
    """Why something is refused: one of the usual reasons, own words, or both."""

    why = forms.ChoiceField(required=False, label=gettext_lazy("Reason"))
    words = forms.CharField(
        required=False,
        max_length=160,
        label=gettext_lazy("In your words"),
        widget=forms.Textarea({"rows": 2, "class": "form-control"}),
    )

    def __init__(self, data: Any = None, *, reasons: Words, auto_id: str = "id_%s") -> None:
        super().__init__(data, auto_id=auto_id)
        self.reasons = [str(reason) for reason in reasons]
        why = self.fields["why"]
        assert isinstance(why, forms.ChoiceField)  # noqa: S101 - for the type checker
        why.choices = [(reason, reason) for reason in self.reasons]

    def clean(self) -> None:
        given = self.cleaned_data.get("why"), self.cleaned_data.get("words", "").strip()
        reason = ". ".join(part for part in given if part)
        if not reason and not self.errors:
            self.add_error("words", _("Say why: they read it."))
        self.cleaned_data["reason"] = reason[:240]


@dataclass(frozen=True)
class HandOverRow:
    """A line with its fields; `extra` is what a missing empty adds to the bill."""

    line: OrderLine
    delivered: forms.BoundField
    empties: forms.BoundField | None
    brand: forms.BoundField | None
    extra: int


class HandOverForm(forms.Form):
    """How many full ones were given and empties came back, by line, and the buyer's code."""

    code = forms.CharField(
        required=False,
        max_length=4,
        label=gettext_lazy("Buyer’s 4-digit code"),
        widget=forms.TextInput(
            {
                "class": "gs-codein",
                "inputmode": "numeric",
                "autocomplete": "off",
                "placeholder": "••••",
            }
        ),
    )
    no_code = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Why there is no code"),
        widget=forms.Textarea({"rows": 2, "class": "form-control"}),
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        lines: Iterable[OrderLine],
        others: Mapping[int, list[Variant]],
    ) -> None:
        """`others`: which empties of another brand may come back too, by variant pk."""
        super().__init__(data, files, auto_id="hand_%s")
        self.lines = list(lines)
        self.brought = {str(other.pk): other for each in others.values() for other in each}
        for line in self.lines:
            self.fields[f"delivered_{line.pk}"] = _quantity(line.variant.name, line.quantity)
            if line.kind == LineKind.EXCHANGE:
                name = _("Empties of %(name)s") % {"name": line.variant.name}
                self.fields[f"empties_{line.pk}"] = _quantity(name, line.quantity)
                if choices := others.get(line.variant_id):
                    self.fields[f"brand_{line.pk}"] = _brand(line.variant, choices)

    def rows(self) -> list[HandOverRow]:
        return [
            HandOverRow(
                line=line,
                delivered=self[f"delivered_{line.pk}"],
                empties=self._field(f"empties_{line.pk}"),
                brand=self._field(f"brand_{line.pk}"),
                extra=line.new_price + line.deposit - line.unit_price,
            )
            for line in self.lines
        ]

    def takes_back(self) -> bool:
        """Whether empties should come back for any of it."""
        return any(line.kind == LineKind.EXCHANGE for line in self.lines)

    def _field(self, name: str) -> forms.BoundField | None:
        return self[name] if name in self.fields else None

    def clean(self) -> None:
        for line in self.lines:
            delivered = self.cleaned_data.get(f"delivered_{line.pk}")
            empties = self.cleaned_data.get(f"empties_{line.pk}")
            if delivered is not None and empties is not None and empties > delivered:
                text = _("You hand over %(count)s, so at most %(count)s come back.")
                self.add_error(f"empties_{line.pk}", text % {"count": delivered})

    def handed(self) -> dict[int, Handed]:
        """What was typed, by line; what cannot be read counts as nothing changed."""
        values = getattr(self, "cleaned_data", {})
        return {
            line.pk: Handed(
                values.get(f"delivered_{line.pk}", line.quantity),
                values.get(f"empties_{line.pk}", line.quantity)
                if line.kind == LineKind.EXCHANGE
                else 0,
                self.brought.get(values.get(f"brand_{line.pk}", "")),
            )
            for line in self.lines
        }


def _brand(own: Variant, others: list[Variant]) -> forms.ChoiceField:
    return forms.ChoiceField(
        required=False,
        label=_("They are"),
        choices=[("", own.name), *((str(other.pk), other.name) for other in others)],
        widget=forms.Select({"class": "form-select"}),
    )


def _quantity(label: str, most: int) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "autocomplete": "off", "data-min": 0, "data-max": most}
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=most,
        initial=most,
        widget=forms.TextInput(attrs | {"aria-label": label}),
        error_messages={
            "invalid": _("Type a number."),
            "min_value": _("From 0 to %(most)s.") % {"most": most},
            "max_value": _("From 0 to %(most)s.") % {"most": most},
            "required": _("Type a number, 0 if there was none."),
        },
    )


class PaymentForm(forms.Form):
    """Money received for one of the order's bills. `key` makes a double send one payment.

    The keys that services choose have dashes, so nobody takes the key of a receipt to come.
    """

    invoice = forms.ModelChoiceField(Invoice.objects.none(), widget=forms.HiddenInput)
    key = forms.RegexField("^[0-9A-Za-z]+$", max_length=64, widget=forms.HiddenInput)
    method = forms.ChoiceField(
        choices=Method.choices, label=gettext_lazy("Paid by"), widget=forms.RadioSelect
    )
    amount = MoneyField(min_value=1, label=gettext_lazy("Amount"))
    reference = forms.CharField(
        required=False,
        max_length=60,
        label=gettext_lazy("Reference"),
        help_text=gettext_lazy("What the bank printed; needed for a bank transfer."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        bills: list[Invoice],
        to_pay: Invoice | None,
        method: str = Method.CASH,
    ) -> None:
        initial = {
            "invoice": to_pay,
            "key": uuid.uuid4().hex,
            "method": method,
            "amount": to_pay.due if to_pay else None,
        }
        super().__init__(data, initial=initial, auto_id="pay_%s")
        field = self.fields["invoice"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = Invoice.objects.filter(pk__in=[bill.pk for bill in bills])


class ReplyForm(forms.Form):
    reply = forms.CharField(
        max_length=500,
        label=gettext_lazy("Your answer"),
        widget=forms.Textarea({"rows": 2, "class": "form-control"}),
    )
