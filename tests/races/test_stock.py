"""Stock put right, and looked at, by several at the same moment. PostgreSQL only."""

from functools import partial

import pytest

from gasstock.inventory.models import Balance, Condition, LowStockAlert
from gasstock.inventory.services.adjustments import adjust_stock, change_stock
from gasstock.inventory.services.alerts import check_levels, refresh_sales
from gasstock.inventory.services.verify import differences
from gasstock.notifications.models import Notification
from tests.factories import make_listing, make_member, make_order, make_station, make_user
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres


def put_right(listing, quantity, seen=None):
    adjust_stock(
        None,
        listing=listing,
        condition=Condition.FULL,
        quantity=quantity,
        reason="Counted",
        seen=seen,
    )


def test_one_form_sent_ten_times_adjusts_once():
    listing = make_listing(full=10)

    ends = at_once([partial(put_right, listing, 8, seen=10)] * 10)

    assert ends == {"done": 1, "StockMoved": 9}
    assert Balance.objects.get(pk=listing.full_id).on_hand == 8
    assert list(differences()) == []


def test_changes_at_once_add_up_and_stop_at_none():
    listing = make_listing(full=10)
    fewer = partial(
        change_stock, None, listing=listing, condition=Condition.FULL, change=-1, reason="Lost"
    )

    ends = at_once([fewer] * 12)

    assert ends == {"done": 10, "OutOfStock": 2}
    assert Balance.objects.get(pk=listing.full_id).on_hand == 0
    assert list(differences()) == []


def test_what_is_ordered_meanwhile_is_not_adjusted_away():
    listing = make_listing(full=10)
    orders = [partial(make_order, {listing: 1}, buyer=make_user(password=None)) for _ in range(20)]

    ends = at_once([*orders, *[partial(put_right, listing, 5)] * 5])

    balance = Balance.objects.get(pk=listing.full_id)
    assert balance.reserved <= balance.on_hand in {5, 10}
    assert set(ends) <= {"done", "ShortOfStock", "HeldForOrders"}
    assert list(differences()) == []


@pytest.mark.parametrize("round_", range(3))
def test_checks_at_once_raise_one_alert_and_tell_once(round_):
    station = make_station()
    make_member(None, station)
    for _ in range(5):
        make_listing(station, full=1, reorder_level=2)

    ends = at_once([check_levels, partial(check_levels, station)] * 5)

    assert ends == {"done": 10}
    assert LowStockAlert.objects.count() == 5
    told = [note.text for note in Notification.objects.filter(kind="stock.low")]
    assert 1 <= len(told) <= 5
    assert sum(_named(text) for text in told) == 5


def test_sales_counted_at_once_end_the_same():
    make_listing(full=10)

    assert at_once([refresh_sales] * 4) == {"done": 4}


def _named(text):
    """How many listings a message tells of."""
    return 1 + int(text.split(" and ")[1].split()[0]) if " and " in text else 1
