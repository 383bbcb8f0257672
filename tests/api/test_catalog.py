"""The catalogue at the API: everybody signed in reads it, admins keep it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.audit.models import AuditEvent
from gasstock.catalog.models import Brand, Category, Product, Variant
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import make_admin, make_brand, make_listing, make_user, make_variant


@pytest.fixture
def admin(db):
    return signed_in(make_admin())


@pytest.fixture
def buyer(db):
    return signed_in(make_user())


@pytest.fixture
def cylinders(db):
    return Category.objects.create(name="Cylinders", slug="cylinders", kind="cylinder", position=1)


@pytest.fixture
def hoses(db):
    return Category.objects.create(name="Hoses", slug="hoses", kind="accessory", position=2)


def refusal(call, *args, **query):
    with pytest.raises(Refused) as refused:
        call(*args, **query)
    return refused.value


def kind_of(call, *args):
    refused = refusal(call, *args)
    return refused.status, refused.kind


def test_an_admin_fills_the_catalogue_from_nothing(admin, buyer):
    category = admin.do("categories/", {"name": "Cylinders", "kind": "CYLINDER", "position": 3})
    brand = admin.do("brands/", {"name": "K-Gas", "colour": "ORANGE"})
    product = admin.do(
        "products/", {"name": "K-Gas cylinder", "category": category["id"], "brand": brand["slug"]}
    )
    path = f"products/{product['id']}/variations/"
    facts = {"valve": "20 mm clip-on", "turns": 2, "is_new": True, "bar": 7.5}
    size = admin.do(
        path, {"sku": "kg-13", "weight_kg": 12.5, "deposit": "28000", "attributes": facts}
    )

    assert category == {
        "id": category["id"],
        "slug": "cylinders",
        "name": "Cylinders",
        "kind": "CYLINDER",
        "position": 3,
    }
    assert brand == {"id": brand["id"], "slug": "k-gas", "name": "K-Gas", "colour": "ORANGE"}
    assert product == {
        "id": product["id"],
        "name": "K-Gas cylinder",
        "category": category,
        "brand": brand,
        "description": "",
        "is_retired": False,
    }
    assert size == {
        "id": size["id"],
        "product": product["id"],
        "sku": "KG-13",
        "name": "K-Gas 12.5 kg",
        "weight_kg": 12.5,
        "deposit": "28000",
        "currency": "RWF",
        "attributes": facts,
        "is_retired": False,
    }
    assert buyer.get("categories/")["items"] == [category]
    assert buyer.get(f"brands/{brand['id']}/") == brand
    assert buyer.get("products/")["items"] == [product]
    assert buyer.get(path) == {"items": [size], "next": None}
    assert buyer.get(f"variations/{size['id']}/") == size
    assert AuditEvent.objects.filter(action="variant.created").count() == 1


def test_the_same_key_adds_once(admin):
    first = admin.post("brands/", {"name": "SP"}, key="one")

    assert admin.post("brands/", {"name": "SP"}, key="one") == first
    assert Brand.objects.count() == 1


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("categories/", {"kind": "CYLINDER"}, "name"),
        ("categories/", {"name": "  ", "kind": "CYLINDER"}, "name"),
        ("categories/", {"name": "Grills", "kind": "GAS"}, "kind"),
        ("categories/", {"name": "Grills", "position": -1}, "position"),
        ("categories/", {"name": "Grills", "position": "1e5"}, "position"),
        ("categories/", {"name": "Cylinders"}, "name"),
        ("brands/", {"name": "x" * 41}, "name"),
        ("brands/", {"name": "SP", "colour": "PINK"}, "colour"),
        ("products/", {"name": "SP", "category": "cars"}, "category"),
        ("products/", {"name": "SP", "category": 999}, "category"),
        ("products/", {"name": "SP", "category": "cylinders", "brand": "sp"}, "brand"),
        ("products/", {"name": "SP", "category": True}, "category"),
        ("products/", {"name": "SP"}, "category"),
    ],
)
def test_what_cannot_be_added_is_said_beside_its_field(admin, cylinders, path, body, field):
    refused = refusal(admin.post, path, body)

    assert refused.status == 422
    assert {name.split(".")[0] for name in refused.fields} == {field}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "sku"),
        ({"sku": "S P", "weight_kg": 6}, "sku"),
        ({"sku": "TAKEN", "weight_kg": 6}, "sku"),
        ({"sku": "SP-1"}, "weight_kg"),
        ({"sku": "SP-1", "weight_kg": "12"}, "weight_kg"),
        ({"sku": "SP-1", "weight_kg": True}, "weight_kg"),
        ({"sku": "SP-1", "weight_kg": 0}, "weight_kg"),
        ({"sku": "SP-1", "weight_kg": 0.00001}, "weight_kg"),
        ({"sku": "SP-1", "weight_kg": 12.34567}, "weight_kg"),
        ({"sku": "SP-1", "weight_kg": 10**400}, "weight_kg"),
        ({"sku": "SP-1", "weight_kg": 12, "deposit": "-1"}, "deposit"),
        ({"sku": "SP-1", "weight_kg": 12, "deposit": "0.5"}, "deposit"),
        ({"sku": "SP-1", "weight_kg": 12, "attributes": {"a": None}}, "attributes"),
        ({"sku": "SP-1", "weight_kg": 12, "attributes": {"a": {"b": 1}}}, "attributes"),
        ({"sku": "SP-1", "weight_kg": 12, "attributes": {"a": "x" * 121}}, "attributes"),
        (
            {"sku": "SP-1", "weight_kg": 12, "attributes": {str(n): 1 for n in range(21)}},
            "attributes",
        ),
    ],
)
def test_a_size_that_cannot_be_is_said_beside_its_field(admin, cylinders, body, field):
    make_variant(sku="TAKEN")
    product = Product.objects.create(name="SP", category=cylinders)

    refused = refusal(admin.post, f"products/{product.pk}/variations/", body)

    assert refused.status == 422
    assert {name.split(".")[0] for name in refused.fields} == {field}


def test_numbers_without_an_end_are_not_kept(admin, cylinders):
    product = Product.objects.create(name="SP", category=cylinders)
    body = '{"sku": "SP-1", "weight_kg": 12, "attributes": {"bar": 1e999}}'

    answer = admin.http.post(
        f"products/{product.pk}/variations/",
        content=body,
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {admin.access}"},
    )

    assert answer.status_code == 422
    assert not product.variants.exists()


def test_an_accessory_has_neither_weight_nor_deposit(admin, hoses):
    product = Product.objects.create(name="Hose 1.5 m", category=hoses)
    path = f"products/{product.pk}/variations/"

    assert kind_of(admin.post, path, {"sku": "H-1", "weight_kg": 1}) == (409, "no-cylinder")
    assert kind_of(admin.post, path, {"sku": "H-1", "deposit": "5"}) == (409, "no-cylinder")
    size = admin.post(path, {"sku": "H-1"})
    assert (size["name"], size["weight_kg"], size["deposit"]) == ("Hose 1.5 m", None, "0")


def test_what_is_left_out_stays(admin, cylinders, hoses):
    brand = make_brand("SP", slug="sp")
    product = Product.objects.create(
        name="SP", category=cylinders, brand=brand, description="Blue."
    )

    admin.patch(f"categories/{cylinders.pk}/", {"position": 9})
    admin.patch(f"brands/{brand.pk}/", {"colour": "TEAL"})
    admin.patch(f"products/{product.pk}/", {"name": "SP cylinder", "description": None})

    for row in (cylinders, brand, product):
        row.refresh_from_db()
    assert (cylinders.name, cylinders.kind, cylinders.position) == ("Cylinders", "cylinder", 9)
    assert (brand.name, brand.slug, brand.colour) == ("SP", "sp", "teal")
    assert (product.name, product.brand, product.description) == ("SP cylinder", brand, "Blue.")


def test_a_product_moves_loses_its_brand_and_is_retired(admin, cylinders, hoses):
    product = Product.objects.create(name="Hose", category=cylinders, brand=make_brand())
    path = f"products/{product.pk}/"

    changed = admin.patch(path, {"category": "hoses", "brand": None, "is_retired": True})

    assert changed["category"]["slug"] == "hoses"
    assert changed["brand"] is None
    assert changed["is_retired"] is True
    assert admin.patch(path, {"is_retired": False})["is_retired"] is False
    assert admin.get(path)["category"]["slug"] == "hoses"


def test_what_has_sizes_keeps_its_kind(admin, hoses):
    variant = make_variant("SP 12 kg")
    product, category = variant.product, variant.product.category

    for path, body in (
        (f"products/{product.pk}/", {"category": "hoses"}),
        (f"categories/{category.pk}/", {"kind": "ACCESSORY"}),
    ):
        assert kind_of(admin.patch, path, body) == (409, "kind-is-fixed")


def test_what_is_in_use_cannot_be_deleted(admin):
    listing = make_listing()
    variant = listing.variant
    product = variant.product

    for path in (
        f"variations/{variant.pk}/",
        f"products/{product.pk}/",
        f"brands/{product.brand_id}/",
        f"categories/{product.category_id}/",
    ):
        assert kind_of(admin.delete, path) == (409, "in-use")
    assert Variant.objects.filter(pk=variant.pk).exists()


def test_what_is_not_in_use_can(admin):
    variant = make_variant()
    product = variant.product

    for path in (
        f"variations/{variant.pk}/",
        f"products/{product.pk}/",
        f"brands/{product.brand_id}/",
        f"categories/{product.category_id}/",
    ):
        assert admin.delete(path) is None
        assert refusal(admin.get, path).status == 404


def test_others_read_but_do_not_write(buyer, cylinders):
    product = Product.objects.create(name="SP", category=cylinders)

    for method, path, body in (
        ("POST", "categories/", {"name": "Grills"}),
        ("PATCH", f"categories/{cylinders.pk}/", {"name": "Grills"}),
        ("DELETE", f"products/{product.pk}/", None),
        ("POST", f"products/{product.pk}/variations/", {"sku": "SP-1", "weight_kg": 6}),
    ):
        assert buyer.ask(method, path, body).status_code == 403
    assert [*Category.objects.values_list("name", flat=True)] == ["Cylinders"]


def test_products_are_found(buyer, cylinders, hoses):
    sp = make_brand("SP", slug="sp")
    gas = make_variant("SP 12 kg", sku="SP-12", brand=sp).product
    hose = Product.objects.create(name="Hose", category=hoses)
    old = Product.objects.create(name="Old", category=hoses, retired_at="2026-01-01T00:00Z")

    def names(**query):
        return [item["id"] for item in buyer.get("products/", **query)["items"]]

    assert names() == [gas.pk, hose.pk, old.pk]
    assert names(q="sp-12") == names(brand="sp") == [gas.pk]
    assert names(category="hoses") == [hose.pk, old.pk]
    assert names(is_retired="true") == [old.pk]
    assert names(is_retired="false", q="o") == [gas.pk, hose.pk]
    assert names(brand="nobody") == []
    assert names(q="%") == []


@pytest.mark.parametrize("path", ["categories/", "brands/", "products/"])
def test_a_list_costs_the_same_however_long_it_is(buyer, path):
    costs = []

    for more in (1, 29):
        for n in range(more):
            make_variant()
            kind = "accessory" if n % 2 else "cylinder"
            name = f"{more}-{n}"
            Category.objects.create(name=name, slug=name, kind=kind)
        with CaptureQueriesContext(connection) as queries:
            assert buyer.get(path, limit=100)["items"]
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 4


def test_pages_follow_each_other(buyer):
    brands = [make_brand(f"B{n}").pk for n in range(5)]

    assert [[x["id"] for x in page] for page in buyer.pages("brands/", limit=2)] == [
        brands[:2],
        brands[2:4],
        brands[4:],
    ]
