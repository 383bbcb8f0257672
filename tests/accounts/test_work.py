"""What admins do with where somebody works, and with accounts."""

import pytest

from gasstock.accounts.models import Membership
from gasstock.accounts.permissions import Role
from gasstock.audit.models import AuditEvent
from gasstock.notifications.models import Notification
from tests.api.conftest import signed_in
from tests.factories import make_station, make_user


def test_somebody_works_at_a_station_at_once_and_is_told(client, admin, buyer, station):
    client.force_login(admin)

    client.post(f"/users/{buyer.pk}/stations/add/", {"station": "remera", "role": "clerk"})

    assert buyer.memberships.get().role == Role.CLERK
    assert AuditEvent.objects.get(action="member.added").actor == admin
    assert Notification.objects.get(user=buyer).kind == "member.added"


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"station": "remera"},
        {"station": "nowhere", "role": "clerk"},
        {"station": "remera", "role": "king"},
    ],
)
def test_what_is_missing_is_said_beside_the_field(client, admin, buyer, station, sent):
    client.force_login(admin)

    answer = client.post(f"/users/{buyer.pk}/stations/add/", sent)

    assert answer.status_code == 422
    assert not buyer.memberships.exists()


def test_sent_twice_it_is_one_membership(client, admin, clerk):
    client.force_login(admin)

    client.post(f"/users/{clerk.pk}/stations/add/", {"station": "remera", "role": "manager"})

    assert clerk.memberships.get().role == Role.CLERK


def test_a_closed_account_works_nowhere_new(client, admin, station):
    gone = make_user(is_active=False)
    client.force_login(admin)

    client.post(f"/users/{gone.pk}/stations/add/", {"station": "remera", "role": "clerk"})

    assert not gone.memberships.exists()


def test_an_admin_changes_a_role_and_ends_work(client, admin, manager, clerk):
    client.force_login(admin)
    work = clerk.memberships.get()

    client.post(f"/users/{clerk.pk}/stations/{work.pk}/role/", {"role": "manager"})
    assert clerk.memberships.get().role == Role.MANAGER
    client.post(f"/users/{clerk.pk}/stations/{work.pk}/role/", {"role": "king"})
    assert clerk.memberships.get().role == Role.MANAGER
    client.post(f"/users/{clerk.pk}/stations/{work.pk}/end/")
    assert not clerk.memberships.exists()


def test_the_last_manager_stays(client, admin, manager):
    client.force_login(admin)
    work = manager.memberships.get()

    client.post(f"/users/{manager.pk}/stations/{work.pk}/end/")
    client.post(f"/users/{manager.pk}/stations/{work.pk}/role/", {"role": "clerk"})

    assert Membership.objects.get().role == Role.MANAGER


def test_work_is_reached_only_through_its_person(client, admin, manager, clerk):
    client.force_login(admin)
    work = clerk.memberships.get()

    assert client.post(f"/users/{manager.pk}/stations/{work.pk}/end/").status_code == 404
    assert clerk.memberships.exists()


def test_signing_out_everywhere_ends_apps_too(client, admin, buyer):
    app = signed_in(buyer)
    assert app.ask("GET", "me/").status_code == 200
    client.force_login(admin)

    client.post(f"/users/{buyer.pk}/sign-out/")

    assert app.ask("GET", "me/").status_code == 401


def test_people_are_found_by_the_state_of_their_account(client, admin):
    make_user(name="Gone Person", is_active=False)
    make_user(name="New Person")
    make_station()
    client.force_login(admin)

    def found(state):
        page = client.get("/users/", {"state": state}).context["page"]
        return {user.name for user in page.rows}

    assert found("closed") == {"Gone Person"}
    assert "New Person" in found("never")
    assert "Aline Mukamana" not in found("never")
    assert "Gone Person" not in found("active")
