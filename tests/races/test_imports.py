"""Two people confirm the same table, or two tables of the same things, at the same moment."""

from functools import partial

import pytest

from gasstock.inventory.models import Listing, Move
from gasstock.inventory.services.imports import confirm_import
from gasstock.inventory.services.verify import differences
from tests.factories import make_member, make_station, make_user, make_variant
from tests.inventory.importing import start
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres
ROWS = [f"SKU-A{number},,20000,,,{number + 1},,," for number in range(20)]


def setting():
    station = make_station()
    for number in range(20):
        make_variant(sku=f"SKU-A{number}")
    return station, make_member(make_user(), station)


def test_a_table_confirmed_eight_times_at_once_is_imported_once():
    station, manager = setting()
    run = start(manager, station, *ROWS)

    ends = at_once(partial(confirm_import, manager, run=run) for _ in range(8))

    assert ends == {"done": 1, "ImportIsDone": 7}
    assert Move.objects.count() == Listing.objects.count() == 20
    assert list(differences()) == []


def test_two_tables_of_the_same_things_open_the_books_once():
    station, manager = setting()
    runs = [start(manager, station, *rows) for rows in (ROWS, ROWS[::-1])]

    ends = at_once(partial(confirm_import, manager, run=run) for run in runs)

    assert ends["done"] == 1
    assert ends["AlreadyListed"] + ends["ImportOutdated"] == 1
    assert Move.objects.count() == Listing.objects.count() == 20
    assert list(differences()) == []
