import pytest
from django.test import Client

from gasstock.accounts.permissions import Role
from tests.factories import make_admin, make_member, make_station, make_user


def from_htmx(page: str, target: str) -> dict[str, str]:
    """The headers htmx sends from `page` when it wants to swap `target`."""
    page = f"http://testserver{page}"
    return {"HX-Request": "true", "HX-Target": target, "HX-Current-URL": page, "Referer": page}


@pytest.fixture
def admin(db):
    return make_admin("admin@example.com", name="Aline Mukamana")


@pytest.fixture
def station(db):
    return make_station("remera", name="Remera Gas")


@pytest.fixture
def manager(station):
    return make_member(make_user("eric@example.com", name="Eric Habimana"), station, Role.MANAGER)


@pytest.fixture
def clerk(station):
    return make_member(make_user("diane@example.com", name="Diane Uwimana"), station, Role.CLERK)


@pytest.fixture
def rider(station):
    return make_member(make_user("jean@example.com", name="Jean Nkurunziza"), station, Role.RIDER)


@pytest.fixture
def buyer(db):
    return make_user("marie@example.com", name="Marie Uwase")


@pytest.fixture
def stranger(db):
    """A manager, of another station."""
    return make_member(make_user("paul@example.com", name="Paul"), make_station("nyamirambo"))


@pytest.fixture
def client_factory():
    """Another browser of the same person."""
    return Client


@pytest.fixture
def details():
    """What the form for new stations holds when it is good."""
    return {
        "name": "Kimironko Gas Point",
        "licence": "RURA-LPG-0412",
        "district": "Gasabo",
        "address": "KG 11 Ave 24",
        "phone": "+250788300400",
        "opens_at": "07:00",
        "closes_at": "20:00",
        "delivers": True,
    }
