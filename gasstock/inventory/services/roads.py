"""Transfers as the pages of one of their two stations read them."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy, ngettext

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.audit.models import AuditEvent
from gasstock.catalog.models import Variant
from gasstock.core.paging import Page, newest_first
from gasstock.inventory.models import (
    ON_THE_ROAD,
    Balance,
    Condition,
    Listing,
    LocationKind,
    Transfer,
    TransferLine,
    TransferStatus,
)

MOST_AT_ONCE = 60
WORDS = {
    "transfer.asked": gettext_lazy("Asked for"),
    "transfer.agreed": gettext_lazy("Agreed"),
    "transfer.rejected": gettext_lazy("Said no"),
    "transfer.cancelled": gettext_lazy("Called off"),
    "transfer.sent": gettext_lazy("Sent off"),
    "transfer.received": gettext_lazy("Taken in"),
    "transfer.written_off": gettext_lazy("Closed with a loss"),
}
SHELF = (
    "product__category__position",
    "product__brand__name",
    "size_g",
    "name",
    "pk",
)


@dataclass(frozen=True)
class Now:
    """What is not over yet, sorted by what it asks of the station."""

    to_do: list[Transfer] = field(default_factory=list)
    coming: list[Transfer] = field(default_factory=list)
    leaving: list[Transfer] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    """A variant that may be moved. `there` is what is free at our own station, by condition."""

    variant: Variant
    there: Counter[str] | None

    @property
    def conditions(self) -> list[Condition]:
        return list(Condition) if self.variant.is_cylinder else [Condition.FULL]


@dataclass(frozen=True)
class Happening:
    """A step that was taken, as the page tells of it."""

    words: Any
    by: User | None
    note: str
    at: datetime


@dataclass(frozen=True)
class Steps:
    """What this person may do with a transfer now, from where they stand."""

    agree: bool
    cancel: bool
    send: bool
    receive: bool
    write_off: bool


def now_at(station: Station) -> Now:
    """Sort what is under way into what waits for the station and what is on the road."""
    open_ones = [TransferStatus.REQUESTED, TransferStatus.APPROVED, *ON_THE_ROAD]
    rows = _touching(station).filter(status__in=open_ones).prefetch_related(_LINES)
    now = Now()
    for transfer in rows.order_by("pk")[:MOST_AT_ONCE]:
        is_source = transfer.source_id == station.pk
        if transfer.status in ON_THE_ROAD:
            (now.leaving if is_source else now.coming).append(transfer)
        elif _waits_for(transfer, station):
            now.to_do.append(transfer)
    return now


def _waits_for(transfer: Transfer, station: Station) -> bool:
    if transfer.status == TransferStatus.REQUESTED:
        return transfer.asked_by_id != station.pk
    return transfer.source_id == station.pk


def transfers_at(station: Station, cursor: str) -> Page[Transfer]:
    """Return a page of the station's transfers, newest first, each with its pieces."""
    rows = _touching(station).annotate(pieces=Sum("lines__quantity"))
    return newest_first(rows, cursor)


def _touching(station: Station) -> QuerySet[Transfer]:
    return Transfer.objects.touching(station).select_related("source", "destination")


_LINES = Prefetch(
    "lines", TransferLine.objects.select_related("variant__product__brand").order_by("pk")
)


def lines_of(transfer: Transfer) -> list[TransferLine]:
    return list(transfer.lines.select_related("variant__product__brand").order_by("pk"))


def steps_for(user: User, transfer: Transfer, station: Station) -> Steps:
    """Tell what `user`, with what the station granted them, may do."""
    manages = Permission.STOCK_TRANSFER in station.granted
    is_source = transfer.source_id == station.pk
    asked = transfer.asked_by_id == station.pk
    status = TransferStatus(transfer.status)
    is_waiting = status == TransferStatus.REQUESTED
    is_agreed = status == TransferStatus.APPROVED
    is_out = status in ON_THE_ROAD
    takes_in = Permission.GOODS_RECEIVE in station.granted
    return Steps(
        agree=manages and is_waiting and not asked and transfer.requested_by_id != user.pk,
        cancel=manages and (is_agreed or (is_waiting and asked)),
        send=manages and is_agreed and is_source,
        receive=takes_in and is_out and not is_source,
        write_off=manages and is_out,
    )


def story_of(transfer: Transfer) -> list[Happening]:
    """What happened to it, by whom and when, from the audit log."""
    events = AuditEvent.objects.filter(
        target_label=Transfer._meta.label, target_pk=str(transfer.pk), action__in=WORDS
    )
    return [
        Happening(WORDS[event.action], event.actor, _note(event.data), event.created_at)
        for event in events.select_related("actor").order_by("pk")
    ]


def _note(data: dict[str, Any]) -> str:
    """What was said with a step: how many pieces, who drives or answers, why."""
    count = data.get("pieces", 0)
    parts = [ngettext("%(count)s piece", "%(count)s pieces", count) % {"count": count}]
    said = [str(data[name]) for name in ("driver", "lost_by", "reason") if data.get(name)]
    return ", ".join([*(parts if count else []), *said])


def unlisted_at(station: Station, lines: Iterable[TransferLine]) -> set[int]:
    """The variants (pk) that are not on the station's list."""
    variants = {line.variant_id for line in lines}
    listed = Listing.objects.at(station).kept().filter(variant__in=variants)
    return variants - set(listed.values_list("variant", flat=True))


def to_send(station: Station) -> list[Choice]:
    """What the station lists or has, with what is free of it."""
    free = free_at(station)
    listed = Listing.objects.at(station).kept().values("variant")
    held = [variant for variant, counts in free.items() if counts.total() > 0]
    rows = Variant.objects.with_names().filter(Q(pk__in=listed) | Q(pk__in=held))
    return [Choice(variant, free[variant.pk]) for variant in rows.order_by(*SHELF)]


def to_ask_for(other: Station) -> list[Choice]:
    """What the other station shows to everybody; what it has of it is its own business."""
    shown = Listing.objects.at(other).on_sale().values("variant")
    rows = Variant.objects.with_names().filter(pk__in=shown)
    return [Choice(variant, None) for variant in rows.order_by(*SHELF)]


def free_at(station: Station) -> dict[int, Counter[str]]:
    """What is on the station's shelf and held for nobody, by variant pk and condition."""
    rows = Balance.objects.filter(
        location__station=station, location__kind=LocationKind.STATION, on_hand__gt=0
    )
    free: dict[int, Counter[str]] = defaultdict(Counter)
    for balance in rows:
        free[balance.variant_id][balance.condition] = balance.available
    return free
