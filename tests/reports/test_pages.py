"""The pages of reports: what is asked, seen, taken away and kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from gasstock.core import clock
from gasstock.reports.models import SavedView
from gasstock.reports.periods import PRESETS, days_of, period_before
from gasstock.reports.registry import REPORTS
from gasstock.reports.sums import Scope
from tests.doors import World
from tests.factories import make_listing, make_order, make_station, make_user, make_variant
from tests.orders.acts import delivered
from tests.queries import cost

NOON = datetime(2026, 11, 16, 10, tzinfo=UTC)  # Monday, 12:00 in Kigali


@pytest.fixture(autouse=True)
def _noon():
    with clock.at(NOON):
        yield


@pytest.fixture
def at_reports(client, manager, station):
    client.force_login(manager)
    return lambda name="sales", **query: client.get(page_of(station, name), query)


def page_of(station, name="sales", page="report"):
    return reverse(f"reports:{page}", args=[station.slug, name])


# --- Days -----------------------------------------------------------------------------------------


def test_presets_are_whole_days_up_to_today():
    days = {name: days_of(name, date(2026, 3, 5)) for name in PRESETS}

    assert days == {
        "today": (date(2026, 3, 5), date(2026, 3, 5)),
        "yesterday": (date(2026, 3, 4), date(2026, 3, 4)),
        "7": (date(2026, 2, 27), date(2026, 3, 5)),
        "30": (date(2026, 2, 4), date(2026, 3, 5)),
        "month": (date(2026, 3, 1), date(2026, 3, 5)),
        "last-month": (date(2026, 2, 1), date(2026, 2, 28)),
        "year": (date(2026, 1, 1), date(2026, 3, 5)),
    }


@pytest.mark.parametrize(
    ("asked", "before"),
    [
        (("2026-03-05", "2026-03-05"), ("2026-03-04", "2026-03-04")),
        (("2026-02-27", "2026-03-05"), ("2026-02-20", "2026-02-26")),
        (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
        (("2026-03-01", "2026-03-05"), ("2026-02-01", "2026-02-05")),
        (("2026-03-01", "2026-03-30"), ("2026-02-01", "2026-02-28")),
        (("2026-01-01", "2026-03-05"), ("2025-01-01", "2025-03-05")),
        (("2024-01-01", "2024-02-29"), ("2023-01-01", "2023-02-28")),
        (("2026-01-01", "2026-01-31"), ("2025-12-01", "2025-12-31")),
    ],
)
def test_the_time_before_is_as_long_or_the_same_part_of_a_month_or_year(asked, before):
    since, until = map(date.fromisoformat, asked)

    earlier = period_before(Scope(since, until))

    assert (earlier.since.isoformat(), earlier.until.isoformat()) == before


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"days": "own", "since": "2026-11-10", "until": "2026-11-01"}, "until"),
        ({"days": "own", "since": "2020-01-01", "until": "2026-11-01"}, "until"),
        ({"days": "own", "since": "0001-01-01", "until": "2026-11-01"}, "since"),
        ({"days": "for ever"}, "days"),
        ({"group": "colour"}, "group"),
        ({"group": "station"}, "group"),
        ({"brand": "\x00"}, "brand"),
        ({"clerk": "9" * 30}, "clerk"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_field(at_reports, query, field):
    answer = at_reports(**query)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


# --- The page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_each_report_opens_with_and_without_anything_in_it(at_reports, refill, shift, name):
    assert at_reports(name).status_code == 200

    refill("a")

    for group in REPORTS[name].groups_for(Scope(NOON.date(), NOON.date(), shift.station)):
        assert at_reports(name, group=group.key, compare="on").status_code == 200, group


def test_todays_sale_is_there_at_once_with_its_change_against_yesterday(at_reports, refill):
    with clock.at(NOON - timedelta(days=1)):
        refill("a")
    refill("b")
    refill("c")

    page = at_reports(days="today", compare="on")

    [row] = page.context["table"].rows
    assert (row["orders"], row["pieces"], row["charged"]) == (2, 2, 40_000)
    figure = next(each for each in page.context["figures"] if each.title == "Charged")
    assert (figure.text, figure.before, figure.change) == (
        "RWF\u00a040,000",
        "RWF\u00a020,000",
        "+100\u00a0%",
    )


def test_filters_leave_out_what_is_not_asked_for(at_reports, refill, gas, station):
    other = make_listing(station, make_variant("Meru 12 kg"), full=5)
    refill("a")

    mine = at_reports(days="today", product=gas.variant.product_id)
    others = at_reports(days="today", product=other.variant.product_id)

    assert mine.context["table"].totals["pieces"] == 1
    assert others.context["table"].rows == []


def test_htmx_gets_the_report_and_not_the_page(client, manager, station):
    client.force_login(manager)

    answer = client.get(
        page_of(station), headers={"HX-Request": "true", "HX-Target": "report"}
    ).content.decode()

    assert 'id="report"' in answer
    assert "<html" not in answer


def test_more_rows_cost_no_more_queries(client, manager, station, refill, shift):
    client.force_login(manager)
    refill("a")
    paths = [f"{page_of(station, name)}?days=30" for name in ("sales", "margin", "transactions")]
    few = [cost(client, path) for path in paths]

    for n in range(3):
        listing = make_listing(station, make_variant(f"Meru {n + 20} kg"), full=5)
        with clock.at(NOON - timedelta(hours=n)):
            refill(f"more-{n}", listing=listing)

    assert [cost(client, path) for path in paths] == few


@pytest.mark.parametrize("who", ["manager", "admin"])
def test_every_report_and_the_time_before_it_cost_at_most_twelve_queries(client, db, who):
    with clock.at(NOON - timedelta(days=45)):
        world = World()
    with clock.at(NOON - timedelta(days=2)):
        order = delivered(make_order(world.gas, buyer=world.buyer), world.manager)
    assert order.delivered_at
    client.force_login(world.person(who))

    costs = {}
    for name, report in REPORTS.items():
        station = world.station if who == "manager" else None
        for group in report.groups_for(Scope(NOON.date(), NOON.date(), station)):
            path = (
                page_of(station, name)
                if station
                else reverse("reports:platform_report", args=[name])
            )
            costs[name, group.key] = cost(client, f"{path}?days=30&compare=on&group={group.key}")

    assert {asked: queries for asked, queries in costs.items() if queries > 12} == {}


def test_an_open_drawer_keeps_its_days_from_the_report_by_cashier(at_reports, refill):
    with clock.at(NOON - timedelta(hours=1)):
        refill("a")

    page = at_reports(days="today", group="clerk")

    assert page.context["table"].rows == []
    assert "not counted yet" in page.context["table"].note
    assert at_reports(days="today").context["table"].totals["charged"] == 20_000


def test_transactions_come_in_pages_and_all_in_the_file(
    client, at_reports, station, refill, monkeypatch
):
    monkeypatch.setattr("gasstock.reports.views.reports.ROWS_A_PAGE", 2)
    monkeypatch.setattr("gasstock.reports.views.reports.ROWS_A_READ", 2)
    gone = [refill(key).number for key in "abcde"]

    pages, cursor = [], ""
    while cursor is not None:
        table = at_reports("transactions", cursor=cursor).context["table"]
        pages.append([row["number"] for row in table.rows])
        cursor = table.next
    lines = csv_of(client, station, "transactions")

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [number for page in pages for number in page] == gone[::-1]
    assert [line.split(",")[0] for line in lines[1:-1]] == gone[::-1]
    assert lines[-1].startswith("Total,")


def csv_of(client, station, name, **query):
    answer = client.get(page_of(station, name, "csv"), query)
    return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()


# --- Files ----------------------------------------------------------------------------------------


def test_the_files_have_days_as_days_and_money_as_numbers(
    client, at_reports, station, refill, settings
):
    refill("a")

    assert csv_of(client, station, "sales", days="today") == [
        "Day,Orders,Pieces,Gas and goods (RWF),Deposits (RWF),Delivery (RWF),Charged (RWF)",
        "2026-11-16,1,1,20000,0,0,20000",
        "Total,1,1,20000,0,0,20000",
    ]
    settings.CURRENCY = "KES"
    assert (
        csv_of(client, station, "sales", days="today")[1]
        == "2026-11-16,1,1,200.00,0.00,0.00,200.00"
    )


def test_a_name_that_is_a_formula_is_text_in_the_files(client, at_reports, station, refill, gas):
    gas.variant.name = "=1+1"
    gas.variant.save()
    refill("a")

    assert csv_of(client, station, "sales", days="today", group="variant")[1].startswith("'=1+1,")
    answer = client.get(page_of(station, "sales", "xlsx"), {"days": "today", "group": "variant"})
    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_a_file_of_what_cannot_be_asked_leads_back_to_the_page(client, at_reports, station):
    answer = client.get(page_of(station, "sales", "csv"), {"group": "colour"})

    assert answer["Location"] == f"{page_of(station)}?group=colour"


# --- Whose ----------------------------------------------------------------------------------------


def test_the_platform_is_for_admins_only(client, manager, admin):
    for who, status in ((manager, 404), (admin, 200)):
        client.force_login(who)
        assert client.get(reverse("reports:platform_index")).status_code == status
        for name in REPORTS:
            assert client.get(reverse("reports:platform_report", args=[name])).status_code == status
            csv = client.get(reverse("reports:platform_csv", args=[name]))
            assert csv.status_code == status


def test_no_other_station_is_in_a_stations_report_and_all_are_in_the_platforms(
    client, admin, at_reports, refill
):
    make_listing(make_station("other", code="OTH", name="Canary"), full=5)
    refill("a")
    client.force_login(admin)

    page = client.get(reverse("reports:platform_report", args=["sales"]), {"group": "station"})

    assert [row["label"] for row in page.context["table"].rows] == ["Kimironko Gas Point"]


def test_a_report_that_does_not_exist_is_not_there(at_reports):
    assert at_reports("nonsense").status_code == 404


# --- Saved ----------------------------------------------------------------------------------------


@pytest.fixture
def saved(client, manager, station):
    client.force_login(manager)
    path = page_of(station, "sales", "save")
    client.post(f"{path}?days=last-month&group=brand&cursor=7", {"name": "Brands"})
    return SavedView.objects.get()


def test_a_saved_report_stands_on_top_of_the_list_as_it_was_set(client, saved, station):
    page = client.get(reverse("reports:index", args=[station.slug])).content.decode()

    assert saved.query == "days=last-month&group=brand"
    assert f"{page_of(station)}?days=last-month&amp;group=brand" in page


def test_the_same_name_again_replaces_it(client, saved, station):
    client.post(f"{page_of(station, 'sales', 'save')}?days=7", {"name": "Brands"})

    assert SavedView.objects.get().query == "days=7"


def test_it_is_renamed_scheduled_and_deleted(client, saved, station):
    path = reverse("reports:view", args=[station.slug, saved.pk])

    client.post(path, {"name": "All brands", "frequency": "weekly"})
    saved.refresh_from_db()

    assert (saved.name, saved.frequency, saved.sent_on) == (
        "All brands",
        "weekly",
        date(2026, 11, 16),
    )
    client.post(reverse("reports:view_delete", args=[station.slug, saved.pk]))
    assert not SavedView.objects.exists()


def test_a_name_that_is_taken_is_refused_above_the_form(client, saved, station, manager):
    other = SavedView.objects.create(
        owner=manager, station=station, report="sales", name="Days", query="days=7"
    )

    answer = client.post(
        reverse("reports:view", args=[station.slug, other.pk]), {"name": "Brands", "frequency": ""}
    )

    assert answer.status_code == 422
    assert "another one called Brands" in answer.content.decode()


def test_a_colleague_does_not_find_it(client, saved, station):
    colleague = make_user("second@example.com")
    colleague.memberships.create(station=station, role="manager")
    client.force_login(colleague)

    assert client.get(reverse("reports:view", args=[station.slug, saved.pk])).status_code == 404
    page = client.get(reverse("reports:index", args=[station.slug])).content.decode()
    assert "Brands" not in page
