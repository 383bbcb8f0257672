"""Signing in and out at the API."""

from datetime import timedelta

import pytest
from allauth.headless.internal.sessionkit import lookup_session
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from gasstock.accounts import services
from gasstock.accounts.models import User
from gasstock.api import tokens
from gasstock.api.models import RefreshToken
from gasstock.audit.models import AuditEvent
from tests.api.client import Refused
from tests.api.conftest import connect, signed_in
from tests.factories import PASSWORD, make_admin, make_user


@pytest.fixture
def buyer(db):
    return make_user("jean@example.com", name="Jean Bosco")


def is_dead(client):
    """Neither of the tokens works any more."""
    refreshed = connect().ask("POST", "token/refresh/", {"refresh": client.refresh_token})
    return client.ask("GET", "me/").status_code == 401 and refreshed.status_code == 401


def test_signing_in(buyer):
    client = connect()

    answer = client.ask("POST", "login/", {"email": " JEAN@example.com", "password": PASSWORD})

    found = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert (found["token_type"], found["expires_in"]) == ("Bearer", 900)
    assert found["user"]["email"] == "jean@example.com"


@pytest.mark.parametrize("email", ["jean@example.com", "nobody@example.com", "closed@example.com"])
def test_wrong_is_wrong_whoever_it_is(api, buyer, email):
    make_user("closed@example.com", is_active=False)
    password = PASSWORD if email.startswith("closed") else "wrong"

    answer = api.ask("POST", "login/", {"email": email, "password": password})

    assert answer.status_code == 401
    assert answer.json() == {
        "type": "http://localhost:8000/api/v1/problems/wrong-credentials",
        "title": "Wrong credentials",
        "status": 401,
        "detail": "E-mail or password is wrong.",
        "errors": [],
    }


def test_wrong_passwords_are_counted_together_with_the_pages(client, api, buyer):
    form = {"login": buyer.email, "password": "wrong"}
    for _ in range(5):
        client.post("/account/login/", form)
        api.ask("POST", "login/", {"email": buyer.email, "password": "wrong"})

    answer = api.ask("POST", "login/", {"email": buyer.email, "password": PASSWORD})

    assert answer.status_code == 429
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600


def test_forged_headers_do_not_lift_the_limit(api, buyer):
    for n in range(20):
        api.http.headers["X-Forwarded-For"] = f"10.0.0.{n}"
        api.ask("POST", "login/", {"email": f"x{n}@example.com", "password": "wrong"})

    answer = api.ask("POST", "login/", {"email": buyer.email, "password": PASSWORD})

    assert answer.status_code == 429


def test_a_second_factor_is_asked_for(api, buyer):
    secret = generate_totp_secret()
    TOTP.activate(buyer, secret)

    with pytest.raises(Refused) as refused:
        api.sign_in(buyer.email, PASSWORD)

    assert (refused.value.status, refused.value.kind) == (401, "mfa-required")
    code = hotp_value(secret, next(yield_hotp_counters_from_time()))
    door = api.http.post(
        "http://testserver/_allauth/app/v1/auth/2fa/authenticate",
        json={"code": f"{code:06}"},
        headers={"X-Session-Token": refused.value.problem["session_token"]},
    )
    api.access = door.json()["meta"]["access_token"]
    assert api.get("me/")["email"] == buyer.email


def test_an_admin_without_a_second_factor_may_only_set_one_up(settings, db):
    settings.REQUIRE_ADMIN_MFA = True
    client = signed_in(make_admin())

    assert client.ask("GET", "me/").status_code == 200
    url = "http://testserver/_allauth/app/v1/account/authenticators"
    door = client.http.get(url, headers={"Authorization": f"Bearer {client.access}"})
    assert door.status_code == 200


def test_refreshing_gives_new_tokens(buyer):
    client = signed_in(buyer)
    old = client.access, client.refresh_token

    client.refresh()

    assert client.access != old[0]
    assert client.refresh_token != old[1]
    assert client.get("me/")["email"] == buyer.email


@pytest.fixture
def later(monkeypatch):
    """No token counts as spent just now."""
    monkeypatch.setattr("gasstock.api.tokens.BURST", timedelta())


def test_a_late_replay_ends_the_whole_session(buyer, later):
    client = signed_in(buyer)
    spent = client.refresh_token
    client.refresh()

    with pytest.raises(Refused) as refused:
        connect().post("token/refresh/", {"refresh": spent})

    assert (refused.value.status, refused.value.kind) == (401, "bad-refresh-token")
    assert is_dead(client)
    assert not Session.objects.exists()
    assert AuditEvent.objects.filter(action="user.token_replayed").count() == 1


def test_a_token_sent_twice_at_once_is_refused_and_that_is_all(buyer):
    client = signed_in(buyer)
    spent = client.refresh_token
    client.refresh()

    assert connect().ask("POST", "token/refresh/", {"refresh": spent}).status_code == 401
    assert client.ask("GET", "me/").status_code == 200
    client.refresh()


def test_a_session_that_is_saved_late_makes_no_spent_token_good(buyer):
    client = signed_in(buyer)
    spent, session = client.refresh_token, lookup_session(Session.objects.get().session_key)
    session["read"] = "before"
    client.refresh()
    session.save()

    assert connect().ask("POST", "token/refresh/", {"refresh": spent}).status_code == 401
    client.refresh()
    assert client.ask("GET", "me/").status_code == 200


def test_what_is_kept_of_an_ended_session_is_forgotten(buyer):
    kept, ended = signed_in(buyer), signed_in(buyer)
    UserSession.objects.order_by("pk").last().end()

    tokens.forget_ended()

    assert RefreshToken.objects.count() == 1
    assert [kept.ask("GET", "me/").status_code, is_dead(ended)] == [200, True]


def test_a_replay_ends_no_other_session(buyer, later):
    robbed, other = signed_in(buyer), signed_in(buyer)
    spent = robbed.refresh_token
    robbed.refresh()

    connect().ask("POST", "token/refresh/", {"refresh": spent})

    assert other.ask("GET", "me/").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "x" * 5000, None, 1])
def test_what_is_no_refresh_token_is_refused(api, token):
    assert api.ask("POST", "token/refresh/", {"refresh": token}).status_code in (401, 422)


def test_an_access_token_refreshes_nothing_and_a_refresh_token_opens_nothing(buyer):
    client = signed_in(buyer)

    assert client.ask("POST", "token/refresh/", {"refresh": client.access}).status_code == 401
    client.access = client.refresh_token
    assert client.ask("GET", "me/").status_code == 401


@pytest.mark.parametrize(
    "end",
    [
        lambda client, user: client.post("logout/"),
        lambda client, user: services.deactivate_user(make_admin(), user=user),
        lambda client, user: services.sign_out_everywhere(make_admin(), user=user),
        lambda client, user: client.post(
            "me/password/", {"current_password": PASSWORD, "new_password": "seven blue cylinders"}
        ),
        lambda client, user: (user.set_password("seven blue cylinders"), user.save()),
    ],
    ids=["logout", "deactivation", "sign out everywhere", "new password", "reset password"],
)
def test_tokens_are_dead_at_once(buyer, end):
    client = signed_in(buyer)

    end(client, buyer)

    assert is_dead(client)


def test_logging_out_ends_this_session_only(buyer):
    here, there = signed_in(buyer), signed_in(buyer)

    here.post("logout/")

    assert there.ask("GET", "me/").status_code == 200
    assert buyer.usersession_set.count() == 1


def test_a_new_password_signs_in(buyer):
    client = signed_in(buyer)
    body = {"current_password": PASSWORD, "new_password": "seven blue cylinders"}

    assert client.ask("POST", "me/password/", body).status_code == 204

    assert connect().sign_in(buyer.email, "seven blue cylinders").access


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong", "seven blue cylinders", "current_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "", "new_password"),
    ],
)
def test_a_bad_new_password_is_refused(buyer, current, new, field):
    client = signed_in(buyer)

    with pytest.raises(Refused) as refused:
        client.post("me/password/", {"current_password": current, "new_password": new})

    assert (refused.value.status, {*refused.value.fields}) == (422, {field})
    assert client.ask("GET", "me/").status_code == 200


def test_guessing_the_password_of_a_stolen_phone_is_limited(buyer):
    client = signed_in(buyer)
    body = {"current_password": "wrong", "new_password": "seven blue cylinders"}

    statuses = [client.ask("POST", "me/password/", body).status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic eDp5", "bearer  a.b.c"])
def test_without_a_good_token_nobody_gets_in(api, header):
    answer = api.http.get("me/", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["type"].endswith("/not-signed-in")


def test_a_cookie_opens_nothing(client, buyer):
    client.force_login(buyer)

    assert client.get("/api/v1/me/").status_code == 401


def test_allauths_door_registers_nobody(api):
    answer = api.http.post(
        "http://testserver/_allauth/app/v1/auth/signup",
        json={"email": "x@example.com", "password": PASSWORD},
    )

    assert answer.status_code == 403
    assert not User.objects.exists()
    assert not Authenticator.objects.exists()
