import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from gasstock.accounts import services
from gasstock.accounts.errors import (
    AlreadyMember,
    InvitationForSomebodyElse,
    InvitationGone,
    LastManager,
    MemberGone,
    TooManyInvitations,
)
from gasstock.accounts.models import Invitation, Membership
from gasstock.accounts.permissions import Role
from gasstock.accounts.services import team
from gasstock.core import clock
from gasstock.notifications.models import Message
from tests.factories import make_member, make_user


def token_in(message: Message) -> str:
    return re.search(r"/invitation/([\w-]+)/", message.body)[1]


@pytest.fixture
def token(station, manager):
    services.invite_member(manager, station=station, email=" Marie@Example.com", role=Role.CLERK)
    return token_in(Message.objects.get(to="marie@example.com"))


def test_an_invitation_goes_out_by_mail_and_only_its_digest_is_kept(station, token):
    invitation = Invitation.objects.get()

    assert invitation.email == "marie@example.com"
    assert token not in invitation.token
    assert Message.objects.get().is_secret


def test_the_invited_person_joins_in_the_role_they_were_asked_for(station, token, buyer, manager):
    membership = services.accept_invitation(buyer, token=token)

    assert (membership.station, membership.role) == (station, Role.CLERK)
    assert manager.notifications.get().kind == "member.joined"


def test_an_invitation_works_once(token, buyer):
    services.accept_invitation(buyer, token=token)
    Membership.objects.filter(user=buyer).delete()

    with pytest.raises(InvitationGone):
        services.accept_invitation(buyer, token=token)


def test_an_invitation_is_for_its_reader_alone(token, stranger):
    with pytest.raises(InvitationForSomebodyElse):
        services.accept_invitation(stranger, token=token)


def test_an_invitation_ends_after_a_week(token, buyer):
    with clock.at(clock.now() + timedelta(days=8)), pytest.raises(InvitationGone):
        services.accept_invitation(buyer, token=token)


def test_an_invitation_that_was_taken_back_opens_nothing(token, buyer, manager):
    services.revoke_invitation(manager, invitation=Invitation.objects.get())

    with pytest.raises(InvitationGone):
        services.accept_invitation(buyer, token=token)


def test_a_second_letter_replaces_the_first(station, token, buyer, manager):
    services.invite_member(manager, station=station, email=buyer.email, role=Role.RIDER)

    with pytest.raises(InvitationGone):
        services.accept_invitation(buyer, token=token)
    newer = token_in(Message.objects.filter(to=buyer.email).latest("pk"))
    assert services.accept_invitation(buyer, token=newer).role == Role.RIDER


def test_the_database_keeps_one_open_invitation_per_person(station, token, manager):
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            station=station,
            email="MARIE@example.com",
            role=Role.RIDER,
            token="x",
            invited_by=manager,
        )


def test_whoever_works_here_is_not_invited(station, manager, clerk):
    with pytest.raises(AlreadyMember):
        services.invite_member(manager, station=station, email=clerk.email.upper(), role=Role.RIDER)


def test_a_station_cannot_flood_the_world_with_letters(station, manager, monkeypatch):
    monkeypatch.setattr(team, "MAX_OPEN_INVITATIONS", 1)
    services.invite_member(manager, station=station, email="a@example.com", role=Role.CLERK)

    with pytest.raises(TooManyInvitations):
        services.invite_member(manager, station=station, email="b@example.com", role=Role.CLERK)


def test_the_last_manager_stays(station, manager, clerk):
    work = Membership.objects.get(user=manager)

    with pytest.raises(LastManager):
        services.remove_member(manager, membership=work)
    with pytest.raises(LastManager):
        services.change_role(manager, membership=work, role=Role.CLERK)
    assert Membership.objects.get(user=manager).role == Role.MANAGER


def test_a_manager_who_is_locked_out_does_not_count(station, manager, admin):
    make_member(make_user(is_active=False), station, Role.MANAGER)

    with pytest.raises(LastManager):
        services.remove_member(admin, membership=Membership.objects.get(user=manager))


def test_one_of_two_managers_may_go(station, manager):
    other = make_member(None, station, Role.MANAGER)

    services.remove_member(other, membership=Membership.objects.get(user=manager))

    assert not manager.memberships.exists()
    assert manager.notifications.get().kind == "member.removed"


def test_a_new_role_counts_at_once(station, manager, clerk):
    membership = Membership.objects.select_related("station", "user").get(user=clerk)

    services.change_role(manager, membership=membership, role=Role.RIDER)

    assert clerk.memberships.get().role == Role.RIDER


def test_a_member_is_removed_once(station, manager, clerk):
    membership = Membership.objects.get(user=clerk)
    stale = Membership.objects.get(user=clerk)
    services.remove_member(manager, membership=membership)

    with pytest.raises(MemberGone):
        services.remove_member(manager, membership=stale)
