"""What a file of opening stock and prices says, and what it would do. Nothing is written here.

A row of a plan is a plain dict, because it is kept in `ImportRun.rows`:

    row      its number in the file        typed    what it says, by column
    code     of what                       misread  what of it cannot be read, in sentences
    name     of what, "" if unknown        wrong    the same, and what cannot be done
    changes  column → [before, after]      opening  condition → how many to begin with
    notes    what will not be done, and what to do instead
    state    NEW, CHANGED, SAME, WRONG or BLANK
"""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core.money import MAX_AMOUNT, NotMoney, format_amount, format_money, parse_money
from gasstock.core.sheets import NotASheet
from gasstock.core.sheets import Row as SheetRow
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind, Move

Row = dict[str, Any]

NEW, CHANGED, SAME, WRONG, BLANK = "new", "changed", "same", "wrong", "blank"
MOST = 100_000  # of one thing
MOST_OF_A_CODE = 40  # characters; more than any code has
ROWS_AT_ONCE = 500
TITLES: dict[str, Promise] = {
    "code": gettext_lazy("Code"),
    "name": gettext_lazy("Name"),
    "refill_price": gettext_lazy("Refill price"),
    "new_price": gettext_lazy("New price"),
    "reorder_level": gettext_lazy("Low from"),
    "full": gettext_lazy("Full"),
    "empty": gettext_lazy("Empty"),
    "defect": gettext_lazy("Defect"),
    "is_published": gettext_lazy("Publish"),
}
ALSO = {
    "code": ("sku", "sku code"),
    "refill_price": ("price", "refill_price", "price of a refill"),
    "new_price": ("new_price", "price without an empty", "price with new cylinder"),
    "reorder_level": ("reorder level", "reorder_level"),
    "empty": ("empties",),
    "is_published": ("published", "is_published"),
}
LISTED = ("refill_price", "new_price", "reorder_level", "is_published")
COUNTED = tuple(condition.value for condition in Condition)
YES = {"yes", "y", "true", "1", "x", "oui", "yego", "ndiyo"}
NO = {"no", "n", "false", "0", "-", "non", "oya", "hapana"}
COUNT = re.compile(r"[0-9]{1,9}|[0-9]{1,3}([ ,][0-9]{3}){1,2}")


# --- What the file says -----------------------------------------------------------------------


def read_typed(rows: Iterable[SheetRow]) -> Iterator[Row]:
    """Yield what each row says; raises NotASheet where the first row does not name the columns."""
    rows = iter(rows)
    columns = _columns(next(rows)[1])
    seen: dict[str, int] = {}
    for number, cells in rows:
        said = {columns[place]: cell for place, cell in enumerate(cells) if place in columns}
        row = _typed(number, {name: cell for name, cell in said.items() if cell})
        first = seen.setdefault(row["code"], number)
        if first != number and row["code"]:
            row["misread"].append(_("Row %(row)s is about the same.") % {"row": first})
        yield row


def _columns(head: list[str]) -> dict[int, str]:
    """Which column is what, by its title in any of our languages."""
    meant = _meanings()
    names = [meant.get(" ".join(cell.casefold().split())) for cell in head]
    columns = {place: name for place, name in enumerate(names) if name}
    for name in ("code", "refill_price"):
        if name not in columns.values():
            text = _("The first row has no column “%(title)s”. Begin with the table to fill in.")
            raise NotASheet(text % {"title": TITLES[name]})
    if len(set(columns.values())) < len(columns):
        raise NotASheet(_("Two columns have the same title."))
    return columns


def _meanings() -> dict[str, str]:
    meant = {other: name for name, others in ALSO.items() for other in others}
    for language, _name in settings.LANGUAGES:
        with override(language):
            meant |= {str(title).casefold(): name for name, title in TITLES.items()}
    return meant


def _typed(number: int, said: dict[str, str]) -> Row:
    typed: dict[str, int | bool] = {}
    misread = []
    for name, read in READERS.items():
        if name in said:
            try:
                typed[name] = read(said[name])
            except ValueError as error:
                misread.append(f"{TITLES[name]}: {error}")
    if "code" not in said and (typed or misread):
        misread.insert(0, _("The code is missing."))
    code = said.get("code", "").upper()[:MOST_OF_A_CODE]
    return {"row": number, "code": code, "typed": typed, "misread": misread}


def _price(text: str) -> int:
    amount = parse_money(text)
    if not 0 < amount <= MAX_AMOUNT:
        limits = {"least": format_money(1), "most": format_money(MAX_AMOUNT)}
        raise NotMoney(_("From %(least)s to %(most)s.") % limits)
    return amount


def _count(text: str) -> int:
    figures = re.sub(r"\s", " ", text)
    count = int(re.sub("[ ,]", "", figures)) if COUNT.fullmatch(figures) else -1
    if not 0 <= count <= MOST:
        raise ValueError(_("Write a whole number from 0 to %(most)s.") % {"most": f"{MOST:,}"})
    return count


def _yes(text: str) -> bool:
    if text.casefold() not in YES | NO:
        raise ValueError(_("Write yes or no."))
    return text.casefold() in YES


READERS: dict[str, Callable[[str], int | bool]] = {
    "refill_price": _price,
    "new_price": _price,
    "reorder_level": _count,
    **dict.fromkeys(COUNTED, _count),
    "is_published": _yes,
}


# --- What it would do -------------------------------------------------------------------------


def plan(station: Station, typed: Iterable[Row]) -> Iterator[Row]:
    """Complete each row with what it would do at the station as it is now."""
    rows = iter(typed)
    while some := list(islice(rows, ROWS_AT_ONCE)):
        variants = _variants(station, some)
        listings = _listings(station, variants.values())
        here = _here(station, variants.values())
        for row in some:
            variant = variants.get(row["code"])
            pk = variant.pk if variant else 0
            yield _planned(row, variant, listings.get(pk), here.get(pk, {}))


def _variants(station: Station, rows: list[Row]) -> dict[str, Variant]:
    """By code, each knowing whether it has ever moved here (`has_moves`)."""
    moves = Move.objects.filter(station=station, variant=OuterRef("pk"))
    codes = {row["code"] for row in rows}
    found = Variant.objects.filter(sku__in=codes).select_related("product")
    return {variant.sku: variant for variant in found.annotate(has_moves=Exists(moves))}


def _listings(station: Station, variants: Iterable[Variant]) -> dict[int, Listing]:
    kept = Listing.objects.at(station).kept().filter(variant__in={each.pk for each in variants})
    return {listing.variant_id: listing for listing in kept}


def _here(station: Station, variants: Iterable[Variant]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    balances = Balance.objects.filter(
        location__station=station,
        location__kind=LocationKind.STATION,
        variant__in={variant.pk for variant in variants},
    )
    for variant, condition, on_hand in balances.values_list("variant", "condition", "on_hand"):
        found.setdefault(variant, {})[condition] = on_hand
    return found


def _planned(
    row: Row, variant: Variant | None, listing: Listing | None, here: dict[str, int]
) -> Row:
    typed, misread = row["typed"], row["misread"]
    planned: Row = {
        **{name: row[name] for name in ("row", "code", "typed", "misread")},
        "name": variant.name if variant else "",
        "wrong": list(misread),
        "state": BLANK,
        "changes": {},
        "opening": {},
        "notes": [],
    }
    if not misread and not typed:
        return planned
    if variant:
        planned["wrong"] += _refusals(typed, variant, listing)
    elif row["code"]:
        planned["wrong"].append(_("Nothing in the catalogue has this code."))
    if planned["wrong"] or not variant:
        return planned | {"state": WRONG}
    planned["changes"] = _changes(typed, listing)
    counts = {name: typed[name] for name in COUNTED if name in typed}
    if getattr(variant, "has_moves", False):
        planned["notes"] = _notes(counts, here)
    else:
        planned["opening"] = {name: count for name, count in counts.items() if count}
    does = planned["changes"] or planned["opening"]
    return planned | {"state": (CHANGED if does else SAME) if listing else NEW}


def is_same(before: Row, after: Row) -> bool:
    """Whether two plans of a row would do the same."""
    return all(before[name] == after[name] for name in ("state", "changes", "opening"))


def _refusals(typed: dict[str, Any], variant: Variant, listing: Listing | None) -> Iterator[str]:
    if variant.retired_at or variant.product.retired_at:
        yield _("%(name)s is no longer sold.") % {"name": variant.name}
    if listing is None and "refill_price" not in typed:
        yield _("It is not on your list yet, so it needs a price.")
    if not variant.is_cylinder:
        if "new_price" in typed:
            yield _("Only cylinders have a new price.")
        if typed.get(Condition.EMPTY) or typed.get(Condition.DEFECT):
            yield _("Only cylinders can be empty or defect.")


def _changes(typed: dict[str, Any], listing: Listing | None) -> dict[str, list[Any]]:
    return {
        name: [before, typed[name]]
        for name in LISTED
        if name in typed and (before := getattr(listing, name) if listing else None) != typed[name]
    }


def _notes(counts: dict[str, int], here: dict[str, int]) -> list[str]:
    """Stock that has begun to move is counted, not imported."""
    text = _("%(title)s: %(now)s in the books, %(said)s in the file. Count it instead.")
    return [
        text % {"title": TITLES[name], "now": f"{now:,}", "said": f"{said:,}"}
        for name, said in counts.items()
        if (now := here.get(name, 0)) != said
    ]


def words_of(name: str, value: Any) -> str:
    """How a value of a column is shown."""
    if value is None:
        return "–"
    if name == "is_published":
        return _("yes") if value else _("no")
    return format_amount(value) if name.endswith("_price") else f"{value:,}"
