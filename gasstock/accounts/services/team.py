"""Who works at a station: invited, joined, given another role, let go."""

import hashlib
import secrets
from collections.abc import Mapping

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gasstock.accounts.errors import (
    AccountClosed,
    AlreadyMember,
    InvitationForSomebodyElse,
    InvitationGone,
    LastManager,
    MemberGone,
    TooManyInvitations,
)
from gasstock.accounts.models import Invitation, Membership, Station, User
from gasstock.accounts.permissions import Role
from gasstock.audit.services import record
from gasstock.core import clock
from gasstock.notifications.services import notify, post_mail, site_link

MAX_OPEN_INVITATIONS = 50


@transaction.atomic
def invite_member(actor: User, *, station: Station, email: str, role: Role) -> Invitation:
    """Write to somebody who should work at the station; a newer letter replaces the older.

    Raises AlreadyMember and TooManyInvitations.
    """
    email = email.strip().lower()
    Station.objects.select_for_update().get(pk=station.pk)
    if station.memberships.filter(user__email__iexact=email).exists():
        raise AlreadyMember(email)
    waiting = station.invitations.filter(accepted_at=None, revoked_at=None)
    waiting.filter(email__iexact=email).update(revoked_at=clock.now())
    if waiting.open().count() >= MAX_OPEN_INVITATIONS:
        raise TooManyInvitations
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        station=station, email=email, role=role, token=digest(token), invited_by=actor
    )
    record(actor, "member.invited", invitation, station=station.slug, role=role)
    _send(invitation, token)
    return invitation


@transaction.atomic
def accept_invitation(actor: User, *, token: str) -> Membership:
    """Join the station that wrote to `actor`.

    Raises InvitationGone, InvitationForSomebodyElse and AlreadyMember.
    """
    invitation = find_invitation(token)
    if invitation.email.lower() != actor.email.lower():
        raise InvitationForSomebodyElse
    taken = Invitation.objects.open().filter(pk=invitation.pk).update(accepted_at=clock.now())
    if not taken:
        raise InvitationGone
    membership, is_new = Membership.objects.get_or_create(
        user=actor, station=invitation.station, defaults={"role": invitation.role}
    )
    if not is_new:
        raise AlreadyMember(actor.email)
    record(actor, "member.joined", membership, station=invitation.station.slug)
    notify(
        [invitation.invited_by],
        kind="member.joined",
        text=_("%(person)s joined %(station)s.") % {"person": actor, "station": invitation.station},
        url=reverse("people:team", args=[invitation.station.slug]),
    )
    return membership


def find_invitation(token: str) -> Invitation:
    """Return the open invitation behind the link of a letter. Raises InvitationGone."""
    found = (
        Invitation.objects.open()
        .filter(token=digest(token))
        .select_related("station", "invited_by")
        .first()
    )
    if found is None:
        raise InvitationGone
    return found


@transaction.atomic
def revoke_invitation(actor: User, *, invitation: Invitation) -> Invitation:
    """Take an invitation back. Raises InvitationGone."""
    revoked = Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=clock.now())
    if not revoked:
        raise InvitationGone
    record(actor, "member.uninvited", invitation, station=invitation.station.slug)
    return invitation


@transaction.atomic
def change_role(actor: User, *, membership: Membership, role: Role) -> Membership:
    """Give a member another role. Raises LastManager and MemberGone."""
    if membership.role == role:
        return membership
    _keep_a_manager(membership)
    changed = Membership.objects.filter(pk=membership.pk, role=membership.role).update(role=role)
    if not changed:
        raise MemberGone
    record(actor, "member.role", membership, before=membership.role, after=role)
    membership.role = role
    notify(
        [membership.user],
        kind="member.role",
        text=_("You are %(role)s at %(station)s now.")
        % {"role": membership.get_role_display().lower(), "station": membership.station},
        url=membership.get_absolute_url(),
    )
    return membership


@transaction.atomic
def set_work(actor: User, *, user: User, roles: Mapping[Station, Role]) -> None:
    """Let somebody work at these stations in these roles, and nowhere else; for admins.

    Raises AccountClosed, LastManager and MemberGone.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once wait here
    if roles and not user.is_active:
        raise AccountClosed(user)
    work = user.memberships.select_related("station", "user").order_by("station")
    held = {membership.station: membership for membership in work}
    for station in sorted({*held, *roles}, key=lambda station: station.pk):
        membership, role = held.get(station), roles.get(station)
        if role is None and membership is not None:
            remove_member(actor, membership=membership)
        elif role is not None and membership is not None:
            change_role(actor, membership=membership, role=role)
        elif role is not None:
            _add_member(actor, user, station, role)


@transaction.atomic
def add_member(actor: User, *, user: User, station: Station, role: Role) -> Membership:
    """Let somebody work at the station without a letter; for admins.

    Raises AccountClosed and AlreadyMember.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two at once wait here
    if not user.is_active:
        raise AccountClosed(user)
    if user.memberships.filter(station=station).exists():
        raise AlreadyMember(user.email)
    return _add_member(actor, user, station, role)


def _add_member(actor: User, user: User, station: Station, role: Role) -> Membership:
    membership, _is_new = Membership.objects.update_or_create(
        user=user, station=station, defaults={"role": role}
    )
    record(actor, "member.added", membership, station=station.slug, role=role)
    notify(
        [user],
        kind="member.added",
        text=_("You work at %(station)s now, as %(role)s.")
        % {"station": station, "role": role.label.lower()},
        url=membership.get_absolute_url(),
    )
    return membership


@transaction.atomic
def set_load_limit(actor: User, *, membership: Membership, limit: int | None) -> Membership:
    """Say how many cylinders a member takes on one trip, or with None that nobody counts them.

    What is on the road already stays there. Raises MemberGone.
    """
    rows = Membership.objects.select_for_update().filter(pk=membership.pk)
    before = rows.values_list("load_limit", flat=True)[:1]
    if not before:
        raise MemberGone
    if before[0] != limit:
        rows.update(load_limit=limit)
        record(actor, "member.load_limit", membership, before=before[0], after=limit)
    membership.load_limit = limit
    return membership


@transaction.atomic
def remove_member(actor: User, *, membership: Membership) -> None:
    """End somebody's work at the station, at once. Raises LastManager and MemberGone."""
    _keep_a_manager(membership)
    record(actor, "member.removed", membership, role=membership.role)
    gone, _counts = Membership.objects.filter(pk=membership.pk).delete()
    if not gone:
        raise MemberGone
    notify(
        [membership.user],
        kind="member.removed",
        text=_("You do not work at %(station)s any more.") % {"station": membership.station},
    )


def digest(token: str) -> str:
    """Return what we keep of an invitation's token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _keep_a_manager(membership: Membership) -> None:
    """Lock the station's managers, and refuse to go on if this is the last who can sign in."""
    managers = (
        Membership.objects.select_for_update(of=("self",))
        .filter(station=membership.station_id, role=Role.MANAGER, user__is_active=True)
        .order_by("pk")
    )
    if [manager.pk for manager in managers] == [membership.pk]:
        raise LastManager(membership.station)


def _send(invitation: Invitation, token: str) -> None:
    link = site_link(reverse("people:invitation", args=[token]))
    body = _(
        "Hello,\n\n%(person)s invites you to work at %(station)s as %(role)s.\n\n"
        "Open this link within a week, and sign in or make an account with this e-mail "
        "address:\n\n%(link)s\n\nIf you do not know them, leave this mail alone.\n"
    ) % {
        "person": invitation.invited_by,
        "station": invitation.station,
        "role": Role(invitation.role).label.lower(),
        "link": link,
    }
    subject = _("Work at %(station)s on GasStock") % {"station": invitation.station}
    post_mail([(invitation.email, body)], subject=subject, is_secret=True)
