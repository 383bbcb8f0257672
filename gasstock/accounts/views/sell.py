from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gasstock.accounts import services
from gasstock.accounts.access import requires, signed_in
from gasstock.accounts.forms import StationApplicationForm, StationSettingsForm
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station, StationStatus
from gasstock.accounts.permissions import Permission
from gasstock.core.htmx import render_page


@require_http_methods(["GET", "POST"])
@signed_in
def sell(request: Request) -> HttpResponse:
    """File an application to sell, follow it, or put a rejected one right."""
    mine = list(Station.objects.filter(applicant=request.user).order_by("-applied_at", "-pk"))
    waiting = next((s for s in mine if s.status == StationStatus.APPLIED), None)
    rejected = next((s for s in mine if s.status == StationStatus.REJECTED), None)
    draft = rejected or Station(phone=request.user.phone)
    form = None if waiting else StationApplicationForm(request.POST or None, instance=draft)
    if form and form.is_valid():
        services.apply_for_station(request.user, details=form.cleaned_data)
        messages.success(request, _("Sent. We read it and write to you."))
        return redirect("people:sell")
    if waiting and request.method == "POST":
        return redirect("people:sell")
    return render_page(
        request,
        "accounts/sell.html",
        {
            "form": form,
            "waiting": waiting,
            "rejected": rejected,
            "stations": [station for station in mine if station not in (waiting, rejected)],
        },
        status=422 if form and form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.SETTINGS_CHANGE)
def station_settings(request: Request, station: Station) -> HttpResponse:
    """How the station presents itself to buyers."""
    edited = Station.objects.get(pk=station.pk)  # the form writes into it before it is saved
    form = StationSettingsForm(request.POST or None, instance=edited)
    if form.is_valid():
        services.update_station(request.user, station=station, changes=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("people:station_settings", station.slug)
    return render_page(
        request,
        "accounts/station_settings.html",
        {"station": station, "form": form},
        status=422 if form.errors else 200,
    )
