"""What is sent again is not done again."""

from datetime import timedelta

import pytest

from gasstock.accounts.models import User
from gasstock.api.models import IdempotencyKey
from gasstock.api.tasks import purge
from gasstock.core import clock
from tests.api.conftest import signed_in
from tests.api.test_account import NEW
from tests.factories import make_user

PLACE = {"label": "Home", "district": "Gasabo", "line": "KG 7"}


@pytest.fixture
def buyer(db):
    return make_user(name="Jean")


@pytest.fixture
def client(buyer, request):
    """Signed in at the API, before another one takes its place."""
    return signed_in_at_the_real_one(buyer, request)


def signed_in_at_the_real_one(buyer, request):
    settings = request.getfixturevalue("settings")
    settings.ROOT_URLCONF = "gasstock.urls"
    client = signed_in(buyer)
    settings.ROOT_URLCONF = "tests.api.trial"
    return client


def test_the_same_again_is_answered_the_same(client, buyer):
    first = client.ask("POST", "places/", PLACE, key="k-1")
    again = client.ask("POST", "places/", dict(reversed(PLACE.items())), key="k-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert first.headers["Content-Type"] == again.headers["Content-Type"] == "application/json"
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Cache-Control"] == "no-store"
    assert buyer.addresses.count() == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("places/", PLACE | {"line": "KG 8"}), ("try/", PLACE), ("try/", None)],
)
def test_the_same_key_for_something_else_is_refused(client, buyer, path, body):
    client.ask("POST", "places/", PLACE, key="k-1")

    answer = client.ask("POST", path, body, key="k-1")

    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/idempotency-mismatch")
    assert buyer.addresses.count() == 1


def test_another_key_is_another_thing(client, buyer):
    for key in ("k-1", "k-2", "", ""):
        assert client.ask("POST", "places/", PLACE, key=key).status_code == 201

    assert buyer.addresses.count() == 4


def test_keys_belong_to_their_person(client, buyer, request):
    other = signed_in_at_the_real_one(make_user(), request)

    assert client.ask("POST", "places/", PLACE, key="k-1").status_code == 201
    assert other.ask("POST", "places/", PLACE | {"line": "x"}, key="k-1").status_code == 201


@pytest.mark.parametrize("key", ["x" * 201, "a b", "\x7f", "\t"])
def test_a_key_that_is_none_is_refused(client, buyer, key):
    answer = client.http.post(
        "places/",
        json=PLACE,
        headers={"Authorization": f"Bearer {client.access}", "Idempotency-Key": key.encode()},
    )

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["Idempotency-Key"]
    assert not buyer.addresses.exists()


def test_what_was_refused_may_be_tried_again(client, buyer):
    assert client.ask("POST", "places/", PLACE | {"line": 1}, key="k-1").status_code == 422
    for _ in range(20):
        client.ask("POST", "places/", PLACE)
    assert client.ask("POST", "places/", PLACE, key="k-1").status_code == 409
    buyer.addresses.first().delete()

    assert client.ask("POST", "places/", PLACE, key="k-1").status_code == 201


def test_what_a_refusal_leaves_on_purpose_stays(client, buyer):
    answers = [client.ask("POST", "try/", key="k-1").status_code for _ in range(2)]

    buyer.refresh_from_db()
    assert (answers, buyer.name) == ([409, 409], "Jean!!")
    assert not IdempotencyKey.objects.exists()


def test_what_failed_leaves_nothing(client, buyer):
    assert client.ask("POST", "fail/", key="k-1").status_code == 500

    buyer.refresh_from_db()
    assert buyer.name == "Jean"
    assert not IdempotencyKey.objects.exists()


def test_registering_twice_with_a_key_is_once(api):
    answers = [api.ask("POST", "register/", NEW, key="k-1") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert User.objects.count() == 1
    assert NEW["password"] not in str(IdempotencyKey.objects.values())


def test_answers_are_kept_for_two_days(api):
    api.ask("POST", "register/", NEW, key="k-1")
    with clock.at(clock.now() + timedelta(hours=47)):
        purge.call_local()
    assert IdempotencyKey.objects.count() == 1

    with clock.at(clock.now() + timedelta(hours=49)):
        purge.call_local()

    assert not IdempotencyKey.objects.exists()
