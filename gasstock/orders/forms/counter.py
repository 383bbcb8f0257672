"""What a cashier types in: a ticket with its payments, and why a sale is undone."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.forms import OneLineField
from gasstock.accounts.models import Station, User
from gasstock.billing.errors import ReferenceMissing, TooLittleGiven
from gasstock.billing.models import Method
from gasstock.billing.services.payments import Tender
from gasstock.core.errors import DomainError
from gasstock.core.fields import DayField, MoneyField
from gasstock.core.money import MAX_AMOUNT
from gasstock.inventory.models import Listing
from gasstock.orders.errors import NobodyToOwe, ShortOfStock
from gasstock.orders.forms.station import Words
from gasstock.orders.models import LineKind
from gasstock.orders.services.carts import MOST
from gasstock.orders.services.counter import SaleLine
from gasstock.orders.till import Keys, buyer_with, known_buyers, phone_in

PARTS = 4  # payments of one sale
ACCOUNT = "account"
WAYS = [*Method.choices, (ACCOUNT, gettext_lazy("On account"))]
KINDS = {
    "refill": LineKind.EXCHANGE,
    "new": LineKind.NEW,
    "piece": LineKind.ACCESSORY,
    "back": LineKind.RETURN,
}
PLACES: dict[type[DomainError], str] = {
    ReferenceMissing: "reference_0",
    TooLittleGiven: "given_0",
    NobodyToOwe: "buyer_phone",
}
WHY_VOID: Words = [
    gettext_lazy("Typed wrong"),
    gettext_lazy("Buyer changed their mind"),
    gettext_lazy("Leaking or damaged"),
    gettext_lazy("Payment did not arrive"),
    gettext_lazy("Wrong buyer"),
]


class TicketForm(forms.Form):
    """How many of what, by listing ("refill_12"), by whom, and how it is paid ("way_0" …).

    An amount that is left out is what is left to pay. `total` (minor units) is what the cashier
    saw, and left out where nothing was seen.
    """

    key = forms.CharField(max_length=64, min_length=8, widget=forms.HiddenInput)
    total = forms.IntegerField(required=False, widget=forms.HiddenInput)
    buyer = forms.IntegerField(required=False, min_value=1, max_value=10**15)
    buyer_name = OneLineField(required=False, max_length=80, label=gettext_lazy("Buyer’s name"))
    buyer_phone = OneLineField(
        required=False,
        max_length=20,
        label=gettext_lazy("Buyer’s phone"),
        widget=forms.TextInput({"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(
        self, data: Any = None, *, station: Station, keys: Keys, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial, auto_id="till_%s")
        self.station, self.keys = station, keys
        for listing in keys.listings:
            self.fields |= _fields_of(listing, keys)
        for part in range(PARTS):
            self.fields |= _fields_of_part(part)
        self.known: User | None = None

    def rows(self) -> list[tuple[Listing, list[forms.BoundField]]]:
        """Each listing with its fields, for the page without script."""
        return [
            (listing, [self[name] for name in _fields_of(listing, self.keys)])
            for listing in self.keys.listings
        ]

    def clean_buyer_phone(self) -> str:
        words = self.cleaned_data["buyer_phone"]
        phone = phone_in(words)
        if words and not phone:
            raise forms.ValidationError(_("That is no phone number. One looks like 0788 412 906."))
        return phone

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        phone = data.get("buyer_phone", "")
        if data.get("buyer"):
            self.known = known_buyers(self.station, phone).filter(pk=data["buyer"]).first()
            if self.known is None:
                self.add_error(None, _("This buyer is not known here. Look them up by phone."))
        elif phone:
            self.known = buyer_with(phone)
        return data

    @property
    def lines(self) -> list[SaleLine]:
        return [
            self._line(listing, word, self.cleaned_data[f"{word}_{listing.pk}"])
            for listing in self.keys.listings
            for word in KINDS
            if self.cleaned_data.get(f"{word}_{listing.pk}")
        ]

    def _line(self, listing: Listing, word: str, quantity: int) -> SaleLine:
        if word != "refill":
            return SaleLine(listing, KINDS[word], quantity)
        empties = self.cleaned_data[f"empties_{listing.pk}"]
        brand = self.cleaned_data.get(f"brand_{listing.pk}")
        others = {str(x.pk): x for x in self.keys.brands.get(listing.variant_id, [])}
        return SaleLine(listing, KINDS[word], quantity, empties, others.get(brand or ""))

    def tenders(self, total: int) -> list[Tender]:
        """The payments, where `total` (minor units) is to be paid."""
        return list(self._tenders(total))

    def _tenders(self, rest: int) -> Iterator[Tender]:
        for part in range(PARTS):
            way, amount, given, reference = (
                self.cleaned_data[f"{name}_{part}"]
                for name in ("way", "amount", "given", "reference")
            )
            if not way or way == ACCOUNT:
                continue
            amount = rest if amount is None else amount
            rest -= amount
            if amount and way == Method.CASH:
                yield Tender(Method.CASH, amount, tendered=None if amount < 0 else given)
            elif amount:
                yield Tender(Method(way), amount, reference)

    @property
    def is_on_account(self) -> bool:
        return any(self.cleaned_data[f"way_{part}"] == ACCOUNT for part in range(PARTS))

    def explain(self, error: DomainError) -> None:
        """Say it where it belongs: at the line, the payment, or above all."""
        if not isinstance(error, ShortOfStock) or not error.shortages:
            self.add_error(PLACES.get(type(error)), str(error))
            return
        for pk, left in error.shortages.items():
            for name in (f"{word}_{pk}" for word in KINDS if word != "back"):
                if self.cleaned_data.get(name):
                    self.add_error(name, _("Only %(left)s free.") % {"left": left})


def _fields_of(listing: Listing, keys: Keys) -> dict[str, forms.Field]:
    pk, variant = listing.pk, listing.variant
    if not variant.is_cylinder:
        return {f"piece_{pk}": _count(variant.name, gettext_lazy("Pieces"))}
    fields: dict[str, forms.Field] = {f"refill_{pk}": _count(variant.name, KINDS["refill"].label)}
    fields[f"empties_{pk}"] = _count(variant.name, gettext_lazy("Empties brought"))
    others = keys.brands.get(listing.variant_id)
    if others:
        choices = [("", variant.name), *((str(x.pk), x.name) for x in others)]
        fields[f"brand_{pk}"] = forms.ChoiceField(
            choices=choices, required=False, label=gettext_lazy("Empties are of")
        )
    if listing.new_price is not None:
        fields[f"new_{pk}"] = _count(variant.name, KINDS["new"].label)
    fields[f"back_{pk}"] = _count(variant.name, gettext_lazy("Given back for the deposit"))
    return fields


def _count(name: str, label: Any) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "autocomplete": "off", "class": "form-control"}
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST,
        widget=forms.TextInput(attrs | {"aria-label": f"{name}: {label}"}),
        error_messages={
            "invalid": _("Type a number."),
            "min_value": _("From 0 to %(most)s.") % {"most": MOST},
            "max_value": _("From 0 to %(most)s.") % {"most": MOST},
        },
    )


def _fields_of_part(part: int) -> dict[str, forms.Field]:
    return {
        f"way_{part}": forms.ChoiceField(
            choices=WAYS, required=False, label=gettext_lazy("Paid by"), widget=forms.RadioSelect
        ),
        f"amount_{part}": MoneyField(
            required=False, min_value=-MAX_AMOUNT, label=gettext_lazy("Amount")
        ),
        f"given_{part}": MoneyField(required=False, label=gettext_lazy("Cash given")),
        f"reference_{part}": OneLineField(
            required=False,
            max_length=60,
            label=gettext_lazy("Reference"),
            help_text=gettext_lazy("What the bank printed; needed for a bank transfer."),
        ),
    }


class SalesFilter(forms.Form):
    """Which of the sales to show. What cannot be read is left out."""

    q = forms.CharField(required=False, max_length=40)
    day = DayField()
    cashier = forms.IntegerField(required=False, min_value=1, max_value=10**15)
