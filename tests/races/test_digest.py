"""Two workers at the same hour write one morning letter. PostgreSQL only."""

from datetime import UTC, datetime

import pytest

from gasstock.core import clock
from gasstock.inventory.services.alerts import check_levels
from gasstock.notifications.models import Message
from gasstock.reports import digest
from tests.factories import make_listing, make_member, make_station
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres
MORNING = datetime(2026, 3, 3, 5, tzinfo=UTC)  # seven in Kigali


def write() -> int:
    with clock.at(MORNING):
        return digest.send_due()


def test_two_workers_write_one_letter():
    station = make_station()
    make_member(None, station)
    make_listing(station, full=0, reorder_level=2)
    check_levels()

    ends = at_once([write] * 4)

    assert ends == {"done": 4}
    assert Message.objects.filter(subject__startswith="Good morning").count() == 1
