"""How a thing that waits for somebody is told: a row, and where it was read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

from django.urls import reverse
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station
from gasstock.inventory.services.shelf import Stand
from gasstock.orders.board import Lane
from gasstock.reports.signals import Signals

OF_A_KIND = 3  # how many of a kind stand there by themselves


class Desk(Protocol):
    """Where it is read from."""

    station: Station

    @property
    def lanes(self) -> list[Lane]: ...

    @property
    def deliveries(self) -> list[Any]: ...

    @property
    def signals(self) -> Signals: ...

    @property
    def low(self) -> list[Stand]: ...


@dataclass(frozen=True)
class Need:
    """A row: what it is, and `action`, a link or (`is_post`) a button to `url`."""

    key: str
    tone: str  # new, bad, wait or ""
    icon: str
    title: str
    text: str
    url: str
    action: str
    is_post: bool = False
    count: int = 1  # of how many things the row tells
    other: tuple[str, str] | None = None  # another link: where to, and its word


Found = list[Need]


def cut(needs: Iterable[Need], count: int, more: Callable[[int], Need]) -> Found:
    """The first few, and one row for all the others."""
    shown = list(islice(needs, OF_A_KIND if count > OF_A_KIND + 1 else OF_A_KIND + 1))
    left = count - len(shown)
    return [*shown, more(left)] if left > 0 else shown


def here(desk: Desk, name: str, *args: Any) -> str:
    return reverse(name, args=[desk.station.slug, *args])


def more_of(key: str, words: str, url: str, icon: str, count: int) -> Need:
    """The row for those that are not shown."""
    return Need(f"more-{key}", "", icon, words, "", url, _("Look at all"), count=count)
