"""Schemathesis reads the document and sends what it makes up, good and bad, as three roles.

What comes back must be no 5xx and must be as the document says: status, type, headers, body.
Half of the calls go to things that exist. A few cases by default; over 2,000 where CI is set,
each time others.
"""

import os
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.api.client import Client
from tests.api.conftest import connect, signed_in
from tests.api.doors import ROWS
from tests.doors import World

BASE = "http://testserver"
IN_CI = bool(os.environ.get("CI"))
CASES = 12 if IN_CI else 2  # of each operation, for each role
CHECKS: list[Any] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


def cases_of(operation: schemathesis.APIOperation, world: World) -> st.SearchStrategy[Any]:
    """What the document lets send, or does not, to things that are there and that are not."""
    name = f"{operation.method.upper()} {operation.path.removeprefix('/api/v1/')}"
    row = ROWS[name]
    strategies = [operation.as_strategy(generation_mode=mode) for mode in MODES]
    if there := row.path(world):
        strategies += [
            operation.as_strategy(generation_mode=mode, path_parameters=there) for mode in MODES
        ]
    return st.one_of(strategies)


def sent(client: Client, case: schemathesis.Case) -> httpx.Response:
    asked = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
    headers = {**asked.headers, "Authorization": f"Bearer {client.access}"}
    return client.http.request(
        asked.method or "", asked.url or "", headers=headers, content=asked.body
    )


@pytest.mark.parametrize("who", ["buyer", "manager", "admin"])
def test_whatever_is_sent_is_answered_as_the_document_says(db, who, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    world = World()
    world.refresh_token = signed_in(world.buyer).refresh_token
    client = signed_in(world.person(who))
    schema = schemathesis.openapi.from_dict(connect().get("openapi.json"))
    tried = 0

    for found in schema.get_all_operations():
        tried += fuzz(client, found.ok(), world)

    assert tried >= len(ROWS)
    assert not IN_CI or tried >= 700


def fuzz(client: Client, operation: schemathesis.APIOperation, world: World) -> int:
    """Send some cases; return how many. Raises what a check says."""
    tried = 0

    @fuzzing(max_examples=CASES, suppress_health_check=[*HealthCheck], derandomize=not IN_CI)
    @given(case=cases_of(operation, world))
    def send(case: schemathesis.Case) -> None:
        nonlocal tried
        tried += 1
        with transaction.atomic():
            answer = sent(client, case)
            transaction.set_rollback(True)
        case.validate_response(answer, checks=CHECKS)

    send()
    return tried
