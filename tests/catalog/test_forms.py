import json
from html import unescape

import pytest

from gasstock.catalog.forms import ProductForm, VariantForm
from tests.factories import make_variant

pytestmark = pytest.mark.django_db


def filled(**values):
    data = {"name": "SP 12 kg", "sku": "sp-12", "size_g": "12", "deposit": "", "attributes": ""}
    return VariantForm(data | values, product=make_variant().product)


@pytest.mark.parametrize(
    ("typed", "grams"),
    [("12", 12_000), ("12.5", 12_500), ("12,5", 12_500), (" 6 ", 6_000), ("0.375", 375)],
)
def test_a_size_is_typed_in_kilograms_and_kept_in_grams(typed, grams):
    form = filled(size_g=typed)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["size_g"] == grams


@pytest.mark.parametrize(
    "typed", ["", "0", "-6", "twelve", "12 kg", "1.2345", "1001", "NaN", "1e9"]
)
def test_what_is_no_size_is_said_beside_the_field(typed):
    assert list(filled(size_g=typed).errors) == ["size_g"]


def test_the_size_comes_back_in_kilograms():
    variant = make_variant(size_g=12_500)

    assert 'value="12.5"' in str(VariantForm(instance=variant, product=variant.product)["size_g"])


def test_a_code_is_written_in_capitals_and_an_empty_deposit_is_none():
    form = filled()

    assert form.is_valid(), form.errors
    assert (form.cleaned_data["sku"], form.cleaned_data["deposit"]) == ("SP-12", 0)


@pytest.mark.parametrize(
    ("typed", "facts"),
    [
        ("", {}),
        ("valve: 20 mm\n\n seal : red ", {"valve": "20 mm", "seal": "red"}),
        ("link: https://example.com", {"link": "https://example.com"}),
        (
            '{"valve": "20 mm", "weight": 14.5, "new": true}',
            {"valve": "20 mm", "weight": 14.5, "new": True},
        ),
    ],
)
def test_facts_are_lines_or_json(typed, facts):
    form = filled(attributes=typed)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["attributes"] == facts


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("valve", "Line 1 is not written"),
        ("valve: 20 mm\nseal:", "Line 2 is not written"),
        ("valve: a\nvalve: b", "stands there twice"),
        ("{not json", "is no JSON"),
        ('{"a": {"b": 1}}', "a text, a number"),
        ('{"a": null}', "a text, a number"),
        (f"a: {'x' * 121}", "At most 40 letters"),
        ("\n".join(f"k{n}: v" for n in range(21)), "At most 20 lines"),
    ],
)
def test_what_is_no_fact_is_said_beside_the_field(typed, said):
    form = filled(attributes=typed)

    assert said in form.errors["attributes"][0]


def test_facts_come_back_as_lines_and_what_is_deeper_as_json():
    variant = make_variant(attributes={"valve": "20 mm"})
    deep = make_variant(attributes={"valve": {"size": 20}})

    assert "valve: 20 mm" in str(VariantForm(instance=variant, product=variant.product))
    field = VariantForm(instance=deep, product=deep.product)["attributes"]
    assert json.loads(unescape(str(field)).partition(">")[2].rpartition("<")[0]) == deep.attributes


def test_an_accessory_is_not_asked_for_size_and_deposit():
    variant = make_variant(size_g=None)
    form = VariantForm({"name": "Hose", "sku": "H-1"}, product=variant.product)

    assert form.is_valid(), form.errors
    assert not {"size_g", "deposit"} & set(form.fields)


def test_a_doubled_product_is_said_beside_its_name():
    product = make_variant().product
    data = {"name": product.name, "category": product.category_id, "brand": product.brand_id}

    assert list(ProductForm(data).errors) == ["name"]
    assert ProductForm(data, instance=product).is_valid()
