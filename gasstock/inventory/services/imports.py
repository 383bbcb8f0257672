"""Importing opening stock and prices: first looked at, then done, all or nothing, once."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.inventory.errors import ImportHasProblems, ImportIsDone, ImportOutdated
from gasstock.inventory.models import Condition, ImportRun, Listing
from gasstock.inventory.services.import_plan import (
    CHANGED,
    LISTED,
    NEW,
    ROWS_AT_ONCE,
    WRONG,
    Row,
    is_same,
    plan,
)
from gasstock.inventory.services.listings import (
    change_listing,
    publish_listing,
    unpublish_listing,
)
from gasstock.inventory.services.openings import Draft, create_listings, open_books

PRICES = tuple(name for name in LISTED if name != "is_published")


@transaction.atomic
def start_import(
    actor: User, *, station: Station, file_name: str, typed: Iterable[Row]
) -> ImportRun:
    """Keep what a file says and what that would do, for somebody to look at."""
    rows = list(plan(station, typed))
    run = ImportRun.objects.create(
        station=station,
        file_name=_printable(file_name)[:120] or "–",
        rows=rows,
        problems=_problems(rows),
        uploaded_by=actor,
    )
    record(actor, "import.started", run, **count_states(rows))
    return run


@transaction.atomic
def confirm_import(actor: User, *, run: ImportRun) -> ImportRun:
    """Do all that the preview said, or nothing.

    Raises ImportIsDone, ImportHasProblems, and ImportOutdated where the station's list has
    changed, so that something else would happen than the preview said.
    """
    rows = ImportRun.objects.filter(pk=run.pk, confirmed_at=None, problems=0)
    if not rows.update(confirmed_at=clock.now()):
        run.refresh_from_db(fields=["confirmed_at"])
        raise ImportIsDone if run.confirmed_at else ImportHasProblems
    run.refresh_from_db()
    _lock_listings(run.station)
    if not all(map(is_same, run.rows, plan(run.station, run.rows))):
        raise ImportOutdated
    todo = [row for row in run.rows if row["state"] in (NEW, CHANGED)]
    for start in range(0, len(todo), ROWS_AT_ONCE):
        _apply(actor, run, todo[start : start + ROWS_AT_ONCE])
    record(actor, "import.confirmed", run, **count_states(run.rows))
    return run


def _lock_listings(station: Station) -> None:
    """Hold the whole list, by rising variant as receipts do, so that neither waits in a ring."""
    rows = Listing.objects.select_for_update(no_key=True).filter(station=station)
    list(rows.order_by("variant").values_list("pk"))


@transaction.atomic
def check_again(run: ImportRun) -> None:
    """Look at the same file again, at the station as it is now."""
    rows = list(plan(run.station, run.rows))
    waiting = ImportRun.objects.filter(pk=run.pk, confirmed_at=None)
    waiting.update(rows=rows, problems=_problems(rows))


@transaction.atomic
def discard_import(actor: User, *, run: ImportRun) -> None:
    """Forget a file that was only looked at. Raises ImportIsDone."""
    record(actor, "import.discarded", run)
    deleted, _ = ImportRun.objects.filter(pk=run.pk, confirmed_at=None).delete()
    if not deleted:
        raise ImportIsDone


def count_states(rows: Iterable[Row]) -> Counter[str]:
    return Counter(row["state"] for row in rows)


def _problems(rows: list[Row]) -> int:
    return count_states(rows)[WRONG]


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()


def _apply(actor: User, run: ImportRun, rows: list[Row]) -> None:
    variants = Variant.objects.select_related("product").in_bulk(
        [row["code"] for row in rows], field_name="sku"
    )
    drafts = [_draft(row, variants[row["code"]]) for row in rows if row["state"] == NEW]
    create_listings(actor, station=run.station, drafts=drafts, document=run.document)
    changed = {variants[row["code"]].pk: row for row in rows if row["state"] == CHANGED}
    listings = Listing.objects.at(run.station).kept().filter(variant__in=changed)
    for listing in listings.select_related("variant").order_by("pk"):
        _change(actor, run, listing, changed[listing.variant_id])


def _draft(row: Row, variant: Variant) -> Draft:
    values = {name: row["typed"][name] for name in LISTED if name in row["typed"]}
    return Draft(variant, opening=_opening(row), **values)


def _change(actor: User, run: ImportRun, listing: Listing, row: Row) -> None:
    after: dict[str, Any] = {name: change[1] for name, change in row["changes"].items()}
    shown = after.pop("is_published", None)
    if after:
        change_listing(actor, listing=listing, **after)
    if row["opening"]:
        open_books(actor, listing=listing, opening=_opening(row), document=run.document)
    if shown is not None:
        (publish_listing if shown else unpublish_listing)(actor, listing=listing)


def _opening(row: Row) -> dict[Condition, int]:
    return {Condition(name): count for name, count in row["opening"].items()}
