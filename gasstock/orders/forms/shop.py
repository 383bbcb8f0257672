"""What buyers type in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.districts import DISTRICTS
from gasstock.accounts.forms import DistrictField, OneLineField, PhoneField
from gasstock.accounts.models import Station, User
from gasstock.billing.models import Method
from gasstock.orders.arrivals import Arrival
from gasstock.orders.errors import SlotGone
from gasstock.orders.models import Fulfilment, LineKind
from gasstock.orders.services.carts import MOST
from gasstock.orders.services.placing import Terms
from gasstock.orders.services.promises import Slot

NEW_PLACE = "new"
SOON = "soon"
HUGE = 10**15


class AddForm(forms.Form):
    kind = forms.ChoiceField(choices=LineKind.choices)
    quantity = forms.IntegerField(min_value=1, max_value=MOST, required=False)

    def clean_quantity(self) -> int:
        return self.cleaned_data["quantity"] or 1


class QuantityForm(forms.Form):
    quantity = forms.IntegerField(min_value=0, max_value=MOST)


class CheckoutForm(forms.Form):
    """Where to, when, how to pay, and the sums the buyer saw: brought to a district, collected."""

    fulfilment = forms.ChoiceField(
        label=gettext_lazy("Delivery or pick-up"), choices=Fulfilment.choices
    )
    place = forms.ChoiceField(label=gettext_lazy("Address"), required=False)
    district = DistrictField(required=False)
    address = OneLineField(
        label=gettext_lazy("Street, house, landmark"),
        max_length=160,
        required=False,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    save_address = forms.BooleanField(
        label=gettext_lazy("Save this address for next time"), required=False
    )
    phone = PhoneField(label=gettext_lazy("Phone at the door"))
    note = OneLineField(
        label=gettext_lazy("Note for the station"),
        max_length=240,
        required=False,
        widget=forms.TextInput({"placeholder": gettext_lazy("Call when you reach the gate")}),
    )
    payment_method = forms.ChoiceField(label=gettext_lazy("How you pay"), choices=Method.choices)
    delivered_total = forms.IntegerField(widget=forms.HiddenInput, max_value=HUGE, required=False)
    collected_total = forms.IntegerField(widget=forms.HiddenInput, max_value=HUGE, required=False)
    district_seen = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def __init__(self, *args: Any, user: User, stations: Sequence[Station], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stations = stations
        self.arrivals = [Arrival(station) for station in stations if station.delivers]
        for arrival in self._with_choice():
            label = _("When %(station)s comes") % {"station": arrival.station}
            self.fields[_when(arrival)] = forms.CharField(
                label=_("When it comes") if len(stations) == 1 else label,
                initial=SOON,
                max_length=40,
                required=False,
            )
        for name in ("district", "address"):  # of a delivery; `clean` asks for them
            self.fields[name].widget.attrs["required"] = True
        self.places = list(user.addresses.order_by("position", "pk"))
        self.fields["place"].choices = [  # type: ignore[attr-defined]
            *((str(place.pk), place.label) for place in self.places),
            (NEW_PLACE, _("Another address")),
        ]

    @property
    def stay_at_home(self) -> list[Station]:
        """The stations that bring nothing."""
        return [station for station in self.stations if not station.delivers]

    @property
    def goes_to(self) -> str:
        """The district, as far as the form is filled in; "" while none is chosen."""
        chosen = str(self["place"].value())
        for place in self.places:
            if chosen == str(place.pk):
                return place.district
        district = str(self["district"].value())
        return district if district in DISTRICTS else ""

    @property
    def times(self) -> list[tuple[Arrival, BoundField | None]]:
        """When each station comes, and where there is a choice, the field of it."""
        return [(each, self[_when(each)] if each.slots else None) for each in self.arrivals]

    @property
    def without_bank(self) -> list[Station]:
        return [station for station in self.stations if not station.takes_bank]

    def clean_fulfilment(self) -> str:
        fulfilment = self.cleaned_data["fulfilment"]
        if fulfilment == Fulfilment.DELIVERY and self.stay_at_home:
            names = ", ".join(map(str, self.stay_at_home))
            raise forms.ValidationError(_("%(names)s: pick-up only.") % {"names": names})
        return fulfilment

    def clean_payment_method(self) -> str:
        method = self.cleaned_data["payment_method"]
        if method == Method.BANK and self.without_bank:
            names = ", ".join(map(str, self.without_bank))
            raise forms.ValidationError(_("%(names)s: no bank transfer.") % {"names": names})
        return method

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("fulfilment") != Fulfilment.DELIVERY:
            return data
        return data | self._where(data) | {"slots": self._slots_chosen(data)}

    def _where(self, data: dict[str, Any]) -> dict[str, str]:
        for place in self.places:
            if data.get("place") == str(place.pk):
                return {"district": place.district, "address": place.line}
        if not data.get("district") and "district" not in self.errors:
            self.add_error("district", _("Choose the district to bring it to."))
        if not data.get("address") and "address" not in self.errors:
            self.add_error("address", _("Write where to bring it."))
        return {}

    def _slots_chosen(self, data: dict[str, Any]) -> list[Slot]:
        """The windows in which stations shall come; the others come as soon as they can."""
        chosen = []
        for arrival in self._with_choice():
            name = _when(arrival)
            key = data.get(name, SOON)
            slot = next((slot for slot in arrival.slots if slot.key == key), None)
            if slot:
                chosen.append(slot)
            elif key != SOON:
                self.add_error(name, _why_not(arrival, key))
        return chosen

    def _with_choice(self) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if arrival.slots]

    @property
    def terms(self) -> Terms:
        data = self.cleaned_data
        return Terms(
            fulfilment=Fulfilment(data["fulfilment"]),
            payment_method=Method(data["payment_method"]),
            phone=data["phone"].as_e164,
            district=data["district"],
            address=data["address"],
            note=data["note"],
            slots=data.get("slots", ()),
        )

    @property
    def expected_total(self) -> int:
        """The sum that stood beside what was chosen; a missing one fits no price."""
        is_delivery = self.cleaned_data["fulfilment"] == Fulfilment.DELIVERY
        seen = self.cleaned_data["delivered_total" if is_delivery else "collected_total"]
        return -1 if seen is None else seen

    @property
    def new_place(self) -> dict[str, str] | None:
        """The address to note for next time, if the buyer wants that."""
        data = self.cleaned_data
        is_new = data["fulfilment"] == Fulfilment.DELIVERY and data["place"] in {"", NEW_PLACE}
        if not (is_new and data["save_address"]):
            return None
        return {"label": _("Home"), "district": data["district"], "line": data["address"]}


def _when(arrival: Arrival) -> str:
    return f"when_{arrival.station.pk}"


def _why_not(arrival: Arrival, key: str) -> str:
    """What to say of a time that cannot be chosen: most often its window has begun meanwhile."""
    begun = (slot for slot in arrival.slots if key.startswith(f"{slot.window.pk}-"))
    slot = next(begun, None)
    return str(SlotGone(str(slot))) if slot else _("Choose when it shall come.")


class CancelForm(forms.Form):
    reason = OneLineField(
        label=gettext_lazy("Why?"),
        max_length=240,
        required=False,
        help_text=gettext_lazy("The station reads it."),
    )


class RatingForm(forms.Form):
    stars = forms.TypedChoiceField(
        label=gettext_lazy("Stars"),
        choices=[(count, str(count)) for count in (5, 4, 3, 2, 1)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how many stars.")},
    )
    comment = forms.CharField(
        label=gettext_lazy("A word for the station"),
        max_length=500,
        required=False,
        widget=forms.Textarea(
            {"rows": 3, "placeholder": gettext_lazy("Was it on time? Was the seal whole?")}
        ),
    )
