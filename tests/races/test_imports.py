"""Two people confirm the same table, or two tables of the same things, at the same moment."""

from functools import partial

import pytest

from gasstock.billing.models import Method
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import open_shift
from gasstock.inventory.models import Listing, Move
from gasstock.inventory.services.imports import confirm_import
from gasstock.inventory.services.verify import differences
from gasstock.orders.models import LineKind
from gasstock.orders.services.counter import SaleLine, sell
from gasstock.purchasing.services.receiving import Came, receive_goods
from gasstock.purchasing.services.suppliers import add_supplier
from tests.factories import make_listing, make_member, make_station, make_user, make_variant
from tests.inventory.importing import start
from tests.purchasing.acts import ordered, want
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres
ROUNDS = 25
ROWS = [f"SKU-A{number},,20000,,,{number + 1},,," for number in range(20)]


def setting():
    station = make_station()
    for number in range(20):
        make_variant(sku=f"SKU-A{number}")
    return station, make_member(make_user(), station)


def test_a_table_confirmed_eight_times_at_once_is_imported_once():
    station, manager = setting()
    run = start(manager, station, *ROWS)

    ends = at_once(partial(confirm_import, manager, run=run) for _ in range(8))

    assert ends == {"done": 1, "ImportIsDone": 7}
    assert Move.objects.count() == Listing.objects.count() == 20
    assert list(differences()) == []


def test_two_tables_of_the_same_things_open_the_books_once():
    station, manager = setting()
    runs = [start(manager, station, *rows) for rows in (ROWS, ROWS[::-1])]

    ends = at_once(partial(confirm_import, manager, run=run) for run in runs)

    assert ends["done"] == 1
    assert ends["AlreadyListed"] + ends["ImportOutdated"] == 1
    assert Move.objects.count() == Listing.objects.count() == 20
    assert list(differences()) == []


def two_listings():
    """Two things that came onto the list in the other order than into the catalogue."""
    station, manager = setting()
    first, second = (make_variant(sku=f"SKU-B{number}") for number in range(2))
    listings = [make_listing(station, variant, full=100) for variant in (second, first)]
    open_shift(manager, station=station, float_amount=0)
    return station, manager, listings


def priced(listings, price):
    return [f"{listing.variant.sku},,{price},,,,,," for listing in listings]


@pytest.mark.parametrize("turn", [1, -1])
def test_prices_are_imported_while_a_truck_is_unloaded(turn):
    station, manager, listings = two_listings()
    depot = add_supplier(None, station=station, name="Depot")
    order = ordered(depot, *(want(listing, 1_000) for listing in listings))
    lines = [Came(line.pk, 1) for line in order.lines.all()]

    for number in range(ROUNDS):
        run = start(manager, station, *priced(listings[::turn], 30_000 + number))
        receive = partial(receive_goods, None, order=order, lines=lines, key=f"truck-{number}")
        ends = at_once([partial(confirm_import, manager, run=run), receive])
        assert ends == {"done": 2}


@pytest.mark.parametrize("turn", [1, -1])
def test_prices_are_imported_while_somebody_sells(turn):
    station, manager, listings = two_listings()
    lines = [SaleLine(listing, LineKind.EXCHANGE, 1) for listing in listings[::turn]]

    for number in range(ROUNDS):
        run = start(manager, station, *priced(listings, 30_000 + number))
        total = sum(Listing.objects.values_list("refill_price", flat=True))
        sale = partial(
            sell,
            manager,
            station=station,
            lines=lines,
            tenders=[Tender(Method.CASH, total)],
            key=f"sale-{number}",
        )
        ends = at_once([partial(confirm_import, manager, run=run), sale])
        assert ends["done"] + ends["PaidTooMuch"] + ends["NobodyToOwe"] == 2, ends
