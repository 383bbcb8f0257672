"""Every operation × everybody × their own station and another. From the API: none is left out."""

import pytest
from django.db import transaction

from gasstock.accounts.permissions import GRANTS, Permission, Role
from tests.api.client import Client
from tests.api.conftest import connect, signed_in
from tests.api.doors import ROWS, WITHOUT_STATION, Operation, Row, operations
from tests.doors import PEOPLE, World

OPERATIONS = {operation.name: operation for operation in operations()}
MEMBERS = {"rider": Role.RIDER, "clerk": Role.CLERK, "manager": Role.MANAGER}
GOOD = {200, 201, 202, 204}


@pytest.fixture
def world(db):
    world = World()
    world.refresh_token = signed_in(world.buyer).refresh_token
    return world


def path_of(name: str, row: Row, world: World) -> str:
    return name.partition(" ")[2].format(**row.path(world))


def called(client: Client, name: str, world: World, station: str = "") -> int:
    """The status of a good call; whatever it did is undone."""
    row = ROWS[name]
    query = row.query(world) | ({"station": station} if station else {})
    with transaction.atomic():
        method, path = name.partition(" ")[0], path_of(name, row, world)
        answer = client.ask(method, path, row.body(world), **query)
        transaction.set_rollback(True)
    return answer.status_code


def expected(operation: Operation, row: Row, who: str) -> set[int]:
    access = operation.access
    if access == "public" or (access == "signed in" and row.is_of_the_caller):
        return GOOD
    if access == "signed in":
        return {row.people.get(who, 404)}
    if access == "admin":
        return GOOD if who == "admin" else {404}
    if access == "admins act":
        return GOOD if who == "admin" else {403}
    if who in ("buyer", "stranger"):
        return {404}
    return GOOD if who == "admin" or access in GRANTS[MEMBERS[who]] else {403}


def test_every_operation_has_a_row():
    assert {*ROWS} == {*OPERATIONS}


def test_every_operation_says_who_may_call_it():
    wrong = [
        operation.name
        for operation in OPERATIONS.values()
        if operation.access not in (*WITHOUT_STATION, *Permission)
        or operation.asks_for_token == (operation.access == "public")
    ]

    assert wrong == []


def test_every_operation_has_a_name_of_its_own():
    names = [operation.operation_id for operation in OPERATIONS.values()]

    assert all(names)
    assert len({*names}) == len(names)


@pytest.mark.parametrize("who", PEOPLE)
def test_who_gets_in(world, who):
    client = signed_in(world.person(who))
    surprises = {}

    for name, operation in OPERATIONS.items():
        is_stations = operation.access in [*Permission]
        status = called(client, name, world, world.station.slug if is_stations else "")
        if status not in expected(operation, ROWS[name], who):
            surprises[name] = status

    assert surprises == {}


def test_without_a_token_only_the_public_ones_answer(world):
    client = connect()

    statuses = {name: called(client, name, world) for name in OPERATIONS}

    assert {name for name, status in statuses.items() if status in GOOD} == {
        name for name, operation in OPERATIONS.items() if operation.access == "public"
    }
    assert {status for status in statuses.values() if status not in GOOD} == {401}


@pytest.mark.parametrize("who", ["manager", "clerk", "rider"])
def test_at_another_station_nothing_is_there(world, who):
    client = signed_in(world.person(who))
    at_stations = [name for name, each in OPERATIONS.items() if each.access in [*Permission]]

    statuses = {name: called(client, name, world, world.elsewhere.slug) for name in at_stations}

    assert {name: status for name, status in statuses.items() if status != 404} == {}


FORBIDDEN_FRUIT = (
    *("is_staff", "is_superuser", "is_admin", "role", "user", "owner", "station", "driver"),
    *("price", "total", "status", "paid", "approved_by", "created_at"),
)


NO_BODY = Row.__dataclass_fields__["body"].default
WITH_BODY = [name for name in OPERATIONS if name in ROWS and ROWS[name].body is not NO_BODY]


@pytest.mark.parametrize("name", WITH_BODY)
def test_more_fields_than_are_asked_for_change_nothing(world, name):
    row = ROWS[name]
    body = row.body(world)
    method, path = name.partition(" ")[0], path_of(name, row, world)

    def answered(who, sent):
        with transaction.atomic():
            answer = signed_in(world.person(who)).ask(method, path, sent)
            transaction.set_rollback(True)
        said = answer.json() if answer.content else {}
        return answer.status_code, {key: said.get(key) for key in FORBIDDEN_FRUIT}

    who = next(
        who
        for who in ("buyer", "rider", "clerk", "manager", "admin")
        if answered(who, body)[0] in GOOD
    )

    assert answered(who, dict.fromkeys(FORBIDDEN_FRUIT, "1") | body) == answered(who, body)
