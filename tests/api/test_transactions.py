"""Sales and purchases in one list and in sums, at the API."""

from datetime import UTC, datetime

import pytest

from gasstock.core import clock
from gasstock.orders.models import LineKind
from gasstock.purchasing.services.suppliers import add_supplier
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.api.counter import sold
from tests.factories import (
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
    make_variant,
)
from tests.orders.acts import delivered
from tests.purchasing.acts import came, ordered, receive, want


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


# --- Sales and purchases ------------------------------------------------------------------------


def test_sales_and_purchases_stand_in_one_list(manager, boss, gas, station):
    with on(9):
        order = delivered(make_order({gas: 2}), boss)
    receipt = bought(station, gas, day=10)
    with on(11):
        sale = sold(boss, gas)

    rows = manager.get("transactions/")["items"]

    assert [row["number"] for row in rows] == [sale.number, receipt.number, order.number]
    assert rows[1] == {
        "kind": "PURCHASE",
        "number": receipt.number,
        "at": "2026-11-10T12:00:00+02:00",
        "station": "remera",
        "channel": None,
        "party": "Depot one",
        "quantity": 8,
        "amount": str(4 * 14_000 + 4 * 25_000),
        "currency": "RWF",
    }
    assert (rows[2]["kind"], rows[2]["channel"], rows[2]["amount"]) == ("SALE", "ONLINE", "41000")
    assert rows[2]["party"] == order.buyer.name
    assert (rows[0]["channel"], rows[0]["amount"]) == ("COUNTER", "20000")
    kinds = {
        kind: [row["number"] for row in manager.get("transactions/", kind=kind)["items"]]
        for kind in ("SALE", "PURCHASE")
    }
    assert kinds == {"SALE": [sale.number, order.number], "PURCHASE": [receipt.number]}
    assert len(manager.get("transactions/", **days(10, 10))["items"]) == 1


@pytest.mark.parametrize("same_moment", [False, True])
def test_pages_follow_each_other_while_more_is_sold(manager, boss, gas, station, same_moment):
    numbers = []
    for n in range(4):
        day = 10 if same_moment else 10 + n
        with on(day):
            numbers.append(delivered(make_order(gas), boss).number)
        numbers.append(bought(station, gas, quantity=1, day=day, key=str(n)).number)

    seen = []
    for page in manager.pages("transactions/", limit=3):
        seen += [row["number"] for row in page]
        with on(28):
            delivered(make_order(gas), boss)

    assert sorted(seen) == sorted(numbers)
    whole = [row["number"] for row in manager.get("transactions/", **days(1, 27))["items"]]
    assert seen == whole


@pytest.mark.parametrize("cursor", ["x", "1", "1-2-3", "9" * 40, f"{'9' * 17}-1-{'9' * 18}"])
def test_a_cursor_that_is_not_ours_starts_over(manager, boss, gas, cursor):
    delivered(make_order(gas), boss)

    assert len(manager.get("transactions/", cursor=cursor)["items"]) == 1


def test_the_report_adds_up_by_day_station_and_product(manager, boss, gas, hose, station):
    with on(9):
        delivered(make_order({gas: 2}), boss)
        delivered(make_order(hose, kind=LineKind.ACCESSORY), boss)
    bought(station, gas, day=10)
    asked = days(1, 30)

    reports = {
        group: manager.get("transactions/report/", **asked, group=group)
        for group in ("day", "station", "product")
    }

    cost = {"receipts": 1, "quantity": 8, "total": "156000"}
    none = {"receipts": 0, "quantity": 0, "total": "0"}
    assert [(row["key"], row["purchases"]) for row in reports["day"]["items"]] == [
        ("2026-11-09", none),
        ("2026-11-10", cost),
    ]
    [row] = reports["station"]["items"]
    assert (row["key"], row["name"], row["purchases"]) == ("remera", "Remera Gas", cost)
    assert row["sales"]["total"] == reports["station"]["sales"]["total"] == "45000"
    assert [(row["key"], row["sales"]["total"]) for row in reports["product"]["items"]] == [
        ("HOSE", "3000"),
        ("SP-12", "40000"),
    ]
    assert reports["day"]["sales"] == reports["station"]["sales"] == reports["product"]["sales"]
    assert reports["day"]["purchases"] == reports["product"]["purchases"] == cost
    assert reports["day"]["group"] == "day"
    assert (reports["day"]["from"], reports["day"]["to"]) == ("2026-11-01", "2026-11-30")


@pytest.mark.parametrize(
    "path", ["dashboard/total-sales/", "dashboard/top-products/", "transactions/report/"]
)
@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"from": "2026-13-01"}, ["from"]),
        ({"from": "1700000000"}, ["from"]),
        ({"to": "1999-12-31"}, ["to"]),
        ({"to": "9999-12-31"}, ["to"]),
        ({"from": "2026-02-01", "to": "2026-01-31"}, ["to"]),
        ({"from": "2026-01-01", "to": "2027-01-02"}, ["to"]),
    ],
)
def test_days_that_cannot_be_are_refused(manager, path, query, fields):
    assert refusal(manager.get, path, **query) == (422, fields)


def test_a_leap_year_is_not_too_long(manager):
    query = {"from": "2028-01-01", "to": "2028-12-31"}

    assert len(manager.get("dashboard/total-sales/", **query)["items"]) == 366
