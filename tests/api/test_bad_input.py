"""Whatever is sent to whatever operation, it answers, and never with a 5xx."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction

from tests.api.conftest import signed_in
from tests.api.doors import ROWS, WITHOUT_STATION
from tests.api.test_doors import OPERATIONS, path_of
from tests.doors import World

NASTY: list[Any] = [
    *("", "0", "-1", "1e5", "NaN", "١٢", "9" * 5000, "0001-01-01", "9999-12-31", "2026-02-30"),
    *("a\x00b", "a\r\nBcc: x@example.com", "\u202egnp.exe", "{{7*7}}", "<svg onload=alert(1)>"),
    *("=1+1", "../..", "x" * 300, 0, -1, 0.5, 2147483648, 10**30, True, None, [], {}, [{}]),
]
BODIES = ["", "null", "[]", '"x"', "1", "{", "[" * 50_000, '{"a": 1, "a": 2}', "\ufeff{}"]
KEYS = ["0", "2147483648", "9" * 30, "-1", "x", "%00", "..", "x" * 300]
WHO = ("buyer", "manager", "admin")


@pytest.fixture(params=WHO)
def visit(request, db, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    world = World()
    world.refresh_token = signed_in(world.buyer).refresh_token
    return Visit(world, request.param)


class Visit:
    """Sends things as somebody; what was written is undone each time."""

    def __init__(self, world: World, who: str) -> None:
        self.world, self.client = world, signed_in(world.person(who))
        self.failures: dict[str, str] = {}

    def calls(self) -> Iterator[tuple[str, str, dict[str, Any], Any]]:
        """Method, path, query and body of a good call of every operation."""
        for name, row in ROWS.items():
            is_stations = OPERATIONS[name].access not in WITHOUT_STATION
            query = row.query(self.world)
            if is_stations:
                query = {"station": self.world.station.slug} | query
            method = name.partition(" ")[0]
            yield method, path_of(name, row, self.world), query, row.body(self.world)

    def send(self, method: str, path: str, query: dict[str, Any], body: Any = None) -> None:
        with transaction.atomic():
            answer = self.client.ask(method, path, body, **query)
            transaction.set_rollback(True)
        self.note(f"{method} {path} {query} {str(body)[:80]}", answer)

    def note(self, sent: str, answer: Any) -> None:
        kind = answer.headers.get("Content-Type", "")
        is_told = answer.status_code < 400 or kind == "application/problem+json"
        if answer.status_code >= 500 or not is_told:
            self.failures[sent] = f"{answer.status_code} {kind}"


def leaves(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the values of a body are, the containers themselves among them."""
    for step, value in body.items() if isinstance(body, dict) else enumerate(body):
        yield (*path, step)
        if isinstance(value, dict | list):
            yield from leaves(value, (*path, step))


def changed(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    copy = deepcopy(body)
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy


def test_any_value_in_any_field(visit):
    for method, path, query, body in visit.calls():
        for place in leaves(body) if isinstance(body, dict) else ():
            for value in NASTY:
                visit.send(method, path, query, changed(body, place, value))

    assert visit.failures == {}


def test_any_value_in_any_parameter(visit):
    for method, path, query, body in visit.calls():
        for name in query:
            for value in NASTY:
                if isinstance(value, str | int | float):
                    visit.send(method, path, query | {name: value}, body)

    assert visit.failures == {}


def test_any_body(visit):
    kinds = {"Content-Type": "application/json"}
    token = {"Authorization": f"Bearer {visit.client.access}"}
    for method, path, query, _ in visit.calls():
        for body in BODIES if method != "GET" else ():
            with transaction.atomic():
                content = body.encode()
                answer = visit.client.http.request(
                    method, path, content=content, params=query, headers=kinds | token
                )
                transaction.set_rollback(True)
            visit.note(f"{method} {path} {body[:20]}", answer)

    assert visit.failures == {}


def test_any_key_in_any_path(visit):
    for name, row in ROWS.items():
        for argument in row.path(visit.world):
            good = {key: str(value) for key, value in row.path(visit.world).items()}
            for key in KEYS:
                ending = key if key.startswith("%") else quote(key, safe="")
                method, _, path = name.partition(" ")
                visit.send(method, path.format(**good | {argument: ending}), {})

    assert visit.failures == {}
