"""The OpenAPI document says what is so, and its page shows it."""

import json
import re
from collections import Counter

import jsonschema_rs
import pytest

from gasstock.api.schemas.base import In, Out
from tests.api.conftest import signed_in
from tests.api.doors import ROWS, operations
from tests.doors import World

ALWAYS = {"429", "500", "503"}


@pytest.fixture
def document(api):
    return api.get("openapi.json")


def test_it_is_a_document_of_openapi_31(document):
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"] == {
        "Bearer": {"type": "http", "scheme": "bearer"}
    }


def test_every_operation_is_in_it(document):
    listed = {
        f"{method.upper()} {path.removeprefix('/api/v1/')}"
        for path, methods in document["paths"].items()
        for method in methods
    }

    assert listed == {operation.name for operation in operations()}
    assert all(path.startswith("/api/v1/") and path.endswith("/") for path in document["paths"])


def test_every_operation_tells_what_it_does_and_how_it_refuses(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            name = f"{method} {path}"
            assert operation["summary"], name
            assert operation["tags"], name
            assert {*answers} >= ALWAYS, name
            assert ("401" in answers) >= ("security" in operation), name
            assert ("415" in answers) == ("requestBody" in operation), name
            assert ("404" in answers) >= ("{" in path), name
            for status, answer in answers.items():
                if int(status) >= 400:
                    assert [*answer["content"]] == ["application/problem+json"], name


def test_rules_are_named(document):
    answers = document["paths"]["/api/v1/me/"]["patch"]["responses"]
    login = document["paths"]["/api/v1/login/"]["post"]["responses"]["401"]["content"]

    assert "too-many-addresses" in answers["409"]["description"]
    assert "mfa-required" in login["application/problem+json"]["examples"]


def test_nothing_refers_to_what_is_not_there(document):
    text = json.dumps(document)

    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert names <= {*document["components"]["schemas"]}


def test_no_two_schemas_have_the_same_name():
    found = Counter(kind.__name__ for kind in {*below(In), *below(Out)})

    assert [name for name, n in found.items() if n > 1] == []


def below(kind):
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def test_keys_are_told_of(document):
    parameters = document["paths"]["/api/v1/register/"]["post"]["parameters"]

    assert [each["name"] for each in parameters] == ["Idempotency-Key"]


@pytest.mark.parametrize("name", [name for name in ROWS if name.startswith("GET")])
def test_answers_are_as_the_document_says(document, name):
    world = World()
    is_admins = {each.name: each.access for each in operations()}[name] == "admin"
    client, row = signed_in(world.admin if is_admins else world.manager), ROWS[name]
    path = name.partition(" ")[2]

    answer = client.ask("GET", path.format(**row.path(world)), **row.query(world))
    plain = client.ask("GET", path.format(**row.path(world)))

    said = document["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]
    if "application/json" not in said:
        assert [*said] == [answer.headers["Content-Type"]]
        return
    schema = said["application/json"]["schema"] | {"components": document["components"]}
    for each in (answer, plain):
        jsonschema_rs.validate(schema, each.json())


def test_problems_are_as_the_document_says(api, document):
    schema = document["components"]["schemas"]["Problem"] | {"components": document["components"]}

    for path in ("nothing/", "me/", "gas/?limit=x"):
        jsonschema_rs.validate(schema, api.http.get(path).json())


def test_its_page_keeps_the_policy(client, db):
    answer = client.get("/api/v1/docs")

    page = answer.content.decode()
    scripts = re.findall(r"<script[^>]*>", page)
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert all('src="/static/ninja/' in tag or "application/json" in tag for tag in scripts)
    assert "//cdn" not in page
    assert "/api/v1/openapi.json" in page
