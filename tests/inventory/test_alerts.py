"""What runs low: one alert until it is restocked, managers told once, and what to buy."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from gasstock.accounts.permissions import Role
from gasstock.audit.models import AuditEvent
from gasstock.core import clock
from gasstock.inventory import tasks
from gasstock.inventory.models import (
    Condition,
    Listing,
    LocationKind,
    LowStockAlert,
    Reason,
)
from gasstock.inventory.services.adjustments import adjust_stock
from gasstock.inventory.services.alerts import (
    check_levels,
    dismiss_alert,
    low_lines,
    refresh_sales,
    suggest,
)
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.listings import change_listing
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.reservations import release, reserve
from gasstock.notifications.models import Message, Notification
from tests.factories import make_listing, make_member, make_station, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def low(station):
    """2 free, to be reordered at 3."""
    return make_listing(
        station, make_variant("SP 12 kg", sku="SP-12"), full=2, empty=7, reorder_level=3
    )


def restock(listing, quantity):
    adjust_stock(None, listing=listing, condition=Condition.FULL, quantity=quantity, reason="Came")


def sell(listing, quantity, *, reason=Reason.SALE, back=False, condition=Condition.FULL):
    """Move to a buyer without asking what for; `back` from them."""
    station = listing.station
    home = location_of(LocationKind.STATION, station=station)
    buyer = location_of(LocationKind.BUYER, station=station)
    ends = (buyer, home) if back else (home, buyer)
    lines = [Line(listing.variant, condition, quantity, *ends)]
    post(None, station=station, lines=lines, reason=reason, document="KGP-AAAAAA")


def fresh(listing):
    return Listing.objects.for_cards().get(pk=listing.pk)


# --- Sales ------------------------------------------------------------------------------------


def test_sales_are_full_ones_to_buyers_less_those_undone(station):
    gas = make_listing(station, full=50, empty=20)
    sell(gas, 6)
    sell(gas, 4, reason=Reason.DELIVERY)
    sell(gas, 1, reason=Reason.VOID, back=True)
    sell(gas, 9, condition=Condition.EMPTY)
    sell(gas, 5, back=True, condition=Condition.EMPTY)
    sell(gas, 3, reason=Reason.ADJUSTMENT)
    loss = location_of(LocationKind.LOSS, station=station)
    home = location_of(LocationKind.STATION, station=station)
    line = Line(gas.variant, Condition.FULL, 2, home, loss)
    post(None, station=station, lines=[line], reason=Reason.SALE, document="KGP-1")

    assert refresh_sales() == 1

    assert fresh(gas).sold_lately == 9
    assert refresh_sales() == 0


def test_sales_older_than_four_weeks_do_not_count(station):
    gas = make_listing(station, full=60)
    for days in (29, 27):
        with clock.at(clock.now() - timedelta(days=days)):
            sell(gas, days)

    refresh_sales()
    assert fresh(gas).sold_lately == 27
    with clock.at(clock.now() + timedelta(days=2)):
        refresh_sales()

    assert fresh(gas).sold_lately == 0


def test_a_sale_undone_later_than_it_counts_is_not_less_than_nothing(station):
    gas = make_listing(station, full=50)
    with clock.at(clock.now() - timedelta(days=30)):
        sell(gas, 5)
    sell(gas, 5, reason=Reason.VOID, back=True)

    refresh_sales()

    assert fresh(gas).sold_lately == 0


def test_sales_are_counted_by_station(gas):
    there = make_listing(make_station(), gas.variant, full=5)
    sell(gas, 2)
    sell(there, 3)

    refresh_sales()

    assert (fresh(gas).sold_lately, fresh(there).sold_lately) == (2, 3)


def test_sales_are_counted_in_four_queries_however_many(station, django_assert_num_queries):
    for _ in range(5):
        sell(make_listing(station), 1)

    with django_assert_num_queries(4):  # one group, the listings, their locks, one update
        refresh_sales()


# --- Alerts -----------------------------------------------------------------------------------


def test_an_alert_is_raised_once_and_managers_are_told_once(low, manager, clerk):
    other = make_member(None, low.station, Role.MANAGER)

    [alert] = check_levels()
    assert check_levels() == []

    assert (alert.listing, alert.level, alert.free) == (low, 3, 2)
    told = Notification.objects.filter(kind="stock.low")
    assert {note.user for note in told} == {manager, other}
    assert told.count() == Message.objects.count() == 2
    assert told[0].text == "SP 12 kg runs low at Kimironko Gas Point: 2 left."
    assert told[0].url == reverse("stock:alerts", args=["kimironko"])
    assert "SP 12 kg: 2 free, your reorder level is 3." in Message.objects.first().body


@pytest.mark.parametrize(("full", "level", "alerts"), [(3, 3, 1), (4, 3, 0), (0, 0, 0), (0, 1, 1)])
def test_the_level_itself_is_low_and_without_a_level_nothing_is(station, full, level, alerts):
    make_listing(station, full=full, reorder_level=level)

    assert len(check_levels()) == alerts


def test_what_orders_hold_is_not_free(station):
    gas = make_listing(station, full=10, reorder_level=3)
    reserve(document="KGP-1", wanted={gas: 7})

    assert check_levels()[0].free == 3
    release(document="KGP-1")
    check_levels()

    assert not LowStockAlert.objects.open().exists()


def test_it_stays_until_it_is_restocked_and_may_come_again(low, manager):
    check_levels()
    restock(low, 3)
    check_levels()
    assert LowStockAlert.objects.open().exists(), "three is the level still"

    restock(low, 4)
    check_levels()
    assert not LowStockAlert.objects.open().exists()
    restock(low, 1)
    check_levels()

    assert LowStockAlert.objects.count() == 2
    assert LowStockAlert.objects.open().get().free == 1
    assert Notification.objects.filter(kind="stock.low").count() == 2


def test_an_alert_ends_without_a_level_and_with_its_listing(station, low):
    gone = make_listing(station, full=0, reorder_level=2)
    restock(low, 0)
    check_levels()

    change_listing(None, listing=low, reorder_level=0)
    Listing.objects.filter(pk=gone.pk).update(retired_at=clock.now(), is_published=False)
    check_levels()

    assert not LowStockAlert.objects.open().exists()
    assert check_levels() == []


def test_a_dismissed_alert_is_silent_until_it_was_restocked(low, manager):
    [alert] = check_levels()
    dismiss_alert(manager, alert=alert)
    dismiss_alert(manager, alert=alert)

    assert check_levels() == []
    assert not LowStockAlert.objects.shown().exists()
    assert AuditEvent.objects.filter(action="alert.dismissed").count() == 1
    restock(low, 9)
    check_levels()
    restock(low, 1)

    assert len(check_levels()) == 1


def test_one_station_is_checked_alone(low):
    there = make_listing(make_station(), full=0, reorder_level=1)

    assert [alert.listing for alert in check_levels(low.station)] == [low]
    restock(low, 9)
    assert [alert.listing for alert in check_levels(there.station)] == [there]
    assert LowStockAlert.objects.open().count() == 2, "the first station was not looked at"


def test_many_at_once_are_one_message(station, manager):
    for name in ("A", "B", "C"):
        make_listing(station, make_variant(name), full=0, reorder_level=1)

    check_levels()

    note = Notification.objects.get()
    assert note.text == "A and 2 others run low at Kimironko Gas Point."
    assert Message.objects.get().body.count("0 free") == 3


def test_another_check_that_was_faster_leaves_nothing_to_tell(low, manager, monkeypatch):
    monkeypatch.setattr(
        LowStockAlert.objects, "open", LowStockAlert.objects.none, raising=True
    )  # as if both looked before either wrote
    check_levels()

    assert check_levels() == []
    assert LowStockAlert.objects.count() == 1
    assert Notification.objects.count() == 1


# --- What to buy ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("full", "held", "sold", "days", "level", "quantity"),
    [
        (2, 0, 28, 14, 3, 15),  # 14 days of one a day, up to the level again
        (2, 0, 29, 14, 3, 16),  # half a cylinder is a cylinder
        (5, 3, 28, 14, 3, 15),  # held ones are gone
        (2, 0, 28, 90, 3, 91),
        (3, 0, 0, 14, 3, 1),  # never below one
        (90, 0, 28, 14, 3, 1),
    ],
)
def test_the_suggestion_lasts_the_days_of_cover(station, full, held, sold, days, level, quantity):
    station.cover_days = days
    station.save()
    gas = make_listing(station, full=full, empty=6, reorder_level=level)
    if held:
        reserve(document="KGP-1", wanted={gas: held})
    Listing.objects.filter(pk=gas.pk).update(sold_lately=sold)

    found = suggest(fresh(gas))

    assert (found.quantity, found.empties) == (quantity, 6)
    assert found.days == ((full - held) * 28 // sold if sold else None)


# --- The clock --------------------------------------------------------------------------------


def at_hour(hour):
    return datetime(2026, 11, 18, hour, 0, tzinfo=UTC)


def test_every_hour_sales_are_counted_and_levels_looked_at(low):
    sell(low, 1)

    tasks.check_stock.call_local()

    assert fresh(low).sold_lately == 1
    assert LowStockAlert.objects.shown().get().free == 1


def test_a_station_can_be_checked_out_of_turn(low):
    tasks.check_station.call_local(low.station_id)
    tasks.check_station.call_local(0)

    assert LowStockAlert.objects.shown().count() == 1


def test_what_runs_low_is_said_with_how_much_to_order(low, manager):
    make_listing(low.station, make_variant("Jibu 3 kg"), full=0, reorder_level=2)
    [alert, _other] = check_levels()

    assert low_lines(low.station) == [
        "SP 12 kg: 2 free, order 1 (7 empties here).",
        "Jibu 3 kg: 0 free, order 2 (0 empties here).",
    ]
    dismiss_alert(manager, alert=alert)
    assert len(low_lines(low.station)) == 1
