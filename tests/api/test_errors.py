"""Whatever goes wrong under /api/ is told as a problem document."""

import json
import logging

import pytest
import redis
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import Http404

from gasstock.api.errors import rule_of
from gasstock.api.routers import shop
from gasstock.inventory.errors import OutOfStock
from gasstock.orders.errors import ShortOfStock, WrongStatus
from gasstock.purchasing.errors import WrongPurchaseStatus
from tests.api.conftest import signed_in
from tests.factories import make_listing, make_user

DEEP = "[" * 50_000 + "]" * 50_000
LOGIN = '{"email": "marie@example.com", "password": "x"}'


def problem(answer, status):
    """The problem of an answer, provided that it is one in every way."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-ID"]
    said = answer.json()
    assert {*said} >= {"type", "title", "status", "detail", "errors"}
    assert said["status"] == status
    assert said["detail"]
    return said


@pytest.fixture
def breaks(monkeypatch):
    """Let `gas/` fail in the way that is asked for."""

    def with_error(error):
        def rows_of(*args, **kwargs):
            raise error

        monkeypatch.setattr(shop, "rows_of", rows_of)

    return with_error


@pytest.mark.parametrize(
    "path", ["", "nothing/", "gas/0/", "gas/x/", f"gas/{'9' * 30}/", "gas/1/2/", "docs/", "%00/"]
)
def test_there_is_nothing(api, path):
    assert problem(api.http.get(path), 404)["type"].endswith("/problems/not-found")


@pytest.mark.parametrize("path", ["%ff/", "gas/%ff/", "%E2%80%AE/", "gas/%F0%9F%94%A5/"])
def test_there_is_nothing_of_such_a_name(client, db, path):
    answer = client.get(f"/api/v1/{path}")

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("debug", [True, False])
def test_a_path_without_its_slash_is_no_address(api, settings, method, debug):
    settings.DEBUG = debug

    said = problem(api.http.request(method, "gas"), 404)

    assert said["detail"] == "There is nothing here. Every path ends in a slash."


@pytest.mark.parametrize("path", ["/api/", "/api/x", "/api/v2/gas/", "/_allauth/x"])
def test_beside_the_api_there_is_nothing_either(api, path):
    problem(api.http.get(f"http://testserver{path}"), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "gas/", "GET, HEAD, OPTIONS"),
        ("TRACE", "gas/", "GET, HEAD, OPTIONS"),
        ("PUT", "me/", "GET, HEAD, OPTIONS, PATCH"),
        ("GET", "login/", "OPTIONS, POST"),
        ("HEAD", "login/", "OPTIONS, POST"),
    ],
)
def test_a_wrong_method(api, method, path, allowed):
    answer = api.http.request(method, path)

    assert answer.headers["Allow"] == allowed
    if method != "HEAD":
        problem(answer, 405)
    assert answer.status_code == 405


def test_options_tell_what_can_be_done(api):
    answer = api.http.options("me/")

    assert (answer.status_code, answer.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, PATCH")
    problem(api.http.options("nothing/"), 404)


def test_a_head_is_a_get_without_its_body(api):
    get, head = api.http.get("filters/"), api.http.head("filters/")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(get.content))


@pytest.mark.parametrize(
    "body", ["", "{", "nul", "NaN", '{"email": Infinity}', DEEP, '{"email": ' + "9" * 5000 + "}"]
)
def test_a_body_that_cannot_be_read(api, body):
    answer = api.http.post("login/", content=body, headers={"Content-Type": "application/json"})

    problem(answer, 400 if body else 422)


@pytest.mark.parametrize("body", ["[]", "null", '"x"', "1", "{}", "[{}]"])
def test_a_body_that_is_no_object(api, body):
    answer = api.http.post("login/", content=body, headers={"Content-Type": "application/json"})

    assert problem(answer, 422)["errors"]


@pytest.mark.parametrize(
    "kind",
    [None, "", "text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "json"],
)
def test_another_type_of_body(api, kind):
    headers = {} if kind is None else {"Content-Type": kind}

    problem(api.http.post("login/", content=LOGIN, headers=headers), 415)


@pytest.mark.parametrize("path", ["login/", "logout/", "gas/", "nothing/"])
def test_too_much(api, path):
    body = json.dumps({"email": "x" * 12_000_000})

    answer = api.http.post(path, content=body, headers={"Content-Type": "application/json"})

    assert problem(answer, 413)["type"].endswith("/problems/too-large")


@pytest.mark.parametrize("text", ["a\\u0000b", "\\ud800", "\\uDFFF", "\\udc00\\ud800"])
def test_text_that_is_none(api, text):
    body = f'{{"email": "marie@example.com", "password": "{text}"}}'

    answer = api.http.post("login/", content=body, headers={"Content-Type": "application/json"})

    assert [each["field"] for each in problem(answer, 422)["errors"]] == ["password"]


@pytest.mark.parametrize("text", ["\\\\u0000", "\\ud83d\\ude00", "é"])
def test_text_that_only_looks_so(api, text):
    body = f'{{"email": "marie@example.com", "password": "{text}"}}'

    answer = api.http.post("login/", content=body, headers={"Content-Type": "application/json"})

    assert problem(answer, 401)["type"].endswith("/wrong-credentials")


def test_fields_are_named_as_they_were_sent(api):
    answer = api.ask("POST", "register/", {"email": 1, "role": "SELLER", "station": {"name": 1}})

    fields = [each["field"] for each in problem(answer, 422)["errors"]]
    assert fields == [
        *("email", "password", "name"),
        *("station.name", "station.district", "station.address", "station.phone"),
    ]


def test_parameters_are_named_as_they_were_sent(api):
    answer = api.ask("GET", "gas/", ordering="x", limit=101, min_price="1e5")

    fields = {each["field"] for each in problem(answer, 422)["errors"]}
    assert fields == {"ordering", "limit", "min_price"}


def test_a_broken_rule_is_named(api, breaks):
    breaks(OutOfStock("SP 12 kg", 3))

    said = problem(api.ask("GET", "gas/"), 409)

    assert said["type"] == "http://localhost:8000/api/v1/problems/out-of-stock"
    assert (said["title"], "3" in said["detail"]) == ("Out of stock", True)


def test_rules_have_the_names_of_the_contract():
    rules = (OutOfStock, ShortOfStock, WrongStatus, WrongPurchaseStatus)

    assert [rule_of(rule) for rule in rules] == ["out-of-stock"] * 2 + ["wrong-status"] * 2


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Http404("x"), 404),
        (PermissionDenied("x"), 403),
        (RuntimeError("secret"), 500),
        (OperationalError("secret"), 503),
        (InterfaceError("secret"), 503),
        (redis.ConnectionError("secret"), 503),
    ],
)
@pytest.mark.parametrize("debug", [True, False])
def test_what_fails_inside(api, breaks, settings, caplog, error, status, debug):
    settings.DEBUG = debug
    breaks(error)

    with caplog.at_level(logging.ERROR):
        answer = api.ask("GET", "gas/")

    assert "secret" not in answer.text
    problem(answer, status)
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert bool(caplog.records) == (status >= 500)


def test_a_foreign_host(api):
    problem(api.http.get("gas/", headers={"Host": "evil.example"}), 400)


def test_refusals_carry_the_policies_of_pages(api):
    headers = api.ask("GET", "nothing/").headers

    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_requests_are_named(api):
    answer = api.http.get("gas/", headers={"X-Request-ID": "phone-12345"})

    assert answer.headers["X-Request-ID"] == "phone-12345"


class TestLimits:
    def test_by_person(self, db, settings):
        client, other = signed_in(make_user()), signed_in(make_user())
        settings.API_PERSON_LIMIT = 5

        statuses = [client.ask("GET", "me/").status_code for _ in range(6)]

        answer = client.ask("GET", "me/")
        assert statuses == [200] * 5 + [429]
        assert problem(answer, 429)["type"].endswith("/too-many-requests")
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert other.ask("GET", "me/").status_code == 200
        assert client.ask("GET", "filters/").status_code == 200

    def test_by_address_whatever_it_says_of_itself(self, api, settings):
        settings.API_ADDRESS_LIMIT = 5

        for n in range(5):
            api.http.get("nothing/", headers={"X-Forwarded-For": f"10.0.0.{n}"})

        answer = api.http.get("gas/", headers={"X-Forwarded-For": "10.0.1.1"})
        problem(answer, 429)

    def test_behind_a_proxy_by_what_it_says(self, api, settings):
        settings.API_ADDRESS_LIMIT = 5
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

        for _ in range(6):
            last = api.http.get("filters/", headers={"X-Forwarded-For": "1.1.1.1, 10.0.0.1"})

        assert last.status_code == 429
        other = api.http.get("filters/", headers={"X-Forwarded-For": "1.1.1.1, 10.0.0.2"})
        assert other.status_code == 200

    def test_without_a_cache_nobody_is_refused(self, api, settings, monkeypatch):
        settings.API_ADDRESS_LIMIT = 1
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "redis://127.0.0.1:1",
            }
        }

        assert [api.ask("GET", "filters/").status_code for _ in range(3)] == [200] * 3


def test_pages_are_pages_still(client, db):
    make_listing()

    assert client.get("/").status_code == 200
    assert b"<html" in client.get("/nothing/").content


def test_a_body_without_a_length_is_refused(api):
    def pieces():
        yield b"{}"

    answer = api.http.post("login/", content=pieces(), headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (
        411,
        "length-required",
    )


@pytest.mark.parametrize("path", ["openapi.json", "docs"])
def test_what_describes_the_api_is_only_read(api, path):
    answer = api.ask("POST", path)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_messages_are_for_people(api):
    answer = api.ask("POST", "register/", {"email": 1, "name": "x" * 500, "role": "ADMIN"})

    said = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert said["email"] == "This should be text."
    assert said["password"] == "This is needed."
    assert said["role"] == "One of 'BUYER' or 'SELLER'."
    assert not [text for text in said.values() if "alue error" in text or "validation" in text]
