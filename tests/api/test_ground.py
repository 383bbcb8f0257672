"""What routers stand on: who gets in, lists, amounts and counts."""

import pytest

from gasstock.accounts.services import add_address
from tests.api.conftest import signed_in
from tests.factories import make_admin, make_member, make_station, make_user


@pytest.fixture
def enter(db, settings):
    """Sign in at the API, then let the one of the trial take its place."""

    def enter(user):
        settings.ROOT_URLCONF = "gasstock.urls"
        client = signed_in(user)
        settings.ROOT_URLCONF = "tests.api.trial"
        return client

    return enter


class TestAtAStation:
    def test_the_only_one_need_not_be_named(self, enter):
        station = make_station()
        client = enter(make_member(None, station))

        assert client.get("here/") == client.get("here/", station=station.slug) == station.slug

    def test_of_several_one_is_named(self, enter):
        here, there = make_station(), make_station()
        user = make_member(make_member(None, here), there)
        client = enter(user)

        answer = client.ask("GET", "here/")

        assert answer.status_code == 422
        assert [each["field"] for each in answer.json()["errors"]] == ["station"]
        assert client.get("here/", station=there.slug) == there.slug

    def test_who_may_not_do_it_is_told(self, enter):
        client = enter(make_member(None, make_station(), "clerk"))

        assert client.ask("GET", "here/").status_code == 403

    def test_to_others_it_is_not_there(self, enter):
        client = enter(make_member(None, make_station()))
        elsewhere = make_station()

        foreign = client.ask("GET", "here/", station=elsewhere.slug)
        missing = client.ask("GET", "here/", station="nowhere")

        assert foreign.status_code == 404
        assert foreign.json() == missing.json()
        assert enter(make_user()).ask("GET", "here/").status_code == 404

    def test_an_admin_names_any(self, enter):
        client, station = enter(make_admin()), make_station()

        assert client.get("here/", station=station.slug) == station.slug
        assert client.ask("GET", "here/").status_code == 422


def test_what_admins_do_is_not_there_for_others(enter):
    assert enter(make_admin()).get("throne/") == "yours"
    assert enter(make_user()).ask("GET", "throne/").status_code == 404


def test_an_admin_needs_their_second_factor(enter, settings):
    client = enter(make_admin())
    settings.REQUIRE_ADMIN_MFA = True

    answer = client.ask("GET", "throne/")

    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/second-factor-needed")


def test_a_list_is_read_page_by_page(enter):
    user = make_user()
    for n in range(7):
        add_address(user, label="Home", district="Gasabo", line=f"KG {n}")

    pages = list(enter(user).pages("places/", limit=3))

    assert [[place["line"][-1] for place in page] for page in pages] == [
        ["0", "1", "2"],
        ["3", "4", "5"],
        ["6"],
    ]


@pytest.mark.parametrize("cursor", ["x", "-1", "0.5", "9" * 30, "١٢"])
def test_an_edited_cursor_never_fails(enter, cursor):
    assert enter(make_user()).ask("GET", "places/", cursor=cursor).status_code == 200


@pytest.mark.parametrize(
    ("amount", "currency", "total"),
    [
        ("11500", "RWF", "23000"),
        (11500, "RWF", "23000"),
        ("1.5", "KES", "3.00"),
        (1, "KES", "2.00"),
    ],
)
def test_amounts_are_exact(enter, settings, amount, currency, total):
    client = enter(make_user())
    settings.CURRENCY = currency

    assert client.post("sum/", {"amount": amount, "quantity": 2}) == {"total": total}


@pytest.mark.parametrize(
    "amount",
    [
        *("", "1e5", "1,000", "-1", "0.5", " 1", "١٢", "NaN", "9" * 11, "2000000001"),
        *(1.5, -1, True, None, [], {}, 10**30),
    ],
)
def test_what_is_no_amount(enter, amount):
    answer = enter(make_user()).ask("POST", "sum/", {"amount": amount, "quantity": 1})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "amount")


@pytest.mark.parametrize("quantity", ["1", 0, -1, 1.0, 0.5, True, None, 100_001, 2**63, [1]])
def test_what_is_no_quantity(enter, quantity):
    answer = enter(make_user()).ask("POST", "sum/", {"amount": "1", "quantity": quantity})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "quantity")
