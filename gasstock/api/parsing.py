"""What may stand in a body or a query: JSON without tricks, text that is text."""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, cast

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from gasstock.api.errors import FieldError, Invalid, Problem

# Escapes that may stand for NUL or half a character; whether they do, only the text tells.
SUSPECT = re.compile(rb"\\u(0000|[dD][89a-fA-F])")
NO_TEXT = re.compile("[\x00\ud800-\udfff]")
MESSAGE = "This holds characters that are no text."


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """Read the JSON of a body. What this raises, ninja hands on as the cause of a 400."""
        if request.content_type != "application/json":
            raise Problem(415)
        data = json.loads(request.body, parse_constant=_refuse)
        if SUSPECT.search(request.body):
            _refuse_no_text(data)
        return cast(dict[str, Any], data)

    def parse_querydict(
        self, data: MultiValueDict, list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Read a query; a parameter without a value counts as not sent."""
        found = super().parse_querydict(data, list_fields, request)
        _refuse_no_text(found)
        return {name: value for name, value in found.items() if value != ""}


def _refuse(constant: str) -> NoReturn:
    raise Problem(400, detail=f"{constant} is no JSON.")


def _refuse_no_text(data: Any) -> None:
    errors = [FieldError(field, MESSAGE) for field in _no_text(data, "")]
    if errors:
        raise Invalid(errors)


def _no_text(data: Any, path: str) -> Iterator[str]:
    """Where in `data` there is something that no text holds."""
    if isinstance(data, str) and NO_TEXT.search(data):
        yield path
    for name, value in _inside(data):
        step = NO_TEXT.sub("?", name)
        if step != name:
            yield path
        yield from _no_text(value, f"{path}.{step}" if path else step)


def _inside(data: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(data, dict):
        yield from data.items()
    elif isinstance(data, list):
        yield from ((str(n), value) for n, value in enumerate(data))
