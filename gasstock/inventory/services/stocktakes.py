"""A count of the shelf, from its first line to the moves that put the books right.

Whoever counts is not told what the books say, and whoever approves did not count. What a line
is compared with is what the books said when it was counted, so trade goes on meanwhile.
Locks: the stocktake, then balances.
"""

from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import Q

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.audit.services import record
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.inventory.errors import (
    CountIsAlready,
    CountTooShort,
    NothingCounted,
    NothingToCount,
    OutOfStock,
    OwnCount,
    ReasonMissing,
)
from gasstock.inventory.models import (
    RUNNING,
    Balance,
    Condition,
    Listing,
    LocationKind,
    Reason,
    Stocktake,
    StocktakeLine,
    StocktakeStatus,
)
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.news import tell
from gasstock.notifications.services import notify


@transaction.atomic
def start_count(actor: User, *, station: Station) -> Stocktake:
    """Open a count of all that the station lists or holds; return the one that is running already.

    Raises NothingToCount.
    """
    stocktake, made = Stocktake.objects.get_or_create(
        station=station, status__in=RUNNING, defaults={"opened_by": actor}
    )
    if not made:
        return stocktake
    lines = StocktakeLine.objects.bulk_create(
        StocktakeLine(stocktake=stocktake, variant=variant, condition=condition)
        for variant in _to_count(station)
        for condition in (Condition if variant.is_cylinder else [Condition.FULL])
    )
    if not lines:
        raise NothingToCount
    record(actor, "count.started", stocktake, lines=len(lines))
    return stocktake


def _to_count(station: Station) -> Iterable[Variant]:
    home = location_of(LocationKind.STATION, station=station)
    listed = Listing.objects.at(station).kept().values("variant")
    held = Balance.objects.filter(location=home, on_hand__gt=0).values("variant")
    return Variant.objects.filter(Q(pk__in=listed) | Q(pk__in=held)).order_by("pk")


@transaction.atomic
def save_counts(
    actor: User, *, stocktake: Stocktake, counts: Mapping[int, int | None]
) -> list[StocktakeLine]:
    """Write down what was counted, by line pk; None takes a figure back. Return what changed.

    The figure that stands there already is left alone, with what it was compared with, so that
    a form sent twice does no harm. Raises CountIsAlready.
    """
    _lock(stocktake, StocktakeStatus.OPEN)
    lines = stocktake.lines.filter(pk__in=list(counts)).select_related("variant").order_by("pk")
    changed = [line for line in lines if line.counted != counts[line.pk]]
    if not changed:
        return []
    there = _locked(stocktake.station, changed)
    said = {}
    for line in changed:
        said[str(line.pk)] = [line.counted, counts[line.pk]]
        _write(line, actor, counts[line.pk], there.get((line.variant_id, line.condition)))
    StocktakeLine.objects.bulk_update(
        changed, ["counted", "expected", "counted_by", "counted_at"], batch_size=200
    )
    record(actor, "count.written", stocktake, lines=said)
    return changed


def _write(
    line: StocktakeLine, actor: User | None, counted: int | None, balance: Balance | None
) -> None:
    line.counted = counted
    if counted is None:
        line.expected = line.counted_by = line.counted_at = None
    else:
        line.expected = balance.on_hand if balance else 0
        line.counted_by, line.counted_at = actor, clock.now()


def _locked(station: Station, lines: Iterable[StocktakeLine]) -> dict[tuple[int, str], Balance]:
    """Fetch what stands at the station now, and keep it so until the transaction ends."""
    rows = Balance.objects.select_for_update().filter(
        location=location_of(LocationKind.STATION, station=station),
        variant__in={line.variant_id for line in lines},
    )
    return {(row.variant_id, row.condition): row for row in rows.order_by("pk")}


@transaction.atomic
def finish_count(actor: User, *, stocktake: Stocktake) -> Stocktake:
    """Hand the count in; what was not counted posts nothing.

    Raises NothingCounted, CountIsAlready.
    """
    now = clock.now()
    _step(
        stocktake,
        StocktakeStatus.OPEN,
        StocktakeStatus.COUNTED,
        counted_by=actor,
        counted_at=now,
    )
    counters = _counters(stocktake)
    if not counters:
        raise NothingCounted
    record(actor, "count.finished", stocktake)
    tell(
        stocktake.station,
        Permission.COUNT_APPROVE,
        kind="count.finished",
        text=f"{stocktake} is counted and waits for somebody who did not count.",
        url=stocktake.get_absolute_url(),
        but=[actor, *counters],
    )
    return stocktake


@transaction.atomic
def count_again(actor: User, *, stocktake: Stocktake, lines: Collection[int]) -> Stocktake:
    """Send lines back to be counted anew. Raises NothingCounted without any, OwnCount."""
    _lock(stocktake, StocktakeStatus.COUNTED)
    counters = _counters(stocktake)
    _refuse_own(actor, stocktake, counters)
    sent_back = stocktake.lines.filter(pk__in=list(lines), counted__isnull=False)
    said = {str(line.pk): line.counted for line in sent_back}
    if not said:
        raise NothingCounted
    sent_back.update(counted=None, expected=None, counted_by=None, counted_at=None)
    finisher = stocktake.counted_by
    _step(
        stocktake,
        StocktakeStatus.COUNTED,
        StocktakeStatus.OPEN,
        counted_by=None,
        counted_at=None,
    )
    record(actor, "count.sent_back", stocktake, lines=said)
    notify(
        [*counters, *([finisher] if finisher else [])],
        kind="count.sent_back",
        text=f"{stocktake}: {len(said)} to count again.",
        url=stocktake.get_absolute_url(),
    )
    return stocktake


@transaction.atomic
def approve_count(actor: User, *, stocktake: Stocktake) -> Stocktake:
    """Post the differences, as moves between the station and what was lost or found.

    Raises OwnCount, CountIsAlready, CountTooShort.
    """
    _lock(stocktake, StocktakeStatus.COUNTED)
    _refuse_own(actor, stocktake, _counters(stocktake))
    _step(
        stocktake,
        StocktakeStatus.COUNTED,
        StocktakeStatus.APPROVED,
        decided_by=actor,
        decided_at=clock.now(),
    )
    lines = [line for line in stocktake.lines.select_related("variant") if line.difference]
    try:
        _post(actor, stocktake, lines)
    except OutOfStock as error:
        raise _too_short(stocktake, lines) or error from error
    short = sum(-line.difference for line in lines if line.difference < 0)
    over = sum(line.difference for line in lines if line.difference > 0)
    record(actor, "count.approved", stocktake, short=short, over=over)
    return stocktake


def _post(actor: User, stocktake: Stocktake, lines: list[StocktakeLine]) -> None:
    home = location_of(LocationKind.STATION, station=stocktake.station)
    loss = location_of(LocationKind.LOSS, station=stocktake.station)
    post(
        actor,
        station=stocktake.station,
        lines=[
            Line(
                line.variant,
                Condition(line.condition),
                abs(line.difference),
                source=home if line.difference < 0 else loss,
                destination=loss if line.difference < 0 else home,
            )
            for line in lines
        ],
        reason=Reason.COUNT,
        document=str(stocktake),
    )


def _too_short(stocktake: Stocktake, lines: list[StocktakeLine]) -> CountTooShort | None:
    """Name the first shortage that asks for more than is free."""
    there = _locked(stocktake.station, lines)
    for line in lines:
        balance = there.get((line.variant_id, line.condition)) or Balance()
        if balance.available + line.difference < 0:
            name = f"{line.variant}, {line.get_condition_display().lower()}"
            return CountTooShort(name, -line.difference, balance.on_hand, balance.reserved)
    return None


@transaction.atomic
def cancel_count(actor: User, *, stocktake: Stocktake, reason: str) -> Stocktake:
    """Give the count up; nothing is posted. A finished one only if the actor did not count.

    Raises ReasonMissing, OwnCount, CountIsAlready.
    """
    reason = reason.strip()
    if not reason:
        raise ReasonMissing
    _lock(stocktake, *RUNNING)
    if stocktake.status == StocktakeStatus.COUNTED:
        _refuse_own(actor, stocktake, _counters(stocktake))
    _step(
        stocktake,
        StocktakeStatus(stocktake.status),
        StocktakeStatus.CANCELLED,
        decided_by=actor,
        decided_at=clock.now(),
        reason=reason,
    )
    record(actor, "count.cancelled", stocktake, reason=reason)
    return stocktake


def counted_by(user: User, stocktake: Stocktake) -> bool:
    """Tell whether this person counted a line of it, or handed it in."""
    own = stocktake.counted_by_id == user.pk
    return own or stocktake.lines.filter(counted_by=user).exists()


def _counters(stocktake: Stocktake) -> list[User]:
    lines = stocktake.lines.filter(counted_by__isnull=False)
    return list(User.objects.filter(pk__in=lines.values("counted_by")))


def _refuse_own(actor: User, stocktake: Stocktake, counters: Collection[User]) -> None:
    if stocktake.counted_by_id == actor.pk or actor in counters:
        raise OwnCount


def _lock(stocktake: Stocktake, *expected: StocktakeStatus) -> None:
    """Hold the stocktake until the transaction ends, in a state it may be in."""
    rows = Stocktake.objects.select_for_update().filter(pk=stocktake.pk)
    found = rows.values_list("status", "counted_by").get()
    stocktake.status, stocktake.counted_by_id = found
    if stocktake.status not in expected:
        raise CountIsAlready(stocktake)


def _step(
    stocktake: Stocktake, expected: StocktakeStatus, to: StocktakeStatus, **values: object
) -> None:
    """Change the state in the statement that checks it. Raises CountIsAlready."""
    rows = Stocktake.objects.filter(pk=stocktake.pk, status=expected)
    if not rows.update(status=to, **values):
        stocktake.refresh_from_db(fields=["status"])
        raise CountIsAlready(stocktake)
    stocktake.refresh_from_db(fields=["status", *values])
