"""The last admin and the last manager stay, whoever presses first. PostgreSQL only."""

from functools import partial

import pytest

from gasstock.accounts import services
from gasstock.accounts.models import Membership, Station, User
from gasstock.accounts.permissions import Role
from gasstock.notifications import outbox
from gasstock.notifications.models import Message
from tests.factories import make_admin, make_member, make_station, make_user
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres

DETAILS = {"name": "Kimironko", "district": "Gasabo", "address": "KG 1", "phone": "+250788300400"}


@pytest.mark.parametrize("round_", range(5))
def test_admins_who_unmake_each_other_leave_one(round_):
    admins = [make_admin() for _ in range(4)]

    ends = at_once(
        partial(services.set_admin, admins[n], user=admins[n - 1], is_admin=False) for n in range(4)
    )

    assert User.objects.filter(is_admin=True).count() == 1
    assert ends == {"done": 3, "LastAdmin": 1}


@pytest.mark.parametrize("round_", range(5))
def test_managers_who_dismiss_each_other_leave_one(round_):
    station = make_station()
    for _ in range(4):
        make_member(None, station, Role.MANAGER)
    work = Membership.objects.select_related("user", "station")

    ends = at_once(
        partial(services.remove_member, membership.user, membership=membership)
        for membership in work
    )

    assert station.memberships.count() == 1
    assert ends == {"done": 3, "LastManager": 1}


def test_ten_clicks_file_one_application():
    buyer = make_user()

    ends = at_once(partial(services.apply_for_station, buyer, details=DETAILS) for _ in range(10))

    assert Station.objects.filter(applicant=buyer).count() == 1
    assert ends == {"done": 1, "ApplicationWaiting": 9}


def test_stations_of_one_name_get_slugs_and_codes_of_their_own():
    buyers = [make_user(password=None) for _ in range(8)]

    ends = at_once(partial(services.apply_for_station, buyer, details=DETAILS) for buyer in buyers)

    assert ends == {"done": 8}


def test_ten_approvals_make_one_manager():
    station = services.apply_for_station(make_user(), details=DETAILS)

    ends = at_once(
        partial(services.approve_station, make_admin(), station=station) for _ in range(10)
    )

    assert ends == {"done": 1, "StationIsAlready": 9}
    assert station.memberships.count() == 1


def test_ten_workers_send_a_message_once(mailoutbox):
    message = Message.objects.create(to="marie@example.com", subject="x", body="x")

    at_once(partial(outbox.send_message, message.pk) for _ in range(10))

    assert len(mailoutbox) == 1
