"""A truck at the gate while others sell, order and send. PostgreSQL only."""

import threading
import time
from functools import partial

import pytest
from django.db import transaction

from gasstock.billing.models import NumberSeries
from gasstock.inventory.models import Balance, Condition, LocationKind, Reason
from gasstock.inventory.services.costs import receive_at_cost
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.listings import retire_listing
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.verify import differences as stock_differences
from gasstock.purchasing.models import PurchaseOrder, PurchaseStatus, Receipt
from gasstock.purchasing.services.orders import (
    cancel_order,
    draft_more,
    draft_order,
    submit_order,
)
from gasstock.purchasing.services.receiving import Came, receive_goods, receive_rest
from gasstock.purchasing.services.suppliers import add_supplier
from gasstock.purchasing.services.verify import differences
from tests.factories import make_listing, make_order, make_station, make_user, make_variant
from tests.purchasing.acts import want
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres


@pytest.fixture
def station():
    return make_station()


@pytest.fixture
def depot(station):
    return add_supplier(None, station=station, name="SP Depot")


def sent(depot, *wanted):
    order = draft_order(None, station=depot.station, supplier=depot, lines=wanted)
    return submit_order(None, order=order)


def receive(order, key, quantity, empties=0):
    lines = [Came(line.pk, quantity, empties_out=empties) for line in order.lines.all()]
    return receive_goods(None, order=order, lines=lines, key=key)


def is_clean():
    return [*differences(), *stock_differences()] == []


def full(listing):
    return Balance.objects.get(pk=listing.full_id).on_hand


def test_one_receipt_sent_many_times_is_one_receipt(station, depot):
    gas = make_listing(station, full=0, empty=5)
    order = sent(depot, want(gas, 10))

    ends = at_once([partial(receive, order, "the-same", 4, 1)] * 12)

    assert ends == {"done": 12}
    assert (Receipt.objects.count(), full(gas)) == (1, 4)
    assert is_clean()


def test_what_is_open_is_received_once_however_often_it_is_asked_for(station, depot):
    gas = make_listing(station, full=0, empty=9)
    order = sent(depot, want(gas, 5, empties=4))

    ends = at_once([partial(receive_rest, None, order=order)] * 10)

    assert ends == {"done": 10}
    assert (Receipt.objects.count(), full(gas)) == (1, 5)
    assert is_clean()


def test_of_many_deliveries_at_once_only_what_was_ordered_comes_in(station, depot):
    gas = make_listing(station, full=0)
    order = sent(depot, want(gas, 10))

    ends = at_once(partial(receive, order, f"key-{n}", 3) for n in range(10))

    assert ends == {"done": 3, "OverReceipt": 7}
    assert (full(gas), Receipt.objects.count()) == (9, 3)
    assert NumberSeries.objects.get(kind="GRN").last == 3
    assert is_clean()


def test_the_average_counts_every_one_of_many_receipts(station, depot):
    gas = make_listing(station, full=0)
    orders = [sent(depot, want(gas, 1, cost)) for cost in (10_000, 20_000) * 8]

    ends = at_once(partial(receive, order, f"key-{order.pk}", 1) for order in orders)

    assert ends == {"done": 16}
    gas.refresh_from_db()
    assert abs(gas.average_cost - 15_000) <= 16, "each receipt rounds by half a unit at most"
    assert is_clean()


def test_receipts_orders_and_empties_coming_home_never_wait_in_a_ring(station, depot):
    home = location_of("station", station=station)
    walk_in = location_of("buyer", station=station)
    variants = [make_variant(), make_variant()]
    # empties were there before the listing, so their balance is locked before the full ones
    lines = [Line(variant, "empty", 60, walk_in, home) for variant in variants]
    post(None, station=station, lines=lines, reason=Reason.RETURN, document="EMPTIES")
    first, second = (make_listing(station, variant, full=60) for variant in variants)
    orders = [
        sent(depot, want(one, 3), want(other, 3))
        for one, other in [(first, second), (second, first)] * 8
    ]
    buyers = [make_user(password=None) for _ in range(12)]

    def swap(number):
        """What a counter sale does: full ones out, empties in, in one posting."""
        one, other = (first, second) if number % 2 else (second, first)
        lines = [
            Line(one.variant, "full", 1, home, walk_in),
            Line(other.variant, "empty", 1, walk_in, home),
        ]
        post(None, station=station, lines=lines, reason=Reason.SALE, document=f"SALE-{number}")

    ends = at_once(
        [
            *(partial(receive, order, f"key-{order.pk}", 3, 2) for order in orders),
            *(partial(make_order, {first: 1, second: 1}, buyer=buyer) for buyer in buyers),
            *(partial(swap, number) for number in range(12)),
        ]
    )

    assert ends == {"done": 16 + 12 + 12}
    assert full(first) + full(second) == 120 + 16 * 6 - 12
    assert is_clean()


def test_an_order_is_sent_once_and_cancelled_or_received(station, depot):
    gas = make_listing(station, full=0)
    order = draft_order(None, station=station, supplier=depot, lines=[want(gas, 2)])

    ends = at_once([partial(submit_order, None, order=order)] * 8)
    assert ends == {"done": 1, "WrongPurchaseStatus": 7}

    ends = at_once(
        [
            *[partial(receive, order, "key", 2)] * 4,
            *[partial(cancel_order, None, order=order, reason="No")] * 4,
        ]
    )
    order.refresh_from_db()
    if order.status == PurchaseStatus.RECEIVED:
        assert ends == {"done": 4, "WrongPurchaseStatus": 4}
    else:
        assert ends == {"done": 1, "WrongPurchaseStatus": 7}
    assert is_clean()


def test_many_clicks_on_low_stock_make_one_draft(station, depot):
    listings = [make_listing(station, make_variant()) for _ in range(3)]

    ends = at_once(
        partial(draft_more, None, station=station, wanted=want(listing)) for listing in listings * 4
    )

    assert ends == {"done": 12}
    assert PurchaseOrder.objects.get().lines.count() == 3


def test_a_listing_leaves_the_list_while_some_of_it_arrives(station):
    listing = make_listing(station, full=0)
    outside = location_of(LocationKind.SUPPLIER, station=station)
    home = location_of(LocationKind.STATION, station=station)
    line = Line(listing.variant, Condition.FULL, 1, outside, home)
    has_cost = threading.Event()

    def receive_slowly():
        with transaction.atomic():
            receive_at_cost(station=station, variant=listing.variant, quantity=1, unit_cost=14_000)
            has_cost.set()
            time.sleep(0.3)
            post(None, station=station, lines=[line], reason=Reason.RECEIPT, document="GRN-1")

    def retire():
        has_cost.wait(timeout=10)
        retire_listing(None, listing=listing)

    assert at_once([receive_slowly, retire]) == {"done": 1, "ListingInUse": 1}
