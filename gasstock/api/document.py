"""The OpenAPI document: what ninja knows, and every refusal besides."""

from collections.abc import Callable
from typing import Any, TypeVar

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation
from pydantic import BaseModel, Field

from gasstock.api.errors import GENERAL, MEDIA_TYPE, rule_of, type_of
from gasstock.core.errors import DomainError

View = TypeVar("View", bound=Callable[..., Any])
RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}


class WrongField(BaseModel):
    field: str = Field(examples=["lines.0.quantity"])
    message: str = Field(examples=["Input should be greater than or equal to 1"])


class ProblemOut(BaseModel):
    """RFC 9457. `type` ends in the name of what went wrong; a program looks at that."""

    type: str = Field(examples=["https://gas.example.rw/api/v1/problems/out-of-stock"])
    title: str = Field(examples=["Out of stock"])
    status: int = Field(examples=[409])
    detail: str = Field(examples=["Only 3 left of SP 12 kg."])
    errors: list[WrongField]


def refuses(*reasons: int | type[DomainError] | str) -> Callable[[View], View]:
    """Name for the document what an operation refuses with, beside what all of them do.

    A status (403, 404), a rule (OutOfStock), or the name of a problem of its own as
    "401 mfa-required".
    """

    def decorator(view: View) -> View:
        view.reasons = reasons  # type: ignore[attr-defined]
        return view

    return decorator


class Document(OpenAPISchema):
    """Lists for every operation what it may answer, refusals included."""

    def get_components(self) -> dict[str, Any]:
        schema = ProblemOut.model_json_schema(ref_template=REF_TEMPLATE)
        self.add_schema_definitions(schema.pop("$defs"))
        self.add_schema_definitions({"Problem": schema})
        return super().get_components()

    def responses(self, operation: Operation) -> dict[int, dict[str, Any]]:
        found = super().responses(operation)
        for status, kinds in sorted(_refusals(operation).items()):
            found[status] = _refusal(status, kinds)
        if "GET" in operation.methods and 200 in found:
            found[200]["headers"] = {"ETag": {"schema": {"type": "string"}}}
            found[304] = {"description": "Not changed since the ETag of If-None-Match."}
        return found


ALWAYS = (429, 500, 503)
BY_SOURCE = {"body": (400, 413, 415, 422), "path": (404, 422), "query": (422,), "header": (422,)}


def _refusals(operation: Operation) -> dict[int, list[str]]:
    """Status → what programs call the reasons."""
    view = operation.view_func
    statuses = {*ALWAYS, *((401, 403) if operation.auth_callbacks else ())}
    for model in operation.models:
        statuses.update(BY_SOURCE[str(model.__ninja_param_source__)])
    if getattr(view, "access", "") not in ("public", "signed in"):
        statuses.add(404)
    found: dict[int, list[str]] = {status: [] for status in statuses}
    if getattr(view, "is_idempotent", False):
        found[422].append("idempotency-mismatch")
    for reason in getattr(view, "reasons", ()):
        status, kinds = _named(reason)
        found.setdefault(status, []).extend(kinds)
    return found


def _named(reason: int | type[DomainError] | str) -> tuple[int, list[str]]:
    if isinstance(reason, int):
        return reason, []
    if isinstance(reason, str):
        status, _, kind = reason.partition(" ")
        return int(status), [kind]
    return 409, [rule_of(reason)]


def _refusal(status: int, kinds: list[str]) -> dict[str, Any]:
    usual, detail = GENERAL.get(status, ("conflict", "A rule of the business refuses."))
    named = list(dict.fromkeys(kinds if status == 409 else [usual, *kinds]))
    examples = {
        kind: {
            "value": {
                "type": type_of(kind),
                "title": kind.replace("-", " ").capitalize(),
                "status": status,
                "detail": detail,
                "errors": [],
            }
        }
        for kind in named
    }
    content = {"schema": {"$ref": REF_TEMPLATE.format(model="Problem")}, "examples": examples}
    refusal = {"description": f"{detail} ({', '.join(named)})", "content": {MEDIA_TYPE: content}}
    return refusal | ({"headers": RETRY_AFTER} if status in (429, 503) else {})
