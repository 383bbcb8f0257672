"""Every address below a station, by who may open it. From the resolver: none is left out."""

import pytest
from django.db import transaction

from gasstock.accounts.permissions import GRANTS, Permission, Role
from tests.doors import MORE, PEOPLE, THING_OF, Door, World, doors

DOORS = doors()
WITH_ARGUMENTS = sorted(name for name, door in DOORS.items() if door.converters)
# Arguments that name nothing of a station: a row of a form that is not saved, a kind of report.
NO_THINGS = {
    "purchasing:order_row",
    *(f"reports:{page}" for page in ("report", "save", "csv", "xlsx")),
}
MEMBERS = {"rider": Role.RIDER, "clerk": Role.CLERK, "manager": Role.MANAGER}


@pytest.fixture
def world(db):
    return World()


def opened(client, path):
    """The status of a page, or of its button where it is none; whatever it did is undone."""
    with transaction.atomic():
        answer = client.get(path)
        if answer.status_code == 405:
            answer = client.post(path)
        transaction.set_rollback(True)
    return answer


# What belongs to the person who made it: in the world of these tests, the manager.
OF_THE_MANAGER = {"reports:view", "reports:view_delete"}


def expected(door: Door, who: str) -> set[int]:
    if who in ("buyer", "stranger"):
        return {404}
    if door.name in OF_THE_MANAGER and who == "admin":
        return {404}
    granted = who == "admin" or door.access in GRANTS[MEMBERS[who]]
    return {200, 204, 302, 422} if granted else {403}


def test_every_door_asks_for_a_permission():
    assert [name for name, door in DOORS.items() if door.access not in Permission] == []


def test_every_door_has_something_behind_it():
    assert {*THING_OF, *MORE} == set(WITH_ARGUMENTS)


@pytest.mark.parametrize("who", PEOPLE)
def test_who_gets_in(client, world, who):
    client.force_login(world.person(who))
    surprises = {}

    for name, door in DOORS.items():
        answer = opened(client, world.path(door, world.station))
        if answer.status_code not in expected(door, who):
            surprises[name] = answer.status_code

    assert surprises == {}


def test_visitors_are_asked_to_sign_in(client, world):
    for door in DOORS.values():
        path = world.path(door, world.station)
        assert client.get(path)["Location"] == f"/account/login/?next={path}"
        assert client.post(path)["Location"].startswith("/account/login/")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["stranger", "admin"])
def test_nothing_of_one_station_is_reached_through_another(client, world, who, method):
    client.force_login(world.person(who))
    reached = {}

    for name in sorted(set(WITH_ARGUMENTS) - NO_THINGS):
        path = world.path(DOORS[name], world.elsewhere)
        with transaction.atomic():
            answer = getattr(client, method)(path, headers={"HX-Request": "true"})
            transaction.set_rollback(True)
        if answer.status_code not in (404, 405):
            reached[name] = answer.status_code

    assert reached == {}
