"""What people ask of a report, and how they keep it."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.models import Membership, Station, User
from gasstock.billing.models import Method
from gasstock.catalog.models import Product
from gasstock.core import clock
from gasstock.core.fields import DayField
from gasstock.orders.models import Channel
from gasstock.purchasing.models import Supplier
from gasstock.reports.models import Frequency, SavedView
from gasstock.reports.periods import MOST_DAYS, OWN, PRESETS, USUAL, days_of, days_over
from gasstock.reports.report import Ask, Choice, Report
from gasstock.reports.sums import Scope, looked_up_once

Choices = list[tuple[Any, str]]
MOST_CHOICES = 500
LABELS = {
    "brand": gettext_lazy("Brand"),
    "product": gettext_lazy("Product"),
    "channel": gettext_lazy("Where it was sold"),
    "clerk": gettext_lazy("Who handed it over"),
    "supplier": gettext_lazy("Supplier"),
    "method": gettext_lazy("Paid by"),
    "rider": gettext_lazy("Rider"),
}
KEYS = {"brand", "product", "clerk", "supplier", "rider"}  # whose choices are keys (pk)


class AskForm(forms.Form):
    """The days, what rows stand for, and filters: those that the report takes."""

    days = forms.ChoiceField(label=gettext_lazy("Days"), required=False)
    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("To, included"))
    group = forms.ChoiceField(label=gettext_lazy("Rows"), required=False)
    compare = forms.BooleanField(label=gettext_lazy("Compare with the time before"), required=False)

    def __init__(
        self, data: QueryDict, *, report: Report, station: Station | None, is_letter: bool = False
    ) -> None:
        super().__init__(data)
        self.report, self.station = report, station
        self._days_of = days_over if is_letter else days_of
        self._today = clock.today()
        groups = report.groups_for(Scope(self._today, self._today, station))
        self._usual_group = groups[0].key if groups else ""
        self.data = self._filled_in(data)
        if report.dated:
            own = (OWN, _("Own days"))
            self._offer("days", [*((name, str(each[0])) for name, each in PRESETS.items()), own])
        else:
            for name in ("days", "since", "until", "compare"):
                del self.fields[name]
        self._offer_groups(groups)
        self._offer_filters()
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.widget.attrs["class"] = "form-select"

    def _filled_in(self, data: QueryDict) -> QueryDict:
        """What is not said is the usual, so that the boxes show it."""
        data = data.copy()
        usual = {"days": USUAL, "group": self._usual_group}
        if data.get("days") == OWN:
            first, last = days_of(USUAL, self._today)
            usual |= {"since": first.isoformat(), "until": last.isoformat()}
        for name, value in usual.items():
            if not data.get(name):
                data[name] = value
        return data

    def _offer_groups(self, groups: Sequence[Choice]) -> None:
        if len(groups) > 1:
            self._offer("group", [(each.key, str(each.title)) for each in groups])
        else:
            del self.fields["group"]

    def _offer_filters(self) -> None:
        wanted = self.report.filters
        found = _choices_of_goods(self.station) if {"brand", "product"} & {*wanted} else {}
        for name in wanted:
            choices = found[name] if name in found else CHOICES[name](self.station)
            field: forms.ChoiceField = forms.TypedChoiceField(
                label=LABELS[name],
                required=False,
                coerce=int if name in KEYS else str,
                empty_value=None,
            )
            self.fields[name] = field
            self._offer(name, [("", _("All")), *choices])

    def _offer(self, name: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 for mypy
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("days") == OWN:
            self._check_own_days(data)
        return data

    def _check_own_days(self, data: dict[str, Any]) -> None:
        since, until = data.get("since"), data.get("until")
        for name, day in (("since", since), ("until", until)):
            if day is None and name not in self.errors:
                self.add_error(name, _("Choose a day."))
        if since and until and since > until:
            self.add_error("until", _("This day is before the first one."))
        elif since and until and (until - since).days >= MOST_DAYS:
            self.add_error("until", _("That is more than three years. Choose fewer days."))

    def ask(self) -> Ask:
        data = self.cleaned_data
        filters = {
            name: data[name] for name in self.report.filters if data.get(name) not in (None, "")
        }
        since, until = self._days()
        [scope] = looked_up_once(Scope(since, until, self.station))
        return Ask(scope, data.get("group") or self._usual_group, filters)

    def _days(self) -> tuple[date, date]:
        if not self.report.dated:
            return self._today, self._today
        data = self.cleaned_data
        if data["days"] == OWN:
            return data["since"], data["until"]
        return self._days_of(data["days"] or USUAL, self._today)

    @property
    def wants_comparison(self) -> bool:
        return bool(self.cleaned_data.get("compare"))


# --- What filters offer ---------------------------------------------------------------------------


def _choices_of_goods(station: Station | None) -> dict[str, Choices]:
    """What the station lists or listed, as brands and as products; one query."""
    products = Product.objects.order_by("name", "pk")
    if station:
        products = products.filter(variants__listings__station=station).distinct()
    rows = list(products.values_list("pk", "name", "brand", "brand__name")[:MOST_CHOICES])
    brands = {pk: name for _pk, _name, pk, name in rows if pk}
    return {
        "product": [(pk, name) for pk, name, *_brand in rows],
        "brand": sorted(brands.items(), key=lambda each: each[1]),
    }


def _members(station: Station | None) -> Choices:
    """Who works there, or did and has a drawer; of the platform, all who do."""
    of_station = Membership.objects.filter(station=station) if station else Membership.objects.all()
    is_or_was = Q(pk__in=of_station.values("user"))
    if station:
        is_or_was |= Q(shifts__station=station)
    people = User.objects.filter(is_or_was).distinct().order_by("name", "pk")
    return [(person.pk, str(person)) for person in people[:MOST_CHOICES]]


def _suppliers(station: Station | None) -> Choices:
    suppliers = Supplier.objects.order_by("name", "pk")
    if station:
        suppliers = suppliers.filter(station=station)
    return list(suppliers.values_list("pk", "name")[:MOST_CHOICES])


CHOICES: dict[str, Callable[[Station | None], Choices]] = {
    "channel": lambda _station: [(key, str(title)) for key, title in Channel.choices],
    "method": lambda _station: [(key, str(title)) for key, title in Method.choices],
    "clerk": _members,
    "rider": _members,
    "supplier": _suppliers,
}


# --- Saved views ----------------------------------------------------------------------------------


class SaveForm(forms.Form):
    """A name for the report as it is set now."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )


class ViewForm(SaveForm):
    """Its name, and when it is sent by e-mail."""

    frequency = forms.ChoiceField(label=gettext_lazy("Send it by e-mail"), required=False)

    def __init__(self, data: Any = None, *, view: SavedView) -> None:
        super().__init__(data, initial={"name": view.name, "frequency": view.frequency})
        field = self.fields["frequency"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 for mypy
        field.choices = [("", _("Never")), *Frequency.choices]
        self._has_own_days = QueryDict(view.query).get("days") == OWN

    def clean_frequency(self) -> str:
        frequency: str = self.cleaned_data["frequency"]
        if frequency and self._has_own_days:
            text = _("Its days are fixed: every letter would be the same. Save it with others.")
            raise forms.ValidationError(text)
        return frequency
