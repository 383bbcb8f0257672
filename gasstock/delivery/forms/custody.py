"""Which of the cylinders that are out to show."""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.catalog.models import Variant
from gasstock.core.templatetags.ui import kg
from gasstock.delivery.custody import Sort
from gasstock.inventory.models import LocationKind

ROAD, RIDERS, TRUCKS, BUYERS = "", "riders", "trucks", "buyers"
KINDS: Mapping[str, tuple[LocationKind, ...]] = {
    ROAD: (LocationKind.RIDER, LocationKind.TRANSIT),
    RIDERS: (LocationKind.RIDER,),
    TRUCKS: (LocationKind.TRANSIT,),
}

WITH = [
    (ROAD, gettext_lazy("Riders and trucks")),
    (RIDERS, gettext_lazy("Riders")),
    (TRUCKS, gettext_lazy("Trucks")),
    (BUYERS, gettext_lazy("Buyers")),
]


class WantedForm(forms.Form):
    """Whose cylinders to show, of which brand and size; the choices come with what there is."""

    brand = forms.TypedChoiceField(
        label=gettext_lazy("Brand"), required=False, coerce=int, empty_value=None
    )
    size = forms.TypedChoiceField(
        label=gettext_lazy("Size"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, data: Mapping[str, Any], *, variants: Iterable[Variant]) -> None:
        super().__init__(data)
        who = forms.ChoiceField(label=_("With whom"), required=False, choices=WITH)
        self.fields = {"with": who, **self.fields}
        shells = list(variants)
        brands = {(x.product.brand.pk, str(x.product.brand)) for x in shells if x.product.brand}
        sizes = sorted({x.size_g for x in shells if x.size_g})
        self._offer("brand", _("All brands"), sorted(brands, key=itemgetter(1)))
        self._offer("size", _("All sizes"), [(size, kg(size)) for size in sizes])
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select gs-auto"
        self.full_clean()

    def _offer(self, name: str, everything: str, choices: list[tuple[int, str]]) -> None:
        field = self.fields[name]
        field.choices = [("", everything), *choices]  # type: ignore[attr-defined]

    @property
    def sort(self) -> Sort | None:
        """The brand and size to show; None if nobody has such a one."""
        data = self.cleaned_data
        return None if self.errors else Sort(data["brand"], data["size"])

    @property
    def is_set(self) -> bool:
        return bool(self.errors) or any(self.cleaned_data.values())
