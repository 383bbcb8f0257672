"""The catalogue: everybody signed in may read it, admins keep it."""

import json
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from ninja.responses import Status
from pydantic import BaseModel

from gasstock.api.auth import admins_act, signed_in
from gasstock.api.document import refuses
from gasstock.api.errors import Invalid, form_errors
from gasstock.api.http import ApiRequest
from gasstock.api.idempotency import idempotent
from gasstock.api.pagination import Listed, Paging, listed
from gasstock.api.schemas.catalog import (
    AskedProducts,
    BrandChange,
    BrandOut,
    CategoryChange,
    CategoryOut,
    NewBrand,
    NewCategory,
    NewProduct,
    NewVariation,
    ProductChange,
    ProductOut,
    VariationOut,
    brand_of,
    category_of,
    product_of,
    variation_of,
)
from gasstock.catalog import services
from gasstock.catalog.errors import InUse, KindIsFixed, NameTaken, NoCylinder
from gasstock.catalog.forms import BrandForm, CategoryForm, ProductForm, VariantForm
from gasstock.catalog.models import Brand, Category, Product, Variant
from gasstock.core.paging import oldest_first

Shelf = TypeVar("Shelf", Category, Brand)
NAMES = {"size_g": "weight_kg"}

router = Router(tags=["Catalogue"])


# --- Categories ---------------------------------------------------------------------------------


@router.get(
    "categories/",
    response=Listed[CategoryOut],
    operation_id="listCategories",
    summary="Categories",
)
@signed_in
def list_categories(request: ApiRequest, paging: Query[Paging]) -> Listed[CategoryOut]:
    page = oldest_first(Category.objects.all(), paging.cursor, size=paging.limit)
    return listed(CategoryOut, page, category_of)


@router.post(
    "categories/",
    response={201: CategoryOut},
    operation_id="addCategory",
    summary="Add a category",
)
@admins_act
@refuses(NameTaken)
@idempotent
def add_category(request: ApiRequest, body: NewCategory) -> Status[CategoryOut]:
    data = _good(CategoryForm(dict(body)))
    return Status(201, category_of(services.create_category(request.user, **data)))


@router.get(
    "categories/{int:pk}/", response=CategoryOut, operation_id="getCategory", summary="A category"
)
@signed_in
def get_category(request: ApiRequest, pk: int) -> CategoryOut:
    return category_of(get_object_or_404(Category, pk=pk))


@router.patch(
    "categories/{int:pk}/",
    response=CategoryOut,
    operation_id="changeCategory",
    summary="Change a category",
)
@admins_act
@refuses(NameTaken, KindIsFixed)
def change_category(request: ApiRequest, pk: int, body: CategoryChange) -> CategoryOut:
    row = get_object_or_404(Category, pk=pk)
    data = _good(CategoryForm(_merged(row, body, "name", "kind", "position"), instance=row))
    return category_of(services.update_category(request.user, category=row, **data))


@router.delete(
    "categories/{int:pk}/",
    response={204: None},
    operation_id="deleteCategory",
    summary="Delete a category",
)
@admins_act
@refuses(InUse)
def delete_category(request: ApiRequest, pk: int) -> Status[None]:
    """Not while products are in it."""
    services.delete_category(request.user, category=get_object_or_404(Category, pk=pk))
    return Status(204, None)


# --- Brands -------------------------------------------------------------------------------------


@router.get("brands/", response=Listed[BrandOut], operation_id="listBrands", summary="Brands")
@signed_in
def list_brands(request: ApiRequest, paging: Query[Paging]) -> Listed[BrandOut]:
    page = oldest_first(Brand.objects.all(), paging.cursor, size=paging.limit)
    return listed(BrandOut, page, brand_of)


@router.post("brands/", response={201: BrandOut}, operation_id="addBrand", summary="Add a brand")
@admins_act
@refuses(NameTaken)
@idempotent
def add_brand(request: ApiRequest, body: NewBrand) -> Status[BrandOut]:
    data = _good(BrandForm(dict(body)))
    return Status(201, brand_of(services.create_brand(request.user, **data)))


@router.get("brands/{int:pk}/", response=BrandOut, operation_id="getBrand", summary="A brand")
@signed_in
def get_brand(request: ApiRequest, pk: int) -> BrandOut:
    return brand_of(get_object_or_404(Brand, pk=pk))


@router.patch(
    "brands/{int:pk}/", response=BrandOut, operation_id="changeBrand", summary="Change a brand"
)
@admins_act
@refuses(NameTaken)
def change_brand(request: ApiRequest, pk: int, body: BrandChange) -> BrandOut:
    row = get_object_or_404(Brand, pk=pk)
    data = _good(BrandForm(_merged(row, body, "name", "colour"), instance=row))
    return brand_of(services.update_brand(request.user, brand=row, **data))


@router.delete(
    "brands/{int:pk}/",
    response={204: None},
    operation_id="deleteBrand",
    summary="Delete a brand",
)
@admins_act
@refuses(InUse)
def delete_brand(request: ApiRequest, pk: int) -> Status[None]:
    """Not while it has products."""
    services.delete_brand(request.user, brand=get_object_or_404(Brand, pk=pk))
    return Status(204, None)


# --- Products -----------------------------------------------------------------------------------


@router.get(
    "products/", response=Listed[ProductOut], operation_id="listProducts", summary="Products"
)
@signed_in
def list_products(
    request: ApiRequest, asked: Query[AskedProducts], paging: Query[Paging]
) -> Listed[ProductOut]:
    """What may be sold at all; `products/{id}/variations/` are its sizes."""
    rows = Product.objects.matching(asked.q).with_names()
    for name in ("category", "brand"):
        if text := getattr(asked, name):
            rows = rows.filter(_called(text, f"{name}__"))
    if asked.is_retired is not None:
        rows = rows.sold(is_sold=not asked.is_retired)
    return listed(ProductOut, oldest_first(rows, paging.cursor, size=paging.limit), product_of)


@router.post(
    "products/", response={201: ProductOut}, operation_id="addProduct", summary="Add a product"
)
@admins_act
@refuses(NameTaken)
@idempotent
def add_product(request: ApiRequest, body: NewProduct) -> Status[ProductOut]:
    """Without sizes yet: add them as its variations."""
    data = _good(ProductForm(_with_shelves(dict(body))))
    return Status(201, product_of(services.create_product(request.user, **data)))


@router.get(
    "products/{int:pk}/", response=ProductOut, operation_id="getProduct", summary="A product"
)
@signed_in
def get_product(request: ApiRequest, pk: int) -> ProductOut:
    return product_of(get_object_or_404(Product.objects.with_names(), pk=pk))


@router.patch(
    "products/{int:pk}/",
    response=ProductOut,
    operation_id="changeProduct",
    summary="Change or retire a product",
)
@admins_act
@refuses(NameTaken, KindIsFixed)
def change_product(request: ApiRequest, pk: int, body: ProductChange) -> ProductOut:
    """Retired, no further station may list it; those that do sell what is left."""
    row = get_object_or_404(Product, pk=pk)
    now = {
        "name": row.name,
        "category": row.category_id,
        "brand": row.brand_id,
        "description": row.description,
    }
    sent = body.model_dump(exclude_none=True, exclude={"is_retired"})
    if "brand" in body.model_fields_set:
        sent["brand"] = body.brand
    data = _good(ProductForm(_with_shelves(now | sent), instance=row))
    return product_of(
        services.update_product(request.user, product=row, **data, is_retired=body.is_retired)
    )


@router.delete(
    "products/{int:pk}/",
    response={204: None},
    operation_id="deleteProduct",
    summary="Delete a product",
)
@admins_act
@refuses(InUse)
def delete_product(request: ApiRequest, pk: int) -> Status[None]:
    """Not while it has variations; retire it instead."""
    services.delete_product(request.user, product=get_object_or_404(Product, pk=pk))
    return Status(204, None)


# --- Variations ---------------------------------------------------------------------------------


@router.get(
    "products/{int:pk}/variations/",
    response=Listed[VariationOut],
    operation_id="listVariations",
    summary="Sizes of a product",
)
@signed_in
def list_variations(request: ApiRequest, pk: int, paging: Query[Paging]) -> Listed[VariationOut]:
    rows = get_object_or_404(Product, pk=pk).variants.all()
    return listed(VariationOut, oldest_first(rows, paging.cursor, size=paging.limit), variation_of)


@router.post(
    "products/{int:pk}/variations/",
    response={201: VariationOut},
    operation_id="addVariation",
    summary="Add a size of a product",
)
@admins_act
@refuses(NameTaken, NoCylinder)
@idempotent
def add_variation(request: ApiRequest, pk: int, body: NewVariation) -> Status[VariationOut]:
    product = get_object_or_404(Product.objects.with_names(), pk=pk)
    form = VariantForm(_sent(product, body), product=product)
    data = _good(form)
    if not form.is_cylinder and (body.weight_kg or body.deposit):
        raise NoCylinder
    return Status(201, variation_of(services.create_variant(request.user, product=product, **data)))


@router.get(
    "variations/{int:pk}/",
    response=VariationOut,
    operation_id="getVariation",
    summary="A size of a product",
)
@signed_in
def get_variation(request: ApiRequest, pk: int) -> VariationOut:
    return variation_of(get_object_or_404(Variant, pk=pk))


@router.delete(
    "variations/{int:pk}/",
    response={204: None},
    operation_id="deleteVariation",
    summary="Delete a size of a product",
)
@admins_act
@refuses(InUse)
def delete_variation(request: ApiRequest, pk: int) -> Status[None]:
    """Not once a station lists it or something of it was moved."""
    services.delete_variant(request.user, variant=get_object_or_404(Variant, pk=pk))
    return Status(204, None)


# --- What a body says ---------------------------------------------------------------------------


def _good(form: ModelForm) -> dict[str, Any]:
    """What the form of the page takes. Raises Invalid."""
    if form.errors:
        raise Invalid(form_errors(form, names=NAMES))
    return form.cleaned_data


def _merged(row: Category | Brand, body: BaseModel, *names: str) -> dict[str, Any]:
    """What the row is to be; null is as good as left out."""
    said = {name: value for name, value in body if value is not None}
    return {name: said.get(name, getattr(row, name)) for name in names}


def _with_shelves(data: dict[str, Any]) -> dict[str, Any]:
    """The category and brand as the form wants them, by key. Raises Invalid."""
    return data | {
        "category": _key(Category.objects.all(), data["category"], "category"),
        "brand": data["brand"] and _key(Brand.objects.all(), data["brand"], "brand"),
    }


def _key(rows: QuerySet[Shelf], called: int | str, field: str) -> int:
    found = rows.filter(_called(called)).values_list("pk", flat=True).first()
    if found is None:
        raise Invalid({field: "There is nothing of that id or slug."})
    return found


def _called(name: int | str, prefix: str = "") -> Q:
    """By its key, which is a number, or by its slug."""
    return Q(**{f"{prefix}pk" if isinstance(name, int) else f"{prefix}slug": name})


def _sent(product: Product, body: NewVariation) -> dict[str, Any]:
    """The body as the page's form would send it."""
    weight = None if body.weight_kg is None else f"{Decimal(str(body.weight_kg)).normalize():f}"
    usual = f"{product.brand or product.name} {weight} kg" if weight else product.name
    return {
        "sku": body.sku,
        "name": body.name or usual[:80],
        "size_g": weight,
        "deposit": body.deposit,
        "attributes": json.dumps(body.attributes, ensure_ascii=False) if body.attributes else "",
    }
