"""The reports: their list, and each with its picture and its table, on the page and as a file."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from gasstock.accounts.access import admin_only, requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.exports import TooManyRows, csv_response, xlsx_response
from gasstock.core.htmx import render_page
from gasstock.reports import cells
from gasstock.reports.forms import AskForm, SaveForm
from gasstock.reports.models import SavedView
from gasstock.reports.periods import period_before
from gasstock.reports.registry import REPORTS
from gasstock.reports.report import SECTIONS, Report
from gasstock.reports.schedules import ROWS_A_READ, address_of, file_name
from gasstock.reports.sums import looked_up_once

ROWS_A_PAGE = 50


def report_of(name: str) -> Report:
    if name not in REPORTS:
        raise Http404
    return REPORTS[name]


def address(page: str, station: Station | None, *args: Any) -> str:
    """The path of a page of ours, `page` being "report", "csv" …, at the station or for all."""
    if station:
        return reverse(f"reports:{page}", args=[station.slug, *args])
    return reverse(f"reports:platform_{page}", args=args)


# --- The list -------------------------------------------------------------------------------------


@require_safe
@requires(Permission.REPORT_VIEW)
def index(request: Request, station: Station) -> HttpResponse:
    return _index(request, station)


@require_safe
@admin_only
def platform_index(request: Request) -> HttpResponse:
    return _index(request, None)


def _index(request: Request, station: Station | None) -> HttpResponse:
    links = [(each, address("report", station, each.name)) for each in REPORTS.values()]
    sections = [
        (title, [link for link in links if link[0].section == section])
        for section, title in SECTIONS.items()
    ]
    views = SavedView.objects.filter(owner=request.user, station=station).select_related("station")
    saved = [
        (view, REPORTS[view.report], address_of(view), address("view", station, view.pk))
        for view in views.order_by("name", "pk")
        if view.report in REPORTS
    ]
    context = {"station": station, "sections": sections, "saved": saved}
    return render_page(request, "reports/index.html", context)


# --- One report -----------------------------------------------------------------------------------


@require_safe
@requires(Permission.REPORT_VIEW)
def report(request: Request, station: Station, name: str) -> HttpResponse:
    return _report(request, station, report_of(name))


@require_safe
@admin_only
def platform_report(request: Request, name: str) -> HttpResponse:
    return _report(request, None, report_of(name))


def _report(request: Request, station: Station | None, report: Report) -> HttpResponse:
    form = AskForm(request.GET, report=report, station=station)
    context = {
        "station": station,
        "report": report,
        "form": form,
        "save_form": SaveForm(),
        "index_url": address("index", station),
        "urls": {name: address(name, station, report.name) for name in ("csv", "xlsx", "save")},
    }
    if not form.is_valid():
        return render_page(request, "reports/report.html", context, partials={"report"}, status=422)
    context |= _answer(report, form, request.GET.get("cursor", ""))
    return render_page(request, "reports/report.html", context, partials={"report"})


def _answer(report: Report, form: AskForm, cursor: str) -> dict[str, Any]:
    ask = form.ask()
    if report.pages:
        ask = replace(ask, cursor=cursor, size=ROWS_A_PAGE)
    earlier = period_before(ask.scope) if report.dated and form.wants_comparison else None
    if earlier:
        scope, earlier = looked_up_once(ask.scope, earlier)
        ask = replace(ask, scope=scope)
    table = report.read(ask)
    before = report.read(replace(ask, scope=earlier, cursor="", is_brief=True)) if earlier else None
    return {
        "days": cells.said(ask.scope.since, ask.scope.until) if report.dated else "",
        "days_before": cells.said(earlier.since, earlier.until) if earlier else "",
        "figures": cells.figures(table, before),
        "table": table,
        "columns": [(each, cells.head_of(each)) for each in table.columns],
        "rows": cells.shown(table),
        "totals": cells.totals_of(table),
        "chart": cells.drawn(table.chart) if table.chart else "",
    }


# --- As a file ------------------------------------------------------------------------------------


@require_safe
@requires(Permission.REPORT_VIEW)
def csv(request: Request, station: Station, name: str) -> HttpResponseBase:
    return _export(request, station, report_of(name), csv_response, "csv")


@require_safe
@requires(Permission.REPORT_VIEW)
def xlsx(request: Request, station: Station, name: str) -> HttpResponseBase:
    return _export(request, station, report_of(name), xlsx_response, "xlsx")


@require_safe
@admin_only
def platform_csv(request: Request, name: str) -> HttpResponseBase:
    return _export(request, None, report_of(name), csv_response, "csv")


@require_safe
@admin_only
def platform_xlsx(request: Request, name: str) -> HttpResponseBase:
    return _export(request, None, report_of(name), xlsx_response, "xlsx")


def _export(
    request: Request,
    station: Station | None,
    report: Report,
    respond: Callable[..., HttpResponseBase],
    suffix: str,
) -> HttpResponseBase:
    """Send the whole report as a file; what cannot be sent is explained on its page."""
    page = f"{address('report', station, report.name)}?{request.GET.urlencode()}"
    form = AskForm(request.GET, report=report, station=station)
    if not form.is_valid():
        return redirect(page)
    ask = form.ask()
    if report.pages:
        ask = replace(ask, size=ROWS_A_READ)
    table = report.read(ask)
    try:
        return respond(
            f"{file_name(report, ask)}.{suffix}",
            cells.head_of_export(table),
            cells.rows_of_export(report, ask, table),
        )
    except TooManyRows as error:
        messages.error(request, str(error))
        return redirect(page)
