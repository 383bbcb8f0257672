import pytest

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Role
from gasstock.inventory.models import Listing
from tests.factories import make_admin, make_listing, make_member, make_station, make_user


@pytest.fixture
def admin(db: None) -> User:
    return make_admin("admin@example.com", name="Claire Niyonsaba")


@pytest.fixture
def station(db: None) -> Station:
    return make_station("kimironko", code="KGP", name="Kimironko Gas Point")


@pytest.fixture
def manager(station: Station) -> User:
    return make_member(make_user("manager@example.com", name="Eric Mugisha"), station, Role.MANAGER)


@pytest.fixture
def clerk(station: Station) -> User:
    return make_member(make_user("clerk@example.com", name="Aline Uwera"), station, Role.CLERK)


@pytest.fixture
def rider(station: Station) -> User:
    return make_member(make_user("rider@example.com", name="Jean Bosco"), station, Role.RIDER)


@pytest.fixture
def buyer(db: None) -> User:
    return make_user("buyer@example.com", name="Marie Uwase")


@pytest.fixture
def gas(station: Station) -> Listing:
    """Ten refills of 20,000 at the station; new 22,000 and a deposit of 30,000."""
    return make_listing(station, full=10)
