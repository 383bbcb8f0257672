"""What runs low, what sells, what was sold and bought: at the API, and in its sums."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.permissions import Role
from gasstock.accounts.scope import Scope
from gasstock.core import clock
from gasstock.inventory.services import alerts
from gasstock.orders import figures as sales
from gasstock.orders.models import LineKind, Order
from gasstock.orders.services.counter import void_sale
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.purchasing.services.suppliers import add_supplier
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.api.counter import sold
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
    make_variant,
)
from tests.orders.acts import delivered, on_the_way
from tests.purchasing.acts import came, ordered, receive, want

NOTHING = {"orders": 0, "quantity": 0, "goods": "0", "deposits": "0", "delivery": "0", "total": "0"}


@pytest.fixture
def station(db):
    return make_station("remera", name="Remera Gas")


@pytest.fixture
def boss(station):
    return make_member(make_user(name="Eric Mugisha"), station)


@pytest.fixture
def manager(boss):
    return signed_in(boss)


@pytest.fixture
def admin(db):
    return signed_in(make_admin())


@pytest.fixture
def gas(station):
    return make_listing(station, make_variant("SP 12 kg", sku="SP-12"), full=60)


@pytest.fixture
def hose(station):
    variant = make_variant("Hose", sku="HOSE", size_g=None)
    return make_listing(station, variant, full=9, refill_price=3_000, new_price=None)


def on(day, hour=10):
    """A moment in UTC, two hours behind the stations."""
    return clock.at(datetime(2026, 11, day, hour, tzinfo=UTC))


def days(first, last):
    return {"from": f"2026-11-{first:02}", "to": f"2026-11-{last:02}"}


def refusal(call, *args, **query):
    with pytest.raises(Refused) as refused:
        call(*args, **query)
    return refused.value.status, [*refused.value.fields]


def bought(station, gas, *, quantity=4, day=10, key="one"):
    """Goods received: `quantity` refills at 14,000, and as many at 20,000 with their cylinders."""
    name = f"Depot {key}"
    with on(day):
        depot = add_supplier(None, station=station, name=name, email="d@example.com")
        new = want(gas, quantity, 20_000, "new", unit_shell_cost=5_000)
        order = ordered(depot, want(gas, quantity), new)
        return receive(order, came(order, quantity), came(order, quantity, 1), key=key)


# --- What runs low ------------------------------------------------------------------------------


def test_what_is_down_to_its_level_runs_low(manager, station, gas):
    low = make_listing(
        station, make_variant("SP 6 kg", sku="SP-6"), full=5, empty=7, reorder_level=4
    )
    assert manager.get("dashboard/low-stock/")["items"] == []
    make_order(low)
    make_listing(station, full=0, reorder_level=0)

    [item] = manager.get("dashboard/low-stock/")["items"]
    alerts.check_levels(station)
    [told] = manager.get("dashboard/low-stock/")["items"]

    assert item == {
        "id": low.pk,
        "sku": "SP-6",
        "name": "SP 6 kg",
        "station": "remera",
        "on_hand": 5,
        "reserved": 1,
        "available": 4,
        "empty": 7,
        "reorder_level": 4,
        "suggested": 1,
        "days_of_cover": None,
        "since": None,
    }
    assert told == item | {"since": told["since"]}
    assert told["since"]


def test_it_is_as_the_alerts_say(manager, station):
    levels = [(0, 0), (1, 2), (2, 2), (3, 2), (0, 1)]
    listings = [make_listing(station, full=full, reorder_level=at) for full, at in levels]

    raised = {alert.listing_id for alert in alerts.check_levels(station)}

    shown = {item["id"] for item in manager.get("dashboard/low-stock/")["items"]}
    assert shown == raised == {listings[n].pk for n in (1, 2, 4)}


def test_empties_are_those_of_the_same_station(admin):
    gas = make_variant()
    for n in (3, 8):
        make_listing(make_station(), gas, full=0, empty=n, reorder_level=1)

    assert [item["empty"] for item in admin.get("dashboard/low-stock/")["items"]] == [3, 8]


def test_a_clerk_sees_what_runs_low_but_not_what_was_sold(station):
    clerk = signed_in(make_member(None, station, Role.CLERK))

    assert clerk.get("dashboard/low-stock/")["items"] == []
    for path in ("dashboard/total-sales/", "dashboard/top-products/", "transactions/"):
        assert refusal(clerk.get, path)[0] == 403
        assert refusal(signed_in(make_user()).get, path)[0] == 404


# --- What was sold ------------------------------------------------------------------------------


def test_sales_are_told_by_day(manager, boss, gas, hose):
    with on(3):
        delivered(make_order({gas: 2}), boss)
        delivered(make_order(gas, kind=LineKind.NEW), boss)
    with on(5):
        delivered(make_order(hose, kind=LineKind.ACCESSORY), boss)
        make_order(gas)

    told = manager.get("dashboard/total-sales/", **days(3, 5), group="day")

    first = {"orders": 2, "quantity": 3, "goods": "62000", "deposits": "30000"}
    last = {"orders": 1, "quantity": 1, "goods": "3000", "deposits": "0"}
    assert told["items"] == [
        {"day": "2026-11-03", **first, "delivery": "2000", "total": "94000"},
        {"day": "2026-11-04", **NOTHING},
        {"day": "2026-11-05", **last, "delivery": "1000", "total": "4000"},
    ]
    assert {name: told[name] for name in (*NOTHING, "from", "to", "currency")} == {
        "orders": 3,
        "quantity": 4,
        "goods": "65000",
        "deposits": "30000",
        "delivery": "3000",
        "total": "98000",
        "from": "2026-11-03",
        "to": "2026-11-05",
        "currency": "RWF",
    }


def test_what_was_handed_over_counts_and_not_what_was_ordered(manager, boss, gas):
    order = on_the_way(make_order({gas: 3}), boss)
    [line] = order.lines.all()

    deliver_order(boss, order=order, handed={line.pk: Handed(2, 1)}, code=order.code)

    told = manager.get("dashboard/total-sales/")
    assert (told["quantity"], told["goods"], told["deposits"]) == (2, "42000", "30000")
    assert told["total"] == "73000"
    order.invoice.refresh_from_db()
    assert order.invoice.total == 73_000


def test_half_past_eleven_in_the_evening_is_still_the_same_day(manager, boss, gas):
    with clock.at(datetime(2026, 11, 3, 21, 30, tzinfo=UTC)):  # in Kigali it is two hours later
        delivered(make_order(gas), boss)
    with on(3, hour=22):
        delivered(make_order(gas), boss)

    told = manager.get("dashboard/total-sales/", **days(3, 4))

    assert [(item["day"], item["orders"]) for item in told["items"]] == [
        ("2026-11-03", 1),
        ("2026-11-04", 1),
    ]


def test_the_last_thirty_days_are_told_unless_others_are_asked_for(manager, boss, gas):
    with on(1):
        delivered(make_order(gas), boss)

    with on(30):
        told = manager.get("dashboard/total-sales/")
    with clock.at(datetime(2026, 12, 1, 10, tzinfo=UTC)):
        later = manager.get("dashboard/total-sales/")

    assert (told["from"], told["to"], told["orders"]) == ("2026-11-01", "2026-11-30", 1)
    assert (later["from"], later["orders"]) == ("2026-11-02", 0)


def test_a_sale_counts_at_once_and_says_nothing_of_its_drawer(manager, boss, gas):
    sold(boss, gas, quantity=2)

    told = manager.get("dashboard/total-sales/")
    report = manager.get("transactions/report/", group="product")

    assert (told["orders"], told["total"]) == (1, "40000")
    assert report["sales"]["goods"] == "40000"
    assert manager.get("dashboard/top-products/")["items"][0]["quantity"] == 2
    assert not {"method", "cashier", "by_method"} & {*told, *report, *report["items"][0]}


def test_what_was_undone_is_not_told(manager, boss, gas):
    sale = sold(boss, gas)
    sold(boss, gas)
    void_sale(boss, sale=sale, reason="Wrong size")

    assert manager.get("dashboard/total-sales/")["orders"] == 1
    assert len(manager.get("transactions/")["items"]) == 1


def test_the_sums_are_those_of_the_lines(boss, gas, hose):
    delivered(make_order({gas: 2}), boss)
    delivered(make_order(gas, kind=LineKind.NEW), boss)
    delivered(make_order(hose, kind=LineKind.ACCESSORY), boss)
    order = on_the_way(make_order({gas: 3}), boss)
    [line] = order.lines.all()
    deliver_order(boss, order=order, handed={line.pk: Handed(3, 1)}, code=order.code)
    sold(boss, gas, LineKind.NEW)
    sold(boss, gas, LineKind.RETURN)
    sold(boss, gas, quantity=2, empties=1)

    scope = Scope(clock.today(), clock.today())
    groups = [sales.sold(scope, group) for group in ("day", "station", "product")]

    done = Order.objects.filter(delivered_at__isnull=False)
    charged = sum(line.charged for each in done for line in each.lines.all())
    fees = sum(each.delivery_fee for each in done)
    by_day, by_station, by_product = (sum(each.values(), sales.Sums()) for each in groups)
    assert by_day == by_station
    assert by_day.total == charged + fees == sum(each.invoice.total for each in done)
    assert by_product.total == charged
    assert by_product.pieces == by_day.pieces == 2 + 1 + 1 + 3 + 1 + 0 + 2
    assert by_day.deposits == (1 + 2 + 1 - 1 + 1) * 30_000


def test_large_sums_are_told_to_the_last_franc(manager, station):
    dear = make_listing(station, make_variant(deposit=0), full=3, refill_price=2_000_000_000)
    delivered(make_order({dear: 3}), make_admin())

    assert manager.get("dashboard/total-sales/")["goods"] == "6000000000"


# --- What sells best ----------------------------------------------------------------------------


def test_the_best_come_first(manager, boss, gas, hose, station):
    other = make_listing(station, make_variant("K-Gas 13 kg", sku="KG-13"), full=9)
    delivered(make_order({gas: 2}), boss)
    delivered(make_order(hose, kind=LineKind.ACCESSORY), boss)
    delivered(make_order(other, kind=LineKind.NEW), boss)

    told = manager.get("dashboard/top-products/")

    assert [item["sku"] for item in told["items"]] == ["SP-12", "KG-13", "HOSE"]
    brand = gas.variant.product.brand
    assert told["items"][0] == {
        "sku": "SP-12",
        "name": "SP 12 kg",
        "product": gas.variant.product.name,
        "brand": brand.name,
        "quantity": 2,
        "orders": 1,
        "goods": "40000",
    }
    assert len(manager.get("dashboard/top-products/", limit=1)["items"]) == 1


# --- Whose --------------------------------------------------------------------------------------


def test_who_manages_several_stations_sees_them_all_or_one(manager, boss, gas):
    second, theirs = make_listing(make_station("second")), make_listing(make_station("theirs"))
    make_member(boss, second.station)
    make_member(boss, theirs.station, Role.CLERK)
    for listing in (gas, second, theirs):
        delivered(make_order(listing), make_member(None, listing.station))

    def keys(client, **query):
        rows = client.get("transactions/report/", group="station", **query)["items"]
        return {row["key"] for row in rows}

    assert keys(manager) == {"remera", "second"}
    assert keys(manager, station="second") == {"second"}
    assert keys(signed_in(make_admin())) == {"remera", "second", "theirs"}
    assert refusal(manager.get, "transactions/", station="theirs")[0] == 403
    assert refusal(manager.get, "transactions/", station="nowhere")[0] == 404
    assert len(manager.get("transactions/")["items"]) == 2


@pytest.mark.parametrize(
    "path",
    [
        "dashboard/low-stock/",
        "dashboard/total-sales/",
        "dashboard/top-products/",
        "transactions/",
        "transactions/report/?group=product",
        "transactions/report/?group=station",
    ],
)
def test_it_costs_the_same_however_much_there_is(path, admin):
    costs = []

    for more in (1, 12):
        for n in range(more):
            listing = make_listing(full=9, reorder_level=9)
            station = listing.station
            delivered(make_order(listing), make_member(None, station))
            bought(station, listing, quantity=1, key=f"{more}-{n}")
            make_listing(full=1, reorder_level=9)
        with CaptureQueriesContext(connection) as queries:
            assert admin.ask("GET", path).json()
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 8


def test_every_day_has_its_place():
    scope = Scope(date(2026, 2, 27), date(2026, 3, 1))

    start, end = clock.bounds_of(scope.first, scope.last)

    assert end - start == timedelta(days=3)
    assert start.astimezone(UTC) == datetime(2026, 2, 26, 22, tzinfo=UTC)
