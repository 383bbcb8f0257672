"""The catalogue, which admins keep: shelves, brands, products and their sizes."""

from itertools import groupby

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.forms import ModelForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import admin_only
from gasstock.accounts.http import Request
from gasstock.catalog import services
from gasstock.catalog.forms import (
    BrandForm,
    CatalogueFilter,
    CategoryForm,
    ProductForm,
    VariantForm,
)
from gasstock.catalog.models import Brand, Category, Product, ProductQuerySet, Variant
from gasstock.core.forms import saved
from gasstock.core.htmx import go_back, render_page
from gasstock.core.money import symbol_of

MOST_SHOWN = 100  # products on one page; more are found by searching


@require_safe
@admin_only
def home(request: Request) -> HttpResponse:
    """All products with their sizes, by category."""
    chosen = CatalogueFilter(request.GET)
    products = chosen.pick(_with_sizes(Product.objects.all()))
    found = list(
        products.order_by("category__position", "category__name", "name", "pk")[: MOST_SHOWN + 1]
    )
    shelves = groupby(found[:MOST_SHOWN], key=lambda product: product.category)
    context = {
        "filter": chosen,
        "shelves": [(category, list(rows)) for category, rows in shelves],
        "has_more": len(found) > MOST_SHOWN,
        "most": MOST_SHOWN,
        "asked": any(request.GET.values()),
        "currency": symbol_of(),
    }
    return render_page(request, "catalog/home.html", context, partials={"shelves"})


def _with_sizes(products: ProductQuerySet) -> ProductQuerySet:
    sizes = Variant.objects.annotate(stations=Count("listings")).order_by("size_g", "name")
    return products.with_names().prefetch_related(Prefetch("variants", sizes))


@require_safe
@admin_only
def categories(request: Request) -> HttpResponse:
    rows = Category.objects.annotate(count=Count("products")).order_by("position", "name")
    return render_page(request, "catalog/categories.html", {"categories": rows})


@require_http_methods(["GET", "POST"])
@admin_only
def category_add(request: Request) -> HttpResponse:
    form = CategoryForm(request.POST or None)
    if saved(form, services.create_category, request.user):
        messages.success(request, _("The category is added."))
        return redirect("catalog:categories")
    return _form_page(request, "category", form)


@require_http_methods(["GET", "POST"])
@admin_only
def category_edit(request: Request, pk: int) -> HttpResponse:
    category = get_object_or_404(Category, pk=pk)
    form = CategoryForm(request.POST or None, instance=category)
    name = category.name
    if saved(form, services.update_category, request.user, category=category):
        messages.success(request, _("The category is changed."))
        return redirect("catalog:categories")
    return _form_page(request, "category", form, name=name)


@require_POST
@admin_only
def category_delete(request: Request, pk: int) -> HttpResponse:
    category = get_object_or_404(Category, pk=pk)
    services.delete_category(request.user, category=category)
    messages.success(request, _("%(name)s is deleted.") % {"name": category})
    return redirect("catalog:categories")


@require_safe
@admin_only
def brands(request: Request) -> HttpResponse:
    rows = Brand.objects.annotate(count=Count("products")).order_by("name")
    return render_page(request, "catalog/brands.html", {"brands": rows})


@require_http_methods(["GET", "POST"])
@admin_only
def brand_add(request: Request) -> HttpResponse:
    form = BrandForm(request.POST or None)
    if saved(form, services.create_brand, request.user):
        messages.success(request, _("The brand is added."))
        return redirect("catalog:brands")
    return _form_page(request, "brand", form)


@require_http_methods(["GET", "POST"])
@admin_only
def brand_edit(request: Request, pk: int) -> HttpResponse:
    brand = get_object_or_404(Brand, pk=pk)
    form = BrandForm(request.POST or None, instance=brand)
    name = brand.name
    if saved(form, services.update_brand, request.user, brand=brand):
        messages.success(request, _("The brand is changed."))
        return redirect("catalog:brands")
    return _form_page(request, "brand", form, name=name)


@require_POST
@admin_only
def brand_delete(request: Request, pk: int) -> HttpResponse:
    brand = get_object_or_404(Brand, pk=pk)
    services.delete_brand(request.user, brand=brand)
    messages.success(request, _("%(name)s is deleted.") % {"name": brand})
    return redirect("catalog:brands")


@require_http_methods(["GET", "POST"])
@admin_only
def product_add(request: Request) -> HttpResponse:
    form = ProductForm(request.POST or None)
    if product := saved(form, services.create_product, request.user):
        messages.success(request, _("The product is added. Now add what it is sold in."))
        return redirect("catalog:variant_add", product.pk)
    return _form_page(request, "product", form)


@require_http_methods(["GET", "POST"])
@admin_only
def product_edit(request: Request, pk: int) -> HttpResponse:
    product = get_object_or_404(_with_sizes(Product.objects.all()), pk=pk)
    form = ProductForm(request.POST or None, instance=product)
    name, brand = product.name, product.brand
    if saved(form, services.update_product, request.user, product=product):
        messages.success(request, _("The product is changed."))
        return redirect("catalog:product", pk)
    return _form_page(request, "product", form, name=name, brand=brand)


@require_POST
@admin_only
def product_retire(request: Request, pk: int) -> HttpResponse:
    product = get_object_or_404(Product, pk=pk)
    services.retire_product(request.user, product=product)
    messages.success(request, _("%(name)s is retired.") % {"name": product})
    return go_back(request)


@require_POST
@admin_only
def product_unretire(request: Request, pk: int) -> HttpResponse:
    product = get_object_or_404(Product, pk=pk)
    services.unretire_product(request.user, product=product)
    messages.success(request, _("%(name)s can be sold again.") % {"name": product})
    return go_back(request)


@require_POST
@admin_only
def product_delete(request: Request, pk: int) -> HttpResponse:
    product = get_object_or_404(Product, pk=pk)
    services.delete_product(request.user, product=product)
    messages.success(request, _("%(name)s is deleted.") % {"name": product})
    return redirect("catalog:home")


@require_http_methods(["GET", "POST"])
@admin_only
def variant_add(request: Request, pk: int) -> HttpResponse:
    """Add a size to the product `pk`."""
    product = get_object_or_404(Product.objects.select_related("brand", "category"), pk=pk)
    form = VariantForm(request.POST or None, product=product)
    if saved(form, services.create_variant, request.user, product=product):
        messages.success(request, _("It is added. Stations can list it now."))
        return redirect("catalog:product", pk)
    return _form_page(request, "variant", form, product=product)


@require_http_methods(["GET", "POST"])
@admin_only
def variant_edit(request: Request, pk: int) -> HttpResponse:
    variant = get_object_or_404(Variant.objects.with_names(), pk=pk)
    name, product = variant.name, variant.product
    form = VariantForm(request.POST or None, instance=variant, product=product)
    if saved(form, services.update_variant, request.user, variant=variant):
        messages.success(request, _("%(name)s is changed.") % {"name": variant})
        return redirect("catalog:product", product.pk)
    return _form_page(request, "variant", form, name=name, product=product)


@require_POST
@admin_only
def variant_retire(request: Request, pk: int) -> HttpResponse:
    variant = get_object_or_404(Variant, pk=pk)
    services.retire_variant(request.user, variant=variant)
    messages.success(request, _("%(name)s is retired.") % {"name": variant})
    return go_back(request)


@require_POST
@admin_only
def variant_unretire(request: Request, pk: int) -> HttpResponse:
    variant = get_object_or_404(Variant, pk=pk)
    services.unretire_variant(request.user, variant=variant)
    messages.success(request, _("%(name)s can be sold again.") % {"name": variant})
    return go_back(request)


@require_POST
@admin_only
def variant_delete(request: Request, pk: int) -> HttpResponse:
    variant = get_object_or_404(Variant, pk=pk)
    services.delete_variant(request.user, variant=variant)
    messages.success(request, _("%(name)s is deleted.") % {"name": variant})
    return redirect("catalog:product", variant.product_id)


def _form_page(request: Request, thing: str, form: ModelForm, **context: object) -> HttpResponse:
    row = form.instance if form.instance.pk else None
    context |= {"form": form, thing: row, "currency": symbol_of()}
    status = 422 if form.errors else 200
    return render_page(request, f"catalog/{thing}_form.html", context, status=status)
