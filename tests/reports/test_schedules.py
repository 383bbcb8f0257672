"""Saved reports by e-mail: on the day they are due, once, and only to who may see them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gasstock.audit.models import AuditEvent
from gasstock.core import clock
from gasstock.notifications.models import Message
from gasstock.reports import schedules
from gasstock.reports.models import SavedView
from gasstock.reports.periods import days_over

MONDAY = datetime(2026, 11, 16, 5, tzinfo=UTC)  # 7:00 in Kigali


@pytest.fixture(autouse=True)
def _monday():
    with clock.at(MONDAY):
        yield


@pytest.fixture
def view(manager, station):
    return SavedView.objects.create(
        owner=manager,
        station=station,
        report="sales",
        name="Our day",
        query="days=yesterday",
        frequency="daily",
        sent_on=date(2026, 11, 15),
    )


@pytest.mark.parametrize(
    ("frequency", "today", "due"),
    [
        ("daily", "2026-11-18", "2026-11-18"),
        ("weekly", "2026-11-18", "2026-11-16"),
        ("weekly", "2026-11-16", "2026-11-16"),
        ("monthly", "2026-11-18", "2026-11-01"),
        ("monthly", "2026-12-01", "2026-12-01"),
    ],
)
def test_when_a_report_is_due(frequency, today, due):
    found = schedules.due_day(frequency, date.fromisoformat(today))

    assert found == date.fromisoformat(due)


def test_it_is_sent_once_a_day_with_the_file(view, refill):
    with clock.at(MONDAY - timedelta(hours=20)):
        refill("a")

    assert schedules.send_due() == 1
    assert schedules.send_due() == 0

    letter = Message.objects.get(to="manager@example.com", subject__startswith="Our day")
    assert letter.attachment_name == "kimironko-sales-2026-11-15.xlsx"
    assert bytes(letter.attachment)[:2] == b"PK"
    assert "Charged: RWF\u00a020,000" in letter.body
    assert "/at/kimironko/reports/sales/?days=yesterday" in letter.body
    view.refresh_from_db()
    assert view.sent_on == date(2026, 11, 16)


def test_nobody_gets_one_in_the_night(view):
    with clock.at(MONDAY - timedelta(hours=2)):
        assert schedules.send_due() == 0


def test_a_weekly_one_that_was_missed_comes_later(view):
    SavedView.objects.update(frequency="weekly")

    with clock.at(MONDAY + timedelta(days=2)):
        assert schedules.send_due() == 1
        assert schedules.send_due() == 0


@pytest.mark.parametrize("lost", ["membership", "role", "account"])
def test_it_stops_when_its_owner_may_no_longer_see_it(view, manager, lost):
    if lost == "membership":
        manager.memberships.all().delete()
    elif lost == "role":
        manager.memberships.update(role="rider")
    else:
        manager.is_active = False
        manager.save()

    assert schedules.send_due() == 0

    view.refresh_from_db()
    assert view.frequency == ""
    assert not Message.objects.exists()
    assert AuditEvent.objects.filter(action="report.stopped").exists()


def test_the_platforms_stops_for_who_is_no_admin_any_more(admin):
    view = SavedView.objects.create(
        owner=admin, station=None, report="sales", name="All", frequency="daily"
    )
    assert schedules.send_due() == 1
    admin.is_admin = False
    admin.save()

    with clock.at(MONDAY + timedelta(days=1)):
        assert schedules.send_due() == 0

    view.refresh_from_db()
    assert view.frequency == ""


def test_one_that_asks_for_what_is_gone_says_so_and_stops(view):
    SavedView.objects.update(query="brand=999999")

    assert schedules.send_due() == 1
    assert schedules.send_due() == 0

    letter = Message.objects.get()
    assert "Save it anew" in letter.body
    assert letter.attachment is None


def test_one_that_fails_does_not_keep_the_others(view, manager, station, monkeypatch):
    SavedView.objects.create(
        owner=manager, station=station, report="margin", name="Margin", frequency="daily"
    )
    attached = schedules._attached

    def broken(report, *args):
        if report.name == "sales":
            raise ZeroDivisionError
        return attached(report, *args)

    monkeypatch.setattr(schedules, "_attached", broken)

    assert schedules.send_due() == 1

    view.refresh_from_db()
    assert view.sent_on == date(2026, 11, 15)
    assert "Margin" in Message.objects.get().subject


@pytest.mark.parametrize(
    ("preset", "first", "last"),
    [
        ("today", "2026-11-22", "2026-11-22"),
        ("yesterday", "2026-11-22", "2026-11-22"),
        ("7", "2026-11-16", "2026-11-22"),
        ("month", "2026-11-01", "2026-11-22"),
        ("last-month", "2026-10-01", "2026-10-31"),
    ],
)
def test_a_letter_tells_of_days_that_are_over(preset, first, last):
    """On Monday 23 November, of the whole week before it."""
    days = days_over(preset, date(2026, 11, 23))

    assert [str(day) for day in days] == [first, last]


def test_on_the_first_a_letter_of_this_month_is_of_the_one_before():
    assert days_over("month", date(2026, 12, 1)) == (date(2026, 11, 1), date(2026, 11, 30))
