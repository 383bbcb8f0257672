"""A transfer on the road: sent, taken in, and what is missing written off.

On the road it stands in the books of the station that sent it.
Locks: the transfer, then listings (their cost), then balances.
"""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.audit.services import record
from gasstock.core import clock
from gasstock.inventory.errors import (
    MoreThanThere,
    MovedOn,
    NothingToMove,
    ReasonMissing,
    TransferIsAlready,
)
from gasstock.inventory.models import (
    ON_THE_ROAD,
    Condition,
    Listing,
    Location,
    LocationKind,
    Reason,
    Transfer,
    TransferLine,
    TransferStatus,
)
from gasstock.inventory.services.costs import receive_at_cost
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.news import tell
from gasstock.inventory.services.transfers import must_be, pieces, step, tell_other


@transaction.atomic
def send_transfer(
    actor: User, *, transfer: Transfer, station: Station, loaded: Mapping[int, int], driver: str
) -> Transfer:
    """Let it leave the yard: `loaded` says by line pk how many, at most what was agreed.

    Raises OutOfStock where less is free, MoreThanThere, NothingToMove, NotYourStep,
    TransferIsAlready.
    """
    must_be(station, transfer.source)
    step(
        transfer,
        [TransferStatus.APPROVED],
        TransferStatus.SENT,
        sent_by=actor,
        sent_at=clock.now(),
        driver=driver.strip(),
    )
    lines = _lines(transfer)
    moving = _moving(lines, loaded, most=[line.quantity for line in lines])
    for line in lines:
        line.sent = moving[line.pk]
    TransferLine.objects.bulk_update(lines, ["sent"])
    home = location_of(LocationKind.STATION, station=station)
    road = location_of(LocationKind.TRANSIT, station=station)
    post(
        actor,
        station=station,
        lines=_between(lines, moving, home, road),
        reason=Reason.TRANSFER,
        document=str(transfer),
    )
    record(actor, "transfer.sent", transfer, driver=driver, pieces=sum(moving.values()))
    tell(
        transfer.destination,
        Permission.GOODS_RECEIVE,
        kind="transfer.sent",
        text=f"{pieces(lines, 'sent')} on the way to you from {station}, with {driver}.",
        url=transfer.url_at(transfer.destination),
        but=[actor],
    )
    return transfer


@transaction.atomic
def receive_transfer(
    actor: User, *, transfer: Transfer, station: Station, arrived: Mapping[int, int], seen: int
) -> Transfer:
    """Take in what came, by line pk; the rest stays on the way.

    `seen` is how many pieces had arrived or were lost already when the person looked: if that
    changed meanwhile, MovedOn is raised, so the same form sent twice takes in once. Raises
    MoreThanThere, NothingToMove, NotYourStep, TransferIsAlready.
    """
    must_be(station, transfer.destination)
    lines = _on_the_road(transfer, seen)
    moving = _moving(lines, arrived, most=[line.on_the_way for line in lines])
    for line in lines:
        _add(line, "received", moving[line.pk])
    _end_if_all_is_there(transfer, lines)
    _share_cost(transfer, lines, moving)
    road = location_of(LocationKind.TRANSIT, station=transfer.source)
    home = location_of(LocationKind.STATION, station=station)
    post(
        actor,
        station=station,
        lines=_between(lines, moving, road, home),
        reason=Reason.TRANSFER,
        document=str(transfer),
    )
    record(actor, "transfer.received", transfer, pieces=sum(moving.values()))
    left = sum(line.on_the_way for line in lines)
    text = f"{station} took in {sum(moving.values())} of {transfer}"
    text += f", {left} are still on the way." if left else ": all of it is there."
    tell_other(actor, transfer, station, "received", text)
    return transfer


@transaction.atomic
def write_off_transfer(
    actor: User, *, transfer: Transfer, station: Station, lost_by: str, reason: str, seen: int
) -> Transfer:
    """Close it with what is missing lost: who answers for it, and why. For either station.

    Raises ReasonMissing, MovedOn (see `receive_transfer`), TransferIsAlready.
    """
    if not reason.strip() or not lost_by.strip():
        raise ReasonMissing
    lines = _on_the_road(transfer, seen)
    moving = {line.pk: line.on_the_way for line in lines}
    for line in lines:
        values = {"lost_by": lost_by.strip(), "lost_reason": reason.strip()}
        _add(line, "lost", moving[line.pk], **values)
    _end_if_all_is_there(transfer, lines)
    road = location_of(LocationKind.TRANSIT, station=transfer.source)
    loss = location_of(LocationKind.LOSS, station=transfer.source)
    post(
        actor,
        station=transfer.source,
        lines=_between(lines, moving, road, loss),
        reason=Reason.LOSS,
        document=str(transfer),
        note=f"{lost_by}: {reason}"[:240],
    )
    lost = sum(moving.values())
    record(actor, "transfer.written_off", transfer, pieces=lost, lost_by=lost_by, reason=reason)
    text = f"{station} wrote off {lost} of {transfer} ({lost_by}): {reason}"
    tell_other(actor, transfer, station, "written_off", text)
    return transfer


def _on_the_road(transfer: Transfer, seen: int) -> list[TransferLine]:
    """Hold the transfer until the transaction ends; its lines, if nothing happened since `seen`."""
    rows = Transfer.objects.select_for_update().filter(pk=transfer.pk)
    transfer.status = rows.values_list("status", flat=True).get()
    if transfer.status not in ON_THE_ROAD:
        raise TransferIsAlready(transfer)
    lines = _lines(transfer)
    if sum(line.received + line.lost for line in lines) != seen:
        raise MovedOn(transfer)
    return lines


def _lines(transfer: Transfer) -> list[TransferLine]:
    return list(transfer.lines.select_related("variant").order_by("pk"))


def _moving(
    lines: list[TransferLine], said: Mapping[int, int], *, most: list[int]
) -> dict[int, int]:
    moving = {line.pk: said.get(line.pk, 0) for line in lines}
    for line, limit in zip(lines, most, strict=True):
        if not 0 <= moving[line.pk] <= limit:
            raise MoreThanThere(str(line.variant), limit)
    if not any(moving.values()):
        raise NothingToMove
    return moving


def _add(line: TransferLine, column: str, quantity: int, **values: str) -> None:
    """Add to what arrived or is lost of a line; the statement sees to it that it was sent."""
    if not quantity:
        return
    rows = TransferLine.objects.filter(pk=line.pk, sent__gte=F("received") + F("lost") + quantity)
    if not rows.update(**{column: F(column) + quantity}, **values):
        raise MoreThanThere(str(line.variant), line.on_the_way)
    line.refresh_from_db(fields=[column, *values])


def _end_if_all_is_there(transfer: Transfer, lines: list[TransferLine]) -> None:
    is_over = not any(line.on_the_way for line in lines)
    to = TransferStatus.RECEIVED if is_over else TransferStatus.PART_RECEIVED
    step(transfer, ON_THE_ROAD, to, ended_at=clock.now() if is_over else None)


def _share_cost(transfer: Transfer, lines: list[TransferLine], moving: Mapping[int, int]) -> None:
    """Full ones come in at what they cost the other station, where it knows."""
    full = {
        line.variant_id: (line.variant, moving[line.pk])
        for line in lines
        if line.condition == Condition.FULL and moving[line.pk]
    }
    known = Listing.objects.at(transfer.source).filter(variant__in=full)
    for variant, cost in known.order_by("variant").values_list("variant", "average_cost"):
        if cost is not None:
            receive_at_cost(
                station=transfer.destination,
                variant=full[variant][0],
                quantity=full[variant][1],
                unit_cost=cost,
            )


def _between(
    lines: list[TransferLine], moving: Mapping[int, int], source: Location, destination: Location
) -> list[Line]:
    return [
        Line(line.variant, Condition(line.condition), moving[line.pk], source, destination)
        for line in lines
    ]
