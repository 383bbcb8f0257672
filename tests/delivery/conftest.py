from io import StringIO

import pytest
from django.core.management import call_command

from gasstock.accounts.models import Membership, Station, User
from gasstock.accounts.permissions import Role
from gasstock.billing.models import Shift
from gasstock.billing.services.shifts import open_shift
from gasstock.inventory.models import Listing
from tests.factories import make_listing, make_member, make_station, make_user


@pytest.fixture(autouse=True)
def _books_are_clean(db):
    """Whatever a test did through the services, the books prove it."""
    yield
    call_command("verify_ledger", stdout=StringIO())


@pytest.fixture
def station(db: None) -> Station:
    return make_station(
        "kimironko", code="KGP", name="Kimironko Gas Point", approval_limit=1_000_000
    )


@pytest.fixture
def manager(station: Station) -> User:
    return make_member(make_user(name="Claire Niyonsaba"), station, Role.MANAGER)


@pytest.fixture
def clerk(station: Station) -> User:
    return make_member(make_user(name="Aline Uwera"), station, Role.CLERK)


@pytest.fixture
def rider(station: Station) -> User:
    """Eric, who carries eight."""
    return make_member(make_user(name="Eric Mugisha"), station, Role.RIDER)


@pytest.fixture
def other(station: Station) -> User:
    return make_member(make_user(name="Jean Bosco"), station, Role.RIDER)


@pytest.fixture
def membership(rider: User, station: Station) -> Membership:
    return Membership.objects.get(user=rider, station=station)


@pytest.fixture
def buyer(db: None) -> User:
    return make_user("buyer@example.com", name="Marie Uwase")


@pytest.fixture
def gas(station: Station) -> Listing:
    """Twenty refills of 20,000 at the station; new 22,000 and a deposit of 30,000."""
    return make_listing(station, full=20)


@pytest.fixture
def shift(clerk: User, station: Station) -> Shift:
    """The clerk's drawer, open with 10,000."""
    return open_shift(clerk, station=station, float_amount=10_000)
