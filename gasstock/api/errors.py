"""Every refusal of the API is a problem document (RFC 9457), whoever refuses."""

import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

import redis
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError

from gasstock.core.errors import DomainError

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 10
logger = logging.getLogger(__name__)

# Status → what programs call it, and what a person may read of it.
GENERAL = {
    400: ("malformed", "The request cannot be read."),
    401: ("not-signed-in", "Send a good access token: Authorization: Bearer <access>."),
    403: ("forbidden", "You may see this, but not do it."),
    404: ("not-found", "There is nothing here, or nothing that you may see."),
    405: ("method-not-allowed", "This cannot be done here."),
    411: ("length-required", "Say how long the body is: Content-Length."),
    413: ("too-large", "That is more than we take."),
    415: ("unsupported-media-type", "Send JSON: Content-Type: application/json."),
    422: ("invalid", "Some fields are not as they should be."),
    429: ("too-many-requests", "That was too often. Try again later."),
    500: ("server-error", "Something went wrong on our side."),
    503: ("unavailable", "We cannot answer just now. Try again in a moment."),
}


TYPES = {"str", "int", "float", "bool", "list", "dict"}
# What pydantic finds → what a person may read of it.
MESSAGES = {
    "missing": "This is needed.",
    "string_pattern_mismatch": "This is not written as it should be.",
    "string_too_short": "Write something here.",
    "string_too_long": "At most {max_length} characters.",
    "too_long": "At most {max_length}.",
    "too_short": "At least {min_length}.",
    "string_type": "This should be text.",
    "int_type": "This should be a whole number.",
    "int_parsing": "This should be a whole number.",
    "int_from_float": "This should be a whole number.",
    "bool_type": "This should be true or false.",
    "bool_parsing": "This should be true or false.",
    "greater_than_equal": "At least {ge}.",
    "less_than_equal": "At most {le}.",
    "literal_error": "One of {expected}.",
    "list_type": "This should be a list.",
    "dict_type": "This should be an object.",
    "model_type": "This should be an object.",
    "model_attributes_type": "This should be an object.",
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; `field` is dotted ("lines.0.quantity"), "" for the whole."""

    field: str
    message: str


class Problem(Exception):
    """An answer that refuses. `kind` ends its type; `more` are members of its own."""

    def __init__(
        self,
        status: int,
        kind: str = "",
        detail: str = "",
        *,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        usual = GENERAL.get(status, (HTTPStatus(status).phrase.lower().replace(" ", "-"), ""))
        self.status = status
        self.kind = kind or usual[0]
        self.detail = detail or usual[1]
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = more
        super().__init__(self.detail)


class Invalid(Problem):
    """Fields that only a look into the database, or a form, could find wrong: 422."""

    def __init__(self, errors: Mapping[str, str] | Iterable[FieldError]) -> None:
        if isinstance(errors, Mapping):
            errors = [FieldError(*pair) for pair in errors.items()]
        super().__init__(422, errors=errors)


def form_errors(
    form: BaseForm, *, names: Mapping[str, str] | None = None, under: str = ""
) -> list[FieldError]:
    """What a form says, as errors of a body; `names` are those the body calls otherwise."""
    renamed = {"__all__": ""} | dict(names or {})
    return [
        FieldError(under + renamed.get(field, field), str(message))
        for field, messages in form.errors.items()
        for message in messages
    ]


def answer(problem: Problem) -> HttpResponse:
    """Write the problem as RFC 9457 wants it."""
    body = {
        "type": type_of(problem.kind),
        "title": problem.kind.replace("-", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "errors": [asdict(error) for error in problem.errors],
    }
    headers = {"Cache-Control": "no-store"} | problem.headers
    return HttpResponse(
        json.dumps(body | problem.more),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers=headers,
    )


def type_of(kind: str) -> str:
    return f"{settings.SITE_URL}/api/v1/problems/{kind}"


def rule_of(error: type[DomainError]) -> str:
    """What programs call a rule: OutOfStock is "out-of-stock"."""
    return error.rule or re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def too_many(wait: float) -> Problem:
    """Refuse for `wait` seconds."""
    return Problem(429, headers={"Retry-After": str(max(1, int(wait + 0.999)))})


def unavailable() -> Problem:
    return Problem(503, headers={"Retry-After": str(RETRY_SECONDS)})


def register(api: NinjaAPI) -> None:
    """Teach `api` to refuse in this way."""
    for error in REFUSALS:
        api.add_exception_handler(error, _refused)
    api.add_exception_handler(Exception, _unforeseen)


def _refused(request: HttpRequest, error: Any) -> HttpResponse:
    kind = next(each for each in type(error).__mro__ if each in REFUSALS)
    return answer(REFUSALS[kind](error))


def _unforeseen(request: HttpRequest, error: Any) -> HttpResponse:
    """Let Django log it; the middleware puts the answer into form."""
    raise error


def _of_http_error(error: HttpError) -> Problem:
    """What our parser found wrong, ninja wraps into an error of its own."""
    cause = error.__cause__
    return cause if isinstance(cause, Problem) else Problem(error.status_code)


def _of_validation(error: ValidationError) -> Problem:
    """One message for each field, in words for a person."""
    found: dict[str, str] = {}
    for each in error.errors:
        found.setdefault(_field(each["loc"]), _message(each))
    return Invalid(found)


def _field(location: tuple[Any, ...]) -> str:
    """Name the field as its sender does: without the part of the request and our parameter.

    The name of a type among several ("str", "function-after[…]") is no step to it.
    """
    source, *path = location
    steps = [str(step) for step in (path[1:] if source == "body" else path)]
    return ".".join(step for step in steps if step not in TYPES and "[" not in step)


def _message(error: Mapping[str, Any]) -> str:
    """Say it as we would; what pydantic says of numbers and choices will do."""
    said = MESSAGES.get(error["type"], error["msg"]).format(**error.get("ctx", {}))
    return said.removeprefix("Value error, ")


def _away(error: Exception) -> Problem:
    logger.error("An answer was not possible.", exc_info=error)
    return unavailable()


REFUSALS: dict[type[Exception], Any] = {
    Problem: lambda problem: problem,
    DomainError: lambda error: Problem(409, rule_of(type(error)), str(error)),
    ValidationError: _of_validation,
    HttpError: _of_http_error,
    AuthenticationError: lambda _: Problem(401, headers={"WWW-Authenticate": "Bearer"}),
    Throttled: lambda error: too_many(error.wait or 1),
    Http404: lambda _: Problem(404),
    PermissionDenied: lambda _: Problem(403),
    RequestDataTooBig: lambda _: Problem(413),
    SuspiciousOperation: lambda _: Problem(400),
    UnreadablePostError: lambda _: Problem(400),
    OperationalError: _away,
    InterfaceError: _away,
    redis.RedisError: _away,
}
