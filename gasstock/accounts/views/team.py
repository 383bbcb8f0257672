from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gasstock.accounts import services
from gasstock.accounts.access import public, requires, signed_in
from gasstock.accounts.errors import AlreadyMember, InvitationGone, TooManyInvitations
from gasstock.accounts.forms import InviteForm, LoadForm, RoleForm
from gasstock.accounts.http import Request
from gasstock.accounts.models import Membership, Station
from gasstock.accounts.permissions import Permission, Role
from gasstock.core.htmx import render_page


@require_safe
@requires(Permission.TEAM_CHANGE)
def team(request: Request, station: Station) -> HttpResponse:
    """Who works here, and who was asked to."""
    return _team_page(request, station, InviteForm())


@require_POST
@requires(Permission.TEAM_CHANGE)
def invite(request: Request, station: Station) -> HttpResponse:
    form = InviteForm(request.POST)
    if form.is_valid():
        email, role = form.cleaned_data["email"], Role(form.cleaned_data["role"])
        try:
            services.invite_member(request.user, station=station, email=email, role=role)
        except (AlreadyMember, TooManyInvitations) as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("We wrote to %(email)s.") % {"email": email})
            return redirect("people:team", station.slug)
    return _team_page(request, station, form)


@require_POST
@requires(Permission.TEAM_CHANGE)
def uninvite(request: Request, station: Station, pk: int) -> HttpResponse:
    invitation = get_object_or_404(station.invitations, pk=pk)
    services.revoke_invitation(request.user, invitation=invitation)
    messages.success(request, _("Invitation taken back."))
    return redirect("people:team", station.slug)


@require_POST
@requires(Permission.TEAM_CHANGE)
def member_role(request: Request, station: Station, pk: int) -> HttpResponse:
    membership = get_object_or_404(station.memberships.select_related("user", "station"), pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        services.change_role(request.user, membership=membership, role=role)
        messages.success(
            request,
            _("%(person)s: %(role)s.") % {"person": membership.user, "role": role.label},
        )
    if membership.user == request.user:
        return redirect("people:home")
    return redirect("people:team", station.slug)


@require_POST
@requires(Permission.TEAM_CHANGE)
def member_load(request: Request, station: Station, pk: int) -> HttpResponse:
    membership = get_object_or_404(station.memberships.select_related("user", "station"), pk=pk)
    form = LoadForm(request.POST)
    if not form.is_valid():
        return _team_page(request, station, InviteForm(), load_of=membership, load_form=form)
    limit = form.cleaned_data["load_limit"]
    services.set_load_limit(request.user, membership=membership, limit=limit)
    text = _("%(person)s takes up to %(count)s cylinders on one trip.")
    if limit is None:
        text = _("%(person)s takes as many cylinders as they can.")
    messages.success(request, text % {"person": membership.user, "count": limit})
    return redirect("people:team", station.slug)


@require_POST
@requires(Permission.TEAM_CHANGE)
def member_remove(request: Request, station: Station, pk: int) -> HttpResponse:
    membership = get_object_or_404(station.memberships.select_related("user", "station"), pk=pk)
    services.remove_member(request.user, membership=membership)
    messages.success(
        request, _("%(person)s does not work here any more.") % {"person": membership.user}
    )
    if membership.user == request.user:
        return redirect("people:home")
    return redirect("people:team", station.slug)


@require_safe
@public
def invitation(request: Request, token: str) -> HttpResponse:
    """What the link in the letter shows: who asks, and how to say yes.

    Whoever holds the link reads that mailbox, so an account made with it needs no check.
    """
    try:
        found = services.find_invitation(token)
    except InvitationGone as error:
        return render_page(request, "accounts/invitation_gone.html", {"error": error}, status=404)
    if not request.user.is_authenticated:
        get_adapter(request).stash_verified_email(request, found.email)
    is_mine = getattr(request.user, "email", "").lower() == found.email.lower()
    context = {"invitation": found, "token": token, "is_mine": is_mine}
    return render_page(request, "accounts/invitation.html", context)


@require_POST
@signed_in
def invitation_accept(request: Request, token: str) -> HttpResponse:
    membership = services.accept_invitation(request.user, token=token)
    messages.success(request, _("You work at %(station)s now.") % {"station": membership.station})
    return redirect(membership)


def _team_page(
    request: Request,
    station: Station,
    form: InviteForm,
    *,
    load_of: Membership | None = None,
    load_form: LoadForm | None = None,
) -> HttpResponse:
    """The team; with what was typed wrong as somebody's load."""
    members = station.memberships.select_related("user").order_by("user__name", "pk")
    invitations = station.invitations.open().select_related("invited_by").order_by("-pk")
    return render_page(
        request,
        "accounts/team.html",
        {
            "station": station,
            "members": members,
            "invitations": invitations,
            "form": form,
            "roles": Role.choices,
            "load_of": load_of,
            "load_form": load_form,
        },
        partials={"team"},
        status=422 if form.errors or load_form else 200,
    )
