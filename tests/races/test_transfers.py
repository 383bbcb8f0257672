"""Counts, transfers and orders that want the same cylinders at the same moment. PostgreSQL only."""

import threading
import time
from functools import partial

import pytest
from django.db import transaction

from gasstock.inventory.models import (
    Balance,
    Condition,
    LocationKind,
    Move,
    Reason,
    Stocktake,
)
from gasstock.inventory.services import journeys, stocktakes
from gasstock.inventory.services import transfers as services
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.transfers import Wish
from gasstock.inventory.services.verify import differences
from tests.factories import make_listing, make_member, make_order, make_station, make_user
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres

FULL = Condition.FULL


def sell(listing, quantity=1):
    home = location_of(LocationKind.STATION, station=listing.station)
    buyer = location_of(LocationKind.BUYER, station=listing.station)
    lines = [Line(listing.variant, FULL, quantity, home, buyer)]
    post(None, station=listing.station, lines=lines, reason=Reason.SALE, document="KGP-S-1")


def agreed_transfer(listings, quantity):
    """From the listings' station to a new one, agreed to; with a manager of each."""
    source, destination = listings[0].station, make_station()
    manager, theirs = make_member(None, source), make_member(None, destination)
    transfer = services.ask_transfer(
        manager,
        station=source,
        other=destination,
        sends=True,
        wishes=[Wish(listing.variant, FULL, quantity) for listing in listings],
    )
    services.agree_transfer(theirs, transfer=transfer, station=destination)
    return transfer, manager, theirs


def every(transfer, quantity):
    return {line.pk: quantity for line in transfer.lines.all()}


def fresh(thing):
    """Another process read it by itself."""
    return type(thing).objects.get(pk=thing.pk)


def send(manager, transfer, quantity):
    return journeys.send_transfer(
        manager,
        transfer=fresh(transfer),
        station=transfer.source,
        loaded=every(transfer, quantity),
        driver="Jean Bosco",
    )


def receive(theirs, transfer, quantity, seen=0):
    return journeys.receive_transfer(
        theirs,
        transfer=fresh(transfer),
        station=transfer.destination,
        arrived=every(transfer, quantity),
        seen=seen,
    )


def on_hand(listing, station=None, kind="station"):
    rows = Balance.objects.filter(
        location__station=station or listing.station,
        location__kind=kind,
        variant=listing.variant,
        condition=FULL,
    )
    return sum(rows.values_list("on_hand", flat=True))


def one_after_another(first, second):
    """Run `second` while what `first` did is not committed yet; count how they ended."""
    is_written = threading.Event()

    def hold_open():
        with transaction.atomic():
            first()
            is_written.set()
            time.sleep(0.5)

    def come_second():
        is_written.wait(timeout=60)
        second()

    return at_once([hold_open, come_second])


def test_ten_starts_open_one_count():
    listing = make_listing()
    team = [make_member(None, listing.station) for _ in range(10)]

    ends = at_once(
        partial(stocktakes.start_count, person, station=listing.station) for person in team
    )

    assert ends == {"done": 10}
    assert Stocktake.objects.get().lines.count() == 3


def test_a_figure_waits_for_the_sale_that_is_being_written():
    listing = make_listing(full=100)
    clerk = make_member(None, listing.station)
    stocktake = stocktakes.start_count(clerk, station=listing.station)
    line = stocktake.lines.get(condition=FULL)

    ends = one_after_another(
        partial(sell, listing, 3),
        partial(stocktakes.save_counts, clerk, stocktake=stocktake, counts={line.pk: 97}),
    )

    assert ends == {"done": 2}
    line.refresh_from_db()
    assert (line.expected, line.difference) == (97, 0)


def test_ten_approvals_post_once():
    listing = make_listing(full=10)
    clerk = make_member(None, listing.station)
    bosses = [make_member(None, listing.station) for _ in range(10)]
    stocktake = stocktakes.start_count(clerk, station=listing.station)
    line = stocktake.lines.get(condition=FULL)
    stocktakes.save_counts(clerk, stocktake=stocktake, counts={line.pk: 9})
    stocktakes.finish_count(clerk, stocktake=stocktake)

    ends = at_once(
        partial(stocktakes.approve_count, boss, stocktake=fresh(stocktake)) for boss in bosses
    )

    assert ends == {"done": 1, "CountIsAlready": 9}
    assert on_hand(listing) == 9


def test_no_figure_is_written_while_the_count_is_handed_in():
    listing = make_listing(full=10)
    clerk, late = (make_member(None, listing.station) for _ in range(2))
    stocktake = stocktakes.start_count(clerk, station=listing.station)
    line = stocktake.lines.get(condition=FULL)
    stocktakes.save_counts(clerk, stocktake=stocktake, counts={line.pk: 9})

    ends = one_after_another(
        partial(stocktakes.finish_count, clerk, stocktake=fresh(stocktake)),
        partial(stocktakes.save_counts, late, stocktake=fresh(stocktake), counts={line.pk: 3}),
    )

    assert ends == {"done": 1, "CountIsAlready": 1}
    line.refresh_from_db()
    assert (line.counted, line.counted_by) == (9, clerk)


@pytest.mark.parametrize("round_", range(5))
def test_the_same_part_taken_in_by_ten_comes_once(round_):
    listing = make_listing(full=10)
    transfer, manager, theirs = agreed_transfer([listing], 6)
    send(manager, transfer, 6)

    ends = at_once(partial(receive, theirs, transfer, 2) for _ in range(10))

    assert ends == {"done": 1, "MovedOn": 9}
    assert on_hand(listing, transfer.destination) == 2
    assert on_hand(listing, kind="transit") == 4
    assert list(differences()) == []


def test_taking_in_and_writing_off_at_once_settle_it_once():
    listing = make_listing(full=10)
    transfer, manager, theirs = agreed_transfer([listing], 6)
    send(manager, transfer, 6)
    lose = partial(
        journeys.write_off_transfer,
        manager,
        station=transfer.source,
        lost_by="Jean Bosco",
        reason="Stolen",
        seen=0,
    )

    ends = at_once(
        [
            *(partial(receive, theirs, transfer, 6) for _ in range(4)),
            *(partial(lose, transfer=fresh(transfer)) for _ in range(4)),
        ]
    )

    assert ends == {"done": 1, "TransferIsAlready": 7}
    assert on_hand(listing, kind="transit") == 0
    assert list(differences()) == []


@pytest.mark.parametrize("round_", range(5))
def test_the_last_one_is_sent_or_sold_or_ordered(round_):
    listing = make_listing(full=1)
    transfer, manager, _ = agreed_transfer([listing], 1)

    ends = at_once(
        [
            *(partial(send, manager, transfer, 1) for _ in range(3)),
            *(partial(sell, listing) for _ in range(3)),
            *(partial(make_order, listing, buyer=make_user(password=None)) for _ in range(3)),
        ]
    )

    assert ends["done"] == 1
    assert {end for end in ends if ":" in end} == set()
    sold = Move.objects.filter(reason=Reason.SALE).count()
    assert on_hand(listing) + on_hand(listing, kind="transit") + sold == 1
    assert list(differences()) == []


def test_ten_presses_send_once():
    listing = make_listing(full=100)
    transfer, manager, _ = agreed_transfer([listing], 5)

    ends = at_once(partial(send, manager, transfer, 5) for _ in range(10))

    assert ends == {"done": 1, "TransferIsAlready": 9}
    assert on_hand(listing) == 95


@pytest.mark.parametrize("round_", range(5))
def test_orders_transfers_and_a_count_in_opposite_order_never_wait_in_a_ring(round_):
    station = make_station()
    a, b = (make_listing(station, full=500) for _ in range(2))
    clerk, boss = (make_member(None, station) for _ in range(2))
    stocktake = stocktakes.start_count(clerk, station=station)
    lines = stocktake.lines.filter(condition=FULL)
    stocktakes.save_counts(clerk, stocktake=stocktake, counts={x.pk: 490 for x in lines})
    stocktakes.finish_count(clerk, stocktake=stocktake)
    trips = [agreed_transfer([a, b] if n % 2 else [b, a], 3) for n in range(10)]
    buyers = [make_user(password=None) for _ in range(20)]

    ends = at_once(
        [
            *(partial(send, manager, transfer, 3) for transfer, manager, _ in trips),
            *(
                partial(make_order, {a: 1, b: 1} if n % 2 else {b: 1, a: 1}, buyer=buyer)
                for n, buyer in enumerate(buyers)
            ),
            partial(stocktakes.approve_count, boss, stocktake=fresh(stocktake)),
        ]
    )

    assert ends == {"done": 31}
    assert on_hand(a) == on_hand(b) == 500 - 10 - 30
    assert list(differences()) == []


@pytest.mark.parametrize("round_", range(3))
def test_arrivals_from_many_stations_share_a_shelf_and_its_cost(round_):
    """Two listings, both with a cost, taken in by trips that name them in opposite order."""
    home = make_station()
    theirs = make_member(None, home)
    kept = [make_listing(home, full=0) for _ in range(2)]
    type(kept[0]).objects.update(average_cost=10_000)
    trips = []
    for n in range(8):
        source = make_station()
        manager = make_member(None, source)
        order = kept if n % 2 else kept[::-1]
        for listing in order:
            make_listing(source, listing.variant, full=5)
        type(kept[0]).objects.filter(station=source).update(average_cost=12_000)
        transfer = services.ask_transfer(
            manager,
            station=source,
            other=home,
            sends=True,
            wishes=[Wish(listing.variant, FULL, 5) for listing in order],
        )
        services.agree_transfer(theirs, transfer=transfer, station=home)
        trips.append(send(manager, transfer, 5))

    ends = at_once(partial(receive, theirs, transfer, 5) for transfer in trips)

    assert ends == {"done": 8}
    for listing in kept:
        listing.refresh_from_db()
        assert (on_hand(listing), listing.average_cost) == (40, 12_000)
    assert list(differences()) == []
