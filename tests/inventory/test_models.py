"""What the database itself refuses."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from gasstock.core import clock
from gasstock.core.models import AppendOnlyError
from gasstock.inventory.models import (
    Balance,
    Condition,
    Listing,
    Location,
    LocationKind,
    Move,
    Reason,
    Reservation,
)
from gasstock.inventory.services.locations import location_of
from tests.factories import make_listing, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("statement", ["UPDATE {} SET quantity = 1", "DELETE FROM {}"])
def test_the_ledger_cannot_be_rewritten_in_the_database(gas, statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(Move._meta.db_table))

    assert sorted(Move.objects.values_list("quantity", flat=True)) == [4, 10]


def test_the_ledger_cannot_be_rewritten_in_the_code(gas):
    written = Move.objects.first()

    with pytest.raises(AppendOnlyError):
        written.save()
    with pytest.raises(AppendOnlyError):
        written.delete()
    with pytest.raises(AppendOnlyError):
        Move.objects.update(quantity=1)
    with pytest.raises(AppendOnlyError):
        Move.objects.all().delete()


def write_move(listing, **values):
    values = {
        "source": location_of(LocationKind.SUPPLIER, station=listing.station),
        "destination": location_of(LocationKind.STATION, station=listing.station),
        "quantity": 1,
    } | values
    return Move.objects.create(
        station=listing.station,
        variant=listing.variant,
        condition=Condition.FULL,
        reason=Reason.OPENING,
        document="X",
        **values,
    )


def test_a_move_moves_something(gas):
    with pytest.raises(IntegrityError, match="a_move_moves_something"), transaction.atomic():
        write_move(gas, quantity=0)


def test_a_move_goes_somewhere_else(gas):
    home = location_of(LocationKind.STATION, station=gas.station)

    with pytest.raises(IntegrityError, match="a_move_goes_somewhere_else"), transaction.atomic():
        write_move(gas, source=home, destination=home)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"on_hand": -1}, "a_counted_place_never_holds_less_than_nothing"),
        ({"reserved": 11}, "nothing_is_promised_twice"),
        ({"reserved": -1}, "reserved"),
    ],
)
def test_a_balance_is_never_wrong(gas, values, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Balance.objects.filter(pk=gas.full_id).update(**values)


def test_nothing_is_promised_from_outside_below_zero(gas):
    outside = Balance.objects.get(location__kind="supplier", condition="full")
    assert outside.on_hand == -10

    with pytest.raises(IntegrityError, match="nothing_is_promised_twice"), transaction.atomic():
        Balance.objects.filter(pk=outside.pk).update(reserved=1)


def test_there_is_one_balance_per_place_variant_and_condition(gas):
    gas.full.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        gas.full.save(force_insert=True)


def test_a_reservation_holds_something_once(gas):
    held = {"balance": gas.full, "document": "KGP-1"}
    with pytest.raises(IntegrityError, match="holds_something"), transaction.atomic():
        Reservation.objects.create(quantity=0, **held)
    Reservation.objects.create(quantity=1, **held)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.create(quantity=1, **held)


def test_a_listing_has_a_price(gas):
    with pytest.raises(IntegrityError, match="a_listing_has_a_price"), transaction.atomic():
        Listing.objects.update(refill_price=0)


def test_a_retired_listing_is_not_published(gas):
    with pytest.raises(IntegrityError, match="not_published"), transaction.atomic():
        Listing.objects.update(retired_at=clock.now())


def test_a_station_lists_a_variant_once(gas):
    other = make_listing(gas.station)

    with pytest.raises(IntegrityError), transaction.atomic():
        Listing.objects.filter(pk=other.pk).update(variant=gas.variant)
    with pytest.raises(IntegrityError), transaction.atomic():
        Listing.objects.filter(pk=other.pk).update(full=gas.full)


@pytest.mark.parametrize("kind", ["station", "transit", "supplier", "loss", "buyer"])
def test_a_station_has_each_place_once(station, kind):
    Location.objects.create(kind=kind, station=station)

    with pytest.raises(IntegrityError), transaction.atomic():
        Location.objects.create(kind=kind, station=station)


@pytest.mark.parametrize("kind", ["rider", "buyer"])
def test_a_person_is_a_place_once_per_station(station, kind):
    person = make_user()
    Location.objects.create(kind=kind, station=station, person=person)

    with pytest.raises(IntegrityError), transaction.atomic():
        Location.objects.create(kind=kind, station=station, person=person)


@pytest.mark.parametrize(
    ("kind", "is_person"), [("rider", False), ("station", True), ("supplier", True), ("loss", True)]
)
def test_a_place_has_a_person_if_it_is_one(station, kind, is_person):
    person = make_user() if is_person else None

    with pytest.raises(IntegrityError, match="has_a_person"), transaction.atomic():
        Location.objects.create(kind=kind, station=station, person=person)
