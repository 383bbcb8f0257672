"""Opening stock and prices from a table: take an empty one, upload it, look, and say yes."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gasstock.accounts.access import requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.exports import csv_response, xlsx_response
from gasstock.core.forms import saved
from gasstock.core.htmx import render_page
from gasstock.core.paging import newest_first
from gasstock.inventory.errors import ImportOutdated
from gasstock.inventory.forms.imports import ImportForm
from gasstock.inventory.import_preview import preview_of
from gasstock.inventory.models import ImportRun
from gasstock.inventory.services import imports as services
from gasstock.inventory.services.import_template import head_of_template, rows_of_template


@require_safe
@requires(Permission.LISTING_CHANGE)
def imports(request: Request, station: Station) -> HttpResponse:
    return _page(request, station, ImportForm())


@require_POST
@requires(Permission.LISTING_CHANGE)
def import_add(request: Request, station: Station) -> HttpResponse:
    """Read a table and show what it would do."""
    form = ImportForm(request.POST, request.FILES)
    run = saved(form, services.start_import, request.user, station=station)
    if run:
        return redirect(run)
    return _page(request, station, form, status=422)


@require_safe
@requires(Permission.LISTING_CHANGE)
def import_template_csv(request: Request, station: Station) -> HttpResponseBase:
    return _template(station, csv_response, "csv")


@require_safe
@requires(Permission.LISTING_CHANGE)
def import_template_xlsx(request: Request, station: Station) -> HttpResponseBase:
    return _template(station, xlsx_response, "xlsx")


@require_safe
@requires(Permission.STOCK_VIEW)  # whoever reads the log may follow it to the table behind a move
def import_run(request: Request, station: Station, pk: int) -> HttpResponse:
    """What each row of the table would do, or has done."""
    run = _run(station, pk)
    shown = preview_of(run.rows, request.GET.get("show", ""), request.GET.get("cursor", ""))
    context = {"station": station, "run": run, "preview": shown, "next": shown.next}
    return render_page(request, "inventory/import.html", context, partials={"rows"})


@require_POST
@requires(Permission.LISTING_CHANGE)
def import_confirm(request: Request, station: Station, pk: int) -> HttpResponse:
    run = _run(station, pk)
    try:
        services.confirm_import(request.user, run=run)
    except ImportOutdated as error:
        services.check_again(run)
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(file)s is imported.") % {"file": run})
    return redirect(run)


@require_POST
@requires(Permission.LISTING_CHANGE)
def import_discard(request: Request, station: Station, pk: int) -> HttpResponse:
    services.discard_import(request.user, run=_run(station, pk))
    messages.success(request, _("Nothing was imported."))
    return redirect("stock:imports", station.slug)


def _run(station: Station, pk: int) -> ImportRun:
    return get_object_or_404(ImportRun.objects.select_related("station"), station=station, pk=pk)


def _page(request: Request, station: Station, form: ImportForm, status: int = 200) -> HttpResponse:
    runs = ImportRun.objects.filter(station=station).select_related("station", "uploaded_by")
    page = newest_first(runs.defer("rows"), request.GET.get("cursor", ""), size=20)
    context = {"station": station, "form": form, "runs": page.rows, "next": page.next}
    return render_page(request, "inventory/imports.html", context, partials={"runs"}, status=status)


def _template(
    station: Station, respond: Callable[..., HttpResponseBase], suffix: str
) -> HttpResponseBase:
    return respond(f"{station.slug}-stock.{suffix}", head_of_template(), rows_of_template(station))
