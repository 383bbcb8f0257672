"""Tokens and keys of the API when everything comes at once. PostgreSQL only."""

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.sessions.models import Session

from gasstock.accounts.models import User
from gasstock.api.models import IdempotencyKey
from tests.api.client import Client
from tests.api.conftest import connect, signed_in
from tests.api.test_account import NEW
from tests.factories import make_user
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres

PLACE = {"label": "Home", "district": "Gasabo", "line": "KG 7"}


class Ended(Exception):
    """How a call ended: its status, and what it said."""


def call(client: Client, path: str, body: object, key: str = "") -> None:
    answer = client.ask("POST", path, body, key=key)
    said = answer.json()
    fresh = said.get("refresh") or said.get("type", "").rpartition("/")[2] or said["id"]
    raise Ended(f"{answer.status_code} {fresh}")


@pytest.mark.parametrize("round_", range(5))
def test_of_20_refreshes_one_succeeds_and_its_tokens_are_good(round_):
    client = signed_in(make_user())
    body = {"refresh": client.refresh_token}

    ends = at_once(partial(call, connect(), "token/refresh/", body) for _ in range(20))

    refused = ends.pop("Ended: 401 bad-refresh-token")
    [good] = ends
    assert (refused, ends[good]) == (19, 1)
    client.refresh_token = good.removeprefix("Ended: 200 ")
    client.refresh()
    assert client.ask("GET", "me/").status_code == 200


def test_after_20_refreshes_a_late_replay_still_ends_the_session(monkeypatch):
    client = signed_in(make_user())
    body = {"refresh": client.refresh_token}
    at_once(partial(call, connect(), "token/refresh/", body) for _ in range(20))
    monkeypatch.setattr("gasstock.api.tokens.BURST", timedelta())

    connect().ask("POST", "token/refresh/", body)

    assert client.ask("GET", "me/").status_code == 401
    assert not Session.objects.exists()


@pytest.mark.parametrize("round_", range(5))
def test_20_refreshes_and_a_sign_out_leave_no_session(round_):
    client = signed_in(make_user())
    body = {"refresh": client.refresh_token}
    refreshes = [partial(call, connect(), "token/refresh/", body) for _ in range(10)]

    ends = at_once([*refreshes, partial(client.ask, "POST", "logout/")])

    assert not Session.objects.exists()
    assert {end.removeprefix("Ended: ")[:3] for end in ends} <= {"200", "401", "don"}


@pytest.mark.parametrize("round_", range(3))
def test_the_same_request_20_times_at_once_is_done_once(round_):
    ends = at_once(partial(call, connect(), "register/", NEW, "k-1") for _ in range(20))

    user = User.objects.get()
    assert ends == {f"Ended: 201 {user.pk}": 20}
    assert IdempotencyKey.objects.count() == 1


@pytest.mark.parametrize("round_", range(3))
def test_one_person_doing_20_things_at_once_never_locks_up(round_, settings):
    user = make_user()
    client = signed_in(user)
    settings.ROOT_URLCONF = "tests.api.trial"

    ends = at_once(partial(call, client, "places/", PLACE, f"k-{n % 10}") for n in range(20))

    assert {end.removeprefix("Ended: ")[:3] for end in ends} == {"201"}
    assert sorted(ends.values()) == [2] * 10
    assert user.addresses.count() == 10
