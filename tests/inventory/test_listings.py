import pytest

from gasstock.audit.models import AuditEvent
from gasstock.catalog.services import retire_product, retire_variant
from gasstock.inventory.errors import AlreadyListed, ListingInUse, NotSold
from gasstock.inventory.models import (
    Balance,
    Condition,
    Listing,
    LocationKind,
    Move,
    Reason,
)
from gasstock.inventory.services import listings
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.reservations import release, reserve
from gasstock.inventory.services.verify import differences
from tests.factories import make_listing, make_station, make_variant

pytestmark = pytest.mark.django_db


def balance(listing, condition):
    return Balance.objects.get(
        location__station=listing.station,
        location__kind="station",
        variant=listing.variant,
        condition=condition,
    ).on_hand


def clear_out(listing):
    """Send everything the station has of it away."""
    home = location_of(LocationKind.STATION, station=listing.station)
    loss = location_of(LocationKind.LOSS, station=listing.station)
    post(
        None,
        station=listing.station,
        lines=[
            Line(listing.variant, Condition(row.condition), row.on_hand, home, loss)
            for row in Balance.objects.filter(location=home, variant=listing.variant)
        ],
        reason=Reason.ADJUSTMENT,
        document="TEST-1",
    )


def test_opening_stock_goes_through_the_ledger(station, manager):
    listing = listings.create_listing(
        manager,
        station=station,
        variant=make_variant(),
        refill_price=20_000,
        opening={Condition.FULL: 7, Condition.EMPTY: 3},
    )

    moves = Move.objects.order_by("pk")
    assert [(m.condition, m.quantity, m.reason, m.actor) for m in moves] == [
        ("full", 7, "opening", manager),
        ("empty", 3, "opening", manager),
    ]
    assert {m.document for m in moves} == {f"OPENING-{listing.pk}"}
    assert (balance(listing, "full"), balance(listing, "empty")) == (7, 3)
    assert listing.full.on_hand == 0, "the listing at hand is as it was made"
    assert Listing.objects.for_cards().get().available == 7
    assert list(differences()) == []


def test_a_listing_without_opening_stock_moves_nothing(station):
    listing = make_listing(station, full=0)

    assert not Move.objects.exists()
    assert Listing.objects.get().available == listing.available == 0


def test_adding_twice_is_refused_and_posts_nothing(station, gas):
    count = Move.objects.count()

    with pytest.raises(AlreadyListed):
        make_listing(station, gas.variant, full=5)

    assert Move.objects.count() == count
    assert balance(gas, "full") == 10


def test_another_station_lists_the_same(gas):
    other = make_listing(make_station(), gas.variant, full=3)

    assert balance(other, "full") == 3
    assert balance(gas, "full") == 10


@pytest.mark.parametrize("retire", ["variant", "product"])
def test_what_is_retired_in_the_catalogue_cannot_be_listed(station, retire):
    variant = make_variant()
    if retire == "variant":
        retire_variant(None, variant=variant)
    else:
        retire_product(None, product=variant.product)
    variant.refresh_from_db()

    with pytest.raises(NotSold):
        make_listing(station, variant)

    assert not Listing.objects.exists()


def test_an_accessory_has_one_price_and_no_empties(station):
    listing = make_listing(station, make_variant(size_g=None), full=5, empty=2)

    assert listing.new_price is None
    assert [(m.condition, m.quantity) for m in Move.objects.all()] == [("full", 5)]


def test_changing_prices_writes_what_they_were(station, manager, gas):
    listings.update_listing(
        manager, listing=gas, refill_price=21_000, new_price=None, reorder_level=3
    )

    gas.refresh_from_db()
    assert (gas.refill_price, gas.new_price, gas.reorder_level) == (21_000, None, 3)
    event = AuditEvent.objects.get(action="listing.changed")
    assert event.data["before"]["refill_price"] == 20_000
    assert event.data["after"]["refill_price"] == 21_000


def test_changing_nothing_is_no_event(gas, manager):
    listings.update_listing(
        manager, listing=gas, refill_price=20_000, new_price=22_000, reorder_level=0
    )

    assert not AuditEvent.objects.filter(action="listing.changed").exists()


def test_publishing_and_hiding_twice_is_one_event_each(gas, manager):
    for _ in range(2):
        listings.unpublish_listing(manager, listing=gas)
    assert not Listing.objects.on_sale().exists()
    for _ in range(2):
        listings.publish_listing(manager, listing=gas)
    assert Listing.objects.on_sale().get() == gas

    events = AuditEvent.objects.filter(actor=manager).values_list("action", flat=True)
    assert list(events.order_by("pk")) == ["listing.unpublished", "listing.published"]


def test_what_is_retired_in_the_catalogue_cannot_be_shown_again(gas, manager):
    listings.unpublish_listing(manager, listing=gas)
    retire_variant(None, variant=gas.variant)

    with pytest.raises(NotSold):
        listings.publish_listing(manager, listing=gas)


def test_a_listing_with_full_ones_cannot_be_retired(gas, manager):
    with pytest.raises(ListingInUse, match="you still have 10 full"):
        listings.retire_listing(manager, listing=gas)

    assert Listing.objects.kept().get().is_published


def test_a_listing_with_empties_cannot_be_retired(station, manager):
    listing = make_listing(station, full=0, empty=1)

    with pytest.raises(ListingInUse, match="you still have 1 empty"):
        listings.retire_listing(manager, listing=listing)


def test_a_listing_that_orders_hold_cannot_be_retired(gas, manager):
    reserve(document="KGP-1", wanted={gas: 1})

    with pytest.raises(ListingInUse, match="orders hold some"):
        listings.retire_listing(manager, listing=gas)

    release(document="KGP-1")


def test_a_listing_is_retired_once_nothing_is_left_and_can_come_back(gas, manager):
    clear_out(gas)
    listings.retire_listing(manager, listing=gas)

    gas.refresh_from_db()
    assert gas.retired_at
    assert not gas.is_published
    with pytest.raises(NotSold):
        listings.publish_listing(manager, listing=gas)

    back = make_listing(gas.station, gas.variant, full=2, refill_price=25_000)
    assert (back.pk, back.refill_price, back.retired_at) == (gas.pk, 25_000, None)
    assert balance(gas, "full") == 2
    assert list(differences()) == []
