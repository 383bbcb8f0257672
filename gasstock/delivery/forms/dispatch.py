"""What a station says when it gives orders to its riders."""

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.models import Station, User
from gasstock.core import clock
from gasstock.delivery.errors import WithAnotherRider
from gasstock.delivery.models import Delivery, DeliveryStatus
from gasstock.delivery.stops import Carrier
from gasstock.orders.models import Order

PICK = re.compile(r"[1-9][0-9]{0,17}")
MOST_PICKS = 120
AHEAD = timedelta(hours=16)  # in the evening the next morning can be meant, at noon it cannot


def picked(data: QueryDict, name: str) -> set[int]:
    """The keys that were ticked, or came along; what is none is left out."""
    return {int(x) for x in data.getlist(name)[:MOST_PICKS] if PICK.fullmatch(x)}


class RiderForm(forms.Form):
    """Who brings it; a name that is not there is the sender's."""

    rider = forms.IntegerField(min_value=1, required=False)


class AssignForm(forms.Form):
    """Which orders go to whom; perhaps when they arrive about, and a word to the rider."""

    rider = forms.TypedChoiceField(
        coerce=int,
        label=gettext_lazy("Rider"),
        widget=forms.Select({"class": "form-select"}),
        error_messages={
            "required": gettext_lazy("Choose who brings them."),
            "invalid_choice": gettext_lazy("Nobody of that name works here. Choose a rider."),
        },
    )
    arrives = forms.TimeField(
        required=False,
        label=gettext_lazy("Arrives about"),
        widget=forms.TimeInput({"type": "time", "class": "form-control"}, format="%H:%M"),
    )
    note = forms.CharField(
        required=False,
        max_length=240,
        label=gettext_lazy("Note to the rider"),
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )

    def __init__(
        self, data: QueryDict | None = None, *, station: Station, carriers: Iterable[Carrier]
    ) -> None:
        super().__init__(data, auto_id="assign_%s")
        self.station = station
        self.people = {each.person.pk: each for each in carriers}
        self.picks = picked(data, "order") if data else set()
        rider = self.fields["rider"]
        assert isinstance(rider, forms.ChoiceField)  # noqa: S101 - for the type checker
        names = ((pk, f"{each.person}, {each.words}") for pk, each in self.people.items())
        rider.choices = [("", _("Choose a rider")), *names]

    @property
    def details(self) -> bool:
        """Whether there is something in the fields that stand folded away."""
        return any(self[name].value() or self[name].errors for name in ("arrives", "note"))

    @property
    def carrier(self) -> Carrier | None:
        """Who is chosen, as far as that can be read."""
        value = str(self["rider"].value() or "")
        return self.people.get(int(value)) if PICK.fullmatch(value) else None

    def clean_arrives(self) -> datetime | None:
        """When the clock says so next."""
        moment: time | None = self.cleaned_data["arrives"]
        if moment is None:
            return None
        now = timezone.localtime(clock.now())
        for days in (0, 1):
            then = timezone.make_aware(datetime.combine(now.date() + timedelta(days), moment))
            if then > now and (not days or then - now <= AHEAD):
                return then
        text = _("%(time)s is over: say a time that is still to come.")
        raise forms.ValidationError(text % {"time": f"{moment:%H:%M}"})

    def clean(self) -> None:
        orders = list(Order.objects.at(self.station).filter(pk__in=self.picks))
        if not self.picks:
            self.add_error(None, _("Tick what the rider takes along."))
        elif len(orders) < len(self.picks):
            self.add_error(None, _("Not all of these orders are here. Look at the list once more."))
        self.cleaned_data["orders"] = orders
        given = Delivery.objects.filter(order__in=orders, status=DeliveryStatus.ASSIGNED)
        for delivery in given.select_related("order", "rider").order_by("pk"):
            if delivery.rider_id != self.cleaned_data.get("rider"):
                self.add_error(None, str(WithAnotherRider(delivery)))

    def values(self) -> dict[str, Any]:
        """What `assign` is to be told, of a form that passed."""
        data = self.cleaned_data
        rider: User = self.people[data["rider"]].person
        return {
            "orders": data["orders"],
            "rider": rider,
            "note": data["note"],
            "estimated_at": data["arrives"],
        }
