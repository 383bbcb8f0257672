import pytest

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Role
from gasstock.inventory.models import Listing
from tests.factories import make_admin, make_listing, make_member, make_station, make_user


@pytest.fixture
def admin(db: None) -> User:
    return make_admin()


@pytest.fixture
def station(db: None) -> Station:
    return make_station("kimironko", code="KGP", name="Kimironko Gas Point")


@pytest.fixture
def manager(station: Station) -> User:
    return make_member(make_user(), station, Role.MANAGER)


@pytest.fixture
def clerk(station: Station) -> User:
    return make_member(make_user(), station, Role.CLERK)


@pytest.fixture
def rider(station: Station) -> User:
    return make_member(make_user(name="Eric Nshimiyimana"), station, Role.RIDER)


@pytest.fixture
def gas(station: Station) -> Listing:
    return make_listing(station, full=10, empty=4)
