"""A station's list: what it sells, for how much, and where it all went."""

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.catalog.models import Variant
from gasstock.core.forms import saved
from gasstock.core.htmx import go_back, render_page
from gasstock.inventory.forms.listings import ListingForm, NewListingForm
from gasstock.inventory.models import Listing
from gasstock.inventory.services import listings as services
from gasstock.inventory.services.shelf import entries_of, holdings_of, seen_from_station


@require_http_methods(["GET", "POST"])
@requires(Permission.LISTING_CHANGE)
def listing_add(request: Request, station: Station) -> HttpResponse:
    """Choose something of the catalogue, then say its prices and what there is of it."""
    chosen = request.GET.get("variant", "")
    if not chosen:
        return _choose(request, station)
    if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 19):
        raise Http404
    variant = get_object_or_404(Variant.objects.sold().with_names(), pk=chosen)
    form = NewListingForm(request.POST or None, variant=variant)
    if saved(form, services.create_listing, request.user, station=station, variant=variant):
        messages.success(request, _("%(name)s is on your list.") % {"name": variant})
        return redirect("stock:listings", station.slug)
    context = {"station": station, "variant": variant, "form": form}
    return _form_page(request, "inventory/listing_add.html", context)


def _choose(request: Request, station: Station) -> HttpResponse:
    listed = Listing.objects.at(station).kept().values("variant")
    variants = Variant.objects.sold().with_names().exclude(pk__in=listed)
    variants = variants.order_by(
        "product__category__position", "product__category__name", "product__name", "size_g", "pk"
    )
    shelves = groupby(variants, key=lambda variant: variant.product.category)
    context = {
        "station": station,
        "shelves": [(category, list(rows)) for category, rows in shelves],
    }
    return render_page(request, "inventory/listing_choose.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.LISTING_CHANGE)
def listing_edit(request: Request, station: Station, pk: int) -> HttpResponse:
    listing = _listing(station, pk)
    names = ("refill_price", "new_price", "reorder_level")
    now = {name: getattr(listing, name) for name in names}
    form = ListingForm(request.POST or None, initial=now, variant=listing.variant)
    if saved(form, services.update_listing, request.user, listing=listing):
        messages.success(request, _("%(name)s is saved.") % {"name": listing.variant})
        return redirect("stock:listings", station.slug)
    holdings = holdings_of(station, listing.variant)
    context = {"station": station, "listing": listing, "form": form, "holdings": holdings}
    return _form_page(request, "inventory/listing_edit.html", context)


@require_POST
@requires(Permission.LISTING_CHANGE)
def listing_publish(request: Request, station: Station, pk: int) -> HttpResponse:
    listing = _listing(station, pk)
    services.publish_listing(request.user, listing=listing)
    messages.success(request, _("Buyers see %(name)s now.") % {"name": listing.variant})
    return go_back(request)


@require_POST
@requires(Permission.LISTING_CHANGE)
def listing_unpublish(request: Request, station: Station, pk: int) -> HttpResponse:
    listing = _listing(station, pk)
    services.unpublish_listing(request.user, listing=listing)
    messages.success(request, _("%(name)s is hidden from buyers.") % {"name": listing.variant})
    return go_back(request)


@require_POST
@requires(Permission.LISTING_CHANGE)
def listing_retire(request: Request, station: Station, pk: int) -> HttpResponse:
    listing = _listing(station, pk)
    services.retire_listing(request.user, listing=listing)
    messages.success(request, _("%(name)s is off your list.") % {"name": listing.variant})
    return redirect("stock:listings", station.slug)


@require_safe
@requires(Permission.STOCK_VIEW)
def listing_moves(request: Request, station: Station, pk: int) -> HttpResponse:
    """The ledger of one listing, of a retired one too, newest first."""
    listing = get_object_or_404(Listing.objects.at(station).for_cards(), pk=pk)
    page = entries_of(listing, request.GET.get("cursor", ""))
    holdings = holdings_of(station, listing.variant)
    entries = seen_from_station(listing, page.rows, holdings)
    days = groupby(entries, key=lambda entry: timezone.localdate(entry.move.created_at))
    context = {
        "station": station,
        "listing": listing,
        "holdings": holdings,
        "days": [(day, list(rows)) for day, rows in days],
        "next": page.next,
    }
    return render_page(
        request, "inventory/listing_moves.html", context, partials={"moves", "drawer", "more"}
    )


def _listing(station: Station, pk: int) -> Listing:
    return get_object_or_404(Listing.objects.at(station).kept().for_cards(), pk=pk)


def _form_page(request: Request, template: str, context: dict[str, Any]) -> HttpResponse:
    return render_page(request, template, context, status=422 if context["form"].errors else 200)
