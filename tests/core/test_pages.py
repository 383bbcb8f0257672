import time

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from gasstock.core import heartbeat, tasks, views
from tests.factories import make_user


@pytest.fixture
def long_running(monkeypatch):
    """The process has been up for longer than the worker may be silent."""
    monkeypatch.setattr(heartbeat, "started", heartbeat.started - 2 * heartbeat.LIFE_SECONDS)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 503])
def test_a_page_of_bad_news_needs_neither_request_nor_database(status):
    page = render_to_string(f"{status}.html")

    assert f"{status}" in page
    assert page.count("<h1>") == 1
    assert "</html>" in page


def test_a_lost_page_is_answered_with_the_empty_place_on_the_shelf(client, db):
    answer = client.get("/help/no-such-page/")

    assert answer.status_code == 404
    assert "Nothing stands here" in answer.content.decode()


def test_the_chosen_theme_holds_on_a_lost_page_too(client, db):
    client.cookies["theme"] = "dark"

    assert 'data-bs-theme="dark"' in client.get("/help/no-such-page/").content.decode()


@pytest.mark.parametrize(
    ("url", "heading"), [("/help/", "How GasStock"), ("/safety/", "Gas safety")]
)
def test_everybody_may_read_help_and_safety(client, db, url, heading):
    page = client.get(url).content.decode()

    assert heading in page
    assert page.count("<h1") == 1


def test_a_stale_form_is_told_to_load_again(db):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/language/", {"language": "en"}, headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Refresh"]) == (403, "true")
    assert "open for too long" in answer.content.decode()


def test_the_language_is_kept_and_the_page_stays(client, db, settings):
    answer = client.post("/language/", {"language": "fr", "next": "/help/"})

    assert (answer.status_code, answer["Location"]) == (302, "/help/")
    assert answer.cookies[settings.LANGUAGE_COOKIE_NAME].value == "fr"


def test_choosing_a_language_leads_to_no_foreign_site(client, db):
    answer = client.post("/language/", {"language": "fr", "next": "https://evil.example/"})

    assert "evil" not in answer["Location"]


def test_healthz_asks_nobody(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("long_running")
def test_readyz_is_content_with_a_database_and_a_worker(client, db):
    tasks.beat.call_local()

    assert client.get("/readyz").content == b"ok\n"


def test_readyz_misses_the_worker_only_after_a_while(client, db, monkeypatch):
    monkeypatch.setattr(heartbeat, "started", time.monotonic())
    cache.delete(heartbeat.KEY)
    assert client.get("/readyz").status_code == 200


@pytest.mark.usefixtures("long_running")
def test_readyz_says_when_the_worker_is_silent(client, db):
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"the worker is silent\n")


def test_readyz_says_when_the_database_is_away(client, db, monkeypatch):
    def cursor():
        raise OperationalError("could not connect to server: secret.internal")

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", cursor)
        answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"the database does not answer\n")


def test_readyz_says_when_migrations_are_missing(client, db, monkeypatch):
    monkeypatch.setattr(views, "_seen_migrated", [])
    monkeypatch.setattr(views.MigrationExecutor, "migration_plan", lambda self, targets: ["one"])
    answer = client.get("/readyz")

    assert (answer.status_code, answer.content) == (503, b"the database misses migrations\n")


def test_the_address_of_a_button_says_that_it_is_one(client, db):
    client.force_login(make_user())

    answer = client.get(reverse("shop:cart_add", args=[1]))

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Nothing to look at here" in answer.text


@pytest.mark.parametrize("url", ["/healthz", "/readyz", "/help/"])
def test_pages_that_only_read_refuse_to_be_written(client, db, url):
    assert client.post(url).status_code == 405
