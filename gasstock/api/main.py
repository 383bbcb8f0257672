"""The API itself: its routers, who may ask, how it refuses, and its document."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers, set_response_etag
from django.views.decorators.http import require_safe
from ninja import NinjaAPI, Router
from ninja.renderers import BaseRenderer
from pydantic_core import to_json

from gasstock.api import errors
from gasstock.api.auth import Bearer
from gasstock.api.document import Document
from gasstock.api.parsing import StrictParser
from gasstock.api.routers import (
    admin,
    catalog,
    counter,
    deliveries,
    feedback,
    invoices,
    notifications,
    orders,
    purchasing,
    reports,
    seller,
    session,
    shop,
    stock,
)
from gasstock.api.throttles import PersonThrottle

DESCRIPTION = """\
What the mobile client talks to. Send `Authorization: Bearer <access>`; see `login/`.

Errors are problem documents (RFC 9457). Lists have a cursor. Amounts are strings in the
currency's own precision, moments ISO 8601 with an offset. Send an `Idempotency-Key` with
everything that must not happen twice.
"""


class Renderer(BaseRenderer):
    """Writes JSON as a kept answer is written (idempotency.py), and sooner than the usual one."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return to_json(data)


class Api(NinjaAPI):
    _document: Document | None = None

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> Document:
        """Write the document; once, for it does not change while we run."""
        if self._document is None or path_prefix is not None:
            prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
            self._document = Document(self, prefix)
        return self._document


def finished(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Say of each answer who may keep it, and whether it is what the client has already."""

    @wraps(run)
    def finish(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = run(request, *args, **kwargs)
        if response.status_code >= 400:
            return response
        is_private = request.method != "GET" or getattr(request, "auth", None)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store" if is_private else "no-cache"
        if is_private:
            patch_vary_headers(response, ["Authorization"])
        if request.method != "GET" or response.status_code != 200 or response.streaming:
            return response
        set_response_etag(response)
        response["ETag"] = f"W/{response['ETag']}"  # the same packed or not
        return get_conditional_response(request, response["ETag"], response=response)  # type: ignore[return-value]

    return finish


def build(*routers: Router) -> Api:
    """Put an API together; all of it, errors and document included, but for its routers."""
    built = Api(
        title="GasStock",
        version="1",
        description=DESCRIPTION,
        urls_namespace="api",
        auth=Bearer(),
        throttle=[PersonThrottle()],
        parser=StrictParser(),
        renderer=Renderer(),
        docs_decorator=lambda page: require_safe(finished(page)),
    )
    errors.register(built)
    built.add_decorator(finished, mode="view")
    for router in routers:
        built.add_router("", router)
    return built


api = build(
    session.router,
    shop.router,
    orders.router,
    feedback.router,
    notifications.router,
    deliveries.router,
    seller.router,
    stock.router,
    invoices.router,
    counter.router,
    purchasing.router,
    reports.router,
    admin.router,
    catalog.router,
)
