from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from gasstock.accounts.permissions import Role
from gasstock.billing.models import Method
from gasstock.billing.services.payments import Tender
from gasstock.core import clock
from gasstock.orders.models import Channel, Fulfilment, LineKind
from gasstock.orders.services import handover, life
from gasstock.orders.services.counter import SaleLine, void_sale
from gasstock.orders.services.placing import Terms, Wanted, place_order
from gasstock.reports import facts, rollups, verify
from gasstock.reports.kept import MOST_STRETCHES
from gasstock.reports.models import DaySale, DirtyDay, RolledDay
from gasstock.reports.sums import Sale, Scope, Till, looked_up_once, moves, sales, tills
from tests.factories import make_listing, make_member, make_station

MONDAY = date(2026, 11, 16)
NOON = datetime(2026, 11, 16, 10, tzinfo=UTC)  # 12:00 in Kigali
A_HOSE = [Tender(Method.CASH, 3_000)]
TUESDAY_MORNING = NOON + timedelta(hours=20)


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


@pytest.fixture
def monday(station):
    return Scope(MONDAY, MONDAY, station)


def sum_up():
    with clock.at(TUESDAY_MORNING):
        rollups.sum_up()


def deliver(listing, buyer, clerk, rider, *, empties=2):
    terms = Terms(Fulfilment.DELIVERY, Method.CASH, "+250788000001", "Gasabo", "KG 1 Ave")
    wanted = [Wanted(listing, LineKind.EXCHANGE, 2)]
    order = place_order(buyer, station=listing.station, wanted=wanted, terms=terms)
    boss = make_member(None, listing.station, Role.MANAGER)
    listing.station.approval_limit = 1_000_000
    listing.station.save()
    order = life.approve_order(boss, order=order)
    life.dispatch_order(boss, order=order, rider=rider)
    handed = {line.pk: handover.Handed(2, empties) for line in order.lines.all()}
    return handover.deliver_order(rider, order=order, handed=handed, code=order.code)


def test_a_sale_counts_at_once(refill, monday, clerk, gas):
    refill("a")

    assert sales(monday) == {(): Sale(1, 1, 20_000, 0, 0, 0)}
    assert tills(monday, "clerk") == {(clerk.pk,): Till(1, 0)}


def test_what_is_summed_up_is_what_was_read_live(
    refill, ring_up, hose, gas, buyer, clerk, rider, monday
):
    refill("a")
    ring_up(
        SaleLine(gas, LineKind.NEW, 1),
        SaleLine(hose, LineKind.ACCESSORY, 2),
        key="b",
        pay=[Tender(Method.CASH, 58_000)],
        buyer=buyer,
    )
    ring_up(SaleLine(gas, LineKind.RETURN, 1), key="c", pay=[Tender(Method.CASH, -30_000)])
    order = deliver(gas, buyer, clerk, rider, empties=1)
    keys = ("channel", "clerk", "variant", "kind", "brand", "product")
    live = sales(monday, *keys), tills(monday, "channel", "clerk"), moves(monday, "reason")

    sum_up()

    assert not DirtyDay.objects.exists()
    assert RolledDay.objects.get().day == MONDAY
    assert (
        sales(monday, *keys),
        tills(monday, "channel", "clerk"),
        moves(monday, "reason"),
    ) == live
    all_of = sales(monday)[()]
    fees = tills(monday)[()].fees
    assert fees == order.delivery_fee
    order.invoice.refresh_from_db()
    billed = 20_000 + 58_000 - 30_000 + order.invoice.owed
    assert all_of.goods + all_of.deposits + fees == billed
    assert tills(monday, "clerk")[rider.pk,].orders == 1
    assert list(verify.differences()) == []


def test_a_sale_that_is_undone_later_leaves_its_day(refill, monday, manager, shift):
    sale = refill("a")
    sum_up()
    assert sales(monday)[()].quantity == 1

    with clock.at(TUESDAY_MORNING):
        void_sale(shift.cashier, sale=sale, reason="Wrong buyer")
        assert DirtyDay.objects.filter(day=MONDAY).exists()
        assert sales(monday)[()].quantity == 0
        assert tills(monday)[()].orders == 0
        rollups.sum_up()

    assert not DaySale.objects.exists()
    assert list(verify.differences()) == []


def test_late_in_the_evening_is_still_today(refill, monday, station):
    with clock.at(datetime(2026, 11, 16, 21, 30, tzinfo=UTC)):  # 23:30 in Kigali
        refill("a")
    with clock.at(datetime(2026, 11, 16, 22, 30, tzinfo=UTC)):  # 0:30 on Tuesday
        refill("b")

    tuesday = Scope(MONDAY + timedelta(days=1), MONDAY + timedelta(days=1), station)
    assert sales(monday)[()].quantity == 1
    assert sales(tuesday)[()].quantity == 1
    both = Scope(MONDAY, MONDAY + timedelta(days=1))
    assert {day: sold.quantity for (day,), sold in sales(both, "day").items()} == {
        MONDAY: 1,
        MONDAY + timedelta(days=1): 1,
    }


def test_nothing_is_summed_up_before_the_day_has_settled(refill):
    refill("a")

    with clock.at(datetime(2026, 11, 16, 22, 30, tzinfo=UTC)):  # half an hour into Tuesday
        assert rollups.sum_up() == 0


def test_one_station_does_not_see_anothers_sums(refill, monday, gas, buyer, clerk):
    other = make_listing(make_station("other", code="OTH", name="Other"), gas.variant, full=5)
    rider = make_member(None, other.station, Role.RIDER)
    deliver(other, buyer, clerk, rider)
    refill("a")

    for _ in range(2):
        assert sales(monday)[()].quantity == 1
        assert moves(monday, "reason") == moves(Scope(MONDAY, MONDAY, gas.station), "reason")
        assert sales(Scope(MONDAY, MONDAY))[()].quantity == 3
        sum_up()


def test_filters_hold_for_live_days_and_for_summed_up_ones(
    refill, gas, buyer, clerk, rider, station
):
    refill("a")
    deliver(gas, buyer, clerk, rider)
    online = Scope(MONDAY, MONDAY, station, {"channel": Channel.ONLINE})

    for _ in range(2):
        assert sales(online)[()].quantity == 2
        sum_up()


def test_the_proof_names_a_day_that_was_tampered_with(refill):
    refill("a")
    sum_up()

    DaySale.objects.update(goods=1)

    assert list(verify.differences()) == ["day sale of 2026-11-16: not what the orders say"]


def test_two_spans_looked_up_at_once_say_what_each_says_alone(refill, ring_up, hose, station):
    for days in (0, 1, 3):
        with clock.at(NOON + timedelta(days=days)):
            refill(f"a{days}")
            ring_up(SaleLine(hose, LineKind.ACCESSORY, 1), key=f"b{days}", pay=A_HOSE)
    before = Scope(MONDAY, MONDAY + timedelta(days=1), station)
    after = Scope(MONDAY + timedelta(days=2), MONDAY + timedelta(days=4), station)
    keys = ("variant", "kind", "brand")
    alone = [(sales(each, *keys), sales(each), tills(each, "day")) for each in (before, after)]

    for _ in range(2):
        both = looked_up_once(before, after)
        assert [(sales(each, *keys), sales(each), tills(each, "day")) for each in both] == alone
        with clock.at(NOON + timedelta(days=3)):
            rollups.sum_up()


def test_todays_sale_marks_nothing_and_an_earlier_one_that_is_undone_its_day(refill, shift):
    sale = refill("a")
    assert not DirtyDay.objects.exists()

    with clock.at(TUESDAY_MORNING):
        void_sale(shift.cashier, sale=sale, reason="Wrong buyer")

    assert DirtyDay.objects.get().day == MONDAY


def test_what_is_undone_before_its_day_is_summed_up_is_not_in_the_sums(refill, monday, shift):
    sale = refill("a")
    refill("b")

    with clock.at(TUESDAY_MORNING):
        void_sale(shift.cashier, sale=sale, reason="Wrong buyer")
        assert sales(monday)[()].quantity == 1
        rollups.sum_up()

    assert not DirtyDay.objects.exists()
    assert sales(monday)[()].quantity == 1
    assert list(verify.differences()) == []


def test_a_sale_that_is_rolled_back_leaves_no_mark(refill, shift):
    sale = refill("a")
    sum_up()

    with clock.at(TUESDAY_MORNING), transaction.atomic():
        void_sale(shift.cashier, sale=sale, reason="Wrong buyer")
        transaction.set_rollback(True)

    assert not DirtyDay.objects.exists()


def test_thousands_of_dirty_days_are_read_in_one_go(refill, gas, hose, ring_up, station):
    other = make_station("other", code="OTH", name="Other")
    refill("a")
    with clock.at(NOON + timedelta(days=1)):
        ring_up(SaleLine(hose, LineKind.ACCESSORY, 1), key="b", pay=A_HOSE)
    since = MONDAY - timedelta(days=1_095)
    years = [since + timedelta(days=n) for n in range(1_098)]
    every_other = Scope(since, years[-1], station), Scope(since, years[-1])
    live = [(sales(each, "day"), tills(each, "day")) for each in every_other]
    with clock.at(NOON + timedelta(days=3)):
        rollups.sum_up()

    RolledDay.objects.bulk_create((RolledDay(day=day) for day in years), ignore_conflicts=True)
    DirtyDay.objects.bulk_create(
        DirtyDay(station=(station, other)[n // 2 % 2], day=day)
        for n, day in enumerate(years)
        if n % 2 == 0
    )

    assert len(every_other[1].kept.live) == MOST_STRETCHES
    assert [(sales(each, "day"), tills(each, "day")) for each in every_other] == live
    assert live[0][0][MONDAY,].goods == 20_000


def test_summing_up_twice_is_once(refill, monday):
    refill("a")
    sum_up()
    sum_up()

    assert DaySale.objects.count() == 1
    assert sales(monday)[()].quantity == 1


def test_a_day_that_is_summed_up_while_it_is_read_counts_once(refill, monday, monkeypatch):
    refill("a")
    read, waits = facts.sales_of, [True]

    def read_slowly(days):
        rows = read(days)
        if waits.pop() if waits else False:
            rollups.sum_up()
        return rows

    with clock.at(TUESDAY_MORNING):
        monkeypatch.setattr(facts, "sales_of", read_slowly)
        found = sales(monday)

    assert RolledDay.objects.filter(day=MONDAY).exists()
    assert found == {(): Sale(1, 1, 20_000, 0, 0, 0)}
