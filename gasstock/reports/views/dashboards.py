"""The first page of everybody's day. A shell answers at once; its cards come side by side."""

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from gasstock.accounts.access import admin_only, requires, signed_in
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core import clock
from gasstock.reports.dashboards import (
    BuyerDesk,
    Card,
    Desk,
    PlatformDesk,
    RiderDesk,
    StationDesk,
)


@require_safe
@requires(Permission.STATION_SEE)
def station(request: Request, station: Station) -> HttpResponse:
    """A manager's and a clerk's day, or a rider's."""
    is_rider = Permission.ORDER_VIEW not in station.granted
    return _page(request, (RiderDesk if is_rider else StationDesk)(station, request.user))


@require_safe
@admin_only
def platform(request: Request) -> HttpResponse:
    return _page(request, PlatformDesk(request.user))


@require_safe
@signed_in
def mine(request: Request) -> HttpResponse:
    """What a buyer comes for."""
    return _page(request, BuyerDesk(request.user))


def _page(request: Request, desk: Desk) -> HttpResponse:
    """The shell, with `?all` the whole page, or the one card that htmx asks for."""
    card = _asked_for(request, desk)
    context = {
        "desk": desk,
        "station": getattr(desk, "station", None),
        "now": clock.now(),
        "card": card,
        "is_whole": "all" in request.GET or card is not None,
    }
    page = "_card" if card else desk.folder
    response = TemplateResponse(request, f"reports/dashboard/{page}.html", context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _asked_for(request: Request, desk: Desk) -> Card | None:
    if request.htmx.history_restore_request:
        return None
    return next((card for card in desk.cards if card.key == request.htmx.target), None)
