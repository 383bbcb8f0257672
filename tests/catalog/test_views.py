import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gasstock.catalog.models import Brand, Category, Product, Variant
from tests.factories import (
    make_admin,
    make_brand,
    make_listing,
    make_member,
    make_station,
    make_user,
    make_variant,
)

pytestmark = pytest.mark.django_db

PAGES = ["home", "brands", "categories", "category_add", "brand_add", "product_add"]
OF_ONE = ["category", "brand", "product", "variant", "variant_add"]
ACTS = [
    *("category_delete", "brand_delete", "product_delete", "variant_delete"),
    *("product_retire", "product_unretire", "variant_retire", "variant_unretire"),
]


@pytest.fixture
def admin(client):
    admin = make_admin()
    client.force_login(admin)
    return admin


def url(name, *args):
    return reverse(f"catalog:{name}", args=args)


@pytest.mark.parametrize("name", [*PAGES, *OF_ONE])
def test_the_catalogue_is_not_there_for_others(client, name):
    where = url(name, *([make_variant().pk] if name in OF_ONE else []))
    manager = make_member(make_user(), make_station())

    assert client.get(where).status_code == 302
    for user in (make_user(), manager):
        client.force_login(user)
        assert client.get(where).status_code == 404


@pytest.mark.parametrize("name", ACTS)
def test_others_change_nothing(client, name):
    variant = make_variant()
    client.force_login(make_user())

    assert client.post(url(name, variant.pk)).status_code == 404
    assert Variant.objects.get().retired_at is None


@pytest.mark.parametrize("name", ACTS)
def test_what_changes_something_is_a_post(client, admin, name):
    assert client.get(url(name, make_variant().pk)).status_code == 405


@pytest.mark.parametrize("name", [*OF_ONE, *ACTS])
def test_what_is_not_there_is_a_404(client, admin, name):
    where = url(name, 404)

    assert (client.post if name in ACTS else client.get)(where).status_code == 404


def test_the_catalogue_shows_products_by_category_with_their_sizes(client, admin):
    listing = make_listing(variant=make_variant("SP 12 kg", brand=make_brand("SP")))
    make_variant("Hose 1.5 m", size_g=None)

    page = client.get(url("home")).text

    assert page.index("Hose 1.5 m") < page.index("SP 12 kg")
    assert "30,000" in page
    assert listing.variant.sku in page
    assert 'class="cyl cyl--12 shell-blue' in page


def test_the_catalogue_is_found_by_name_brand_code_and_filters(client, admin):
    sp = make_variant("SP 12 kg", brand=make_brand("Sparrow"), sku="SP-12")
    make_variant("Other 6 kg", brand=make_brand("Finch"))

    for query in ("q=sp+12", "q=sparrow", "q=SP-12", f"brand={sp.product.brand.slug}"):
        page = client.get(f"{url('home')}?{query}").text
        assert "SP 12 kg" in page, query
        assert "Other 6 kg" not in page, query


def test_retired_products_are_found_by_their_state(client, admin):
    variant = make_variant("Old stove", size_g=None)
    client.post(url("product_retire", variant.product_id))

    assert "Old stove" in client.get(url("home") + "?state=retired").text
    assert "Old stove" not in client.get(url("home") + "?state=sold").text


def test_a_filter_we_do_not_know_is_none(client, admin):
    make_variant("SP 12 kg")

    assert "SP 12 kg" in client.get(url("home") + "?brand=zz&category=zz&state=zz").text


def test_the_empty_catalogue_says_how_to_begin(client, admin):
    assert "The catalogue is empty" in client.get(url("home")).text
    assert "Nothing like that" in client.get(url("home") + "?q=zz").text


def test_htmx_gets_the_shelves_alone(client, admin):
    headers = {"HX-Request": "true", "HX-Target": "shelves"}

    assert client.get(url("home"), headers=headers).text.strip().startswith("<div")


def test_the_catalogue_asks_as_often_for_30_as_for_1(client, admin):
    def grow(n):
        for _ in range(n):
            make_listing(variant=make_variant(size_g=None))

    grow(1)
    first = queries_of(client, url("home"))
    grow(29)
    assert queries_of(client, url("home")) == first <= 10
    assert queries_of(client, url("brands")) <= 8
    assert queries_of(client, url("categories")) <= 8


def queries_of(client, where):
    with CaptureQueriesContext(connection) as seen:
        assert client.get(where).status_code == 200
    return len(seen)


def test_from_an_empty_catalogue_to_a_size_on_sale(client, admin):
    client.post(url("category_add"), {"name": "Cylinders", "kind": "cylinder", "position": "1"})
    client.post(url("brand_add"), {"name": "K-Gas", "colour": "yellow"})
    data = {"name": "K-Gas cylinder", "category": Category.objects.get().pk}
    data |= {"brand": Brand.objects.get().pk}
    there = client.post(url("product_add"), data)
    product = Product.objects.get()
    assert there.url == url("variant_add", product.pk)

    size = {"name": "K-Gas 13 kg", "sku": "KG-13", "size_g": "13", "deposit": "2,900"}
    there = client.post(there.url, size | {"attributes": "valve: 20 mm"}, follow=True)

    variant = Variant.objects.sold().get()
    assert (variant.size_g, variant.deposit) == (13_000, 2_900)
    assert variant.attributes == {"valve": "20 mm"}
    assert "K-Gas 13 kg" in there.text


def test_bad_input_comes_back_beside_the_field_and_changes_nothing(client, admin):
    variant = make_variant("SP 12 kg")
    data = {"name": "Renamed", "sku": "sp 12!", "size_g": "huge", "deposit": "12.000"}

    response = client.post(url("variant", variant.pk), data)

    assert response.status_code == 422
    for typed in ("Renamed", "huge", "12.000"):
        assert f'value="{typed}"' in response.text
    assert "<h1>SP 12 kg</h1>" in response.text
    assert response.text.count("invalid-feedback") >= 3
    variant.refresh_from_db()
    assert variant.name == "SP 12 kg"


def test_what_the_service_refuses_stands_above_the_form_and_nothing_is_lost(client, admin):
    variant = make_listing(variant=make_variant("SP 12 kg", sku="SP-12")).variant
    data = {"name": "SP 13", "sku": "SP-12", "size_g": "13", "deposit": "0"}

    response = client.post(url("variant", variant.pk), data)

    assert response.status_code == 422
    assert "its size stays" in response.text
    assert 'value="SP 13"' in response.text


def test_changing_keeps_to_what_was_typed(client, admin):
    variant = make_variant()
    product = variant.product
    client.post(
        url("product", product.pk),
        {"name": "New name", "category": product.category_id, "brand": "", "description": "Hi"},
    )
    client.post(url("brand", product.brand_id), {"name": "Painted", "colour": "teal"})
    client.post(
        url("category", product.category_id), {"name": "Gas", "kind": "cylinder", "position": "3"}
    )
    client.post(
        url("variant", variant.pk),
        {"name": "V", "sku": "V-1", "size_g": "12.5", "deposit": "1,000"},
    )

    product.refresh_from_db()
    variant.refresh_from_db()
    assert (product.name, product.brand, product.description) == ("New name", None, "Hi")
    assert (variant.name, variant.size_g, variant.deposit) == ("V", 12_500, 1_000)
    assert Brand.objects.get().colour == "teal"
    assert Category.objects.get().position == 3


def test_a_wrong_colour_is_said_beside_the_colours(client, admin):
    response = client.post(url("brand_add"), {"name": "Mango", "colour": "mango"})

    assert response.status_code == 422
    assert 'id="id_colour_error"' in response.text
    assert 'value="Mango"' in response.text
    assert not Brand.objects.exists()


def test_deleting_what_is_in_use_explains_itself(client, admin):
    brand = make_variant().product.brand

    response = client.post(url("brand_delete", brand.pk))

    assert response.status_code == 302
    assert "cannot be deleted" in str(next(iter(get_messages(response.wsgi_request))))
    assert Brand.objects.exists()


@pytest.mark.parametrize("thing", ["variant", "product", "brand", "category"])
def test_deleting_what_nobody_uses(client, admin, thing):
    variant = make_variant()
    product = variant.product
    pks = {"variant": variant.pk, "product": product.pk, "brand": product.brand_id}
    pks["category"] = product.category_id
    for name in ("variant", "product", "brand", "category"):
        assert client.post(url(f"{name}_delete", pks[name])).status_code == 302
        if name == thing:
            break

    model = {"variant": Variant, "product": Product, "brand": Brand, "category": Category}[thing]
    assert not model.objects.exists()


def test_retiring_and_selling_again(client, admin):
    variant = make_variant()

    client.post(url("variant_retire", variant.pk))
    assert not Variant.objects.sold().exists()
    assert "Retired since" in client.get(url("variant", variant.pk)).text
    client.post(url("variant_unretire", variant.pk))
    client.post(url("product_retire", variant.product_id))
    assert "Retired since" in client.get(url("product", variant.product_id)).text
    client.post(url("product_unretire", variant.product_id))
    assert Variant.objects.sold().exists()
