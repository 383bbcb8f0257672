import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.catalog.models import (
    Brand,
    Category,
    CategoryKind,
    Product,
    ProductQuerySet,
    ShellColour,
    Variant,
)
from gasstock.core.fields import MoneyField

MAX_SIZE_G = 1_000_000
MAX_ATTRIBUTES, MAX_KEY, MAX_VALUE = 20, 40, 120


class SizeField(forms.DecimalField):
    """A size as people say it ("12.5", also "12,5"), cleaned to whole grams."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=Decimal("0.1"), max_value=Decimal(1000), decimal_places=3, **kwargs
        )
        self.widget = forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return f"{value / 1000:g}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)

    def clean(self, value: Any) -> int | None:
        kilos = super().clean(value)
        if kilos is None:
            return None
        return int((kilos * 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP))


class AttributesField(forms.CharField):
    """Facts about a thing, one "name: value" a line; an object in JSON is taken as well."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if all(_is_plain(item) for item in value.values()):
            return "\n".join(f"{name}: {item}" for name, item in value.items())
        return json.dumps(value, ensure_ascii=False, indent=1)

    def clean(self, value: Any) -> dict[str, object]:
        text = super().clean(value)
        facts = self._from_json(text) if text.startswith("{") else self._from_lines(text)
        if len(facts) > MAX_ATTRIBUTES:
            raise ValidationError(_("At most %(most)s lines.") % {"most": MAX_ATTRIBUTES})
        if any(len(name) > MAX_KEY or len(str(item)) > MAX_VALUE for name, item in facts.items()):
            raise ValidationError(
                _("At most %(key)s letters before the colon and %(value)s after it.")
                % {"key": MAX_KEY, "value": MAX_VALUE}
            )
        return facts

    def _from_lines(self, text: str) -> dict[str, object]:
        facts: dict[str, object] = {}
        for number, line in enumerate(text.splitlines(), 1):
            name, colon, item = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            if not (name and colon and item):
                raise ValidationError(
                    _("Line %(number)s is not written as “name: value”.") % {"number": number}
                )
            if name in facts:
                raise ValidationError(_("“%(name)s” stands there twice.") % {"name": name})
            facts[name] = item
        return facts

    def _from_json(self, text: str) -> dict[str, object]:
        try:
            facts = json.loads(text)
        except ValueError as error:
            raise ValidationError(_("This begins with { but is no JSON.")) from error
        if not all(_is_plain(item) for item in facts.values()):
            raise ValidationError(_("A value is a text, a number, or true or false."))
        return dict(facts)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


class CategoryForm(forms.ModelForm):
    class Meta:
        model = Category
        fields = ["name", "kind", "position"]
        widgets = {"position": forms.NumberInput({"inputmode": "numeric"})}
        labels = {"position": gettext_lazy("Place in the shop")}
        help_texts = {"position": gettext_lazy("The lowest number comes first.")}


class BrandForm(forms.ModelForm):
    colour = forms.ChoiceField(
        label=gettext_lazy("Colour of the shell"),
        choices=ShellColour.choices,
        initial=ShellColour.GREY,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Brand
        fields = ["name", "colour"]


class ProductForm(forms.ModelForm):
    class Meta:
        model = Product
        fields = ["name", "category", "brand", "description"]
        widgets = {"description": forms.Textarea({"rows": 3})}
        help_texts = {"brand": gettext_lazy("Who owns the shell; nobody for most accessories.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["category"], Category.objects.order_by("position", "name"), None)
        _choose(self.fields["brand"], Brand.objects.order_by("name"), _("No brand"))

    def clean(self) -> dict[str, Any]:
        """Tie the doubled name to its field: the constraint names two."""
        data = super().clean() or {}
        twins = Product.objects.filter(name=data.get("name"), brand=data.get("brand"))
        if "brand" in data and twins.exclude(pk=self.instance.pk).exists():
            self.add_error("name", _("This brand has a product of that name already."))
        return data


class VariantForm(forms.ModelForm):
    size_g = SizeField(
        label=gettext_lazy("Size in kg"),
        required=False,
        help_text=gettext_lazy("The gas in a full one, for example 12 or 12.5."),
    )
    deposit = MoneyField(
        label=gettext_lazy("Deposit"),
        required=False,
        help_text=gettext_lazy("For one shell. The buyer gets it back when the shell comes back."),
    )
    attributes = AttributesField(
        label=gettext_lazy("Facts for buyers"),
        required=False,
        max_length=4000,
        help_text=gettext_lazy("One a line, for example “valve: 20 mm clip-on”."),
    )

    class Meta:
        model = Variant
        fields = ["name", "sku", "size_g", "deposit", "attributes"]
        labels = {"sku": gettext_lazy("Code")}
        help_texts = {"sku": gettext_lazy("Capital letters, digits, dots and dashes: SP-12.")}

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_cylinder = product.category.kind == CategoryKind.CYLINDER
        self.fields["attributes"].widget.attrs["rows"] = 4
        if self.is_cylinder:
            self.fields["size_g"].required = True
        else:
            del self.fields["size_g"], self.fields["deposit"]

    def clean_sku(self) -> str:
        return str(self.cleaned_data["sku"]).upper()

    def clean_deposit(self) -> int:
        return self.cleaned_data["deposit"] or 0


class CatalogueFilter(forms.Form):
    """What the catalogue's page shows; a word it does not know is as good as none."""

    q = forms.CharField(label=gettext_lazy("Find"), required=False, max_length=80)
    category = forms.ModelChoiceField(
        Category.objects.order_by("position", "name"),
        label=gettext_lazy("Category"),
        required=False,
        empty_label=gettext_lazy("All categories"),
        to_field_name="slug",
    )
    brand = forms.ModelChoiceField(
        Brand.objects.order_by("name"),
        label=gettext_lazy("Brand"),
        required=False,
        empty_label=gettext_lazy("All brands"),
        to_field_name="slug",
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ("", gettext_lazy("On sale and retired")),
            ("sold", gettext_lazy("On sale")),
            ("retired", gettext_lazy("Retired")),
        ],
    )

    def pick(self, products: ProductQuerySet) -> ProductQuerySet:
        """Return those of `products` that were asked for."""
        self.is_valid()
        asked = self.cleaned_data
        products = products.matching(asked.get("q", ""))
        for name in ("category", "brand"):
            if asked.get(name):
                products = products.filter(**{name: asked[name]})
        return products.sold(is_sold=asked["state"] == "sold") if asked.get("state") else products


def _choose(field: forms.Field, rows: QuerySet, empty: str | None) -> None:
    field.queryset = rows  # type: ignore[attr-defined]
    if empty:
        field.empty_label = empty  # type: ignore[attr-defined]
