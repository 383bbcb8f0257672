"""The movement log: all that moved in a station's books, as its page and its exports read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station, User
from gasstock.catalog.models import Variant
from gasstock.core.exports import Cell
from gasstock.core.paging import Page, all_of, earliest_first, latest_first
from gasstock.inventory.documents import page_of
from gasstock.inventory.models import (
    Balance,
    Condition,
    Listing,
    LocationKind,
    Move,
    Reason,
)
from gasstock.inventory.services.shelf import Entry, effect_of

MOVES_A_PAGE = 25
DOCUMENT = r"^[A-Za-z]+(-[A-Za-z0-9]+)+$"  # a number, or its beginning
MOVES_A_CHUNK = 1000
NOBODY = 0  # for GasStock itself
EXPORTED = (
    *("pk", "created_at", "variant__name", "variant__sku", "condition", "quantity"),
    *("source__kind", "source__person__name", "destination__kind", "destination__person__name"),
    *("reason", "document", "actor__name", "note"),
)


@dataclass(frozen=True)
class Wanted:
    """What somebody asked the log for. Days are the stations', both inclusive.

    `actor` may be NOBODY. `document` is a whole name or, where there is none like that, its
    beginning.
    """

    variant: int | None = None
    condition: str = ""
    reason: str = ""
    document: str = ""
    actor: int | None = None
    first: date | None = None
    last: date | None = None
    oldest_first: bool = False


def variants_of(station: Station) -> list[Variant]:
    """Return all that ever stood at the station, by name."""
    here = Balance.objects.filter(location__station=station, location__kind=LocationKind.STATION)
    return list(Variant.objects.filter(pk__in=here.values("variant")).order_by("name", "pk"))


def members_of(station: Station) -> list[User]:
    """Return those who work at the station, by name."""
    return list(User.objects.filter(memberships__station=station).order_by("name", "pk"))


def page_of_log(
    station: Station, wanted: Wanted, cursor: str, *, size: int = MOVES_A_PAGE
) -> Page[Move]:
    """Return a page of the log; each move knows its `listing_pk`, None for what is not listed."""
    listing = Listing.objects.at(station).filter(variant=OuterRef("variant")).values("pk")
    moves = _moves(station, wanted).annotate(listing_pk=Subquery(listing))
    return _page(moves, wanted, size, cursor)


def seen_alone(station: Station, moves: list[Move]) -> Iterator[Entry]:
    """Tell of each move what it did to the stock at the station, but not what was left."""
    for move in moves:
        effect = effect_of(move.quantity, move.source.kind, move.destination.kind)
        yield Entry(move, effect, None, page_of(move, station))


def head_of_export() -> list[str]:
    return [
        *(_("When"), _("What"), _("Code"), _("State"), _("How many"), _("From"), _("To")),
        *(_("At the station"), _("Why"), _("Document"), _("Who"), _("Note")),
    ]


def rows_of_export(station: Station, wanted: Wanted) -> Iterator[tuple[Cell, ...]]:
    """Yield the whole log that was asked for, fetched piece by piece."""
    rows: Any = _moves(station, wanted).values_list(*EXPORTED, named=True)
    words = {
        kind: {value: str(label) for value, label in kind.choices}
        for kind in (Condition, LocationKind, Reason)
    }
    pages: Any = partial(_page, rows, wanted, MOVES_A_CHUNK)
    for row in all_of(pages):
        yield (
            row.created_at,
            row.variant__name,
            row.variant__sku,
            words[Condition][row.condition],
            row.quantity,
            row.source__person__name or words[LocationKind][row.source__kind],
            row.destination__person__name or words[LocationKind][row.destination__kind],
            effect_of(row.quantity, row.source__kind, row.destination__kind),
            words[Reason][row.reason],
            row.document,
            row.actor__name or "GasStock",
            row.note,
        )


def _page(moves: QuerySet[Move], wanted: Wanted, size: int, cursor: str) -> Page[Move]:
    page = earliest_first if wanted.oldest_first else latest_first
    return page(moves, cursor, size=size)


def _moves(station: Station, wanted: Wanted) -> QuerySet[Move]:
    moves = Move.objects.filter(station=station).filter(_what(wanted), *_when(wanted))
    if wanted.document:
        named = Move.objects.filter(station=station, document=wanted.document)
        moves = moves.filter(
            Q(document=wanted.document) | ~Exists(named), document__begins=wanted.document
        )
    return moves.select_related("variant", "source__person", "destination__person", "actor")


def _what(wanted: Wanted) -> Q:
    found = Q()
    if wanted.variant is not None:
        found &= Q(variant=wanted.variant)
    if wanted.condition:
        found &= Q(condition=wanted.condition)
    if wanted.reason:
        found &= Q(reason=wanted.reason)
    if wanted.actor is not None:
        found &= Q(actor=None) if wanted.actor == NOBODY else Q(actor=wanted.actor)
    return found


def _when(wanted: Wanted) -> Iterator[Q]:
    if wanted.first:
        yield Q(created_at__gte=_midnight(wanted.first))
    if wanted.last:
        yield Q(created_at__lt=_midnight(wanted.last + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    """The moment the day begins at the stations."""
    return timezone.make_aware(datetime.combine(day, time.min))
