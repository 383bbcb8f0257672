from collections.abc import Callable

import pytest
from django.urls import reverse

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Role
from gasstock.billing.models import Method, Shift
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import open_shift
from gasstock.inventory.models import Listing
from gasstock.orders.models import LineKind, Order
from gasstock.orders.services.counter import SaleLine, sell
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


# --- The counter ------------------------------------------------------------------------------


@pytest.fixture
def shift(clerk: User, station: Station) -> Shift:
    """The clerk's drawer, open with 50,000."""
    return open_shift(clerk, station=station, float_amount=50_000)


@pytest.fixture
def hose(station: Station) -> Listing:
    """Five hoses of 3,000."""
    variant = make_variant("Hose", size_g=None)
    return make_listing(station, variant, full=5, refill_price=3_000, new_price=None)


@pytest.fixture
def ring_up(clerk: User, station: Station, shift: Shift) -> Callable[..., Order]:
    """`ring_up(SaleLine(…), …, pay=[Tender(…)])`; the key is "k" unless one is given."""

    def ring_up(*lines, pay=(), key="k", **values):
        return sell(clerk, station=station, lines=lines, tenders=list(pay), key=key, **values)

    return ring_up


@pytest.fixture
def refill(ring_up: Callable[..., Order], gas: Listing) -> Callable[..., Order]:
    """`refill("key")` sells one refill of the gas for cash, or as `amount` and `listing` say."""

    def refill(key, *, amount=20_000, listing=gas, **values):
        pay = [Tender(Method.CASH, amount)] if amount else []
        return ring_up(SaleLine(listing, LineKind.EXCHANGE, 1), pay=pay, key=key, **values)

    return refill


@pytest.fixture
def at(station: Station) -> Callable[..., str]:
    """`at("sale", number)`: the address of a page of the counter."""

    def at(name, *args):
        return reverse(f"counter:{name}", args=[station.slug, *args])

    return at
