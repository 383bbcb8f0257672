"""Stock for another station: asking for it and agreeing to it. The road is in `journeys.py`.

`station` is where the person acts. Which of the two it has to be is checked here; that they may
act for it was checked at the door.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from gasstock.accounts.models import Station, StationStatus, User
from gasstock.accounts.permissions import Permission
from gasstock.audit.services import record
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.inventory.errors import (
    NothingToMove,
    NotSelling,
    NotYourStep,
    OwnTransfer,
    ReasonMissing,
    TransferIsAlready,
    TransferKeyReused,
)
from gasstock.inventory.models import (
    Condition,
    Transfer,
    TransferLine,
    TransferStatus,
)
from gasstock.inventory.services.news import tell


@dataclass(frozen=True)
class Wish:
    """`quantity` of a variant in a condition that somebody would like to move."""

    variant: Variant
    condition: Condition
    quantity: int


@transaction.atomic
def ask_transfer(
    actor: User,
    *,
    station: Station,
    other: Station,
    sends: bool,
    wishes: Iterable[Wish],
    note: str = "",
    key: uuid.UUID | None = None,
) -> Transfer:
    """Offer stock to another station (`sends`), or ask for some of theirs.

    `key` makes a form sent twice one transfer. Raises NotSelling, NothingToMove, and
    TransferKeyReused where the form said something else the first time.
    """
    for place in (station, other):
        if place.status != StationStatus.APPROVED:
            raise NotSelling(str(place))
    way = {
        "source": station if sends else other,
        "destination": other if sends else station,
        "asked_by": station,
    }
    transfer, made = Transfer.objects.get_or_create(
        requested_by=actor, key=key or uuid.uuid4(), defaults={**way, "note": note.strip()}
    )
    wanted = _sum_up(wishes)
    if not made:
        return _the_same(transfer, way, wanted)
    lines = [
        TransferLine(transfer=transfer, variant=variant, condition=condition, quantity=quantity)
        for (variant, condition), quantity in wanted.items()
    ]
    if not lines:
        raise NothingToMove
    TransferLine.objects.bulk_create(lines)
    record(actor, "transfer.asked", transfer, pieces=sum(line.quantity for line in lines))
    text = f"{station} offers you {{}}." if sends else f"{station} asks you for {{}}."
    tell_other(actor, transfer, station, "asked", text.format(pieces(lines, "quantity")))
    return transfer


def _sum_up(wishes: Iterable[Wish]) -> Counter[tuple[Variant, Condition]]:
    wanted = Counter[tuple[Variant, Condition]]()
    for wish in wishes:
        wanted[wish.variant, wish.condition] += wish.quantity
    return +wanted


def _the_same(
    transfer: Transfer, way: Mapping[str, Station], wanted: Counter[tuple[Variant, Condition]]
) -> Transfer:
    """The transfer that has the key already, if it is this one. Raises TransferKeyReused."""
    lines = transfer.lines.select_related("variant")
    asked = Counter({(line.variant, Condition(line.condition)): line.quantity for line in lines})
    is_same_way = all(getattr(transfer, name) == place for name, place in way.items())
    if not is_same_way or asked != wanted:
        raise TransferKeyReused(transfer)
    return transfer


@transaction.atomic
def agree_transfer(actor: User, *, transfer: Transfer, station: Station) -> Transfer:
    """Say yes for the station that was asked.

    Raises NotYourStep, OwnTransfer, TransferIsAlready.
    """
    must_be(station, other_than(transfer, transfer.asked_by))
    if actor.pk == transfer.requested_by_id:
        raise OwnTransfer
    step(
        transfer,
        [TransferStatus.REQUESTED],
        TransferStatus.APPROVED,
        decided_by=actor,
        decided_at=clock.now(),
    )
    record(actor, "transfer.agreed", transfer)
    tell_other(actor, transfer, station, "agreed", f"{station} agrees to {transfer}.")
    return transfer


@transaction.atomic
def reject_transfer(actor: User, *, transfer: Transfer, station: Station, reason: str) -> Transfer:
    """Say no for the station that was asked, and why.

    Raises ReasonMissing, NotYourStep, OwnTransfer, TransferIsAlready.
    """
    if not reason.strip():
        raise ReasonMissing
    must_be(station, other_than(transfer, transfer.asked_by))
    if actor.pk == transfer.requested_by_id:
        raise OwnTransfer
    now = clock.now()
    step(
        transfer,
        [TransferStatus.REQUESTED],
        TransferStatus.REJECTED,
        decided_by=actor,
        decided_at=now,
        ended_at=now,
        reason=reason.strip(),
    )
    record(actor, "transfer.rejected", transfer, reason=reason)
    text = f"{station} says no to {transfer}: {reason}"
    tell_other(actor, transfer, station, "rejected", text)
    return transfer


@transaction.atomic
def cancel_transfer(actor: User, *, transfer: Transfer, station: Station, reason: str) -> Transfer:
    """Call it off before it leaves: whoever asked until the others agree, then either side.

    Raises ReasonMissing, NotYourStep, TransferIsAlready.
    """
    if not reason.strip():
        raise ReasonMissing
    expected = [TransferStatus.APPROVED]
    if station == transfer.asked_by:
        expected.append(TransferStatus.REQUESTED)
    elif transfer.status == TransferStatus.REQUESTED:
        raise NotYourStep(str(transfer.asked_by))
    step(
        transfer,
        expected,
        TransferStatus.CANCELLED,
        ended_at=clock.now(),
        reason=reason.strip(),
    )
    record(actor, "transfer.cancelled", transfer, reason=reason)
    text = f"{station} called {transfer} off: {reason}"
    tell_other(actor, transfer, station, "cancelled", text)
    return transfer


def other_than(transfer: Transfer, station: Station) -> Station:
    """The other one of the two stations."""
    is_source = station.pk == transfer.source_id
    return transfer.destination if is_source else transfer.source


def pieces(lines: Iterable[TransferLine], column: str) -> str:
    """Say what it is, for a message: 10 × SP 12 kg, 4 × Meru 6 kg (empty)."""
    words = []
    for line in lines:
        if count := getattr(line, column):
            state = "" if line.condition == Condition.FULL else f" ({line.condition})"
            words.append(f"{count} × {line.variant}{state}")
    text = ", ".join(words[:4])
    return f"{text} and more" if len(words) > 4 else text


def must_be(station: Station, which: Station) -> None:
    if station.pk != which.pk:
        raise NotYourStep(str(which))


def step(
    transfer: Transfer, expected: Collection[TransferStatus], to: TransferStatus, **values: object
) -> None:
    """Change the state in the statement that checks it. Raises TransferIsAlready."""
    rows = Transfer.objects.filter(pk=transfer.pk, status__in=expected)
    if not rows.update(status=to, **values):
        transfer.refresh_from_db(fields=["status"])
        raise TransferIsAlready(transfer)
    transfer.refresh_from_db(fields=["status", *values])


def tell_other(actor: User, transfer: Transfer, station: Station, kind: str, text: str) -> None:
    """Tell the managers of the other station."""
    other = other_than(transfer, station)
    tell(
        other,
        Permission.STOCK_TRANSFER,
        kind=f"transfer.{kind}",
        text=text,
        url=transfer.url_at(other),
        but=[actor],
    )
