"""A page of the rows of an import, as people look through them."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from gasstock.inventory.services.import_plan import (
    BLANK,
    CHANGED,
    NEW,
    SAME,
    TITLES,
    WRONG,
    Row,
    words_of,
)

ROWS_A_PAGE = 100
NOTED = "noted"
TABS: dict[str, Promise] = {
    "all": gettext_lazy("All"),
    WRONG: gettext_lazy("To put right"),
    NEW: gettext_lazy("New"),
    CHANGED: gettext_lazy("Changed"),
    NOTED: gettext_lazy("To count"),
    SAME: gettext_lazy("As it is"),
    BLANK: gettext_lazy("Left empty"),
}
TONES = {NEW: "ok", CHANGED: "move", SAME: "off", WRONG: "bad", BLANK: "off"}
WORDS: dict[str, Promise] = {
    NEW: gettext_lazy("New"),
    CHANGED: gettext_lazy("Changed"),
    SAME: gettext_lazy("As it is"),
    WRONG: gettext_lazy("Wrong"),
    BLANK: gettext_lazy("Left empty"),
}


@dataclass(frozen=True)
class Line:
    """A row of the file in words: what is set, from what to what; and what is to be said of it."""

    row: int
    code: str
    name: str
    tone: str
    word: str
    says: list[tuple[str, str, str]]
    wrong: list[str]
    notes: list[str]


@dataclass(frozen=True)
class Preview:
    """`tabs` are names, labels and counts; `next` is the cursor of the page after this one."""

    lines: list[Line]
    tabs: list[tuple[str, str, int]]
    tab: str
    next: str | None

    @property
    def to_do(self) -> int:
        """How many rows change something."""
        return sum(count for name, _label, count in self.tabs if name in (NEW, CHANGED))


def preview_of(rows: list[Row], tab: str, cursor: str) -> Preview:
    """Choose the page of a tab; a tab or cursor that we never gave starts over."""
    tab = tab if tab in TABS else "all"
    start = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 9 else 0
    shown = [row for row in rows if _is_in(row, tab)]
    end = start + ROWS_A_PAGE
    tabs = [
        (name, str(label), sum(_is_in(row, name) for row in rows)) for name, label in TABS.items()
    ]
    return Preview(
        lines=[_line(row) for row in shown[start:end]],
        tabs=[(name, label, count) for name, label, count in tabs if count or name == "all"],
        tab=tab,
        next=str(end) if len(shown) > end else None,
    )


def _is_in(row: Row, tab: str) -> bool:
    return tab in ("all", row["state"]) or (tab == NOTED and bool(row["notes"]))


def _line(row: Row) -> Line:
    state = row["state"]
    return Line(
        **{name: row[name] for name in ("row", "code", "name", "wrong", "notes")},
        tone=TONES[state],
        word=str(WORDS[state]),
        says=_says(row["changes"], row["opening"]),
    )


def _says(changes: dict[str, list[Any]], opening: dict[str, int]) -> list[tuple[str, str, str]]:
    said = [
        (str(TITLES[name]), "" if before is None else words_of(name, before), words_of(name, after))
        for name, (before, after) in changes.items()
    ]
    return said + [
        (str(TITLES[name]), "", words_of(name, count)) for name, count in opening.items()
    ]
