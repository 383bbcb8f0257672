"""Every page of this app, by who may open it."""

import pytest
from django.urls import URLPattern

from gasstock.accounts import urls
from gasstock.accounts.models import Membership
from gasstock.accounts.permissions import Role
from gasstock.accounts.services import add_address, invite_member
from tests.factories import make_station, make_user

SIGN_IN = "sign in"
EVERYBODY = {"buyer": 200, "clerk": 200, "manager": 200, "rider": 200, "stranger": 200}
MANAGERS = {"buyer": 404, "clerk": 403, "manager": 200, "rider": 403, "stranger": 404}
ADMINS = {"buyer": 404, "clerk": 404, "manager": 404, "rider": 404, "stranger": 404}
# path name → who gets what, the visitor and the admin last
TABLE: dict[str, tuple[dict[str, int], int | str, int]] = {
    "profile": (EVERYBODY, SIGN_IN, 200),
    "address_add": (EVERYBODY, SIGN_IN, 200),
    "sell": (EVERYBODY, SIGN_IN, 200),
    "team": (MANAGERS, SIGN_IN, 200),
    "station_settings": (MANAGERS, SIGN_IN, 200),
    "users": (ADMINS, SIGN_IN, 200),
    "user": (ADMINS, SIGN_IN, 200),
    "stations": (ADMINS, SIGN_IN, 200),
    "station": (ADMINS, SIGN_IN, 200),
}
# Pages whose answer hangs on more than the role; each has tests of its own.
OTHERS = {"home", "address_edit", "address_delete", "invitation", "invitation_accept"}
POSTS_OF_MANAGERS = {"invite", "member_role", "member_load", "member_remove", "uninvite"}
POSTS_OF_ADMINS = {
    "user_work_add",
    "user_work_role",
    "user_work_end",
    "user_make_admin",
    "user_remove_admin",
    "user_deactivate",
    "user_reactivate",
    "user_sign_out",
    "station_approve",
    "station_reject",
    "station_limit",
    "station_suspend",
    "station_reinstate",
}
PEOPLE = ["buyer", "clerk", "manager", "rider", "stranger", "admin"]


def path_of(name: str, station, pk: int) -> str:
    pattern = next(p for p in urls.urlpatterns if p.name == name)
    route = "/" + str(pattern.pattern)
    for part, value in (
        ("<slug:station>", station.slug),
        ("<slug:slug>", station.slug),
        ("<int:pk>", pk),
        ("<int:work>", 1),
    ):
        route = route.replace(part, str(value))
    return route


def test_every_page_has_a_row():
    names = {p.name for p in urls.urlpatterns if isinstance(p, URLPattern)}

    assert names == set(TABLE) | OTHERS | POSTS_OF_MANAGERS | POSTS_OF_ADMINS


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("who", [*PEOPLE, None])
def test_who_may_open_a_page(client, request, station, buyer, name, who):
    members, visitor, admin = TABLE[name]
    expected = visitor if who is None else admin if who == "admin" else members[who]
    path = path_of(name, station, buyer.pk)
    if who:
        client.force_login(request.getfixturevalue(who))

    answer = client.get(path)

    if expected == SIGN_IN:
        assert answer["Location"] == f"/account/login/?next={path}"
    else:
        assert answer.status_code == expected


def test_a_form_sent_after_signing_out_leads_back_to_its_page(client, station, buyer):
    """Its own address is for the button alone, and may be no page at all."""
    form = path_of("team", station, buyer.pk)

    answer = client.post(
        path_of("invite", station, buyer.pk), headers={"Referer": f"http://testserver{form}"}
    )

    assert answer["Location"] == f"/account/login/?next=http%3A//testserver{form}"


@pytest.mark.parametrize("name", sorted(POSTS_OF_MANAGERS))
@pytest.mark.parametrize(
    ("who", "status"), [("buyer", 404), ("clerk", 403), ("rider", 403), ("stranger", 404)]
)
def test_only_managers_change_the_team(client, request, station, clerk, name, who, status):
    membership = Membership.objects.get(user=clerk)
    client.force_login(request.getfixturevalue(who))

    answer = client.post(path_of(name, station, membership.pk), {"role": Role.MANAGER})

    assert answer.status_code == status
    assert Membership.objects.get(user=clerk).role == Role.CLERK


@pytest.mark.parametrize("name", ["member_role", "member_load", "member_remove", "uninvite"])
def test_a_manager_reaches_no_other_team_through_the_own_station(client, manager, station, name):
    other = make_station()
    foreign = Membership.objects.create(user=make_user(), station=other, role=Role.CLERK)
    invitation = invite_member(manager, station=other, email="x@example.com", role=Role.CLERK)
    client.force_login(manager)
    pk = invitation.pk if name == "uninvite" else foreign.pk

    answer = client.post(path_of(name, station, pk), {"role": Role.MANAGER})

    assert answer.status_code == 404
    foreign.refresh_from_db()
    assert foreign.role == Role.CLERK


@pytest.mark.parametrize("name", sorted(POSTS_OF_ADMINS))
@pytest.mark.parametrize("who", PEOPLE[:-1])
def test_only_admins_post_where_admins_post(client, request, station, buyer, name, who):
    client.force_login(request.getfixturevalue(who))

    answer = client.post(path_of(name, station, buyer.pk), {"limit": "1", "reason": "x"})

    assert answer.status_code == 404
    buyer.refresh_from_db()
    assert (buyer.is_admin, buyer.is_active) == (False, True)


@pytest.mark.parametrize("action", ["", "delete/"])
def test_an_address_is_its_owners(client, buyer, clerk, action):
    address = add_address(clerk, label="Home", district="Gasabo", line="KG 1")
    client.force_login(buyer)

    answer = client.post(f"/profile/addresses/{address.pk}/{action}", {"line": "mine now"})

    assert answer.status_code == 404
    address.refresh_from_db()
    assert address.line == "KG 1"


@pytest.mark.parametrize("name", [*sorted(POSTS_OF_MANAGERS), *sorted(POSTS_OF_ADMINS)])
def test_a_change_is_never_a_link(client, admin, station, name):
    client.force_login(admin)

    assert client.get(path_of(name, station, admin.pk)).status_code == 405


def test_a_foreign_station_looks_like_a_missing_one(client, stranger, station):
    client.force_login(stranger)

    foreign = client.get(f"/at/{station.slug}/team/")
    missing = client.get("/at/no-such-station/team/")

    assert foreign.status_code == missing.status_code == 404
    assert foreign.text.replace(station.slug, "") == missing.text.replace("no-such-station", "")
