"""The same request sent again gets the first answer again, also when both arrive at once.

A row claims the key in the transaction of the work: whoever comes second with the same key waits
for it, then finds the answer. What was refused or failed keeps no row and may be tried again.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Header
from ninja.responses import Status
from ninja.utils import contribute_operation_args
from pydantic import BaseModel

from gasstock.api.errors import Problem
from gasstock.api.models import IdempotencyKey
from gasstock.core import clock
from gasstock.core.errors import DomainError

KEPT = timedelta(hours=48)
REFUSALS = (DomainError, Problem, Http404, PermissionDenied)
KEY = "Any text of yours, new for each thing to be done; sent again, it is not done again."

View = TypeVar("View", bound=Callable[..., Any])


def idempotent(view: View) -> View:
    """Let a POST take an `Idempotency-Key`; `view` returns `Status(code, schema)`."""

    @wraps(view)
    def once(request: HttpRequest, idempotency_key: str | None, **kwargs: Any) -> HttpResponse:
        if idempotency_key is None:
            return _written(view(request, **kwargs))
        with transaction.atomic():
            claim = _claim(request, idempotency_key)
            if claim.status:
                return _again(request, claim)
            try:
                response = _written(view(request, **kwargs))
            except REFUSALS as refusal:
                # The service undid its own work. What it left on purpose, such as a counted
                # wrong code, stays, as it would without a key.
                refused: Exception = refusal
                claim.delete()
            else:
                claim.status, claim.body = response.status_code, response.content.decode()
                claim.save(update_fields=["status", "body"])
                return response
        raise refused

    parameter = Header(
        None, alias="Idempotency-Key", max_length=200, pattern=r"^[!-~]+$", description=KEY
    )
    contribute_operation_args(once, "idempotency_key", str | None, parameter)  # type: ignore[arg-type]
    once.is_idempotent = True  # type: ignore[attr-defined]
    return once  # type: ignore[return-value]


def purge() -> None:
    """Forget answers that nobody will ask for again."""
    IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()


def _claim(request: HttpRequest, key: str) -> IdempotencyKey:
    """Return a new row of this key; or the answered one of a request that came before."""
    sign_in = getattr(request, "auth", None)
    person = sign_in.user if sign_in else None
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(
                person=person, key=key, route=_route(request), digest=_digest(request)
            )
    except IntegrityError:
        return IdempotencyKey.objects.get(person=person, key=key)


def _again(request: HttpRequest, claim: IdempotencyKey) -> HttpResponse:
    same = claim.route == _route(request) and hmac.compare_digest(claim.digest, _digest(request))
    if not same:
        detail = "This Idempotency-Key was sent with another request. Use a new one."
        raise Problem(422, "idempotency-mismatch", detail)
    return _response(claim.status, claim.body, {"Idempotency-Replayed": "true"})


def _route(request: HttpRequest) -> str:
    return f"{request.method} {request.get_full_path()}"[:300]


def _digest(request: HttpRequest) -> str:
    """Fingerprint what was asked for; keyed, because a body may hold a password."""
    try:
        said = json.dumps(json.loads(request.body), sort_keys=True) if request.body else ""
    except (ValueError, RecursionError):
        said = request.body.decode(errors="replace")
    key = f"idempotency {settings.SECRET_KEY}".encode()
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()


def _written(result: Any) -> HttpResponse:
    if isinstance(result, HttpResponse):
        return result
    status, value = (
        (result.status_code, result.value) if isinstance(result, Status) else (200, result)
    )
    body = value.model_dump_json() if isinstance(value, BaseModel) else ""
    return _response(status, body)


def _response(status: int, body: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)
