"""Where admins look after people and stations."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gasstock.accounts import services
from gasstock.accounts.access import admin_only
from gasstock.accounts.forms import LimitForm, ReasonForm, StationFilter, UserFilter
from gasstock.accounts.http import Request
from gasstock.accounts.models import Station, User
from gasstock.accounts.tables import StationTable, UserTable
from gasstock.core.htmx import render_page
from gasstock.core.paging import newest_first


@require_safe
@admin_only
def users(request: Request) -> HttpResponse:
    """Everybody who has an account, newest first."""
    wanted = UserFilter(request.GET)
    wanted.is_valid()
    people = User.objects.matching(wanted.cleaned_data.get("q", ""))
    people = people.in_role(wanted.cleaned_data.get("role", ""))
    people = people.prefetch_related("memberships__station")
    page = newest_first(people, request.GET.get("cursor", ""))
    return render_page(
        request,
        "accounts/users.html",
        {"filter": wanted, "page": page, "table": UserTable(page.rows)},
        partials={"people"},
    )


@require_safe
@admin_only
def user(request: Request, pk: int) -> HttpResponse:
    """One person: where they work, and what an admin may do with the account."""
    person = get_object_or_404(User, pk=pk)
    context = {
        "person": person,
        "work": person.memberships.select_related("station").order_by("station__name"),
        "applications": person.applications.order_by("-applied_at", "-pk"),
        "is_self": person == request.user,
    }
    return render_page(request, "accounts/user.html", context)


@require_POST
@admin_only
def user_make_admin(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    services.set_admin(request.user, user=person, is_admin=True)
    messages.success(request, _("%(person)s is an admin now.") % {"person": person})
    return redirect("people:user", pk)


@require_POST
@admin_only
def user_remove_admin(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    services.set_admin(request.user, user=person, is_admin=False)
    messages.success(request, _("%(person)s is no admin any more.") % {"person": person})
    return redirect("people:user", pk)


@require_POST
@admin_only
def user_deactivate(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    services.deactivate_user(request.user, user=person)
    messages.success(request, _("%(person)s is signed out and locked out.") % {"person": person})
    return redirect("people:user", pk)


@require_POST
@admin_only
def user_reactivate(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    services.reactivate_user(request.user, user=person)
    messages.success(request, _("%(person)s may sign in again.") % {"person": person})
    return redirect("people:user", pk)


@require_POST
@admin_only
def user_sign_out(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    services.sign_out_everywhere(request.user, user=person)
    messages.success(request, _("%(person)s is signed out everywhere.") % {"person": person})
    return redirect("people:user", pk)


@require_safe
@admin_only
def stations(request: Request) -> HttpResponse:
    """Every station, newest first."""
    wanted = StationFilter(request.GET)
    wanted.is_valid()
    found = Station.objects.matching(wanted.cleaned_data.get("q", ""))
    if status := wanted.cleaned_data.get("status"):
        found = found.filter(status=status)
    page = newest_first(found.select_related("applicant"), request.GET.get("cursor", ""))
    return render_page(
        request,
        "accounts/stations.html",
        {"filter": wanted, "page": page, "table": StationTable(page.rows)},
        partials={"stations"},
    )


@require_safe
@admin_only
def station(request: Request, slug: str) -> HttpResponse:
    """One station as the platform sees it."""
    found = get_object_or_404(Station.objects.select_related("applicant"), slug=slug)
    limit = LimitForm(initial={"limit": found.approval_limit})
    return _station_page(request, found, limit=limit, reason=ReasonForm())


@require_POST
@admin_only
def station_limit(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Station.objects.select_related("applicant"), slug=slug)
    form = LimitForm(request.POST)
    if not form.is_valid():
        return _station_page(request, found, limit=form, reason=ReasonForm())
    services.set_approval_limit(request.user, station=found, limit=form.cleaned_data["limit"])
    messages.success(request, _("Saved."))
    return redirect("people:station", slug)


@require_POST
@admin_only
def station_suspend(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Station.objects.select_related("applicant"), slug=slug)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        limit = LimitForm(initial={"limit": found.approval_limit})
        return _station_page(request, found, limit=limit, reason=form)
    services.suspend_station(request.user, station=found, reason=form.cleaned_data["reason"])
    messages.success(request, _("%(station)s is suspended.") % {"station": found})
    return redirect("people:station", slug)


@require_POST
@admin_only
def station_reinstate(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Station, slug=slug)
    services.reinstate_station(request.user, station=found)
    messages.success(request, _("%(station)s may sell again.") % {"station": found})
    return redirect("people:station", slug)


def _station_page(
    request: Request, found: Station, *, limit: LimitForm, reason: ReasonForm
) -> HttpResponse:
    context = {
        "found": found,
        "members": found.memberships.select_related("user").order_by("role", "user__name"),
        "limit_form": limit,
        "reason_form": reason,
    }
    status = 422 if limit.errors or reason.errors else 200
    return render_page(request, "accounts/station.html", context, status=status)
