import pytest

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Role
from gasstock.catalog.models import Variant
from gasstock.inventory.models import Listing
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_station,
    make_user,
    make_variant,
)


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


@pytest.fixture
def sp(db: None) -> Variant:
    return make_variant("SP 12 kg", sku="SP-12")


@pytest.fixture
def hose(db: None) -> Variant:
    return make_variant("Hose", sku="HOSE", size_g=None)
