"""What each row of a table of opening stock and prices would do."""

import pytest
from django.test.utils import override_settings

from gasstock.catalog.services import retire_variant
from gasstock.inventory.models import Condition, Listing, Move
from gasstock.inventory.services.openings import open_books
from tests.factories import make_listing
from tests.inventory.importing import only_row, start

pytestmark = pytest.mark.django_db


def test_a_row_about_something_new_lists_it(station, manager, sp):
    row = only_row(manager, station, 'sp-12,any name,"20,400",22000,5,10,4,1,yes')

    assert (row["state"], row["name"], row["row"]) == ("new", "SP 12 kg", 2)
    assert row["changes"]["refill_price"] == [None, 20_400]
    assert row["opening"] == {"full": 10, "empty": 4, "defect": 1}
    assert not Listing.objects.exists()
    assert not Move.objects.exists()


def test_a_row_changes_only_what_it_says(station, manager, sp):
    make_listing(station, sp, full=10)

    row = only_row(manager, station, "SP-12,,21000,,,,,,")

    assert row["state"] == "changed"
    assert row["changes"] == {"refill_price": [20_000, 21_000]}


def test_a_row_that_says_what_is_so_changes_nothing(station, manager, sp):
    make_listing(station, sp, full=10, empty=4)

    row = only_row(manager, station, "SP-12,,20000,22000,0,10,4,0,yes")

    assert (row["state"], row["notes"]) == ("same", [])


def test_a_row_without_anything_is_left_out(station, manager, sp):
    assert only_row(manager, station, "SP-12,SP 12 kg,,,,,,,")["state"] == "blank"


def test_stock_that_has_moved_is_to_be_counted(station, manager, sp):
    make_listing(station, sp, full=10, empty=4)

    row = only_row(manager, station, "SP-12,,20000,,,12,4,2,")

    assert (row["state"], row["opening"]) == ("same", {})
    assert row["notes"] == [
        "Full: 10 in the books, 12 in the file. Count it instead.",
        "Defect: 0 in the books, 2 in the file. Count it instead.",
    ]


def test_what_moved_here_before_it_was_listed_is_to_be_counted(station, manager, sp):
    make_listing(station, sp, full=0)
    listing = Listing.objects.get()
    open_books(manager, listing=listing, opening={Condition.EMPTY: 1})
    Listing.objects.update(retired_at="2026-01-01T00:00Z", is_published=False)

    row = only_row(manager, station, "SP-12,,20000,,,5,,,")

    assert (row["state"], row["opening"]) == ("new", {})
    assert len(row["notes"]) == 1


def test_a_listing_that_never_moved_is_opened(station, manager, sp):
    make_listing(station, sp, full=0)

    row = only_row(manager, station, "SP-12,,,,,5,,,")

    assert (row["state"], row["opening"]) == ("changed", {"full": 5})


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("XX-99,,20000,,,,,,", "Nothing in the catalogue has this code."),
        (",,20000,,,,,,", "The code is missing."),
        ("SP-12,,,,5,,,,", "It is not on your list yet, so it needs a price."),
        ("SP-12,,abc,,,,,,", "Refill price: Write the amount in figures"),
        ("SP-12,,12.000,,,,,,", "Refill price: Write a whole amount"),
        ("SP-12,,0,,,,,,", "Refill price: From RWF\u00a01 to RWF\u00a02,000,000,000."),
        ("SP-12,,-5,,,,,,", "Refill price: From"),
        ("SP-12,,2000000001,,,,,,", "Refill price: From"),
        ("SP-12,,1,,-1,,,,", "Low from: Write a whole number from 0 to 100,000."),
        ("SP-12,,1,,,1.5,,,", "Full: Write a whole number"),
        ("SP-12,,1,,,١٢,,,", "Full: Write a whole number"),
        ("SP-12,,1,,,,100001,,", "Empty: Write a whole number"),
        ("SP-12,,1,,,,,many,", "Defect: Write a whole number"),
        ("SP-12,,1,,,,,,perhaps", "Publish: Write yes or no."),
        ("HOSE,,5000,6000,,,,,", "Only cylinders have a new price."),
        ("HOSE,,5000,,,,1,,", "Only cylinders can be empty or defect."),
    ],
)
def test_a_wrong_row_says_why(station, manager, sp, hose, row, why):
    found = only_row(manager, station, row)

    assert found["state"] == "wrong"
    assert found["wrong"][0].startswith(why)


def test_a_row_names_all_that_is_wrong_with_it(station, manager, sp):
    assert len(only_row(manager, station, "SP-12,,abc,abc,abc,abc,abc,abc,abc")["wrong"]) == 8


def test_what_is_no_longer_sold_is_refused(station, manager, sp):
    retire_variant(None, variant=sp)

    assert only_row(manager, station, "SP-12,,20000,,,,,,")["wrong"] == [
        "SP 12 kg is no longer sold."
    ]


def test_what_is_listed_twice_names_the_first_row(station, manager, sp):
    run = start(manager, station, "SP-12,,20000,,,,,,", "", "sp-12,,21000,,,,,,")

    assert [row["state"] for row in run.rows] == ["new", "wrong"]
    assert run.rows[1]["row"] == 4
    assert run.rows[1]["wrong"] == ["Row 2 is about the same."]
    assert run.problems == 1


@pytest.mark.parametrize(
    "head",
    [
        "CODE;Refill price;Full",
        " sku ; price of a  refill ;full;;",
        "SKU code;refill_price;Full;Something else",
    ],
)
def test_columns_go_by_many_names_in_any_order(station, manager, sp, head):
    row = only_row(manager, station, "SP-12;20 400;3", head=head)

    assert row["typed"] == {"refill_price": 20_400, "full": 3}


def test_prices_may_have_cents_where_the_currency_does(station, manager, sp):
    with override_settings(CURRENCY="KES"):
        assert only_row(manager, station, "SP-12,,1350.5,,,,,,")["typed"] == {
            "refill_price": 135_050
        }
