import re
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from gasstock.core.errors import DomainError
from gasstock.core.htmx import HtmxRequest, go_back
from gasstock.core.origin import set_origin
from gasstock.core.request_id import set_request_id

GetResponse = Callable[[HttpRequest], HttpResponse]

# What a load balancer may hand us as the name of a request; anything else would reach the logs.
GOOD_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
NO_BODY = {204, 205, 304}


class RequestIdMiddleware:
    """Name each request, so that a person's report finds its lines in the logs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        name = given if GOOD_ID.fullmatch(given) else uuid.uuid4().hex[:12]
        set_request_id(name)
        response = self.get_response(request)
        response["X-Request-ID"] = name
        return response


class OriginMiddleware:
    """Let the audit say from where something was done."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        set_origin(request)
        try:
            return self.get_response(request)
        finally:
            set_origin(None)


class DomainErrorMiddleware:
    """Tell the user which rule refused the action, on the page they acted from."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError) or request.method != "POST":
            return None
        messages.error(request, str(error))
        return go_back(request)


class WrongMethodMiddleware:
    """Say something where only a form leads: a browser comes back here by itself, with a GET."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and isinstance(response, HttpResponseNotAllowed):
            response.content = render_to_string("405.html", request=request).encode()
        return response


class HtmxResponseMiddleware:
    """Let views answer as if htmx did not exist, and translate the answer for it.

    A redirect to the page we are on is followed, and yields its partial; a redirect to
    another page loads that page whole. Messages ride along as out-of-band toasts.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HtmxRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.htmx:
            return response
        if isinstance(response, HttpResponseRedirect):
            here = urlsplit(request.htmx.current_url_abs_path or "").path
            is_here = urlsplit(response.url).path == here
            return response if is_here else HttpResponseClientRedirect(response.url)
        patch_vary_headers(response, ["HX-Request"])
        told = messages.get_messages(request)
        if _is_swapped(response) and len(told) and not getattr(told, "used", True):
            response.content += render_to_string("_toasts.html#swap", {"messages": told}).encode()
        return response


class PrivatePagesMiddleware:
    """Keep what a signed-in person saw out of every cache, the browser's included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        is_ours = response.status_code < 500 and not response.has_header("Cache-Control")
        if is_ours and request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


def _is_swapped(response: HttpResponse) -> bool:
    """Whether htmx will swap this answer; if not, its messages wait for one that it does."""
    swaps = response.status_code == 422 or 200 <= response.status_code < 300
    is_page = response.get("Content-Type", "").startswith("text/html")
    return swaps and is_page and not response.streaming and response.status_code not in NO_BODY
