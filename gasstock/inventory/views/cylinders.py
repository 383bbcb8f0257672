"""Where the station's shells are, and who keeps them for a deposit."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import render_page
from gasstock.core.money import symbol_of
from gasstock.core.search import words_of
from gasstock.inventory import shells
from gasstock.inventory.models import Location, LocationKind


@require_safe
@requires(Permission.STOCK_VIEW)
def cylinders(request: Request, station: Station) -> HttpResponse:
    """All shells by brand and size: in the yard, on the road, with buyers."""
    census = shells.census_of(station)
    wrong = [] if census.is_whole else shells.wrong_books(station)
    context = {"station": station, "census": census, "wrong": wrong, "currency": symbol_of()}
    return render_page(request, "inventory/cylinders.html", context)


@require_safe
@requires(Permission.STOCK_VIEW)
def holders(request: Request, station: Station) -> HttpResponse:
    """The buyers who hold shells of the station."""
    words = words_of(request)
    found, following = shells.holders_of(station, words, request.GET.get("cursor", ""))
    walk_ins, their_deposit = shells.walk_ins_of(station)
    context = {
        "station": station,
        "holders": found,
        "next": following,
        "q": words,
        "walk_ins": walk_ins,
        "their_deposit": their_deposit,
    }
    return render_page(request, "inventory/holders.html", context, partials={"holders"})


@require_safe
@requires(Permission.STOCK_VIEW)
def holder(request: Request, station: Station, pk: int) -> HttpResponse:
    """What one buyer holds, since when and from which order."""
    places = Location.objects.filter(kind=LocationKind.BUYER, station=station)
    place = get_object_or_404(places.select_related("person"), person__pk=pk)
    assert place.person is not None  # noqa: S101 - for the type checker
    kept = shells.kept_by(station, place.person)
    context = {
        "station": station,
        "person": place.person,
        "kept": kept,
        "count": sum(each.lot.quantity for each in kept),
        "deposit": sum(each.amount for each in kept),
    }
    return render_page(request, "inventory/holder.html", context)
