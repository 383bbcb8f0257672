from typing import Annotated, Any

from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from gasstock.api.schemas.base import Amount, In, Key, Money, Out, Spoken, Words, money
from gasstock.catalog.forms import MAX_ATTRIBUTES, MAX_KEY
from gasstock.catalog.models import Brand, Category, CategoryKind, Product, ShellColour, Variant
from gasstock.core import platform

Name = Annotated[Words, Field(max_length=80)]
ShortName = Annotated[Words, Field(max_length=40)]
Kind = Annotated[CategoryKind, Spoken]
Colour = Annotated[ShellColour, Spoken]
Position = Annotated[int, Field(strict=True, ge=0, le=32_767)]
Reference = Key | Annotated[Words, Field(max_length=40)]
Weight = Annotated[
    float, Field(strict=True, gt=0, le=1000, allow_inf_nan=False, examples=[12, 12.5])
]
Plain = StrictStr | StrictBool | StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]
Attributes = Annotated[
    dict[Annotated[Words, Field(max_length=MAX_KEY)], Plain],
    Field(max_length=MAX_ATTRIBUTES, examples=[{"valve": "20 mm clip-on"}]),
]


# --- In -----------------------------------------------------------------------------------------


class NewCategory(In):
    name: ShortName
    kind: Kind = CategoryKind.CYLINDER
    position: Position = 0


class CategoryChange(In):
    """What is left out stays."""

    name: ShortName | None = None
    kind: Kind | None = None
    position: Position | None = Field(None, description="The lowest comes first in the shop.")


class NewBrand(In):
    name: ShortName
    colour: Colour = ShellColour.GREY


class BrandChange(In):
    """What is left out stays."""

    name: ShortName | None = None
    colour: Colour | None = None


class NewProduct(In):
    name: Name
    category: Reference = Field(description="Id or slug.", examples=["cylinders"])
    brand: Reference | None = Field(None, description="Id or slug; most accessories have none.")
    description: Annotated[str, Field(max_length=1000)] = ""


class ProductChange(In):
    """What is left out stays; a `brand` of null takes it away."""

    name: Name | None = None
    category: Reference | None = None
    brand: Reference | None = None
    description: Annotated[str, Field(max_length=1000)] | None = None
    is_retired: StrictBool | None = Field(None, description="No station may list it anew.")


class NewVariation(In):
    """A size of a product. A cylinder has a weight; an accessory neither that nor a deposit."""

    sku: Annotated[Words, Field(max_length=30, examples=["SP-12"])]
    name: Name | None = Field(
        None, description='As buyers read it; else from brand and weight: "SP 12 kg".'
    )
    weight_kg: Weight | None = None
    deposit: Amount = 0
    attributes: Attributes = {}


# --- Asked --------------------------------------------------------------------------------------


class AskedProducts(BaseModel):
    q: str = Field("", max_length=80, description="Parts of a name, a brand or a SKU.")
    category: str = Field("", max_length=40, description="Slug.")
    brand: str = Field("", max_length=40, description="Slug.")
    is_retired: bool | None = None


# --- Out ----------------------------------------------------------------------------------------


class CategoryOut(Out):
    id: int
    slug: str
    name: str = Field(examples=["Cylinders"])
    kind: Kind = Field(description="A CYLINDER is swapped full for empty, an ACCESSORY sold once.")
    position: int


class BrandOut(Out):
    id: int
    slug: str
    name: str = Field(examples=["SP"])
    colour: Colour


class ProductOut(Out):
    id: int
    name: str = Field(examples=["SP cylinder"])
    category: CategoryOut
    brand: BrandOut | None
    description: str
    is_retired: bool


class VariationOut(Out):
    id: int
    product: int
    sku: str = Field(examples=["SP-12"])
    name: str = Field(examples=["SP 12 kg"])
    weight_kg: float | None = Field(description="Null for what is no cylinder.", examples=[12])
    deposit: Money
    currency: str = Field(examples=["RWF"])
    attributes: dict[str, Any]
    is_retired: bool


def category_of(row: Category) -> CategoryOut:
    kind = CategoryKind(row.kind)
    return CategoryOut(id=row.pk, slug=row.slug, name=row.name, kind=kind, position=row.position)


def brand_of(row: Brand) -> BrandOut:
    return BrandOut(id=row.pk, slug=row.slug, name=row.name, colour=ShellColour(row.colour))


def product_of(row: Product) -> ProductOut:
    """Write a product with its category and brand at hand."""
    return ProductOut(
        id=row.pk,
        name=row.name,
        category=category_of(row.category),
        brand=brand_of(row.brand) if row.brand else None,
        description=row.description,
        is_retired=row.retired_at is not None,
    )


def variation_of(row: Variant) -> VariationOut:
    return VariationOut(
        id=row.pk,
        product=row.product_id,
        sku=row.sku,
        name=row.name,
        weight_kg=row.size_g / 1000 if row.size_g else None,
        deposit=money(row.deposit),
        currency=platform.current().currency,
        attributes=row.attributes,
        is_retired=row.retired_at is not None,
    )
