import pytest

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Role
from gasstock.inventory.models import Listing
from gasstock.purchasing.models import Supplier
from gasstock.purchasing.services.suppliers import add_supplier
from tests.factories import make_listing, make_member, make_station, make_user, make_variant


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
    return make_member(make_user("rider@example.com"), station, Role.RIDER)


@pytest.fixture
def gas(station: Station) -> Listing:
    """Two full ones and eight empties of SP 12 kg."""
    return make_listing(station, make_variant("SP 12 kg"), full=2, empty=8)


@pytest.fixture
def hose(station: Station) -> Listing:
    return make_listing(station, make_variant("Hose 1.5 m", size_g=None), full=3)


@pytest.fixture
def depot(station: Station) -> Supplier:
    return add_supplier(
        None, station=station, name="SP Depot", email="depot@example.com", phone="+250788300300"
    )


@pytest.fixture
def shop(station: Station) -> Supplier:
    """A supplier without an e-mail address."""
    return add_supplier(None, station=station, name="Hardware Shop")
