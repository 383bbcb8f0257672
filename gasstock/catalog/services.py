"""What may be sold at all. Only admins change it; stations choose from it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError
from django.utils.text import slugify

from gasstock.accounts.models import User
from gasstock.audit.services import record
from gasstock.catalog.errors import (
    InUse,
    KindIsFixed,
    NameTaken,
    NoCylinder,
    SizeIsFixed,
    SizeMissing,
)
from gasstock.catalog.models import (
    Brand,
    Category,
    CategoryKind,
    Product,
    ShellColour,
    Variant,
)
from gasstock.core import clock

Row = TypeVar("Row", bound=Model)


# --- Categories -------------------------------------------------------------------------------


@transaction.atomic
def create_category(
    actor: User | None, *, name: str, kind: CategoryKind, position: int = 0
) -> Category:
    """Add a shelf to the catalogue. Raises NameTaken."""
    category = Category(name=name, slug=_free_slug(Category, name), kind=kind, position=position)
    return _add(actor, category, "category.created", kind=kind, position=position)


@transaction.atomic
def update_category(
    actor: User | None, *, category: Category, name: str, kind: CategoryKind, position: int
) -> Category:
    """Rename or move a shelf. Raises NameTaken, KindIsFixed once things with sizes stand on it."""
    category = _lock(category)
    if kind != category.kind and Variant.objects.filter(product__category=category).exists():
        raise KindIsFixed(category.name)
    values = {"name": name, "kind": kind, "position": position}
    return _change(actor, category, "category.changed", values)


@transaction.atomic
def delete_category(actor: User | None, *, category: Category) -> None:
    """Remove an empty shelf. Raises InUse."""
    _delete(actor, category, "category.deleted")


# --- Brands -----------------------------------------------------------------------------------


@transaction.atomic
def create_brand(actor: User | None, *, name: str, colour: ShellColour) -> Brand:
    """Add the owner of shells, painted in `colour`. Raises NameTaken."""
    brand = Brand(name=name, slug=_free_slug(Brand, name), colour=colour)
    return _add(actor, brand, "brand.created", colour=colour)


@transaction.atomic
def update_brand(actor: User | None, *, brand: Brand, name: str, colour: ShellColour) -> Brand:
    """Rename or repaint a brand; links to it stay. Raises NameTaken."""
    return _change(actor, _lock(brand), "brand.changed", {"name": name, "colour": colour})


@transaction.atomic
def delete_brand(actor: User | None, *, brand: Brand) -> None:
    """Remove a brand without products. Raises InUse."""
    _delete(actor, brand, "brand.deleted")


# --- Products ---------------------------------------------------------------------------------


@transaction.atomic
def create_product(
    actor: User | None,
    *,
    name: str,
    category: Category,
    brand: Brand | None = None,
    description: str = "",
) -> Product:
    """Add a product, without sizes yet. Raises NameTaken."""
    product = Product(name=name, category=category, brand=brand, description=description)
    return _add(actor, product, "product.created", category=category.name)


@transaction.atomic
def update_product(
    actor: User | None,
    *,
    product: Product,
    name: str,
    category: Category,
    brand: Brand | None,
    description: str,
    is_retired: bool | None = None,
) -> Product:
    """Change a product; `is_retired` as `retire_product` does, None leaves that.

    Raises NameTaken, KindIsFixed if its sizes do not fit the category.
    """
    product = _lock(product)
    if category.kind != product.category.kind and product.variants.exists():
        raise KindIsFixed(product.name)
    values = {"name": name, "category": category, "brand": brand, "description": description}
    product = _change(actor, product, "product.changed", values)
    if is_retired is not None:
        action = "product.retired" if is_retired else "product.unretired"
        _set_retired(actor, product, action, retired=is_retired)
        product.refresh_from_db(fields=["retired_at"])
    return product


@transaction.atomic
def retire_product(actor: User | None, *, product: Product) -> None:
    """Let no further station list the product; those that do may sell what is left."""
    _set_retired(actor, product, "product.retired", retired=True)


@transaction.atomic
def unretire_product(actor: User | None, *, product: Product) -> None:
    """Let stations list the product again."""
    _set_retired(actor, product, "product.unretired", retired=False)


@transaction.atomic
def delete_product(actor: User | None, *, product: Product) -> None:
    """Remove a product that has no sizes. Raises InUse."""
    _delete(actor, product, "product.deleted")


# --- Variants ---------------------------------------------------------------------------------


@transaction.atomic
def create_variant(
    actor: User | None,
    *,
    product: Product,
    sku: str,
    name: str,
    size_g: int | None = None,
    deposit: int = 0,
    attributes: Mapping[str, object] | None = None,
) -> Variant:
    """Add a size of a product; `size_g` in grams, `deposit` in minor units.

    Raises NameTaken for a SKU that exists, SizeMissing, NoCylinder.
    """
    _check_kind(product, size_g, deposit)
    variant = Variant(
        product=product,
        sku=sku,
        name=name,
        size_g=size_g,
        deposit=deposit,
        attributes=dict(attributes or {}),
    )
    return _add(actor, variant, "variant.created", sku=sku, size_g=size_g, deposit=deposit)


@transaction.atomic
def update_variant(
    actor: User | None,
    *,
    variant: Variant,
    sku: str,
    name: str,
    size_g: int | None = None,
    deposit: int = 0,
    attributes: Mapping[str, object],
) -> Variant:
    """Change a size of a product; orders placed before keep their deposit.

    Raises NameTaken, SizeMissing, NoCylinder, and SizeIsFixed once a station lists it: what
    stands in its yard would change under it.
    """
    variant = _lock(variant)
    _check_kind(variant.product, size_g, deposit)
    if size_g != variant.size_g and variant.listings.exists():
        raise SizeIsFixed(variant.name)
    values = {
        "sku": sku,
        "name": name,
        "size_g": size_g,
        "deposit": deposit,
        "attributes": dict(attributes),
    }
    return _change(actor, variant, "variant.changed", values)


@transaction.atomic
def retire_variant(actor: User | None, *, variant: Variant) -> None:
    """Let no further station list this size; those that do may sell what is left."""
    _set_retired(actor, variant, "variant.retired", retired=True)


@transaction.atomic
def unretire_variant(actor: User | None, *, variant: Variant) -> None:
    """Let stations list this size again."""
    _set_retired(actor, variant, "variant.unretired", retired=False)


@transaction.atomic
def delete_variant(actor: User | None, *, variant: Variant) -> None:
    """Remove a size that no station ever listed or moved. Raises InUse."""
    _delete(actor, variant, "variant.deleted")


# --- What they have in common -----------------------------------------------------------------


def _check_kind(product: Product, size_g: int | None, deposit: int) -> None:
    if product.category.kind == CategoryKind.CYLINDER:
        if not size_g:
            raise SizeMissing
    elif size_g or deposit:
        raise NoCylinder


def _add(actor: User | None, row: Row, action: str, **data: object) -> Row:
    with _names_are_unique(row):
        row.save(force_insert=True)
    record(actor, action, row, **data)
    return row


def _lock(row: Row) -> Row:
    """Fetch the row afresh: a form may have written on the one we were given."""
    rows: Any = type(row)._default_manager
    return rows.select_for_update(of=("self",)).get(pk=row.pk)


def _change(actor: User | None, row: Row, action: str, values: Mapping[str, object]) -> Row:
    """Set `values` on a row fetched by `_lock`; nothing is written if nothing differs."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return row
    before = {name: _plain(getattr(row, name)) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    with _names_are_unique(row):
        row.save(update_fields=list(changed))
    after = {name: _plain(value) for name, value in changed.items()}
    record(actor, action, row, before=before, after=after)
    return row


def _set_retired(actor: User | None, row: Product | Variant, action: str, *, retired: bool) -> None:
    rows: Any = type(row)._default_manager
    rows = rows.filter(pk=row.pk, retired_at__isnull=retired)
    if rows.update(retired_at=clock.now() if retired else None):
        record(actor, action, row)


def _delete(actor: User | None, row: Model, action: str) -> None:
    pk = row.pk
    try:
        row.delete()
    except ProtectedError as error:
        kinds = Counter(type(user) for user in error.protected_objects)
        kind, users = kinds.most_common(1)[0]
        raise InUse(str(row), users, str(kind._meta.verbose_name_plural)) from error
    row.pk = pk
    record(actor, action, row)


@contextmanager
def _names_are_unique(row: Model) -> Iterator[None]:
    """Say so if somebody took the name between the form's look and our writing."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise NameTaken(str(row)) from error


def _free_slug(model: type[Category] | type[Brand], name: str) -> str:
    stem = slugify(name)[:36] or model._meta.model_name or ""
    taken = set(model.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    slug, number = stem, 2
    while slug in taken:
        slug, number = f"{stem}-{number}", number + 1
    return slug


def _plain(value: object) -> object:
    """The value as the audit log keeps it."""
    return str(value) if isinstance(value, Model) else value
