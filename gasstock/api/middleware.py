import re
from collections.abc import Callable
from typing import ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from gasstock.api.errors import Problem, answer, too_many
from gasstock.api.throttles import address_budget, address_of, until_next_minute

GetResponse = Callable[[HttpRequest], HttpResponse]
DOORS = ("/api/", "/_allauth/")


class ApiMiddleware:
    """Keep the doors of the API apart from the pages: no cookies, no HTML, limits for all."""

    kept: ClassVar[tuple[str, ...]] = ("Allow", "Retry-After", "WWW-Authenticate")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(DOORS):
            return self.get_response(request)
        request.META.pop("HTTP_COOKIE", None)  # a browser's session must not act here
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # so nothing can
        if problem := _refusal(request):
            return answer(problem)
        asked, request.method = request.method, _method(request)
        response = self.get_response(request)
        request.method = asked
        if response.status_code == 405:
            response["Allow"] = _allowed(response)
        if asked == "OPTIONS" and response.status_code == 405:
            return HttpResponse(status=204, headers={"Allow": response["Allow"]})
        if response.status_code >= 400 and "json" not in response.get("Content-Type", ""):
            response = self._in_form(request, response)
        if response.status_code == 429 and not response.has_header("Retry-After"):
            response["Retry-After"] = "60"  # allauth does not say
        return _without_body(response) if asked == "HEAD" else response

    def _in_form(self, request: HttpRequest, page: HttpResponse) -> HttpResponse:
        """Say as a problem what Django would say on a page."""
        detail = ""
        if page.status_code == 404 and not request.path_info.endswith("/"):
            detail = "There is nothing here. Every path ends in a slash."
        headers = {name: page[name] for name in self.kept if page.has_header(name)}
        return answer(Problem(page.status_code, detail=detail, headers=headers))


def _refusal(request: HttpRequest) -> Problem | None:
    if "\x00" in request.path_info:
        return Problem(404)
    if not address_budget.takes(address_of(request)):
        return too_many(until_next_minute())
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        return Problem(411)  # Django reads as much as the Content-Length says
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not re.fullmatch(r"[0-9]{1,18}", length):
        return Problem(400)
    return Problem(413) if int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE else None


def _method(request: HttpRequest) -> str | None:
    """A HEAD is answered as a GET, but for the body."""
    return "GET" if request.method == "HEAD" else request.method


def _allowed(response: HttpResponse) -> str:
    methods = {method.strip() for method in response.get("Allow", "").split(",")} - {""}
    more = {"HEAD", "OPTIONS"} if "GET" in methods else {"OPTIONS"}
    return ", ".join(sorted(methods | more))


def _without_body(response: HttpResponse) -> HttpResponse:
    if not response.streaming:
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
    return response
