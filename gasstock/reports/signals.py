"""What else waits or happened, of many kinds, read together: one query for a whole dashboard."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from gasstock.accounts.models import Station, User
from gasstock.billing.models import Invoice, InvoiceStatus, Shift, ShiftStatus
from gasstock.core import clock
from gasstock.delivery.models import Homecoming
from gasstock.inventory.models import (
    ON_THE_ROAD,
    LowStockAlert,
    Stocktake,
    StocktakeLine,
    StocktakeStatus,
    Transfer,
    TransferStatus,
)
from gasstock.orders.models import Rating

MOST = 4  # of what may be many
LATEST_RATINGS = 3


class Signal(NamedTuple):
    """One thing: what `number` and `note` mean depends on the kind."""

    kind: str
    pk: int
    at: datetime
    label: str
    person: str
    number: int
    note: str
    place: str

    @property
    def due_on(self) -> date:
        """Of an invoice."""
        return date.fromisoformat(self.note)


class Signals:
    """Signals by kind; `owed` and the like are (how many, how much)."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._found: dict[str, list[Signal]] = defaultdict(list)
        for row in rows:
            signal = Signal(*row)
            self._found[signal.kind].append(signal)
        for each in self._found.values():
            each.sort(key=lambda signal: (signal.at, signal.pk))

    def of(self, kind: str) -> list[Signal]:
        """Those of a kind, oldest first."""
        return self._found.get(kind, [])

    def total(self, kind: str) -> tuple[int, int]:
        rows = self.of(kind)
        return (rows[0].pk, rows[0].number) if rows else (0, 0)

    @property
    def ratings(self) -> list[Signal]:
        """The latest first; `number` stars, `note` what was said."""
        return self.of("rating")[::-1]


def at_station(station: Station, user: User) -> Signals:
    """What waits at a station, as far as `user` may decide it; one query."""
    bills = Invoice.objects.at(station)
    return _read(
        *_drawers(station, user),
        *_counts(station, user),
        *_transfers(station, user),
        *_money(bills),
        _ratings(Rating.objects.filter(station=station)),
    )


def of_platform() -> Signals:
    """What an admin wants to know of all stations besides the queue; one query."""
    return _read(*_money(Invoice.objects.all()), _ratings(Rating.objects.all()))


class Low(NamedTuple):
    """A station where so many `things` run low."""

    name: str
    slug: str
    things: int


def low_by_station() -> list[Low]:
    """The stations where most runs low; one query."""
    stations = LowStockAlert.objects.shown().values_list(
        "listing__station__name", "listing__station__slug"
    )
    counted = stations.annotate(count=Count("pk")).order_by("-count", "listing__station__slug")
    return [Low(*row) for row in counted[:MOST]]


def _read(*parts: QuerySet[Any, Any]) -> Signals:
    first, *others = (part.order_by() for part in parts)
    return Signals(first.union(*others, all=True))


def _rows(
    rows: QuerySet[Any, Any],
    kind: str,
    *,
    at: Any,
    pk: Any = None,
    label: Any = None,
    person: Any = None,
    number: Any = None,
    note: Any = None,
    place: Any = None,
) -> QuerySet[Any, Any]:
    """The rows as signals. In columns with names of their own: those of models may not clash."""
    columns = {
        "_kind": Value(kind, CharField()),
        "_pk": Cast(pk or F("pk"), BigIntegerField()),
        "_at": at,
        "_label": _text(label),
        "_person": _text(person),
        "_number": Cast(number if number is not None else Value(0), BigIntegerField()),
        "_note": _text(note),
        "_place": _text(place),
    }
    return rows.annotate(**columns).values_list(*columns)


def _text(value: Any) -> Cast:
    return Cast(Coalesce(value, Value("")) if value is not None else Value(""), CharField())


def _some(rows: QuerySet[Any], *order: str, most: int = MOST) -> QuerySet[Any]:
    """The first of the rows, in a way that both databases unite with others."""
    return rows.model._default_manager.filter(pk__in=rows.order_by(*order).values("pk")[:most])


# --- Parts ------------------------------------------------------------------------------------


def _drawers(station: Station, user: User) -> list[QuerySet[Any, Any]]:
    """Who has a drawer open, and those counted that `user` may accept; `number` is the cashier."""
    shifts = Shift.objects.at(station)
    others = shifts.filter(status=ShiftStatus.COUNTED).exclude(cashier=user)
    counted = _some(others.exclude(counted_by=user), "counted_at", "pk")
    who = {"person": F("cashier__name"), "number": F("cashier_id")}
    return [
        _rows(shifts.open(), "drawer", at=F("opened_at"), **who),
        _rows(counted, "counted_drawer", at=F("counted_at"), **who),
    ]


def _counts(station: Station, user: User) -> list[QuerySet[Any, Any]]:
    """Counts of the stock, and of what riders brought, that somebody else made."""
    mine = StocktakeLine.objects.filter(stocktake=OuterRef("pk"), counted_by=user)
    counts = Stocktake.objects.at(station).filter(status=StocktakeStatus.COUNTED)
    counts = counts.filter(~Exists(mine)).exclude(counted_by=user)
    home = Homecoming.objects.filter(station=station, posted_at=None).exclude(rider=user)
    return [
        _rows(counts, "count", at=F("counted_at"), person=F("counted_by__name")),
        _rows(home, "homecoming", at=F("counted_at"), person=F("rider__name")),
    ]


def _transfers(station: Station, user: User) -> list[QuerySet[Any, Any]]:
    asked = Transfer.objects.touching(station).filter(status=TransferStatus.REQUESTED)
    asked = asked.exclude(asked_by=station).exclude(requested_by=user)
    to_send = Transfer.objects.filter(source=station, status=TransferStatus.APPROVED)
    coming = Transfer.objects.filter(destination=station, status__in=ON_THE_ROAD)
    there = {"person": F("destination__name"), "label": F("source__name")}
    return [
        _rows(_some(asked, "pk"), "asked_transfer", at=F("requested_at"), **there),
        _rows(_some(to_send, "pk"), "transfer_to_send", at=F("decided_at"), **there),
        _rows(_some(coming, "pk"), "transfer_coming", at=F("sent_at"), **there),
    ]


def _money(bills: QuerySet[Invoice]) -> list[QuerySet[Any, Any]]:
    """What buyers owe in all, what of it is overdue, and the oldest of that."""
    due = F("total") - F("credited") - F("paid")
    open_bills = bills.filter(status=InvoiceStatus.APPROVED)
    late = open_bills.filter(due_on__lt=clock.today())
    oldest = _some(late, "due_on", "pk")
    sums = {"pk": Count("pk"), "number": Sum(due), "at": Min("created_at")}
    return [
        _rows(open_bills.values("status"), "owed", **sums),
        _rows(late.values("status"), "overdue", **sums),
        _rows(
            oldest,
            "overdue_bill",
            at=F("created_at"),
            label=F("number"),
            person=F("buyer_name"),
            number=due,
            note=Cast("due_on", CharField()),
            place=F("station__slug"),
        ),
    ]


def _ratings(rows: QuerySet[Rating]) -> QuerySet[Any, Any]:
    latest = _some(rows, "-pk", most=LATEST_RATINGS)
    return _rows(
        latest,
        "rating",
        at=F("created_at"),
        label=F("station__name"),
        person=F("buyer__name"),
        number=F("stars"),
        note=F("comment"),
        place=F("station__slug"),
    )
