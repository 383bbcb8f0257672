"""What a station types in about an order: the head, and any number of lines."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import Q
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.forms import OneLineField
from gasstock.accounts.models import Station
from gasstock.core import clock
from gasstock.core.fields import DayField, MoneyField
from gasstock.purchasing.models import PurchaseKind, PurchaseOrder, Supplier
from gasstock.purchasing.services.offers import Offer
from gasstock.purchasing.services.orders import Wanted

MOST = 100_000
MOST_MONEY = 1_000_000_000
MOST_LINES = 100
BLANK_ROWS = 3
GROUPS = {
    PurchaseKind.REFILL: gettext_lazy("Refills"),
    PurchaseKind.NEW: gettext_lazy("With new cylinder"),
    PurchaseKind.GOODS: gettext_lazy("Accessories"),
}
Offers = Mapping[str, Offer]


class CountField(forms.IntegerField):
    """How many, from `min_value` on."""

    def __init__(self, *, min_value: int = 0, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(min_value=min_value, max_value=MOST, widget=widget, **kwargs)


class OrderForm(forms.Form):
    supplier = forms.ModelChoiceField(
        Supplier.objects.none(),
        label=gettext_lazy("Supplier"),
        empty_label=gettext_lazy("Choose who to buy from"),
    )
    expected_on = DayField(label=gettext_lazy("Wanted by"))
    note = OneLineField(label=gettext_lazy("Note for the supplier"), max_length=240, required=False)

    def __init__(
        self, *args: Any, station: Station, order: PurchaseOrder | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        rows = Supplier.objects.at(station).filter(retired_at=None)
        if order is not None:
            rows = Supplier.objects.at(station).filter(Q(retired_at=None) | Q(pk=order.supplier_id))
        field = self.fields["supplier"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = rows.order_by("name", "pk")

    def clean_expected_on(self) -> Any:
        day = self.cleaned_data["expected_on"]
        is_kept = self.order is not None and day == self.order.expected_on
        if day and day < clock.today() and not is_kept:
            raise forms.ValidationError(_("Choose today or a later day."))
        return day


class LineForm(forms.Form):
    """One line. What is left open is filled in from what is known: last cost, empties at hand."""

    what = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    quantity = CountField(label=gettext_lazy("How many"), min_value=1, required=False)
    unit_cost = MoneyField(
        label=gettext_lazy("Each"), min_value=1, max_value=MOST_MONEY, required=False
    )
    unit_shell_cost = MoneyField(
        label=gettext_lazy("Cylinder, each"), max_value=MOST_MONEY, required=False
    )
    empties = CountField(label=gettext_lazy("Empties to send"), required=False)

    def __init__(self, *args: Any, offers: Offers, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = offers
        self.fields["what"].widget.attrs["class"] = "form-select"
        groups = groupby(offers.values(), key=lambda offer: offer.kind)
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            ("", _("Choose")),
            *(
                (GROUPS[kind], [(offer.code, offer.name) for offer in of_kind])
                for kind, of_kind in groups
            ),
        ]

    @property
    def offer(self) -> Offer | None:
        """What the line is about, as far as it was chosen."""
        return self.offers.get(str(self["what"].value() or ""))

    @property
    def is_blank(self) -> bool:
        return not any(self.cleaned_data.get(name) for name in ("what", "quantity"))

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if self.errors or self.is_blank:
            return data
        offer = self.offers.get(data["what"])
        if offer is None:
            self.add_error("what", _("Choose what you want to buy."))
            return data
        if not data["quantity"]:
            self.add_error("quantity", _("Say how many."))
            return data
        return data | self._filled_in(offer)

    def _filled_in(self, offer: Offer) -> dict[str, Any]:
        data = self.cleaned_data
        known = {
            "unit_cost": offer.unit_cost,
            "unit_shell_cost": offer.unit_shell_cost,
            "empties": offer.empties_for(data["quantity"]),
        }
        known |= {name: data[name] for name in known if data[name] is not None}
        if known["unit_cost"] is None:
            self.add_error("unit_cost", _("Write what one costs."))
        if known["unit_shell_cost"] is None and offer.kind == PurchaseKind.NEW:
            self.add_error("unit_shell_cost", _("Write what the cylinder costs, or 0."))
        return known

    def wanted(self) -> Wanted:
        data, offer = self.cleaned_data, self.offers[self.cleaned_data["what"]]
        is_new = offer.kind == PurchaseKind.NEW
        return Wanted(
            offer.variant,
            offer.kind,
            data["quantity"],
            data["unit_cost"],
            data["unit_shell_cost"] if is_new else 0,
            data["empties"] if offer.kind == PurchaseKind.REFILL else 0,
        )


class BaseLines(BaseFormSet):
    """All lines of an order; blank ones do not count."""

    def clean(self) -> None:
        seen = set()
        for form in self.forms:
            what = form.cleaned_data.get("what") if form.is_valid() else None
            if what and what in seen:
                form.add_error("what", _("This stands on the order already: put it in one line."))
            seen.add(what)

    def wanted(self) -> list[Wanted]:
        return [form.wanted() for form in self.forms if not form.is_blank]


LineFormSet: type[BaseLines] = formset_factory(  # type: ignore[assignment]
    LineForm, formset=BaseLines, extra=0, max_num=MOST_LINES, absolute_max=MOST_LINES
)


def blank_lines(offers: Offers, rows: list[dict[str, Any]], blank: int) -> BaseLines:
    """Return `rows`, filled in where something is known, and blank ones after them."""
    known = [_with_known(offers, row) for row in rows]
    room = max(0, min(blank, MOST_LINES - len(known)))
    return LineFormSet(
        initial=[*known, *({} for _row in range(room))],
        prefix="lines",
        form_kwargs={"offers": offers},
    )


def _with_known(offers: Offers, row: dict[str, Any]) -> dict[str, Any]:
    offer = offers.get(str(row.get("what") or ""))
    if offer is None:
        return row
    quantity = str(row.get("quantity") or "")
    count = int(quantity) if quantity.isascii() and quantity.isdigit() else None
    known: dict[str, Any] = {"unit_cost": offer.unit_cost}
    if offer.kind == PurchaseKind.NEW:
        known["unit_shell_cost"] = offer.unit_shell_cost
    elif offer.kind == PurchaseKind.REFILL and count is not None:
        known["empties"] = offer.empties_for(count)
    return known | {name: value for name, value in row.items() if value not in (None, "")}


def typed_rows(data: QueryDict, *, without: str = "") -> list[dict[str, Any]]:
    """Return what was typed into the lines so far, blank ones and row number `without` left out."""
    total = data.get("lines-TOTAL_FORMS", "")
    count = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else 0
    rows = [
        {name: data.get(f"lines-{row}-{name}", "").strip()[:30] for name in LineForm.base_fields}
        for row in range(min(count, MOST_LINES))
        if str(row) != without
    ]
    return [row for row in rows if any(row.values())]


class ReasonForm(forms.Form):
    reason = OneLineField(
        label=gettext_lazy("Why?"),
        max_length=240,
        help_text=gettext_lazy("The supplier reads it too."),
    )
