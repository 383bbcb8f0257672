from collections.abc import Iterator
from datetime import datetime, time
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from gasstock.accounts.models import Membership, Station, User
from gasstock.accounts.permissions import Role
from gasstock.billing.models import Shift
from gasstock.billing.services.shifts import open_shift
from gasstock.core import clock
from gasstock.delivery.models import Homecoming
from gasstock.delivery.services import homecoming
from gasstock.inventory.models import Listing
from gasstock.orders.models import DeliveryWindow
from tests.delivery.acts import handed_over
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


@pytest.fixture
def noon() -> Iterator[datetime]:
    """Noon at the stations, so that nothing falls on another day."""
    noon = timezone.localtime(clock.now()).replace(hour=12, minute=0, second=0, microsecond=0)
    with clock.at(noon):
        yield noon


@pytest.fixture
def marie(client: Client, buyer: User, noon: datetime) -> Client:
    """The buyer, signed in at noon."""
    client.force_login(buyer)
    return client


@pytest.fixture
def window(station: Station) -> DeliveryWindow:
    """The station brings between 16:00 and 18:00."""
    return DeliveryWindow.objects.create(station=station, starts_at=time(16), ends_at=time(18))


@pytest.fixture
def eric(client, rider):
    """The rider, signed in."""
    client.force_login(rider)
    return client


@pytest.fixture
def aline(client: Client, clerk: User) -> Client:
    """The clerk at the desk, signed in."""
    client.force_login(clerk)
    return client


@pytest.fixture
def counted(manager: User, clerk: User, rider: User, gas: Listing) -> Homecoming:
    """One empty that is there, and all that should be."""
    handed_over(manager, rider, gas)
    found = {(gas.variant_id, "empty"): 1}
    return homecoming.count(clerk, station=gas.station, rider=rider, counted=found, cash=0)


@pytest.fixture
def off(manager: User, clerk: User, rider: User, gas: Listing) -> Homecoming:
    """Three empties should be there, one is, and RWF 1,000 of 60,000 are short."""
    handed_over(manager, rider, {gas: 3}, cash=60_000)
    found = {(gas.variant_id, "empty"): 1}
    return homecoming.count(clerk, station=gas.station, rider=rider, counted=found, cash=59_000)
