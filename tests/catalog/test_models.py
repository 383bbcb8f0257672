import pytest
from django.db import IntegrityError, transaction

from gasstock.catalog.models import Brand, Category, Product, Variant
from tests.factories import make_brand, make_variant

pytestmark = pytest.mark.django_db


def refused():
    return pytest.raises(IntegrityError)


def test_a_product_of_a_brand_has_a_name_of_its_own():
    product = make_variant().product

    with refused(), transaction.atomic():
        Product.objects.create(name=product.name, brand=product.brand, category=product.category)
    Product.objects.create(name=product.name, brand=make_brand(), category=product.category)


def test_a_product_without_brand_has_a_name_of_its_own():
    category = make_variant(size_g=None).product.category
    Product.objects.create(name="Hose", category=category)

    with refused(), transaction.atomic():
        Product.objects.create(name="Hose", category=category)


@pytest.mark.parametrize("values", [{"size_g": None, "deposit": 1}, {"size_g": 0}])
def test_only_a_cylinder_has_a_size_and_a_deposit(values):
    variant = make_variant()

    with refused(), transaction.atomic():
        Variant.objects.filter(pk=variant.pk).update(**values)


def test_names_and_codes_are_unique():
    one, other = make_variant(), make_variant()
    taken = [
        (Variant, other.pk, {"sku": one.sku}),
        (Brand, other.product.brand_id, {"name": one.product.brand.name}),
        (Brand, other.product.brand_id, {"slug": one.product.brand.slug}),
    ]
    hoses = make_variant(size_g=None).product.category
    taken += [
        (Category, hoses.pk, {"name": one.product.category.name}),
        (Category, hoses.pk, {"slug": one.product.category.slug}),
    ]

    for model, pk, values in taken:
        with refused(), transaction.atomic():
            model.objects.filter(pk=pk).update(**values)
