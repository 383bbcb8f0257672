import sys

from django.db import Error, InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language as django_set_language

from gasstock.core import heartbeat
from gasstock.core.access import public
from gasstock.core.request_id import current_request_id

RETRY_SECONDS = "10"

_seen_migrated: list[bool] = []


@public
@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    return render(request, "core/safety.html")


@public
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "core/help.html")


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    return django_set_language(request)


# --- For the machines that watch us ------------------------------------------------------------


@public
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; a failing database is no reason to restart it."""
    return _plain("ok")


@public
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether requests should be sent here: database, its tables and the worker."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _is_migrated():
            return _plain("the database misses migrations", status=503)
        if not heartbeat.is_heard():
            return _plain("the worker is silent", status=503)
    except Error:
        return _plain("the database does not answer", status=503)
    return _plain("ok")


def _is_migrated() -> bool:
    """Whether every migration of this code is applied; once true, it stays so."""
    if not _seen_migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _seen_migrated.append(True)
    return True


def _plain(text: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")


# --- When something went wrong -----------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _apology(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form is stale; htmx loads the page again, with a token that is good."""
    response = HttpResponse(render_to_string("403_csrf.html", {"request": request}), status=403)
    if request.headers.get("HX-Request") == "true":
        response["HX-Refresh"] = "true"
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _apology(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Apologise. A database that is away or locked is no mistake: that is to be tried again."""
    if not isinstance(sys.exception(), OperationalError | InterfaceError):
        return _apology(request, 500)
    response = _apology(request, 503)
    response["Retry-After"] = RETRY_SECONDS
    return response


def _apology(request: HttpRequest, status: int) -> HttpResponse:
    """Answer with the page of this status, which asks neither database nor session."""
    context = {"request": request, "report": current_request_id()}
    return HttpResponse(render_to_string(f"{status}.html", context), status=status)
