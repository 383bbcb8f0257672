"""The movement log: what it says, what it finds, and what can be taken away of it."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import override_settings
from django.urls import reverse

from gasstock.core import clock, exports
from gasstock.core.sheets import read_rows
from gasstock.inventory.models import Condition, LocationKind, Reason
from gasstock.inventory.services import log
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.log import Wanted, page_of_log
from tests.factories import make_listing, make_member, make_station, make_user, make_variant
from tests.queries import cost
from tests.uploads import upload

pytestmark = pytest.mark.django_db

START = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NASTY = [
    *("", "\x00", "%00", "\u202e", "{{7*7}}", "<svg onload=alert(1)>", "'; DROP TABLE x; --"),
    *("١٢", "1e5", "NaN", "-1", "0", "2147483648", "9" * 30, "9" * 5000, "x" * 5000),
    *("0001-01-01", "9999-12-31", "2026-02-30", "2026-13-01", "18.11.2026", "COUNT-%", "K_P-1"),
    *("99999999999999999-1", "1-999999999999999999", "0-0", "1-", "K-\ufffd"),
]


def path(name="moves", slug="kimironko"):
    return reverse(f"stock:{name}", args=[slug])


def move(gas, quantity=1, *, at=START, actor=None, **fields):
    """One more of it arrives, unless `fields` say otherwise."""
    values = {"reason": Reason.RECEIPT, "document": "KGP-GRN-2026-00001"} | fields
    condition = values.pop("condition", Condition.FULL)
    supplier = location_of(LocationKind.SUPPLIER, station=gas.station)
    home = location_of(LocationKind.STATION, station=gas.station)
    with clock.at(at):
        [made] = post(
            actor,
            station=gas.station,
            lines=[Line(gas.variant, condition, quantity, supplier, home)],
            **values,
        )
    return made


def found(station, cursor="", **wanted):
    return page_of_log(station, Wanted(**wanted), cursor).rows


@pytest.fixture
def gas(station):
    return make_listing(station, make_variant("SP 12 kg", sku="SP-12"), full=0)


@pytest.mark.parametrize(
    ("who", "status"),
    [("manager", 200), ("clerk", 200), ("rider", 403), ("admin", 200), (None, 302)],
)
def test_who_may_read_the_log(client, request, gas, who, status):
    if who:
        client.force_login(request.getfixturevalue(who))

    names = ("moves", "moves_csv", "moves_xlsx")
    assert [client.get(path(name)).status_code for name in names] == [status] * 3


def test_the_log_of_others_is_not_there(client, gas):
    move(gas, note="CANARY")
    client.force_login(make_member(None, make_station("other")))

    for name in ("moves", "moves_csv", "moves_xlsx"):
        assert client.get(path(name)).status_code == 404
    assert "CANARY" not in client.get(path(slug="other")).text
    assert b"CANARY" not in client.get(path("moves_csv", "other")).getvalue()
    assert client.get(path(slug="other"), {"variant": gas.variant_id}).status_code == 422


def test_a_row_says_what_how_many_whence_where_why_and_who(client, manager, clerk, gas):
    move(gas, 3, actor=clerk, reason=Reason.COUNT, document="COUNT-7", note="Behind the cage")
    client.force_login(manager)

    page = client.get(path()).text

    for words in ("SP 12 kg", "+3 full", "Supplier", "Station", "Counted", "Behind the cage"):
        assert words in page
    assert str(clerk) in page
    assert reverse("stock:listing_moves", args=["kimironko", gas.pk]) in page
    assert "left</span>" not in page


def test_a_move_of_something_not_listed_has_no_link(client, manager, gas):
    foreign = make_variant("Foreign 6 kg")
    home = location_of(LocationKind.STATION, station=gas.station)
    buyer = location_of(LocationKind.BUYER, station=gas.station)
    lines = [Line(foreign, Condition.EMPTY, 1, buyer, home)]
    post(None, station=gas.station, lines=lines, reason=Reason.SALE, document="KGP-AAAAAA")
    client.force_login(manager)

    page = client.get(path(), {"variant": foreign.pk}).text

    assert '<span class="gs-moves__n">Foreign 6 kg</span>' in page
    assert "+1 empty" in page


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [5, 4, 3, 2, 1]),
        ({"condition": "empty"}, [2]),
        ({"reason": "count"}, [3]),
        ({"document": "COUNT-7"}, [3]),
        ({"document": "KGP-GRN-2026"}, [2, 1]),
        ({"document": "KGP-GRN-2026-00001"}, [2, 1]),
        ({"document": "COUNT-9"}, []),
        ({"document": "COUN_-7"}, []),
        ({"actor": log.NOBODY}, [5, 3, 2, 1]),
        ({"condition": "full", "reason": "receipt", "document": "KGP-G"}, [1]),
        ({"oldest_first": True}, [1, 2, 3, 4, 5]),
        ({"variant": 0}, []),
    ],
)
def test_each_filter_finds_its_moves(station, manager, gas, wanted, expected):
    other = make_listing(station, full=0)
    move(gas, 1)
    move(gas, 2, condition=Condition.EMPTY)
    move(gas, 3, reason=Reason.COUNT, document="COUNT-7")
    move(other, 4, actor=manager, document="KGP-BBBBBB", reason=Reason.SALE)
    move(other, 5, document="COUNT", reason=Reason.LOSS)

    assert [row.quantity for row in found(station, **wanted)] == expected


def test_a_whole_number_is_found_without_those_that_begin_with_it(station, gas):
    for number in (7, 70, 71):
        move(gas, number, reason=Reason.COUNT, document=f"COUNT-{number}")

    assert [row.quantity for row in found(station, document="COUNT-7")] == [7]
    assert [row.quantity for row in found(station, document="COUNT-70")] == [70]
    assert [row.quantity for row in found(station, document="COUNT")] == [71, 70, 7]


def test_a_document_of_another_station_does_not_hide_a_beginning(station, gas):
    elsewhere = make_listing(make_station(), full=0)
    move(elsewhere, 1, document="COUNT-7")
    move(gas, 2, document="COUNT-70")

    assert [row.quantity for row in found(station, document="COUNT-7")] == [2]


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Africa/Kigali", datetime(2026, 11, 18, 21, 59, 59, 999_999, tzinfo=UTC)),
        ("Africa/Kigali", datetime(2026, 11, 17, 22, 0, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 11, 18, 10, 59, tzinfo=UTC)),
    ],
)
def test_days_are_the_stations_and_both_count(station, gas, zone, moment):
    move(gas, 1, at=moment)
    day, one = datetime(2026, 11, 18).date(), timedelta(days=1)

    with override_settings(TIME_ZONE=zone):
        assert len(found(station, first=day, last=day)) == 1
        assert found(station, last=day - one) == []
        assert found(station, first=day + one) == []


def test_the_day_on_which_a_clock_jumps_at_midnight_has_a_beginning(station, gas):
    day = datetime(2026, 9, 6).date()  # Chile goes from 23:59 to 01:00
    move(gas, at=datetime(2026, 9, 6, 12, tzinfo=UTC))

    with override_settings(TIME_ZONE="America/Santiago"):
        assert len(found(station, first=day, last=day)) == 1


@pytest.mark.parametrize("order", ["", "oldest"])
def test_pages_hold_every_move_once(client, manager, station, gas, order):
    for number in range(1, 61):  # three of a moment each, the later ones written first
        move(gas, number, at=START - timedelta(minutes=number // 3))

    seen, cursor = [], ""
    while cursor is not None:
        page = page_of_log(station, Wanted(oldest_first=order == "oldest"), cursor)
        seen += [row.quantity for row in page.rows]
        cursor = page.next

    oldest_first = sorted(range(1, 61), key=lambda number: (-(number // 3), number))
    assert seen == (oldest_first if order else oldest_first[::-1])
    client.force_login(manager)
    first = client.get(path(), {"order": order, "reason": "receipt"}).text
    assert "reason=receipt" in first.split('rel="next"')[0].rpartition("?")[2]


def test_moves_come_by_their_time_whatever_was_written_first(station, gas):
    move(gas, 1, at=START)
    move(gas, 2, at=START - timedelta(days=2))

    assert [row.quantity for row in found(station)] == [1, 2]


def test_the_log_asks_as_often_for_30_as_for_1(client, manager, gas):
    move(gas)
    client.force_login(manager)
    first = cost(client, path())
    for number in range(30):
        move(gas, actor=make_user(), document=f"KGP-{number:06d}", reason=Reason.SALE)

    assert cost(client, path()) == first <= 8
    everything = f"?variant={gas.variant_id}&condition=full&reason=sale&actor=0&document=KGP-0000"
    assert cost(client, f"{path()}{everything}&first=2026-01-01&last=2026-12-31") <= 8


@pytest.mark.parametrize(
    "name",
    ["variant", "condition", "reason", "document", "actor", "first", "last", "order", "cursor"],
)
def test_the_log_survives_anything(client, manager, gas, name):
    move(gas)
    client.force_login(manager)

    for value in NASTY:
        answer = client.get(path(), {name: value})
        assert answer.status_code in {200, 422}, value[:40]
        assert "<svg onload" not in answer.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"first": "0001-01-01"}, "Choose a day from 2000 to 2100"),
        ({"last": "9999-12-31"}, "Choose a day from 2000 to 2100"),
        ({"first": "2026-02-30"}, "Enter a valid date"),
        ({"first": "2026-02-02", "last": "2026-02-01"}, "This day is before the first one"),
        ({"document": "K%"}, "Write a number or its beginning"),
    ],
)
def test_nonsense_is_answered_beside_the_field(client, manager, gas, query, words):
    move(gas)
    client.force_login(manager)

    answer = client.get(path(), query)

    assert answer.status_code == 422
    assert words in answer.text
    assert "gs-moves__q" not in answer.text
    refused = client.get(path("moves_csv"), query)
    assert refused.status_code == 302
    assert refused.url.startswith(path())
    assert client.get(refused.url).status_code == 422


def test_a_document_may_be_typed_in_small_letters(client, manager, gas):
    move(gas, document="COUNT-7")
    client.force_login(manager)

    assert "+1 full" in client.get(path(), {"document": " count-7 "}).text


def test_paging_by_htmx_swaps_the_moves_alone(client, manager, gas):
    move(gas)
    client.force_login(manager)

    part = client.get(path(), headers={"HX-Request": "true", "HX-Target": "moves"}).text

    assert part.strip().startswith('<div class="gs-stack" id="moves">')
    assert "<form" not in part


def rows_of_csv(client, **query):
    answer = client.get(path("moves_csv"), query)
    assert answer.streaming
    text = answer.getvalue().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_the_csv_holds_what_was_filtered(client, manager, gas, monkeypatch):
    monkeypatch.setattr(log, "MOVES_A_CHUNK", 4)
    for number in range(1, 12):
        move(gas, number, actor=manager, note='=HYPERLINK("x")', at=START + number * MINUTE)
    move(gas, 99, reason=Reason.COUNT, document="COUNT-7")
    client.force_login(manager)

    head, *rows = rows_of_csv(client, reason="receipt", cursor="1-1")

    assert head[:5] == ["When", "What", "Code", "State", "How many"]
    assert [row[4] for row in rows] == [str(number) for number in range(11, 0, -1)]
    assert rows[-1] == [
        *("2026-11-18 10:01:00", "SP 12 kg", "SP-12", "Full", "1", "Supplier", "Station", "1"),
        *("Received", "KGP-GRN-2026-00001", str(manager), '\'=HYPERLINK("x")'),
    ]


def test_the_csv_comes_in_the_order_asked_for(client, manager, gas):
    for number in (1, 2):
        move(gas, number, at=START + number * MINUTE)
    client.force_login(manager)

    assert [row[4] for row in rows_of_csv(client, order="oldest")] == ["How many", "1", "2"]


def test_the_excel_file_holds_numbers_and_moments(client, manager, gas):
    move(gas, 3, note="=1+1")
    client.force_login(manager)

    answer = client.get(path("moves_xlsx"))
    rows = [cells for _, cells in read_rows(upload("a.xlsx", answer.getvalue()))]

    assert answer["Content-Disposition"].startswith('attachment; filename="kimironko-moves-')
    assert [rows[1][4], rows[1][7], rows[1][11]] == ["3", "3", "=1+1"]
    assert float(rows[1][0]) > 46_000


def test_too_much_for_excel_is_explained_on_the_page(client, manager, gas, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    move(gas)
    move(gas)
    client.force_login(manager)

    answer = client.get(path("moves_xlsx"), {"reason": "receipt"})

    assert answer.url == f"{path()}?reason=receipt"
    assert "take the CSV" in str(next(iter(get_messages(answer.wsgi_request))))


def test_an_export_asks_once_a_chunk(client, manager, gas, django_assert_max_num_queries):
    for _ in range(30):
        move(gas, actor=make_user())
    client.force_login(manager)

    with django_assert_max_num_queries(7):
        assert len(rows_of_csv(client)) == 31


def test_an_index_finds_a_document(station):
    if connection.vendor == "postgresql":
        pytest.skip("chooses by how many rows there are; `make bench` looks at a million")

    for name in ("KGP-7F3A2B", "KGP-7F"):
        plan = log._moves(station, Wanted(document=name)).order_by("-created_at", "-pk").explain()
        assert "SEARCH inventory_move USING INDEX move_by_document" in plan


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"variant": 1},
        {"condition": "empty"},
        {"reason": "count"},
        {"actor": 1},
        {"actor": 0},
        {"first": START.date(), "last": START.date()},
        {"reason": "count", "first": START.date(), "last": START.date()},
    ],
)
@pytest.mark.parametrize("order", [("-created_at", "-pk"), ("created_at", "pk")])
def test_an_index_gives_each_page_in_its_order(station, gas, wanted, order):
    moves = log._moves(station, Wanted(**wanted)).order_by(*order)
    if connection.vendor == "postgresql":
        pytest.skip("chooses by how many rows there are; `make bench` looks at a million")

    plan = moves.filter(created_at__lte=START)[:26].explain()

    assert "USING INDEX move_by_" in plan
    assert "TEMP B-TREE" not in plan
