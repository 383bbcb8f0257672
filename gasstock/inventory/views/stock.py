"""The Stock page: what stands in the yard as a list or a picture, changed where it stands."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import posted, render_page
from gasstock.core.money import symbol_of
from gasstock.core.search import words_of
from gasstock.inventory.errors import OutOfStock, StockMoved
from gasstock.inventory.forms.adjustments import AdjustForm
from gasstock.inventory.forms.listings import CellForm
from gasstock.inventory.models import Listing
from gasstock.inventory.services.adjustments import adjust_stock
from gasstock.inventory.services.alerts import check_levels
from gasstock.inventory.services.listings import EDITABLE, change_listing
from gasstock.inventory.services.shelf import Stand, holdings_of, stands_of
from gasstock.inventory.yard import yard_of

TABS: dict[str, tuple[Any, Callable[[Stand], bool]]] = {
    "cylinders": (gettext_lazy("Cylinders"), lambda stand: stand.listing.variant.is_cylinder),
    "low": (gettext_lazy("Running low"), lambda stand: stand.is_low),
    "accessories": (
        gettext_lazy("Accessories"),
        lambda stand: not stand.listing.variant.is_cylinder,
    ),
    "hidden": (gettext_lazy("Not for sale"), lambda stand: not stand.listing.is_published),
}
SORTS: dict[str, tuple[Any, Callable[[Stand], Any]]] = {
    "soon": (gettext_lazy("Soonest gone first"), lambda stand: _gone(stand)),
    "name": (gettext_lazy("By name"), lambda stand: stand.listing.variant.name.casefold()),
    "free": (gettext_lazy("Fewest free first"), lambda stand: stand.free),
    "price": (gettext_lazy("Lowest price first"), lambda stand: stand.listing.refill_price),
}


@require_safe
@requires(Permission.STOCK_VIEW)
def listings(request: Request, station: Station) -> HttpResponse:
    """All that the station sells, with what there is of it and how long that lasts."""
    stands = stands_of(station)
    query = words_of(request)
    found = [stand for stand in stands if _says(stand, query)]
    tab = _one_of(TABS, request.GET.get("show", ""))
    sort = _one_of(SORTS, request.GET.get("sort", ""))
    shown = sorted(filter(TABS[tab][1], found), key=SORTS[sort][1])
    is_yard = request.GET.get("view") == "yard" and tab != "accessories"
    context = _frame(station, stands) | {
        "stands": shown,
        "yard": yard_of(shown) if is_yard else None,
        "tabs": [(name, label, sum(map(test, found))) for name, (label, test) in TABS.items()],
        "tab": tab,
        "sorts": [(name, label) for name, (label, _key) in SORTS.items()],
        "sort": sort,
        "q": query,
        "count": len(stands),
        "free": sum(stand.free for stand in stands),
        "held": sum(stand.held for stand in stands),
        "empties": sum(stand.empties for stand in stands),
        "alert_count": sum(stand.has_alert for stand in stands),
    }
    return render_page(request, "inventory/stock.html", context, partials={"rows"})


@require_safe
@requires(Permission.STOCK_VIEW)
def listing_row(request: Request, station: Station, pk: int) -> HttpResponse:
    """One row of the list as it is, for somebody who leaves a field without saving."""
    if not request.htmx:
        return redirect("stock:listings", station.slug)
    return _row(request, station, pk, focus=request.GET.get("from", ""))


@require_http_methods(["GET", "POST"])
@requires(Permission.LISTING_CHANGE)
def listing_cell(request: Request, station: Station, pk: int, field: str) -> HttpResponse:
    """Change one price or the reorder level in its row."""
    listing = get_object_or_404(Listing.objects.at(station).kept().for_cards(), pk=pk)
    if field not in EDITABLE or (field == "new_price" and not listing.variant.is_cylinder):
        raise Http404
    if not request.htmx:
        return redirect("stock:listing_edit", station.slug, pk)
    now = {field: getattr(listing, field)}
    form = CellForm(posted(request), variant=listing.variant, field=field, initial=now)
    if not form.is_valid():
        status = 422 if form.errors else 200
        return _row(request, station, pk, editing=form[field], status=status)
    change_listing(request.user, listing=listing, **form.cleaned_data)
    if field == "reorder_level":
        check_levels(station)
    return _row(request, station, pk, focus=field)


@require_http_methods(["GET", "POST"])
@requires(Permission.STOCK_ADJUST)
def adjust(request: Request, station: Station, pk: int) -> HttpResponse:
    """Put the number in the books right, with a reason."""
    listing = get_object_or_404(Listing.objects.at(station).kept().for_cards(), pk=pk)
    form = AdjustForm(posted(request), variant=listing.variant)
    if form.is_valid() and _adjusted(request, listing, form):
        check_levels(station)
        return redirect("stock:listings", station.slug)
    holdings = holdings_of(station, listing.variant)
    context = {
        "station": station,
        "listing": listing,
        "form": form,
        "stand": [(each, holdings[each]) for each in form.conditions],
        "picked": form["condition"].value(),
    }
    status = 422 if form.errors else 200
    return render_page(request, "inventory/adjust.html", context, status=status)


def _adjusted(request: Request, listing: Listing, form: AdjustForm) -> bool:
    """Whether the books say now what the form says; what forbids it is said beside the number."""
    try:
        moves = adjust_stock(request.user, listing=listing, **form.cleaned_data)
    except (OutOfStock, StockMoved) as error:
        form.add_error("quantity", str(error))
        return False
    words = _("%(name)s: the books are right now.") if moves else _("%(name)s was right already.")
    messages.success(request, words % {"name": listing.variant})
    return True


def _row(
    request: Request, station: Station, pk: int, status: int = 200, **more: Any
) -> HttpResponse:
    stands = stands_of(station)
    stand = next((each for each in stands if each.listing.pk == pk), None)
    if stand is None:
        raise Http404
    context = _frame(station, stands) | {"stand": stand} | more
    return render_page(request, "inventory/_stand.html", context, status=status)


def _frame(station: Station, stands: list[Stand]) -> dict[str, Any]:
    """What a row needs besides its stand; `scale` is what the longest strip stands for."""
    scale = max([1, *(stand.full + stand.empties for stand in stands)])
    return {"station": station, "scale": scale, "currency": symbol_of()}


def _one_of(names: dict[str, Any], asked: str) -> str:
    return asked if asked in names else next(iter(names))


def _gone(stand: Stand) -> tuple[bool, int, int]:
    """When the free ones are gone; what nobody bought lately comes last."""
    days = stand.cover.days
    return days is None, days or 0, stand.free


def _says(stand: Stand, query: str) -> bool:
    """Whether every word of the query is in the listing's name, brand or code."""
    variant = stand.listing.variant
    text = f"{variant.name} {variant.sku} {variant.product.brand or ''} {variant.product.name}"
    return all(word in text.casefold() for word in query.casefold().split())
