"""Counting the shelf: what is compared with what, who may approve, what is posted."""

import pytest

from gasstock.accounts.permissions import Role
from gasstock.inventory.errors import (
    CountIsAlready,
    CountTooShort,
    NothingCounted,
    NothingToCount,
    OwnCount,
    ReasonMissing,
)
from gasstock.inventory.models import (
    Balance,
    Condition,
    LocationKind,
    Move,
    Reason,
    Stocktake,
)
from gasstock.inventory.services import stocktakes
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.listings import retire_listing
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.reservations import reserve
from gasstock.inventory.services.verify import differences
from gasstock.notifications.models import Notification
from tests.factories import make_listing, make_member, make_station, make_variant

pytestmark = pytest.mark.django_db

FULL, EMPTY, DEFECT = Condition.FULL, Condition.EMPTY, Condition.DEFECT


def line_of(stocktake, listing, condition=FULL):
    return stocktake.lines.get(variant=listing.variant, condition=condition)


def count(actor, stocktake, listing, number, condition=FULL):
    line = line_of(stocktake, listing, condition)
    return stocktakes.save_counts(actor, stocktake=stocktake, counts={line.pk: number})


def counted(clerk, listing, number, condition=FULL):
    """A count of one line, handed in."""
    stocktake = stocktakes.start_count(clerk, station=listing.station)
    count(clerk, stocktake, listing, number, condition)
    return stocktakes.finish_count(clerk, stocktake=stocktake)


def trade(listing, quantity, condition=FULL):
    """Sell so many at the counter, or take them in if below zero."""
    home = location_of(LocationKind.STATION, station=listing.station)
    buyer = location_of(LocationKind.BUYER, station=listing.station)
    ends = (home, buyer) if quantity > 0 else (buyer, home)
    line = Line(listing.variant, condition, abs(quantity), *ends)
    post(None, station=listing.station, lines=[line], reason=Reason.SALE, document="KGP-S-1")


def there(listing, condition=FULL):
    return Balance.objects.get(
        location__kind="station", variant=listing.variant, condition=condition
    ).on_hand


def test_everything_listed_or_held_is_to_be_counted(clerk, station, gas):
    hose = make_listing(station, make_variant("Hose", size_g=None), full=2)
    gone = make_listing(station, full=0)
    retire_listing(None, listing=gone)
    foreign = make_variant("Meru 6 kg")
    home = location_of(LocationKind.STATION, station=station)
    buyer = location_of(LocationKind.BUYER, station=station)
    found = [Line(foreign, EMPTY, 1, buyer, home)]
    post(None, station=station, lines=found, reason=Reason.SALE, document="KGP-S-1")

    stocktake = stocktakes.start_count(clerk, station=station)

    lines = stocktake.lines.values_list("variant", "condition")
    assert set(lines) == {
        *((gas.variant_id, condition) for condition in Condition),
        *((foreign.pk, condition) for condition in Condition),
        (hose.variant_id, FULL),
    }


def test_a_second_start_leads_to_the_running_one(clerk, manager, gas):
    first = stocktakes.start_count(clerk, station=gas.station)

    assert stocktakes.start_count(manager, station=gas.station) == first
    stocktakes.cancel_count(manager, stocktake=first, reason="Rain")
    assert stocktakes.start_count(manager, station=gas.station) != first


def test_an_empty_station_has_nothing_to_count(clerk, station):
    with pytest.raises(NothingToCount):
        stocktakes.start_count(clerk, station=station)

    assert not Stocktake.objects.exists()


def test_differences_are_posted_once_approved(clerk, manager, gas):
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    count(clerk, stocktake, gas, 8)
    count(clerk, stocktake, gas, 5, EMPTY)
    stocktakes.finish_count(clerk, stocktake=stocktake)
    assert (there(gas), there(gas, EMPTY)) == (10, 4)

    stocktakes.approve_count(manager, stocktake=stocktake)

    assert (there(gas), there(gas, EMPTY)) == (8, 5)
    moves = Move.objects.filter(document=str(stocktake)).order_by("condition")
    assert [
        (move.condition, move.quantity, move.source.kind, move.destination.kind, move.reason)
        for move in moves
    ] == [
        ("empty", 1, "loss", "station", "count"),
        ("full", 2, "station", "loss", "count"),
    ]
    assert list(differences()) == []


def test_what_was_not_counted_stays_as_it_is(clerk, manager, gas):
    stocktakes.approve_count(manager, stocktake=counted(clerk, gas, 10))

    assert (there(gas), there(gas, EMPTY)) == (10, 4)
    assert not Move.objects.filter(reason=Reason.COUNT).exists()


def test_sales_and_receipts_meanwhile_do_not_disturb(clerk, manager, gas):
    other = make_listing(gas.station, full=20)
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    trade(gas, 1)
    count(clerk, stocktake, gas, 8)
    trade(gas, 3)
    trade(other, -5)
    count(clerk, stocktake, other, 25)
    stocktakes.finish_count(clerk, stocktake=stocktake)
    trade(gas, 2)
    trade(other, 4)

    stocktakes.approve_count(manager, stocktake=stocktake)

    assert (there(gas), there(other)) == (10 - 1 - 1 - 3 - 2, 20 + 5 - 4)
    assert line_of(stocktake, gas).difference == -1
    assert line_of(stocktake, other).difference == 0
    assert list(differences()) == []


def test_the_same_figure_again_is_not_compared_anew(clerk, gas):
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    count(clerk, stocktake, gas, 10)
    trade(gas, 4)

    assert count(clerk, stocktake, gas, 10) == []

    assert line_of(stocktake, gas).difference == 0


def test_another_figure_is_compared_with_the_books_of_then(clerk, manager, gas):
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    count(clerk, stocktake, gas, 9)
    trade(gas, 4)

    count(manager, stocktake, gas, 6)

    line = line_of(stocktake, gas)
    assert (line.expected, line.difference, line.counted_by) == (6, 0, manager)


def test_a_figure_can_be_taken_back(clerk, gas):
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    count(clerk, stocktake, gas, 9)

    count(clerk, stocktake, gas, None)

    line = line_of(stocktake, gas)
    assert (line.counted, line.expected, line.counted_by, line.counted_at) == (None,) * 4


def test_lines_of_another_count_are_left_alone(clerk, gas):
    other = stocktakes.start_count(clerk, station=make_listing().station)
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    foreign = other.lines.first()

    assert not stocktakes.save_counts(clerk, stocktake=stocktake, counts={foreign.pk: 3})

    foreign.refresh_from_db()
    assert foreign.counted is None


def test_an_empty_count_is_not_handed_in(clerk, gas):
    stocktake = stocktakes.start_count(clerk, station=gas.station)

    with pytest.raises(NothingCounted):
        stocktakes.finish_count(clerk, stocktake=stocktake)

    assert Stocktake.objects.get().status == "open"


def test_a_count_handed_in_takes_no_more_figures(clerk, gas):
    stocktake = counted(clerk, gas, 9)

    with pytest.raises(CountIsAlready, match="already counted"):
        count(clerk, stocktake, gas, 10)
    with pytest.raises(CountIsAlready):
        stocktakes.finish_count(clerk, stocktake=stocktake)


@pytest.mark.parametrize("who", ["counted a line", "handed it in"])
@pytest.mark.parametrize("is_admin", [False, True])
def test_nobody_approves_a_count_they_took_part_in(clerk, gas, who, is_admin):
    boss = make_member(None, gas.station, Role.MANAGER)
    boss.is_admin = is_admin
    boss.save()
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    count(boss if who == "counted a line" else clerk, stocktake, gas, 9)
    stocktakes.finish_count(clerk if who == "counted a line" else boss, stocktake=stocktake)

    with pytest.raises(OwnCount):
        stocktakes.approve_count(boss, stocktake=stocktake)
    with pytest.raises(OwnCount):
        stocktakes.count_again(boss, stocktake=stocktake, lines=[line_of(stocktake, gas).pk])
    with pytest.raises(OwnCount):
        stocktakes.cancel_count(boss, stocktake=stocktake, reason="Never mind")

    assert there(gas) == 10


def test_whoever_started_but_did_not_count_may_approve(clerk, manager, gas):
    stocktake = stocktakes.start_count(manager, station=gas.station)
    count(clerk, stocktake, gas, 9)
    stocktakes.finish_count(clerk, stocktake=stocktake)

    stocktakes.approve_count(manager, stocktake=stocktake)

    assert there(gas) == 9


def test_approving_twice_posts_once(clerk, manager, gas):
    stocktake = counted(clerk, gas, 9)
    stocktakes.approve_count(manager, stocktake=stocktake)

    with pytest.raises(CountIsAlready, match="already approved"):
        stocktakes.approve_count(manager, stocktake=stocktake)

    assert there(gas) == 9


def test_an_open_count_cannot_be_approved(clerk, manager, gas):
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    count(clerk, stocktake, gas, 9)

    with pytest.raises(CountIsAlready, match="already open"):
        stocktakes.approve_count(manager, stocktake=stocktake)


def test_what_is_held_for_orders_cannot_be_written_off(clerk, manager, gas):
    make_listing(gas.station, full=3)
    stocktake = counted(clerk, gas, 5)
    reserve(document="KGP-1", wanted={gas: 8})

    with pytest.raises(CountTooShort) as refused:
        stocktakes.approve_count(manager, stocktake=stocktake)

    assert str(refused.value) == (
        f"{gas.variant}, full: 5 cannot be written off, 8 of 10 are held for orders: "
        "call an order off, or have it counted again."
    )
    assert Stocktake.objects.get().status == "counted"
    assert there(gas) == 10
    assert list(differences()) == []


def test_a_count_that_cannot_be_true_by_now_is_named(clerk, manager, gas):
    stocktake = counted(clerk, gas, 0)
    trade(gas, 7)

    with pytest.raises(CountTooShort, match="the books have 3 by now"):
        stocktakes.approve_count(manager, stocktake=stocktake)


def test_lines_go_back_to_be_counted_again(clerk, manager, gas):
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    count(clerk, stocktake, gas, 9)
    count(clerk, stocktake, gas, 3, EMPTY)
    stocktakes.finish_count(clerk, stocktake=stocktake)
    trade(gas, 2)

    stocktakes.count_again(manager, stocktake=stocktake, lines=[line_of(stocktake, gas).pk])

    assert stocktake.status == "open"
    assert line_of(stocktake, gas).counted is None
    assert line_of(stocktake, gas, EMPTY).counted == 3
    assert Notification.objects.filter(user=clerk, kind="count.sent_back").count() == 1
    count(clerk, stocktake, gas, 8)
    stocktakes.finish_count(clerk, stocktake=stocktake)
    stocktakes.approve_count(manager, stocktake=stocktake)
    assert (there(gas), there(gas, EMPTY)) == (8, 3)


def test_sending_nothing_back_is_refused(clerk, manager, gas):
    stocktake = counted(clerk, gas, 9)

    with pytest.raises(NothingCounted):
        stocktakes.count_again(
            manager, stocktake=stocktake, lines=[line_of(stocktake, gas, DEFECT).pk]
        )

    assert Stocktake.objects.get().status == "counted"


def test_a_cancelled_count_posts_nothing_and_says_why(clerk, manager, gas):
    stocktake = counted(clerk, gas, 9)
    with pytest.raises(ReasonMissing):
        stocktakes.cancel_count(manager, stocktake=stocktake, reason="  ")

    stocktakes.cancel_count(manager, stocktake=stocktake, reason="Wrong yard")

    stocktake.refresh_from_db()
    assert (stocktake.status, stocktake.reason) == ("cancelled", "Wrong yard")
    assert there(gas) == 10
    for late in (stocktakes.approve_count, stocktakes.finish_count):
        with pytest.raises(CountIsAlready):
            late(manager, stocktake=stocktake)
    with pytest.raises(CountIsAlready):
        stocktakes.cancel_count(manager, stocktake=stocktake, reason="Again")


def test_an_open_count_may_be_cancelled_by_who_counted(manager, gas):
    stocktake = stocktakes.start_count(manager, station=gas.station)
    count(manager, stocktake, gas, 9)

    stocktakes.cancel_count(manager, stocktake=stocktake, reason="Rain")

    assert stocktake.status == "cancelled"


def test_those_who_may_approve_are_told_and_those_who_counted_are_not(clerk, manager, gas):
    counting_manager = make_member(None, gas.station)
    make_member(None, make_station())
    stocktake = stocktakes.start_count(clerk, station=gas.station)
    count(counting_manager, stocktake, gas, 10)

    stocktakes.finish_count(clerk, stocktake=stocktake)

    told = Notification.objects.filter(kind="count.finished")
    assert [note.user for note in told] == [manager]
    assert told[0].url == stocktake.get_absolute_url()


def test_a_count_that_was_not_posted_as_it_stands_is_named(clerk, manager, gas):
    stocktake = counted(clerk, gas, 9)
    stocktakes.approve_count(manager, stocktake=stocktake)
    line = stocktake.lines.filter(counted__isnull=False)

    line.update(counted=7)

    assert list(differences()) == [
        f"{stocktake}: -3 full of variant {gas.variant_id} found, the moves say -1"
    ]
