from collections.abc import Collection
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request that knows whether htmx sent it."""

    htmx: HtmxDetails


def render_page(
    request: HtmxRequest,
    template: str,
    context: dict[str, Any],
    *,
    partials: Collection[str] = (),
    status: int = 200,
) -> HttpResponse:
    """Render a page, or only the partial of it that htmx wants to swap.

    A partial bears the name of its outermost element's id, so the target of the
    swap is also the name of the partial to answer with. Going back in the browser
    asks for the whole page again, whatever the target was.
    """
    target = request.htmx.target or ""
    if target in partials and not request.htmx.history_restore_request:
        template = f"{template}#{target}"
    response = TemplateResponse(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def go_back(request: HttpRequest) -> HttpResponseRedirect:
    """Return to the page that made this request; htmx gets its partial from there."""
    page = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(page, {request.get_host()}, request.is_secure())
    return redirect(page if is_ours else "/")


def posted(request: HttpRequest) -> QueryDict | None:
    """What was typed into the form of this page; None as long as nobody sent it."""
    return request.POST if request.method == "POST" else None
