"""The geometry of the yard: cells 11 × 15, three to a layer, the same scale for all."""

import pytest

from gasstock.inventory.models import Condition
from gasstock.inventory.services.adjustments import adjust_stock
from gasstock.inventory.services.reservations import reserve
from gasstock.inventory.services.shelf import stands_of
from gasstock.inventory.yard import run, unit_for, yard_of
from tests.factories import make_listing, make_variant


@pytest.mark.parametrize(
    ("a", "b", "path"),
    [
        (0, 0, ""),
        (5, 5, ""),
        (0, 18, "M0 0h33v-90h-33z"),
        (0, 4, "M0 0h33v-15h-33zM0 -15h11v-15h-11z"),
        (4, 5, "M11 -15h11v-15h-11z"),
        (0, 5, "M0 0h33v-15h-33zM0 -15h22v-15h-22z"),
        (9, 12, "M0 -45h33v-15h-33z"),
        (38, 44, "M22 -180h11v-15h-11zM0 -195h33v-15h-33zM0 -210h22v-15h-22z"),
        (1, 2, "M11 0h11v-15h-11z"),
    ],
)
def test_a_run_of_cells_is_drawn_layer_by_layer(a, b, path):
    assert run(a, b) == path


@pytest.mark.parametrize(
    ("most", "unit"),
    [
        (0, 1),
        (75, 1),
        (76, 2),
        (150, 2),
        (151, 5),
        (375, 5),
        (376, 10),
        (1500, 20),
        (100_000, 2000),
    ],
)
def test_one_drawing_stands_for_more_once_a_stack_has_more_than_25_layers(most, unit):
    assert unit_for(most) == unit


@pytest.mark.django_db
def test_a_tower_shows_free_held_and_empty_ones_and_the_level(station):
    gas = make_listing(station, full=5, empty=22, reorder_level=10)
    reserve(document="KGP-1", wanted={gas: 1})

    yard = yard_of(stands_of(station))

    [tower] = yard.towers
    assert tower.free == run(0, 4)
    assert tower.held == run(4, 5)
    assert tower.line == run(0, 5)
    assert tower.empties == run(0, 22)
    assert tower.reorder == "M-2 -50.0h37"
    assert (yard.unit, yard.box) == (1, "-2 -122 78 124")


@pytest.mark.django_db
def test_nothing_is_drawn_where_there_is_nothing(station):
    make_listing(station, full=0)

    [tower] = yard_of(stands_of(station)).towers

    assert (tower.free, tower.held, tower.line, tower.empties, tower.reorder) == ("",) * 5


@pytest.mark.django_db
def test_what_is_held_is_seen_even_where_one_drawing_is_many(station):
    gas = make_listing(station, full=200)
    reserve(document="KGP-1", wanted={gas: 1})

    yard = yard_of(stands_of(station))

    assert yard.unit == 5
    assert (yard.towers[0].free, yard.towers[0].held) == (run(0, 39), run(39, 40))


@pytest.mark.django_db
def test_all_towers_share_one_scale_and_accessories_have_none(station):
    make_listing(station, full=10)
    make_listing(station, full=100, empty=3)
    make_listing(station, make_variant(size_g=None), full=5_000)

    yard = yard_of(stands_of(station))

    assert yard.unit == 2
    assert sorted(tower.line for tower in yard.towers) == sorted([run(0, 5), run(0, 50)])


@pytest.mark.django_db
def test_an_empty_yard_has_a_floor():
    assert (yard_of([]).towers, yard_of([]).box) == ([], "-2 -17 78 19")


@pytest.mark.django_db
def test_a_stand_knows_its_defect_ones(gas, station):
    adjust_stock(None, listing=gas, condition=Condition.DEFECT, quantity=3, reason="Rust")

    [stand] = stands_of(station)

    assert (stand.full, stand.empties, stand.defects) == (10, 4, 3)
