from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.catalog.models import Variant
from gasstock.core.fields import MoneyField
from gasstock.core.money import format_money
from gasstock.inventory.models import Condition

MOST = 100_000


class CountField(forms.IntegerField):
    """How many of something, from 0 on."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(min_value=0, max_value=MOST, widget=widget, **kwargs)


class ListingForm(forms.Form):
    """What a station may say of a listing: prices and when to be warned."""

    refill_price = MoneyField(label=gettext_lazy("Price of a refill"), min_value=1)
    new_price = MoneyField(
        label=gettext_lazy("Price without an empty"), min_value=1, required=False
    )
    reorder_level = CountField(
        label=gettext_lazy("Low from"),
        initial=0,
        help_text=gettext_lazy("At this number of free ones the listing counts as running low."),
    )

    def __init__(self, *args: Any, variant: Variant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not variant.is_cylinder:
            self.fields["refill_price"].label = _("Price")
            del self.fields["new_price"]
            return
        self.fields["new_price"].help_text = _(
            "For a buyer with no shell to give; the deposit of %(deposit)s is added to it. "
            "Empty if you sell refills only."
        ) % {"deposit": format_money(variant.deposit)}

    def clean(self) -> dict[str, Any]:
        return {"new_price": None} | (super().clean() or {})


class CellForm(ListingForm):
    """One field of a listing, to be changed where it stands. Raises KeyError for one it has not."""

    def __init__(self, *args: Any, variant: Variant, field: str, **kwargs: Any) -> None:
        super().__init__(*args, variant=variant, **kwargs)
        self.fields = {field: self.fields[field]}

    def clean(self) -> dict[str, Any]:
        return self.cleaned_data


class NewListingForm(ListingForm):
    full = CountField(
        label=gettext_lazy("Full ones you have now"),
        initial=0,
        help_text=gettext_lazy("Count them: this opens the books."),
    )
    empty = CountField(label=gettext_lazy("Empties you have now"), initial=0)
    is_published = forms.BooleanField(
        label=gettext_lazy("Show it to buyers at once"), required=False, initial=True
    )

    def __init__(self, *args: Any, variant: Variant, **kwargs: Any) -> None:
        super().__init__(*args, variant=variant, **kwargs)
        if not variant.is_cylinder:
            self.fields["full"].label = _("How many you have now")
            del self.fields["empty"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        opening = {Condition.FULL: data.pop("full", 0), Condition.EMPTY: data.pop("empty", 0)}
        return data | {"opening": opening}
