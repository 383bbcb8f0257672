"""Where admins look after people and stations."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gasstock.accounts import services
from gasstock.accounts.access import admin_only
from gasstock.accounts.admin_forms import WorkForm
from gasstock.accounts.forms import LimitForm, ReasonForm, RoleForm, StationFilter, UserFilter
from gasstock.accounts.http import Request
from gasstock.accounts.models import Membership, Station, StationQuerySet, StationStatus, User
from gasstock.accounts.permissions import Role
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
    people = people.in_state(wanted.cleaned_data.get("state", ""))
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
    return _user_page(request, person, WorkForm(stations=_elsewhere(person)))


@require_POST
@admin_only
def user_work_add(request: Request, pk: int) -> HttpResponse:
    person = get_object_or_404(User, pk=pk)
    form = WorkForm(request.POST, stations=_elsewhere(person))
    if not form.is_valid():
        return _user_page(request, person, form)
    station, role = form.cleaned_data["station"], Role(form.cleaned_data["role"])
    services.add_member(request.user, user=person, station=station, role=role)
    messages.success(
        request, _("%(person)s works at %(station)s now.") % {"person": person, "station": station}
    )
    return redirect("people:user", pk)


@require_POST
@admin_only
def user_work_role(request: Request, pk: int, work: int) -> HttpResponse:
    membership = _work_of(pk, work)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a role."))
        return redirect("people:user", pk)
    services.change_role(request.user, membership=membership, role=Role(form.cleaned_data["role"]))
    messages.success(request, _("Saved."))
    return redirect("people:user", pk)


@require_POST
@admin_only
def user_work_end(request: Request, pk: int, work: int) -> HttpResponse:
    membership = _work_of(pk, work)
    services.remove_member(request.user, membership=membership)
    told = {"person": membership.user, "station": membership.station}
    messages.success(request, _("%(person)s does not work at %(station)s any more.") % told)
    return redirect("people:user", pk)


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
    found = found.select_related("applicant").annotate(
        team=Count("memberships", filter=Q(memberships__user__is_active=True))
    )
    page = newest_first(found, request.GET.get("cursor", ""))
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
    return _station_page(request, found, limit=_limit_form(found), reason=ReasonForm())


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
def station_approve(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Station.objects.select_related("applicant"), slug=slug)
    services.approve_station(request.user, station=found)
    messages.success(request, _("%(station)s may sell now.") % {"station": found})
    return redirect("people:station", slug)


@require_POST
@admin_only
def station_reject(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Station.objects.select_related("applicant"), slug=slug)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _station_page(request, found, limit=_limit_form(found), reason=form)
    services.reject_station(request.user, station=found, reason=form.cleaned_data["reason"])
    messages.success(request, _("%(station)s is rejected.") % {"station": found})
    return redirect("people:station", slug)


@require_POST
@admin_only
def station_suspend(request: Request, slug: str) -> HttpResponse:
    found = get_object_or_404(Station.objects.select_related("applicant"), slug=slug)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _station_page(request, found, limit=_limit_form(found), reason=form)
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


def _elsewhere(person: User) -> StationQuerySet:
    """The stations where somebody could work too."""
    running = Station.objects.filter(status__in=[StationStatus.APPROVED, StationStatus.SUSPENDED])
    return running.exclude(memberships__user=person).order_by("name", "pk")


def _work_of(person: int, work: int) -> Membership:
    rows = Membership.objects.select_related("user", "station")
    return get_object_or_404(rows, pk=work, user__pk=person)


def _user_page(request: Request, person: User, form: WorkForm) -> HttpResponse:
    context = {
        "person": person,
        "work": person.memberships.select_related("station").order_by("station__name"),
        "applications": person.applications.order_by("-applied_at", "-pk"),
        "is_self": person == request.user,
        "roles": Role.choices,
        "form": form,
    }
    status = 422 if form.errors else 200
    return render_page(request, "accounts/user.html", context, status=status)


def _limit_form(found: Station) -> LimitForm:
    return LimitForm(initial={"limit": found.approval_limit})


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
