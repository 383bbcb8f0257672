import re

import pytest

from gasstock.accounts import forms, services
from gasstock.accounts.models import Invitation, Membership, Station, StationStatus, User
from gasstock.accounts.permissions import Role
from gasstock.notifications.models import Message
from tests.accounts.conftest import from_htmx
from tests.factories import PASSWORD, make_member, make_station, make_user


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("admin", "/platform/"),
        ("manager", "/at/remera/today/"),
        ("clerk", "/at/remera/today/"),
        ("rider", "/at/remera/today/"),
        ("buyer", "/my/"),
    ],
)
def test_home_is_where_a_persons_work_is(client, request, who, page):
    client.force_login(request.getfixturevalue(who))

    assert client.get("/home/")["Location"] == page


@pytest.fixture
def two_languages(monkeypatch):
    written = [
        {"code": "en", "name_local": "English"},
        {"code": "rw", "name_local": "Ikinyarwanda"},
    ]
    monkeypatch.setattr(forms, "languages", lambda: written)


def test_the_profile_is_saved_and_nothing_else(client, buyer, two_languages):
    client.force_login(buyer)

    answer = client.post(
        "/profile/",
        {
            "name": "  Marie\r\n Uwase ",
            "phone": "0788 111 222",
            "language": "rw",
            "is_admin": "1",
            "is_staff": "1",
            "email": "other@example.com",
        },
    )

    buyer.refresh_from_db()
    assert answer["Location"] == "/profile/"
    assert (buyer.name, str(buyer.phone), buyer.language) == ("Marie Uwase", "+250788111222", "rw")
    assert (buyer.is_admin, buyer.is_staff, buyer.email) == (False, False, "marie@example.com")
    assert answer.cookies["language"].value == "rw"


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"phone": "0788 412 9"}, {"language": "xx"}, {"name": "\u202e\x00"}]
)
def test_a_bad_profile_is_shown_again(client, buyer, two_languages, wrong):
    client.force_login(buyer)
    data = {"name": "Marie", "phone": "", "language": "en"} | wrong

    assert client.post("/profile/", data).status_code == 422
    assert User.objects.get(pk=buyer.pk).name == "Marie Uwase"


def test_where_there_is_one_language_nobody_is_asked(client, buyer, monkeypatch):
    monkeypatch.setattr(forms, "languages", lambda: [{"code": "en", "name_local": "English"}])
    client.force_login(buyer)

    assert "Language" not in client.get("/profile/").text
    client.post("/profile/", {"name": "Marie", "phone": ""})
    buyer.refresh_from_db()
    assert (buyer.name, buyer.language) == ("Marie", "en")


def test_an_address_comes_changes_and_goes(client, buyer):
    client.force_login(buyer)
    data = {"label": "Home", "district": "Gasabo", "line": "KG 5 St 12"}
    client.post("/profile/addresses/add/", data)
    address = buyer.addresses.get()

    client.post(f"/profile/addresses/{address.pk}/", data | {"district": "Huye"})
    assert buyer.addresses.get().district == "Huye"
    assert client.post("/profile/addresses/add/", data | {"district": "Mars"}).status_code == 422

    client.post(f"/profile/addresses/{address.pk}/delete/")
    assert not buyer.addresses.exists()


def test_selling_from_application_to_approval(client, buyer, admin, details):
    client.force_login(buyer)
    assert client.get("/sell/").status_code == 200
    assert client.post("/sell/", details | {"phone": "x"}).status_code == 422
    assert client.post("/sell/", details | {"status": "approved"})["Location"] == "/sell/"

    station = Station.objects.get()
    assert station.status == StationStatus.APPLIED
    assert "We read it" in client.get("/sell/").text
    client.post("/sell/", details)
    assert Station.objects.count() == 1

    services.reject_station(admin, station=station, reason="The licence has run out.")
    assert "The licence has run out." in client.get("/sell/").text
    client.post("/sell/", details | {"licence": "RURA-2"})
    station.refresh_from_db()
    assert (station.status, station.licence) == (StationStatus.APPLIED, "RURA-2")


SETTINGS = {
    "name": "Remera Gas",
    "district": "Kicukiro",
    "address": "KN 5",
    "phone": "0788 000 111",
    "opens_at": "06:30",
    "closes_at": "21:00",
    "delivers": "on",
    "delivery_fee": "1,500",
    "takes_bank": "on",
    "bank_account": "BK 1",
    "cover_days": "21",
}


def test_a_manager_changes_the_settings_and_no_more(client, station, manager):
    client.force_login(manager)
    sneaked = {"status": "suspended", "approval_limit": "9999999", "slug": "x", "code": "XXX"}

    answer = client.post("/at/remera/settings/", SETTINGS | sneaked)

    station.refresh_from_db()
    assert answer["Location"] == "/at/remera/settings/"
    assert (station.district, station.delivery_fee, station.bank_account) == (
        "Kicukiro",
        1500,
        "BK 1",
    )
    assert station.cover_days == 21
    assert (station.status, station.approval_limit, station.slug) == (
        StationStatus.APPROVED,
        100_000,
        "remera",
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"closes_at": "06:30"}, "closes_at"),
        ({"bank_account": ""}, "bank_account"),
        ({"delivery_fee": "-5"}, "delivery_fee"),
        ({"delivery_fee": "1e5"}, "delivery_fee"),
        ({"delivery_fee": "9" * 5000}, "delivery_fee"),
        ({"opens_at": "25:00"}, "opens_at"),
        ({"name": "x" * 81}, "name"),
        ({"cover_days": "0"}, "cover_days"),
        ({"cover_days": "91"}, "cover_days"),
    ],
)
def test_bad_settings_are_shown_again_with_the_reason(client, station, manager, wrong, field):
    client.force_login(manager)

    answer = client.post("/at/remera/settings/", SETTINGS | wrong)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert "<b>Remera Gas</b>" in answer.text  # the frame shows what is, not what was typed


def test_inviting_from_the_team_page_swaps_the_team(client, station, manager):
    client.force_login(manager)
    headers = from_htmx("/at/remera/team/", "team")

    answer = client.post(
        "/at/remera/team/invite/",
        {"email": "new@example.com", "role": "clerk"},
        headers=headers,
        follow=True,
    )

    assert answer.text.lstrip().startswith('<div id="team"')
    assert "new@example.com" in answer.text


def test_a_bad_invitation_is_said_under_the_field(client, station, manager, clerk):
    client.force_login(manager)

    answer = client.post("/at/remera/team/invite/", {"email": clerk.email, "role": "clerk"})

    assert answer.status_code == 422
    assert "works at this station already" in answer.text
    assert not Invitation.objects.exists()


def test_an_admin_is_no_role_to_invite_to(client, station, manager):
    client.force_login(manager)

    answer = client.post("/at/remera/team/invite/", {"email": "x@example.com", "role": "admin"})

    assert answer.status_code == 422


def test_a_role_is_changed_and_a_member_let_go(client, station, manager, clerk):
    client.force_login(manager)
    pk = Membership.objects.get(user=clerk).pk

    client.post(f"/at/remera/team/{pk}/role/", {"role": "rider"})
    assert clerk.memberships.get().role == Role.RIDER
    client.post(f"/at/remera/team/{pk}/role/", {"role": "king"})
    assert clerk.memberships.get().role == Role.RIDER

    client.post(f"/at/remera/team/{pk}/remove/")
    client.force_login(clerk)
    assert client.get("/at/remera/team/").status_code == 404


def test_the_last_manager_is_told_why_they_stay(client, station, manager):
    client.force_login(manager)
    pk = Membership.objects.get(user=manager).pk

    answer = client.post(f"/at/remera/team/{pk}/remove/", follow=True)

    assert manager.memberships.exists()
    assert next(str(m) for m in answer.context["messages"]).startswith("Remera Gas would have no")


def test_who_gives_up_the_keys_is_led_out(client, station, manager):
    make_member(None, station, Role.MANAGER)
    client.force_login(manager)
    pk = Membership.objects.get(user=manager).pk

    answer = client.post(f"/at/remera/team/{pk}/role/", {"role": "clerk"})

    assert answer["Location"] == "/home/"


def test_an_invited_stranger_makes_an_account_and_joins(client, station, manager, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    services.invite_member(manager, station=station, email="new@example.com", role=Role.CLERK)
    page = re.search(r"/invitation/[\w-]+/", Message.objects.get().body)[0]

    shown = client.get(page)
    assert "Remera Gas" in shown.text
    client.post(
        "/account/signup/",
        {"name": "New", "email": "new@example.com", "password1": PASSWORD, "next": page},
    )
    assert Message.objects.count() == 1  # the link came by mail: no second check
    assert "Join the team" in client.get(page).text
    answer = client.post(f"{page}accept/")

    assert answer["Location"] == "/at/remera/today/"
    assert Membership.objects.get(user__email="new@example.com").role == Role.CLERK
    assert client.get(page).status_code == 404


def test_an_invitation_shows_the_wrong_person_the_way_out(client, station, manager, buyer):
    services.invite_member(manager, station=station, email="new@example.com", role=Role.CLERK)
    page = re.search(r"/invitation/[\w-]+/", Message.objects.get().body)[0]
    client.force_login(buyer)

    assert "You are signed in as marie@example.com" in client.get(page).text
    client.post(f"{page}accept/")
    assert not buyer.memberships.exists()


def test_people_are_found_by_name_mail_phone_and_role(client, admin, manager, rider):
    make_user("closed@example.com", name="Gone Person", is_active=False)
    make_user("x@example.com", name="Solange", phone="+250788412906")
    client.force_login(admin)

    def found(**query):
        return {user.name for user in client.get("/users/", query).context["page"].rows}

    assert found(q="solan") == {"Solange"}
    assert found(q="0788 412 906") == {"Solange"}
    assert found(q="x@example") == {"Solange"}
    assert found(role="admin") == {"Aline Mukamana"}
    assert found(role="rider") == {"Jean Nkurunziza"}
    assert found(state="closed") == {"Gone Person"}
    assert "Eric Habimana" not in found(role="buyer")
    assert found(q="'; DROP TABLE") == set()
    assert len(found(role="king", cursor="'")) == User.objects.count()


def test_the_list_of_people_costs_the_same_with_few_and_with_many(
    client, admin, station, django_assert_max_num_queries
):
    client.force_login(admin)
    client.get("/users/")
    with django_assert_max_num_queries(7):
        client.get("/users/")
    for _ in range(40):
        make_member(make_user(), station, Role.CLERK)

    with django_assert_max_num_queries(7):
        first = client.get("/users/")
    second = client.get("/users/", {"cursor": first.context["page"].next})

    rows = [user.pk for page in (first, second) for user in page.context["page"].rows]
    assert len(first.context["page"].rows) == 30
    assert len(rows) == len(set(rows)) == User.objects.count()


def test_the_list_of_stations_costs_the_same_with_few_and_with_many(
    client, admin, station, django_assert_max_num_queries
):
    client.force_login(admin)
    with django_assert_max_num_queries(6):
        client.get("/stations/")
    for _ in range(31):
        make_station()

    with django_assert_max_num_queries(6):
        page = client.get("/stations/").context["page"]

    assert (len(page.rows), page.next is not None) == (30, True)


def test_an_admin_closes_and_opens_an_account(client, admin, buyer):
    client.force_login(admin)
    assert client.get(f"/users/{buyer.pk}/").status_code == 200

    client.post(f"/users/{buyer.pk}/deactivate/")
    buyer.refresh_from_db()
    assert not buyer.is_active
    assert "sign in again" in client.get(f"/users/{buyer.pk}/").text

    client.post(f"/users/{buyer.pk}/reactivate/")
    client.post(f"/users/{buyer.pk}/make-admin/")
    client.post(f"/users/{buyer.pk}/sign-out/")
    buyer.refresh_from_db()
    assert (buyer.is_active, buyer.is_admin) == (True, True)
    client.post(f"/users/{buyer.pk}/remove-admin/")
    buyer.refresh_from_db()
    assert not buyer.is_admin


def test_an_admins_own_page_offers_nothing_against_oneself(client, admin):
    client.force_login(admin)

    assert "Deactivate" not in client.get(f"/users/{admin.pk}/").text
    client.post(f"/users/{admin.pk}/deactivate/")
    admin.refresh_from_db()
    assert admin.is_active


def test_an_admin_suspends_reinstates_and_limits_a_station(client, admin, station):
    client.force_login(admin)
    assert client.post("/stations/remera/suspend/", {"reason": " "}).status_code == 422
    client.post("/stations/remera/suspend/", {"reason": "Short weight"})
    assert "Short weight" in client.get("/stations/remera/").text

    client.post("/stations/remera/reinstate/")
    assert client.post("/stations/remera/limit/", {"limit": "abc"}).status_code == 422
    client.post("/stations/remera/limit/", {"limit": "75,000"})

    station.refresh_from_db()
    assert (station.status, station.approval_limit) == (StationStatus.APPROVED, 75_000)


@pytest.mark.parametrize("path", ["/profile/", "/sell/", "/at/remera/team/", "/users/"])
def test_a_private_page_is_kept_out_of_caches(client, admin, station, path):
    client.force_login(admin)

    assert "no-store" in client.get(path)["Cache-Control"]
