import pytest

from gasstock.inventory.errors import OutOfStock
from gasstock.inventory.models import Balance, Condition, LocationKind, Move, Reason
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.reservations import release, reserve
from gasstock.inventory.services.verify import differences
from tests.factories import make_listing, make_user

pytestmark = pytest.mark.django_db

FULL = Condition.FULL


def place(kind, listing, person=None):
    return location_of(LocationKind(kind), station=listing.station, person=person)


def move(listing, quantity, source, destination, **values):
    line = Line(listing.variant, FULL, quantity, source, destination)
    return post(
        None,
        station=listing.station,
        lines=[line],
        reason=Reason.DISPATCH,
        document="KGP-1",
        **values,
    )


def on_hand(location):
    return Balance.objects.get(location=location, condition=FULL).on_hand


def test_a_move_changes_both_ends(gas):
    home, rider = place("station", gas), place("rider", gas, make_user())

    [written] = move(gas, 3, home, rider, note="two trips")

    assert (on_hand(home), on_hand(rider)) == (7, 3)
    assert Move.objects.latest("pk") == written
    assert written.note == "two trips"
    assert list(differences()) == []


def test_more_than_there_is_cannot_leave_and_nothing_happens(gas):
    home, rider = place("station", gas), place("rider", gas, make_user())
    count = Move.objects.count()

    with pytest.raises(OutOfStock, match="Only 10 left") as refused:
        move(gas, 11, home, rider)

    assert refused.value.available == 10
    assert Move.objects.count() == count
    assert on_hand(home) == 10
    assert list(differences()) == []


def test_what_is_held_cannot_leave(gas):
    home, rider = place("station", gas), place("rider", gas, make_user())
    reserve(document="KGP-2", wanted={gas: 8})

    with pytest.raises(OutOfStock, match="Only 2 left"):
        move(gas, 3, home, rider)

    release(document="KGP-2")
    move(gas, 3, home, rider)


def test_one_bad_line_takes_the_others_back(gas):
    other = make_listing(gas.station, full=1)
    home, rider = place("station", gas), place("rider", gas, make_user())
    lines = [
        Line(gas.variant, FULL, 5, home, rider),
        Line(other.variant, FULL, 2, home, rider),
    ]

    with pytest.raises(OutOfStock, match=f"Only 1 left of {other.variant}"):
        post(None, station=gas.station, lines=lines, reason=Reason.DISPATCH, document="KGP-1")

    assert Balance.objects.get(pk=gas.full_id).on_hand == 10
    assert list(differences()) == []


def test_the_world_outside_gives_what_it_never_got(gas):
    buyer, home = place("buyer", gas, make_user()), place("station", gas)

    move(gas, 4, buyer, home)

    assert (on_hand(buyer), on_hand(home)) == (-4, 14)


def test_lines_of_nothing_are_left_out(gas):
    home, rider = place("station", gas), place("rider", gas, make_user())

    assert move(gas, 0, home, rider) == []


def test_in_and_out_of_a_place_in_one_event_needs_no_stock_there(gas):
    """A rider hands over what was given to them in the same breath."""
    home, rider, buyer = (
        place("station", gas),
        place("rider", gas, make_user()),
        place("buyer", gas, make_user()),
    )
    lines = [Line(gas.variant, FULL, 2, rider, buyer), Line(gas.variant, FULL, 2, home, rider)]

    post(None, station=gas.station, lines=lines, reason=Reason.DELIVERY, document="KGP-1")

    assert (on_hand(home), on_hand(rider), on_hand(buyer)) == (8, 0, 2)
    assert list(differences()) == []


def test_a_place_is_made_once(gas):
    assert place("supplier", gas) == place("supplier", gas)


def test_holding_takes_all_or_nothing(gas):
    other = make_listing(gas.station, full=1)

    with pytest.raises(OutOfStock, match=f"Only 1 left of {other.variant}"):
        reserve(document="KGP-3", wanted={gas: 2, other: 2})

    assert Balance.objects.get(pk=gas.full_id).reserved == 0
    assert list(differences()) == []


def test_giving_back_twice_gives_back_once(gas):
    reserve(document="KGP-3", wanted={gas: 2})
    reserve(document="KGP-4", wanted={gas: 3})

    release(document="KGP-3")
    release(document="KGP-3")

    assert Balance.objects.get(pk=gas.full_id).reserved == 3
    assert list(differences()) == []


def test_a_tampered_balance_is_named(gas):
    Balance.objects.filter(pk=gas.full_id).update(on_hand=11)

    assert list(differences()) == [
        f"balance {gas.full_id} ({gas.variant.sku} full at location {gas.full.location_id}): "
        "on hand 11, the moves say 10"
    ]
