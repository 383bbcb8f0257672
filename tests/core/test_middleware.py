import pytest
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import include, path

from gasstock.core.access import public
from gasstock.core.errors import DomainError
from gasstock.core.htmx import go_back, render_page
from gasstock.core.request_id import current_request_id

PAGE = "http://testserver/page/"
HTMX = {"HX-Request": "true", "HX-Current-URL": PAGE, "Referer": PAGE}


class OutOfStock(DomainError):
    pass


@public
def page(request):
    return HttpResponse("<p>page</p>")


@public
def told(request):
    messages.success(request, "Price <saved>.")
    return HttpResponse("<p>row</p>", status=int(request.GET.get("status", 200)))


@public
def told_in_json(request):
    messages.success(request, "Saved.")
    return JsonResponse({})


@public
def back(request):
    messages.success(request, "Saved.")
    return go_back(request)


@public
def elsewhere(request):
    return redirect("/told/")


@public
def refused(request):
    raise OutOfStock("Only 3 left of SP 12 kg.")


@public
def named(request):
    return HttpResponse(current_request_id())


@public
def broken(request):
    raise ValueError


@public
def locked(request):
    raise OperationalError("database is locked")


@public
def denied(request):
    raise PermissionDenied


@public
def partial(request):
    return render_page(request, "_toasts.html", {}, partials={"swap"})


urlpatterns = [
    path("page/", page),
    path("told/", told),
    path("json/", told_in_json),
    path("back/", back),
    path("elsewhere/", elsewhere),
    path("refused/", refused),
    path("named/", named),
    path("broken/", broken),
    path("locked/", locked),
    path("denied/", denied),
    path("partial/", partial),
    path("", include("gasstock.urls")),
]
handler400 = "gasstock.core.views.bad_request"
handler403 = "gasstock.core.views.permission_denied"
handler404 = "gasstock.core.views.not_found"
handler500 = "gasstock.core.views.server_error"

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def test_htmx_gets_messages_as_toasts_out_of_band(client):
    html = client.get("/told/", headers=HTMX).content.decode()

    assert html.startswith("<p>row</p>")
    assert '<div hx-swap-oob="beforeend:#toasts">' in html
    assert "Price &lt;saved&gt;." in html


def test_a_toast_is_shown_once(client):
    client.get("/told/", headers=HTMX)

    assert b"gs-toast" not in client.get("/page/", headers=HTMX).content


def test_a_form_that_came_back_brings_its_toasts(client):
    assert b"gs-toast" in client.get("/told/?status=422", headers=HTMX).content


@pytest.mark.parametrize("url", ["/told/?status=404", "/told/?status=204", "/json/"])
def test_what_htmx_does_not_swap_keeps_its_messages_for_later(client, url):
    assert b"gs-toast" not in client.get(url, headers=HTMX).content

    assert b"gs-toast" in client.get("/page/", headers=HTMX).content


def test_without_htmx_nothing_is_added(client):
    assert client.get("/told/").content == b"<p>row</p>"


def test_a_redirect_to_the_page_htmx_stands_on_is_followed(client):
    answer = client.post("/back/", headers=HTMX)

    assert (answer.status_code, answer["Location"]) == (302, PAGE)


def test_a_redirect_to_another_page_loads_that_page_whole(client):
    answer = client.post("/elsewhere/", headers=HTMX)

    assert (answer.status_code, answer["HX-Redirect"]) == (200, "/told/")


def test_a_rule_that_refuses_is_told_on_the_page_one_came_from(client):
    answer = client.post("/refused/", headers=HTMX)

    assert answer["Location"] == PAGE
    toast = client.get("/page/", headers=HTMX).content.decode()
    assert "Only 3 left of SP 12 kg." in toast
    assert "gs-toast--bad" in toast


def test_a_rule_never_sends_anybody_to_a_foreign_site(client):
    answer = client.post("/refused/", headers={"Referer": "https://evil.example/"})

    assert answer["Location"] == "/"


def test_a_rule_that_fails_on_reading_is_our_mistake(client):
    client.raise_request_exception = False

    assert client.get("/refused/").status_code == 500


@pytest.mark.parametrize(
    ("target", "restored", "is_whole"),
    [("", False, True), ("swap", False, False), ("other", False, True), ("swap", True, True)],
)
def test_htmx_gets_the_partial_it_asks_for_and_the_whole_page_on_going_back(
    client, target, restored, is_whole
):
    headers = {**HTMX, "HX-Target": target}
    if restored:
        headers["HX-History-Restore-Request"] = "true"
    answer = client.get("/partial/", headers=headers)

    assert (b'<div class="gs-toasts"' in answer.content) == is_whole
    assert {"HX-Request", "HX-Target"} <= {name.strip() for name in answer["Vary"].split(",")}


def test_a_request_keeps_the_name_its_proxy_gave_it(client):
    answer = client.get("/named/", headers={"X-Request-ID": "abc-12345678"})

    assert (answer.content, answer["X-Request-ID"]) == (b"abc-12345678", "abc-12345678")


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "bad id with spaces", "12345678\u00e9"])
def test_a_name_that_could_harm_the_logs_is_replaced(client, given):
    answer = client.get("/named/", headers={"X-Request-ID": given})

    assert answer["X-Request-ID"] != given
    assert answer.content.decode() == answer["X-Request-ID"]


def test_pages_of_a_signed_in_person_are_kept_nowhere(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("aline@example.com", name="Aline"))

    assert "no-store" in client.get("/page/")["Cache-Control"]


def test_pages_of_a_stranger_are_not_marked(client):
    assert not client.get("/page/").has_header("Cache-Control")


def test_every_answer_says_what_the_page_may_not_use(client):
    assert "camera=()" in client.get("/page/")["Permissions-Policy"]


def test_a_failure_has_a_page_with_the_name_of_its_request(client):
    client.raise_request_exception = False
    answer = client.get("/broken/", headers={"X-Request-ID": "report-12345"})

    assert answer.status_code == 500
    assert "report-12345" in answer.content.decode()


def test_a_database_that_is_away_is_to_be_tried_again(client):
    client.raise_request_exception = False
    answer = client.get("/locked/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "We are busy for a moment" in answer.content.decode()


def test_a_page_without_permission_tells_who_one_is(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("eric@example.com", name="Eric N."))
    answer = client.get("/denied/")

    assert answer.status_code == 403
    assert "You are signed in as Eric N." in answer.content.decode()


def test_a_stranger_without_permission_is_asked_to_sign_in(client):
    assert "Sign in" in client.get("/denied/").content.decode()
