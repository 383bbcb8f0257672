import pytest

from gasstock.audit.models import AuditEvent
from gasstock.catalog import services
from gasstock.catalog.errors import (
    InUse,
    KindIsFixed,
    NameTaken,
    NoCylinder,
    SizeIsFixed,
    SizeMissing,
)
from gasstock.catalog.models import Brand, Category, CategoryKind, Product, ShellColour, Variant
from tests.factories import make_admin, make_brand, make_listing, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(db):
    return make_admin()


def last_event():
    return AuditEvent.objects.latest("pk")


def test_a_category_gets_a_slug_of_its_own(admin):
    first = services.create_category(admin, name="Hoses", kind=CategoryKind.ACCESSORY)
    second = services.create_category(admin, name="Hoses!", kind=CategoryKind.ACCESSORY)

    assert (first.slug, second.slug) == ("hoses", "hoses-2")


def test_a_name_without_latin_letters_gets_a_slug_too(admin):
    assert services.create_brand(admin, name="ガス", colour=ShellColour.RED).slug == "brand"


def test_a_name_is_given_once(admin):
    services.create_brand(admin, name="Meru", colour=ShellColour.MAROON)

    with pytest.raises(NameTaken, match="another Meru"):
        services.create_brand(admin, name="Meru", colour=ShellColour.BLUE)


def test_every_change_says_what_it_was_before(admin):
    brand = services.create_brand(admin, name="SP", colour=ShellColour.BLUE)

    services.update_brand(admin, brand=brand, name="SP Gas", colour=ShellColour.BLUE)

    event = last_event()
    assert (event.actor, event.action) == (admin, "brand.changed")
    assert event.data == {"before": {"name": "SP"}, "after": {"name": "SP Gas"}}
    assert Brand.objects.get().slug == "sp"


def test_a_change_of_nothing_is_no_event(admin):
    brand = services.create_brand(admin, name="SP", colour=ShellColour.BLUE)
    count = AuditEvent.objects.count()

    services.update_brand(admin, brand=brand, name="SP", colour=ShellColour.BLUE)

    assert AuditEvent.objects.count() == count


def test_a_product_moves_to_another_brand_and_the_audit_names_both(admin):
    variant = make_variant()
    product, other = variant.product, make_brand("Jibu")

    services.update_product(
        admin,
        product=product,
        name=product.name,
        category=product.category,
        brand=other,
        description="",
    )

    assert Product.objects.get().brand == other
    assert last_event().data["after"] == {"brand": "Jibu"}


@pytest.mark.parametrize("model", [Category, Brand, Product])
def test_what_is_in_use_cannot_be_deleted(admin, model):
    variant = make_variant()
    product = variant.product
    delete = {
        Category: lambda: services.delete_category(admin, category=product.category),
        Brand: lambda: services.delete_brand(admin, brand=product.brand),
        Product: lambda: services.delete_product(admin, product=product),
    }[model]

    with pytest.raises(InUse, match=r"is in use and cannot be deleted \(.+: 1\)") as refused:
        delete()

    assert refused.value.users == 1
    assert model.objects.count() == 1


def test_a_variant_that_a_station_lists_cannot_be_deleted(admin):
    listing = make_listing()

    with pytest.raises(InUse):
        services.delete_variant(admin, variant=listing.variant)

    assert Variant.objects.count() == 1


def test_what_nobody_uses_can_be_deleted(admin):
    variant = make_variant()
    product, pk = variant.product, variant.pk
    category, brand = product.category, product.brand

    services.delete_variant(admin, variant=variant)
    assert (last_event().action, last_event().target_pk) == ("variant.deleted", str(pk))
    services.delete_product(admin, product=product)
    services.delete_brand(admin, brand=brand)
    services.delete_category(admin, category=category)

    assert not any(model.objects.exists() for model in (Category, Brand, Product, Variant))


def test_a_cylinder_needs_a_size(admin):
    with pytest.raises(SizeMissing):
        services.create_variant(admin, product=make_variant().product, sku="X-1", name="X")


@pytest.mark.parametrize("wrong", [{"size_g": 6000}, {"deposit": 100}])
def test_an_accessory_has_neither_size_nor_deposit(admin, wrong):
    product = make_variant(size_g=None).product

    with pytest.raises(NoCylinder):
        services.create_variant(admin, product=product, sku="X-1", name="X", **wrong)


def test_a_category_with_sizes_stays_of_its_kind(admin):
    category = make_variant().product.category

    with pytest.raises(KindIsFixed):
        services.update_category(
            admin, category=category, name="x", kind=CategoryKind.ACCESSORY, position=0
        )


def test_a_product_with_sizes_stays_among_its_kind(admin):
    product = make_variant().product
    hoses = make_variant(size_g=None).product.category

    with pytest.raises(KindIsFixed):
        services.update_product(
            admin, product=product, name="x", category=hoses, brand=None, description=""
        )


def change(admin, variant, **values):
    now = {name: getattr(variant, name) for name in ("sku", "name", "size_g", "deposit")}
    return services.update_variant(
        admin, variant=variant, **({"attributes": variant.attributes} | now | values)
    )


def test_the_size_of_what_a_station_lists_stays(admin):
    variant = make_listing().variant

    with pytest.raises(SizeIsFixed):
        change(admin, variant, size_g=13_000)

    assert change(admin, variant, deposit=35_000).deposit == 35_000


def test_the_size_of_what_nobody_lists_may_change(admin):
    assert change(admin, make_variant(), size_g=13_000).size_g == 13_000


def test_a_code_is_given_once(admin):
    first, second = make_variant(), make_variant()

    with pytest.raises(NameTaken):
        change(admin, second, sku=first.sku)


def test_retiring_twice_is_one_event_and_can_be_undone(admin):
    variant = make_variant()

    services.retire_variant(admin, variant=variant)
    services.retire_variant(admin, variant=variant)
    assert AuditEvent.objects.filter(action="variant.retired").count() == 1
    assert not Variant.objects.sold().exists()

    services.unretire_variant(admin, variant=variant)
    assert Variant.objects.sold().exists()


def test_a_retired_product_takes_its_sizes_along(admin):
    product = make_variant().product

    services.retire_product(admin, product=product)
    assert not Variant.objects.sold().exists()

    services.unretire_product(admin, product=product)
    assert Variant.objects.sold().exists()
