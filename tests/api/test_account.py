"""Making an account at the API, and what one says of oneself there."""

import pytest
from django.contrib.sessions.models import Session

from gasstock.accounts import services
from gasstock.accounts.models import Station, User
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import make_admin, make_member, make_station, make_user

NEW = {"email": "marie@example.com", "password": "seven blue cylinders", "name": "Marie Uwase"}
STATION = {
    "name": "Kimironko Gas",
    "district": "Gasabo",
    "address": "KG 11 Ave 5",
    "phone": "0788 412 906",
}


@pytest.fixture
def buyer(db):
    return make_user("jean@example.com", name="Jean Bosco")


def test_registering_makes_a_buyer(api):
    made = api.post("register/", NEW | {"phone": "0788 412 906"})

    user = User.objects.get(email=NEW["email"])
    assert made == {
        "id": user.pk,
        "email": "marie@example.com",
        "name": "Marie Uwase",
        "phone": "+250788412906",
        "roles": ["BUYER"],
    }
    assert api.sign_in(NEW["email"], NEW["password"]).user["id"] == user.pk


def test_nobody_is_signed_in_by_registering(api):
    api.post("register/", NEW)

    assert not Session.objects.exists()


def test_a_seller_files_an_application(api):
    api.post("register/", NEW | {"role": "SELLER", "station": STATION})

    station = Station.objects.get()
    assert (station.applicant.email, station.status) == (NEW["email"], "applied")
    me = api.sign_in(NEW["email"], NEW["password"]).user
    assert me["stations"] == [
        {"slug": station.slug, "name": "Kimironko Gas", "role": None, "status": "APPLIED"}
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "ADMIN"}, "role"),
        ({"role": "MANAGER"}, "role"),
        ({"role": "SELLER"}, "station"),
        ({"role": "SELLER", "station": STATION | {"district": "Paris"}}, "station.district"),
        ({"role": "SELLER", "station": STATION | {"phone": "12"}}, "station.phone"),
        ({"password": "short"}, "password"),
        ({"password": "password123"}, "password"),
        ({"email": "marie"}, "email"),
        ({"email": "jean@example.com"}, "email"),
        ({"name": "\u202e\n"}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"phone": "1234"}, "phone"),
        ({"name": "a\x00b"}, "name"),
    ],
)
def test_registering_says_which_field_is_wrong(api, buyer, change, field):
    with pytest.raises(Refused) as refused:
        api.post("register/", NEW | change)

    assert refused.value.status == 422
    assert list(refused.value.fields) == [field]
    assert not User.objects.filter(email=NEW["email"]).exists()


def test_nothing_more_is_taken_than_is_asked_for(api):
    extra = dict.fromkeys(["is_staff", "is_superuser", "is_admin", "is_active", "id", "roles"], 1)

    api.post("register/", NEW | extra)

    user = User.objects.get(email=NEW["email"])
    assert (user.is_staff, user.is_superuser, user.is_admin, user.is_active) == (0, 0, 0, 1)


def test_where_mail_must_be_confirmed_known_and_new_addresses_are_answered_alike(
    api, buyer, settings
):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"

    new = api.post("register/", NEW)
    known = api.post("register/", NEW | {"email": buyer.email})

    assert new | {"email": ""} == known | {"email": ""}
    with pytest.raises(Refused) as refused:
        api.sign_in(NEW["email"], NEW["password"])
    assert (refused.value.status, refused.value.kind) == (401, "email-unconfirmed")


def test_me_tells_of_all_one_does(db):
    user = make_admin(phone="")
    station = make_station(name="Remera Gas")
    make_member(user, station, "rider")
    services.add_address(user, label="Home", district="Gasabo", line="KG 7")

    me = signed_in(user).get("me/")

    assert me["roles"] == ["BUYER", "RIDER", "ADMIN"]
    assert me["phone"] is None
    assert me["stations"] == [
        {"slug": station.slug, "name": "Remera Gas", "role": "RIDER", "status": "APPROVED"}
    ]
    assert [place["line"] for place in me["addresses"]] == ["KG 7"]


def test_changing_oneself(buyer):
    client = signed_in(buyer)
    places = [
        {"district": "Gasabo", "line": "KG 7"},
        {"district": "Huye", "line": "A", "label": "B"},
    ]

    me = client.patch("me/", {"name": "Jean B.", "phone": None, "addresses": places})

    buyer.refresh_from_db()
    assert (me["name"], me["phone"], buyer.name, buyer.phone) == ("Jean B.", None, "Jean B.", "")
    assert [(place["label"], place["line"]) for place in me["addresses"]] == [
        ("Home", "KG 7"),
        ("B", "A"),
    ]
    assert client.patch("me/", {"phone": "0788412906"})["addresses"] == me["addresses"]


def test_of_oneself_only_this_may_be_changed(buyer):
    client = signed_in(buyer)
    extra = {
        "email": "x@example.com",
        "is_admin": True,
        "roles": ["ADMIN"],
        "id": 1,
        "stations": [],
    }

    assert client.patch("me/", extra) == client.get("me/")

    assert client.get("me/")["roles"] == ["BUYER"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"phone": "12"}, "phone"),
        ({"language": "xx"}, "language"),
        ({"language": None}, "language"),
        ({"addresses": [{"district": "Paris", "line": "x"}]}, "addresses.0.district"),
        ({"addresses": [{"district": "Gasabo"}]}, "addresses.0.line"),
        ({"addresses": "x"}, "addresses"),
    ],
)
def test_a_bad_change_is_refused(buyer, change, field):
    with pytest.raises(Refused) as refused:
        signed_in(buyer).patch("me/", change)

    assert (refused.value.status, list(refused.value.fields)) == (422, [field])


def test_too_many_addresses_are_refused(buyer):
    places = [{"district": "Gasabo", "line": f"KG {n}"} for n in range(21)]

    with pytest.raises(Refused) as refused:
        signed_in(buyer).patch("me/", {"addresses": places})

    assert (refused.value.status, refused.value.kind) == (409, "too-many-addresses")
