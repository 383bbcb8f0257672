"""Saved reports: kept, renamed, sent by e-mail, deleted. Each person sees their own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gasstock.accounts.access import admin_only, requires
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station
from gasstock.accounts.permissions import Permission
from gasstock.core.forms import saved
from gasstock.core.htmx import posted, render_page
from gasstock.reports import saved as services
from gasstock.reports.forms import AskForm, SaveForm, ViewForm
from gasstock.reports.models import SavedView
from gasstock.reports.registry import REPORTS
from gasstock.reports.schedules import address_of
from gasstock.reports.views.reports import address, report_of


@require_POST
@requires(Permission.REPORT_VIEW)
def save(request: Request, station: Station, name: str) -> HttpResponse:
    return _save(request, station, name)


@require_POST
@admin_only
def platform_save(request: Request, name: str) -> HttpResponse:
    return _save(request, None, name)


def _save(request: Request, station: Station | None, name: str) -> HttpResponse:
    """The report is the one of the address: its query says how it is set."""
    report = report_of(name)
    page = f"{address('report', station, name)}?{request.GET.urlencode()}"
    form = SaveForm(request.POST)
    if not AskForm(request.GET, report=report, station=station).is_valid():
        return redirect(page)
    if not form.is_valid():
        messages.error(request, _("Give it a name of at most 60 letters."))
        return redirect(page)
    view = services.save_view(
        request.user,
        station=station,
        report=name,
        name=form.cleaned_data["name"],
        query=request.GET,
    )
    messages.success(request, _("Saved as %(name)s.") % {"name": view.name})
    return redirect(address("view", station, view.pk))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.REPORT_VIEW)
def view(request: Request, station: Station, pk: int) -> HttpResponse:
    return _view(request, station, pk)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def platform_view(request: Request, pk: int) -> HttpResponse:
    return _view(request, None, pk)


def _view(request: Request, station: Station | None, pk: int) -> HttpResponse:
    view = _find(request, station, pk)
    form = ViewForm(posted(request), view=view)
    if saved(form, services.change_view, request.user, view=view):
        messages.success(request, _("Your saved report is changed."))
        return redirect(address("index", station))
    context = {
        "station": station,
        "form": form,
        "view": view,
        "report": REPORTS.get(view.report),
        "url": address_of(view),
        "index_url": address("index", station),
        "delete_url": address("view_delete", station, pk),
    }
    return render_page(request, "reports/view.html", context, status=422 if form.is_bound else 200)


@require_POST
@requires(Permission.REPORT_VIEW)
def view_delete(request: Request, station: Station, pk: int) -> HttpResponse:
    return _view_delete(request, station, pk)


@require_POST
@admin_only
def platform_view_delete(request: Request, pk: int) -> HttpResponse:
    return _view_delete(request, None, pk)


def _view_delete(request: Request, station: Station | None, pk: int) -> HttpResponse:
    services.delete_view(request.user, view=_find(request, station, pk))
    messages.success(request, _("The saved report is deleted."))
    return redirect(address("index", station))


def _find(request: Request, station: Station | None, pk: int) -> SavedView:
    """One of their own."""
    views = SavedView.objects.filter(station=station, owner=request.user)
    return get_object_or_404(views.select_related("owner", "station"), pk=pk)
