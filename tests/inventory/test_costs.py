import pytest

from gasstock.inventory.models import Condition, LocationKind, Reason
from gasstock.inventory.services.costs import receive_at_cost
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from tests.factories import make_listing, make_station, make_user, make_variant

pytestmark = pytest.mark.django_db


def receive(listing, quantity, cost):
    receive_at_cost(
        station=listing.station, variant=listing.variant, quantity=quantity, unit_cost=cost
    )
    move(listing, quantity, LocationKind.SUPPLIER, LocationKind.STATION)
    listing.refresh_from_db()
    return listing.average_cost


def move(listing, quantity, source, destination, condition=Condition.FULL, person=None):
    def place(kind):
        who = person if kind == LocationKind.RIDER else None
        return location_of(kind, station=listing.station, person=who)

    line = Line(listing.variant, condition, quantity, place(source), place(destination))
    post(None, station=listing.station, lines=[line], reason=Reason.RECEIPT, document="X")


def test_the_first_receipt_is_the_average_whatever_stands_there(gas):
    assert receive(gas, 5, 14_000) == 14_000


def test_the_average_weighs_what_is_there_against_what_comes(gas):
    receive(gas, 10, 14_000)

    assert receive(gas, 5, 15_000) == 14_200  # (20 · 14,000 + 5 · 15,000) / 25


@pytest.mark.parametrize(("cost", "average"), [(101, 101), (100, 100), (102, 101)])
def test_halves_go_up(station, cost, average):
    listing = make_listing(station, full=0)
    receive(listing, 1, 100)

    assert receive(listing, 1, cost) == average


def test_what_riders_carry_counts_and_empties_do_not(gas):
    receive(gas, 10, 14_000)
    move(gas, 20, LocationKind.STATION, LocationKind.RIDER, person=make_user())
    move(gas, 50, LocationKind.BUYER, LocationKind.STATION, Condition.EMPTY)

    assert receive(gas, 20, 15_000) == 14_500


def test_a_sold_out_listing_costs_what_the_next_delivery_costs(gas):
    receive(gas, 10, 14_000)
    move(gas, 20, LocationKind.STATION, LocationKind.BUYER)

    assert receive(gas, 3, 16_000) == 16_000


def test_nothing_received_changes_nothing(gas):
    receive(gas, 10, 14_000)

    receive_at_cost(station=gas.station, variant=gas.variant, quantity=0, unit_cost=9)

    gas.refresh_from_db()
    assert gas.average_cost == 14_000


def test_other_stations_keep_their_average(gas):
    other = make_listing(make_station(), gas.variant)

    receive(gas, 10, 14_000)

    other.refresh_from_db()
    assert other.average_cost is None


def test_what_is_not_listed_has_no_average(station):
    receive_at_cost(station=station, variant=make_variant(), quantity=5, unit_cost=100)
