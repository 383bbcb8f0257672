"""Every cylinder that is not at the station."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import render_page
from gasstock.delivery.custody import Holding, kept_by_buyers, on_the_road, with_buyers
from gasstock.delivery.forms.custody import BUYERS, KINDS, ROAD, WantedForm
from gasstock.inventory.models import LocationKind


@dataclass(frozen=True)
class Row:
    """A holding, and the path of the order or transfer that it came from, "" if there is none."""

    holding: Holding
    page: str


@require_safe
@requires(Permission.STOCK_VIEW)
def custody(request: Request, station: Station) -> HttpResponse:
    """With whom each cylinder is, since when and from which order, overdue ones first."""
    who = request.GET.get("with", ROAD)
    show = _buyers if who == BUYERS else _road
    context = {"station": station, "who": who, **show(request, station, who)}
    return render_page(request, "delivery/custody.html", context, partials={"custody"})


def _road(request: Request, station: Station, who: str) -> dict[str, Any]:
    road = on_the_road(station)
    form = WantedForm(request.GET, variants=[each.variant for each in road])
    found = [
        each
        for each in road
        if form.sort and form.sort.fits(each.variant) and each.kind in KINDS.get(who, ())
    ]
    return {
        "form": form,
        "rows": [Row(each, _page_of(each, station)) for each in found],
        "count": sum(each.quantity for each in found),
        "overdue": sum(each.quantity for each in found if each.is_overdue),
    }


def _buyers(request: Request, station: Station, who: str) -> dict[str, Any]:
    form = WantedForm(request.GET, variants=kept_by_buyers(station))
    if form.sort is None:
        return {"form": form, "rows": []}
    found, following = with_buyers(station, request.GET.get("cursor", ""), form.sort)
    rows = [Row(each, _page_of(each, station)) for each in found]
    return {"form": form, "rows": rows, "next": following}


def _page_of(holding: Holding, station: Station) -> str:
    if holding.has_order and holding.document:
        return reverse("station:order", args=[station.slug, holding.document])
    kind, _, pk = holding.document.partition("-")
    if holding.kind == LocationKind.TRANSIT:
        return reverse("stock:transfer", args=[station.slug, pk])
    return reverse("delivery:homecoming", args=[station.slug, pk]) if kind == "HOME" else ""
