"""The reports that read the books themselves: stock, shells, money, buying, ratings, riders."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.permissions import Role
from gasstock.billing.models import Invoice, Method
from gasstock.billing.services.payments import Tender, record_payment, reverse_payment
from gasstock.billing.services.shifts import accept_shift, count_shift, open_shift
from gasstock.core import clock
from gasstock.delivery.models import CollectedCash, Delivery, Homecoming
from gasstock.inventory.models import Listing
from gasstock.orders.models import LineKind, Rating
from gasstock.orders.services import ratings as rating
from gasstock.orders.services.counter import SaleLine
from gasstock.purchasing.models import PurchaseKind
from gasstock.purchasing.services.orders import Wanted, draft_order, submit_order
from gasstock.purchasing.services.receiving import Came, receive_goods
from gasstock.purchasing.services.suppliers import add_supplier
from gasstock.reports import facts, rollups
from gasstock.reports.registry import REPORTS
from gasstock.reports.report import Ask
from gasstock.reports.sums import Scope
from tests.factories import make_listing, make_member, make_station
from tests.reports.test_sums import MONDAY, NOON, deliver

TUESDAY = MONDAY + timedelta(days=1)
OURS = (
    *("stock-value", "stock-movements", "cylinders", "deposits", "purchases"),
    *("deliveries", "payments", "receivables", "ratings", "drawers", "tax"),
)


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


@pytest.fixture
def read(station):
    """`read("payments", "method")`: the table of Monday at the station, or as `values` say."""

    def read(name, group, *, since=MONDAY, until=MONDAY, at=station, **filters):
        return REPORTS[name].read(Ask(Scope(since, until, at), group, filters))

    return read


@pytest.fixture
def trade(refill, ring_up, gas, hose, buyer, clerk, rider, manager, station):
    """A day with something for every report."""
    refill("a")
    ring_up(SaleLine(gas, LineKind.NEW, 1), pay=[Tender(Method.CASH, 52_000)], key="b", buyer=buyer)
    order = deliver(gas, buyer, clerk, rider)
    rating.rate_order(buyer, order=order, stars=4)
    Invoice.objects.filter(pk=order.invoice_id).update(
        status="approved", number="X-1", approved_at=NOON, due_on=MONDAY - timedelta(days=8)
    )
    depot = add_supplier(manager, station=station, name="Depot")
    buy(manager, depot, hose)
    return order


def buy(manager, supplier, listing, quantity=2):
    wanted = [Wanted(listing.variant, PurchaseKind.GOODS, quantity, 1_500)]
    order = draft_order(manager, station=supplier.station, supplier=supplier, lines=wanted)
    order = submit_order(manager, order=order)
    came = [Came(order.lines.get().pk, quantity)]
    with clock.at(clock.now() + timedelta(hours=1)):
        receive_goods(manager, order=order, lines=came, key=f"r-{order.pk}")
    return order


def row_of(table, label):
    [row] = [row for row in table.rows if row["label"] == label]
    return row


# --- Stock ---------------------------------------------------------------------------------------


def test_stock_is_worth_what_it_cost_on_average_and_says_what_is_not_known(read, gas, hose):
    Listing.objects.filter(pk=gas.pk).update(average_cost=15_000)

    table = read("stock-value", "variant")

    assert row_of(table, gas.variant.name)["worth"] == 150_000
    assert row_of(table, gas.variant.name)["gas"] == 120_000
    assert row_of(table, "Hose")["worth"] == 0
    assert table.totals["unknown"] == 5
    assert table.note.startswith("5 pieces are worth nothing here")


def test_a_past_day_begins_and_ends_with_what_was_there(read, refill, gas, manager, shift):
    refill("a")
    with clock.at(NOON + timedelta(days=1)):
        refill("b")
        refill("c")
    with clock.at(NOON + timedelta(days=2)):
        refill("d")
        for is_summed_up in (False, True):
            table = read("stock-movements", "variant", since=TUESDAY, until=TUESDAY)

            full, empty = table.rows
            assert (full["opening"], full["came"], full["left"], full["closing"]) == (9, 0, 2, 7)
            assert (empty["opening"], empty["came"], empty["left"], empty["closing"]) == (
                1,
                2,
                0,
                3,
            )
            if not is_summed_up:
                rollups.sum_up()


def test_what_goes_to_a_rider_stays_ours_until_it_is_handed_over(read, gas, buyer, clerk, rider):
    deliver(gas, buyer, clerk, rider)

    table = read("stock-movements", "reason")

    sent = row_of(table, "Left with the rider")
    assert (sent["came"], sent["left"], sent["within"]) == (0, 0, 2)
    handed = [row for row in table.rows if row["label"] == "Handed over"]
    assert {row["condition"]: (row["came"], row["left"]) for row in handed} == {
        "Full": (0, 2),
        "Empty": (2, 0),
    }


def test_shells_and_deposits_go_with_the_buyer(read, ring_up, gas, buyer):
    ring_up(SaleLine(gas, LineKind.NEW, 2), pay=[Tender(Method.CASH, 104_000)], buyer=buyer)
    ring_up(
        SaleLine(gas, LineKind.RETURN, 1), pay=[Tender(Method.CASH, -30_000)], key="b", buyer=buyer
    )

    [row] = read("cylinders", "variant").rows
    assert (row["full"], row["empty"], row["buyers"], row["all"]) == (8, 1, 1, 10)
    assert (row["held"], row["owed"]) == (1, 30_000)
    [day] = read("deposits", "day").rows
    assert (day["taken"], day["taken_amount"], day["back"], day["net"]) == (2, 60_000, 1, 30_000)


# --- Money ---------------------------------------------------------------------------------------


def count(shift, cash, why=""):
    notes = {5_000: cash // 5_000, 1_000: cash % 5_000 // 1_000}
    return count_shift(shift.cashier, shift=shift, notes=notes, wallets={}, explanation=why)


def test_an_open_drawer_tells_nothing_before_it_is_counted(read, refill, shift):
    refill("a")

    table = read("payments", "method")
    assert table.rows == []
    assert table.note.startswith("Without 1 payment in an open drawer")
    assert read("drawers", "cashier").rows == []

    count(shift, 70_000)
    [row] = read("payments", "method").rows
    assert (row["label"], row["came"], row["net"]) == ("Cash", 20_000, 20_000)


def test_cash_on_a_bike_is_not_told(read, gas, buyer, clerk, rider, station):
    order = deliver(gas, buyer, clerk, rider)
    payment = record_payment(
        rider, invoice=order.invoice, method=Method.CASH, amount=5_000, key="x", is_carried=True
    )
    delivery = Delivery.objects.get(order=order)
    cash = CollectedCash.objects.create(
        payment=payment, station=station, rider=rider, delivery=delivery
    )

    assert read("payments", "method").rows == []
    assert read("deliveries", "rider").totals["cash"] == 0

    home = {"cash_expected": 5_000, "cash_counted": 5_000, "counted_by": clerk}
    cash.homecoming = Homecoming.objects.create(station=station, rider=rider, **home)
    cash.save()
    assert read("payments", "method").totals["came"] == 5_000
    assert read("deliveries", "rider").totals["cash"] == 5_000


def test_a_payment_taken_back_goes_out_on_the_day_that_happened(read, gas, buyer, clerk, rider):
    order = deliver(gas, buyer, clerk, rider)
    payment = record_payment(
        clerk, invoice=order.invoice, method=Method.BANK, amount=9_000, key="p", reference="R1"
    )
    with clock.at(NOON + timedelta(days=1)):
        reverse_payment(clerk, payment=payment, reason="Bounced")

    assert read("payments", "method").totals["net"] == 9_000
    tuesday = read("payments", "day", since=TUESDAY, until=TUESDAY)
    [row] = tuesday.rows
    assert (row["label"], row["count"], row["came"], row["left"]) == (TUESDAY, 0, 0, 9_000)
    assert read("payments", "method", method="cash").rows == []


@pytest.mark.parametrize(
    ("late", "column"),
    [
        (-1, "not_due"),
        (0, "not_due"),
        (1, "week"),
        (7, "week"),
        (8, "fortnight"),
        (14, "fortnight"),
        (15, "month"),
        (30, "month"),
        (31, "older"),
    ],
)
def test_a_debt_is_as_old_as_it_is_over_due(read, trade, buyer, late, column):
    Invoice.objects.filter(pk=trade.invoice_id).update(due_on=MONDAY - timedelta(days=late))

    [row] = read("receivables", "buyer").rows

    assert row["label"] == buyer.name
    trade.invoice.refresh_from_db()
    assert row[column] == row["all"] == trade.invoice.owed


def test_a_drawer_that_is_short_is_not_made_good_by_another_that_is_over(
    read, refill, shift, clerk, manager, station
):
    refill("a")
    count(shift, 69_000, "Lost a note")
    accept_shift(manager, shift=shift)

    count(open_shift(clerk, station=station, float_amount=5_000), 7_000)

    [row] = read("drawers", "cashier").rows

    assert (row["count"], row["off"], row["expected"], row["counted"]) == (2, 2, 75_000, 76_000)
    assert (row["short"], row["over"], row["net"]) == (1_000, 2_000, 1_000)
    assert read("drawers", "cashier", clerk=manager.pk).rows == []


# --- Buying, delivering, rating ------------------------------------------------------------------


def test_purchases_by_supplier(read, trade, manager, station, hose):
    other = add_supplier(manager, station=station, name="Another")
    buy(manager, other, hose, quantity=1)

    table = read("purchases", "supplier")

    depot = row_of(table, "Depot")
    assert (depot["orders"], depot["ordered"], depot["received"], depot["spent"]) == (
        1,
        2,
        2,
        3_000,
    )
    assert depot["lead"] == Decimal("0.0")
    assert table.totals["spent"] == 4_500
    [row] = read("purchases", "supplier", supplier=other.pk).rows
    assert row["label"] == "Another"


def test_what_riders_did(read, trade, rider, clerk):
    [row] = read("deliveries", "rider").rows
    assert (row["label"], row["sent"], row["delivered"], row["failed"]) == (rider.name, 1, 1, 0)
    assert row["on_time"] + row["late"] == 0 or row["share"] is not None
    assert read("deliveries", "rider", rider=clerk.pk).rows == []


def test_the_average_of_stars(read, trade):
    Rating.objects.update(stars=5)

    [row] = read("ratings", "month").rows

    assert (row["label"], row["count"], row["average"], row["of_5"]) == (
        "November 2026",
        1,
        Decimal("5.0"),
        1,
    )


# --- All of them ---------------------------------------------------------------------------------


def asks_of(name, station):
    scope = Scope(MONDAY, TUESDAY, station)
    return [Ask(scope, each.key) for each in REPORTS[name].groups_for(scope)]


@pytest.mark.parametrize("name", OURS)
def test_a_station_reads_nothing_of_another(name, trade, shift, manager, station):
    count(shift, 50_000)
    other = make_station("other", code="OTH", name="Other")

    assert any(REPORTS[name].read(ask).rows for ask in asks_of(name, station))
    for ask in asks_of(name, other):
        table = REPORTS[name].read(ask)
        assert table.rows == []
        assert table.note == ""


@pytest.mark.parametrize("name", OURS)
def test_a_report_costs_as_much_of_many_stations_as_of_one(name, trade, hose, buyer, clerk):
    before = [_cost(name, ask) for ask in asks_of(name, None)]
    for _ in range(3):
        station = make_station(approval_limit=1_000_000)
        listing = make_listing(station, full=9)
        deliver(listing, buyer, clerk, make_member(None, station, Role.RIDER))
        boss = make_member(None, station, Role.MANAGER)
        pipe = make_listing(station, hose.variant, full=1, new_price=None)
        buy(boss, add_supplier(boss, station=station, name="Depot"), pipe)

    assert [_cost(name, ask) for ask in asks_of(name, None)] == before
    assert max(before) <= 5


def _cost(name, ask):
    with CaptureQueriesContext(connection) as queries:
        REPORTS[name].read(ask)
    return len(queries)


@pytest.mark.parametrize("name", OURS)
def test_nothing_at_all_is_an_empty_table(name, station):
    for ask in asks_of(name, station):
        table = REPORTS[name].read(ask)
        assert (table.rows, table.totals, table.chart) == ([], None, None)


@pytest.mark.parametrize("name", OURS)
def test_three_years_are_one_question(name, trade, station):
    for ask in asks_of(name, station):
        REPORTS[name].read(Ask(Scope(MONDAY - timedelta(days=1096), MONDAY, station), ask.group))


def test_days_that_follow_each_other_are_one_stretch():
    days = [date(2026, 1, 3), date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 5)]

    assert facts.stretches(days) == [
        (date(2026, 1, 1), date(2026, 1, 3)),
        (date(2026, 1, 5), date(2026, 1, 5)),
    ]


def test_late_in_the_evening_is_still_that_day(read, gas, buyer, clerk, rider):
    with clock.at(datetime(2026, 11, 16, 21, 30, tzinfo=UTC)):  # 23:30 in Kigali
        order = deliver(gas, buyer, clerk, rider)
        record_payment(
            clerk, invoice=order.invoice, method=Method.BANK, amount=1, key="p", reference="R"
        )

    assert read("payments", "day").rows[0]["label"] == MONDAY
    assert read("deliveries", "day").rows[0]["label"] == MONDAY
    assert read("payments", "day", since=TUESDAY, until=TUESDAY).rows == []
