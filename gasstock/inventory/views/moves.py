"""The movement log: everything that moved in the station's books, to look at and to take away."""

from collections.abc import Callable
from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core import clock
from gasstock.core.exports import TooManyRows, csv_response, xlsx_response
from gasstock.core.htmx import render_page
from gasstock.inventory.forms.log import LogForm
from gasstock.inventory.services.log import (
    head_of_export,
    members_of,
    page_of_log,
    rows_of_export,
    seen_alone,
    variants_of,
)


@require_safe
@requires(Permission.STOCK_VIEW)
def moves(request: Request, station: Station) -> HttpResponse:
    form = _form(request, station)
    context = {"station": station, "form": form}
    if not form.is_valid():
        return render_page(request, "inventory/moves.html", context, status=422)
    page = page_of_log(station, form.wanted(), request.GET.get("cursor", ""))
    entries = seen_alone(station, page.rows)
    days = groupby(entries, key=lambda entry: timezone.localdate(entry.move.created_at))
    context |= {"days": [(day, list(rows)) for day, rows in days], "next": page.next}
    return render_page(request, "inventory/moves.html", context, partials={"moves"})


@require_safe
@requires(Permission.STOCK_VIEW)
def moves_csv(request: Request, station: Station) -> HttpResponseBase:
    return _export(request, station, csv_response, "csv")


@require_safe
@requires(Permission.STOCK_VIEW)
def moves_xlsx(request: Request, station: Station) -> HttpResponseBase:
    return _export(request, station, xlsx_response, "xlsx")


def _export(
    request: Request, station: Station, respond: Callable[..., HttpResponseBase], suffix: str
) -> HttpResponseBase:
    """Send the filtered log as a file; what cannot be sent is explained on its page."""
    page = f"{reverse('stock:moves', args=[station.slug])}?{request.GET.urlencode()}"
    form = _form(request, station)
    if not form.is_valid():
        return redirect(page)
    name = f"{station.slug}-moves-{clock.today()}.{suffix}"
    try:
        return respond(name, head_of_export(), rows_of_export(station, form.wanted()))
    except TooManyRows as error:
        messages.error(request, str(error))
        return redirect(page)


def _form(request: Request, station: Station) -> LogForm:
    return LogForm(request.GET, variants=variants_of(station), members=members_of(station))
