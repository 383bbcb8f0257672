"""The morning letter: once a day, at the hour each person chose, over all their stations."""

from datetime import UTC, datetime, timedelta

import pytest

from gasstock.accounts.models import StationStatus
from gasstock.core import clock
from gasstock.inventory.services.alerts import check_levels
from gasstock.notifications.models import Message, Notification
from gasstock.notifications.services import choose_ways
from gasstock.reports import digest, tasks
from tests.factories import make_listing, make_member, make_order, make_station, make_variant

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)  # seven in Kigali
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def letters():
    return Message.objects.filter(subject__startswith="Good morning").order_by("pk")


def write(moment=MORNING):
    with clock.at(moment):
        return digest.send_due()


def choose(user, hour=7, **chosen):
    choose_ways(user, chosen=chosen, quiet=None, digest_hour=hour)


@pytest.fixture
def low(station, manager):
    listing = make_listing(station, make_variant("Jibu 3 kg"), full=0, reorder_level=2)
    check_levels()
    return listing


def test_it_says_what_was_sold_what_waits_and_what_runs_low(low, gas, clerk, manager, request):
    with clock.at(MORNING - DAY):
        request.getfixturevalue("refill")("yesterday")
        order = make_order({gas: 1})

    assert write() == 1

    letter = letters().get()
    assert letter.to == manager.email
    assert letter.subject == "Good morning from Kimironko Gas Point"
    assert (
        "Kimironko Gas Point\n"
        "- Sold yesterday: RWF 20,000 (the day before: RWF 0).\n"
        "- 1 order waits for a yes or a no.\n"
        "- Jibu 3 kg: 0 free, order 2 (0 empties here)."
    ) in letter.body.replace("\xa0", " ")
    notice = Notification.objects.get(user=manager, kind="digest.day")
    assert notice.text.startswith("Kimironko Gas Point: Sold yesterday: RWF")
    assert notice.url == order.station.get_absolute_url()


def test_it_is_written_once_a_day(low):
    assert [write(), write(MORNING + HOUR), write(MORNING + DAY)] == [1, 0, 1]


@pytest.mark.parametrize(
    ("hour", "at_utc", "count"),
    [(7, 4, 0), (7, 5, 1), (7, 7, 1), (7, 8, 0), (20, 18, 1), (0, 5, 0)],
)
def test_it_comes_at_the_hour_chosen_or_a_little_late(low, manager, hour, at_utc, count):
    choose(manager, hour)

    assert write(MORNING.replace(hour=at_utc)) == count


def test_who_does_not_want_it_gets_none(low, manager):
    choose(manager, digest=[])

    assert write() == 0


def test_it_comes_only_in_the_ways_chosen(low, manager):
    choose(manager, digest=["app"])

    assert write() == 1
    assert not letters().exists()


def test_there_is_none_of_nothing(gas, manager):
    assert write() == 0
    assert not Notification.objects.filter(kind="digest.day").exists()


def test_one_letter_tells_of_all_stations_that_sell(low, manager):
    other, closed = make_station(name="Remera Gas"), make_station(name="Closed Gas")
    for place in (other, closed):
        make_member(manager, place)
        make_listing(place, full=0, reorder_level=2)
    check_levels()
    closed.status, closed.status_reason = StationStatus.SUSPENDED, "Licence"
    closed.save()

    assert write() == 1

    letter = letters().get()
    assert letter.subject == "Good morning from Kimironko Gas Point, Remera Gas"
    assert "Closed Gas" not in letter.body


def test_one_that_fails_does_not_keep_the_others(low, manager, monkeypatch):
    other = make_station(name="Aaa Gas")
    second = make_member(None, other)
    make_listing(other, full=0, reorder_level=2)
    check_levels()
    lines = digest.low_lines

    def failing(station):
        if station != other:
            raise RuntimeError
        return lines(station)

    monkeypatch.setattr(digest, "low_lines", failing)

    assert write() == 1
    assert letters().get().to == second.email
    monkeypatch.undo()
    assert write() == 1


def test_clerks_get_none(low, clerk):
    write()

    assert not Notification.objects.filter(user=clerk, kind="digest.day").exists()


def test_the_worker_asks_every_ten_minutes(low):
    with clock.at(MORNING + timedelta(minutes=10)):
        tasks.send_digests.call_local()

    assert letters().count() == 1
