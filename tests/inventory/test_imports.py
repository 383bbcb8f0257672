"""Opening stock and prices from a table are imported as shown, once, all or nothing."""

import pytest
from django.db import IntegrityError, transaction

from gasstock.audit.models import AuditEvent
from gasstock.catalog.services import retire_variant
from gasstock.inventory.errors import (
    BooksAreOpen,
    ImportHasProblems,
    ImportIsDone,
    ImportOutdated,
    NotSold,
)
from gasstock.inventory.models import Condition, ImportRun, Listing, Move
from gasstock.inventory.services import imports
from gasstock.inventory.services.listings import change_listing, retire_listing, unpublish_listing
from gasstock.inventory.services.openings import Draft, create_listings, open_books
from gasstock.inventory.services.verify import differences
from tests.factories import make_listing, make_variant
from tests.inventory.importing import on_hand, start

pytestmark = pytest.mark.django_db


def test_a_confirmed_import_does_what_was_shown(station, manager, sp, hose):
    old = make_listing(station, make_variant(sku="OLD"), full=10)
    bare = make_listing(station, make_variant(sku="BARE"), full=0)
    run = start(
        manager,
        station,
        "SP-12,,20400,22000,5,10,4,1,yes",
        "HOSE,,5000,,,7,,,",
        "OLD,,21000,,3,10,,,no",
        "BARE,,,,,6,2,,",
    )

    imports.confirm_import(manager, run=run)

    listing = Listing.objects.get(variant=sp)
    assert (listing.refill_price, listing.new_price) == (20_400, 22_000)
    assert (listing.reorder_level, listing.is_published) == (5, True)
    assert on_hand(listing) == {"full": 10, "empty": 4, "defect": 1}
    part = Listing.objects.get(variant=hose)
    assert (part.new_price, part.is_published, on_hand(part)) == (None, False, {"full": 7})
    old.refresh_from_db()
    assert (old.refill_price, old.new_price) == (21_000, 22_000)
    assert (old.reorder_level, old.is_published) == (3, False)
    assert on_hand(bare) == {"full": 6, "empty": 2}
    opened = Move.objects.filter(document=f"IMPORT-{run.pk}")
    assert {(move.reason, move.actor) for move in opened} == {("opening", manager)}
    assert opened.count() == 6
    actions = AuditEvent.objects.filter(actor=manager).values_list("action", flat=True)
    assert list(actions.order_by("pk")) == [
        *("import.started", "listing.created", "listing.created", "listing.changed"),
        *("listing.unpublished", "listing.opened", "import.confirmed"),
    ]
    assert list(differences()) == []


def test_the_same_file_again_changes_nothing(station, manager, sp, hose):
    rows = ["SP-12,,20400,22000,5,10,4,1,yes", "HOSE,,5000,,,7,,,no"]
    imports.confirm_import(manager, run=start(manager, station, *rows))
    before = list(Move.objects.values()), list(Listing.objects.values())

    again = start(manager, station, *rows)
    imports.confirm_import(manager, run=again)

    assert [(row["state"], row["notes"]) for row in again.rows] == [("same", [])] * 2
    assert (list(Move.objects.values()), list(Listing.objects.values())) == before


def test_an_import_is_confirmed_once(station, manager, sp):
    run = start(manager, station, "SP-12,,20400,,,10,,,")
    seen_twice = ImportRun.objects.get()
    imports.confirm_import(manager, run=run)

    with pytest.raises(ImportIsDone):
        imports.confirm_import(manager, run=seen_twice)

    assert on_hand(Listing.objects.get()) == {"full": 10}


def test_a_file_with_a_wrong_row_is_not_imported_at_all(station, manager, sp):
    run = start(manager, station, "SP-12,,20400,,,10,,,", "XX,,1,,,,,,")

    with pytest.raises(ImportHasProblems):
        imports.confirm_import(manager, run=run)
    with pytest.raises(IntegrityError), transaction.atomic():
        ImportRun.objects.update(confirmed_at="2026-01-01T00:00Z")

    assert not Listing.objects.exists()


@pytest.mark.parametrize("happens", ["listed", "price", "moved", "retired", "hidden"])
def test_nothing_is_done_that_was_not_shown(station, manager, sp, happens):
    gas = make_listing(station, full=0)
    hidden = f"{gas.variant.sku},,21000,,,,,,yes"
    run = start(manager, station, "SP-12,,20400,,,10,,,", hidden)
    if happens == "listed":
        make_listing(station, sp)
    elif happens == "price":
        change_listing(manager, listing=gas, refill_price=21_000)
    elif happens == "moved":
        open_books(manager, listing=make_listing(station, sp, full=0), opening={"full": 3})
    elif happens == "retired":
        retire_variant(None, variant=sp)
    else:
        unpublish_listing(manager, listing=gas)

    with pytest.raises(ImportOutdated):
        imports.confirm_import(manager, run=run)

    run.refresh_from_db()
    assert run.confirmed_at is None
    assert not Move.objects.filter(document=f"IMPORT-{run.pk}").exists()


def test_a_file_that_is_checked_again_tells_of_now_and_once(station, manager, sp):
    run = start(manager, station, "SP-12,,20400,,,x,,,", "XX,,1,,,,,,")
    make_listing(station, sp, full=0)

    imports.check_again(run)
    imports.check_again(run)

    run.refresh_from_db()
    assert [row["wrong"] for row in run.rows] == [
        ["Full: Write a whole number from 0 to 100,000."],
        ["Nothing in the catalogue has this code."],
    ]
    assert run.problems == 2


def test_a_half_done_import_is_undone(station, manager, sp, monkeypatch):
    gas = make_listing(station, full=0)
    run = start(manager, station, "SP-12,,20400,,,10,,,", f"{gas.variant.sku},,,,,,,,no")

    def refuse(*_, **__):
        raise NotSold("it")

    monkeypatch.setattr(imports, "unpublish_listing", refuse)
    with pytest.raises(NotSold):
        imports.confirm_import(manager, run=run)

    run.refresh_from_db()
    assert run.confirmed_at is None
    assert Listing.objects.get() == gas
    assert not Move.objects.exists()


def test_a_retired_listing_comes_back(station, manager, sp):
    gas = make_listing(station, sp, full=0)
    retire_listing(manager, listing=gas)

    imports.confirm_import(manager, run=start(manager, station, "SP-12,,20400,,,3,,,yes"))

    gas.refresh_from_db()
    assert (gas.retired_at, gas.refill_price, gas.is_published) == (None, 20_400, True)
    assert on_hand(gas) == {"full": 3}


def test_books_are_opened_once(station, manager, sp):
    gas = make_listing(station, sp, full=0)
    open_books(manager, listing=gas, opening={Condition.FULL: 3})

    with pytest.raises(BooksAreOpen):
        open_books(manager, listing=gas, opening={Condition.FULL: 3})

    assert on_hand(gas) == {"full": 3}


def test_many_listings_cost_as_many_queries_as_one(station, manager, django_assert_max_num_queries):
    drafts = [Draft(make_variant(), 20_000, opening={Condition.FULL: 3}) for _ in range(40)]

    with django_assert_max_num_queries(30):
        create_listings(manager, station=station, drafts=drafts, document="IMPORT-1")

    assert Listing.objects.count() == Move.objects.count() == 40
