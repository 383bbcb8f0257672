"""Deposits for shells: taken when a buyer keeps one, given back when they bring it.

Every amount is an entry that stays. What a buyer brings back is paid at what they paid for it,
the oldest first. Call these before the moves are posted: what takes deposits from a buyer locks
the buyer's place in the station's books, and places are locked before balances.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Min, QuerySet, Sum

from gasstock.accounts.models import Station, User
from gasstock.catalog.models import Variant
from gasstock.inventory.errors import NotHeld
from gasstock.inventory.models import DEPOSIT, DepositEntry, Location, LocationKind
from gasstock.inventory.services.locations import location_of


@dataclass(frozen=True)
class Refund:
    """`quantity` shells came back, for `unit_amount` (minor units) each."""

    quantity: int
    unit_amount: int

    @property
    def total(self) -> int:
        return self.quantity * self.unit_amount


@dataclass(frozen=True)
class Lot:
    """Shells of one document that are still out, and what was paid for each."""

    document: str
    variant_id: int
    quantity: int
    unit_amount: int
    since: datetime


class Held(NamedTuple):
    """What a buyer keeps of a station's, and the deposit for all of it in minor units."""

    station: Station
    variant: Variant
    quantity: int
    amount: int


@transaction.atomic(savepoint=False)
def hold(
    *,
    station: Station,
    buyer: User | None,
    variant: Variant,
    quantity: int,
    unit_amount: int,
    document: str,
) -> None:
    """Write down that the deposit for `quantity` shells was taken; nothing for none."""
    _enter(station, buyer, variant, [Refund(quantity, unit_amount)], document, sign=1)


def give_back(
    *, station: Station, buyer: User | None, variant: Variant, quantity: int, document: str
) -> list[Refund]:
    """Write down that `quantity` shells came back, and return what to pay for them: see `worth`.

    A part of the caller's transaction. Raises NotHeld.
    """
    if buyer is not None:
        _lock(station, buyer)
    refunds = worth(station=station, buyer=buyer, variant=variant, quantity=quantity)
    _enter(station, buyer, variant, refunds, document, sign=-1)
    return refunds


def worth(*, station: Station, buyer: User | None, variant: Variant, quantity: int) -> list[Refund]:
    """Return what is paid for `quantity` shells that come back; nothing is written.

    A known buyer gets what they paid, the oldest first; raises NotHeld if they hold fewer.
    Whoever is not known gets today's deposit.
    """
    if buyer is None:
        return [Refund(quantity, variant.deposit)] if quantity else []
    lots = lots_of(station=station, buyer=buyer, variant=variant)
    held = sum(lot.quantity for lot in lots)
    if held < quantity:
        raise NotHeld(variant.name, held)
    return list(_oldest(lots, quantity))


@transaction.atomic(savepoint=False)
def carry_over(
    *,
    station: Station,
    buyer: User | None,
    brought: Variant,
    taken: Variant,
    quantity: int,
    document: str,
) -> None:
    """Let the deposit follow the shell when a buyer swaps one brand for another.

    Moves as many deposits as the buyer holds for `brought`, and no more than `quantity`.
    """
    if buyer is None or brought == taken:
        return
    _lock(station, buyer)
    lots = lots_of(station=station, buyer=buyer, variant=brought)
    moved = list(_oldest(lots, quantity))
    _enter(station, buyer, brought, moved, document, sign=-1)
    _enter(station, buyer, taken, moved, document, sign=1)


@transaction.atomic
def undo(*, document: str) -> None:
    """Write the opposite of what stands for `document`; twice is the same as once.

    Raises NotHeld if a shell that was taken there has been given back since.
    """
    rows = DepositEntry.objects.filter(document=document)
    first = rows.select_related("station", "buyer").order_by("pk").first()
    if first and first.buyer:  # a document is of one station and one buyer
        _lock(first.station, first.buyer)
    sums = rows.values_list("station_id", "buyer_id", "variant_id", "unit_amount")
    standing = list(sums.annotate(Sum("quantity")).exclude(quantity__sum=0).order_by())
    opposite = [
        DepositEntry(
            station_id=station,
            buyer_id=buyer,
            variant_id=variant,
            unit_amount=unit_amount,
            quantity=-quantity,
            document=document,
        )
        for station, buyer, variant, unit_amount, quantity in standing
    ]
    for entry in DepositEntry.objects.bulk_create(opposite):
        _refuse_less_than_nothing(entry)


def lots_of(*, station: Station, buyer: User, variant: Variant | None = None) -> list[Lot]:
    """Return what the buyer still holds (of one variant), oldest first, by its document."""
    return lots_by_buyer(station=station, buyers=[buyer.pk], variant=variant)[buyer.pk]


def lots_by_buyer(
    *, station: Station, buyers: Collection[int], variant: Variant | None = None
) -> dict[int, list[Lot]]:
    """As `lots_of` for each of these buyers (pk); one query."""
    rows = DepositEntry.objects.filter(station=station, buyer__in=buyers)
    if variant is not None:
        rows = rows.filter(variant=variant)
    sums = rows.values("buyer_id", "variant_id", "document", "unit_amount").annotate(
        net=Sum("quantity"), first=Min("pk"), since=Min("created_at")
    )
    ordered = list(sums.exclude(net=0).order_by("first"))
    gone = Counter[tuple[int, int, int]]()
    for row in ordered:
        gone[row["buyer_id"], row["variant_id"], row["unit_amount"]] -= min(0, row["net"])
    lots: dict[int, list[Lot]] = {buyer: [] for buyer in buyers}
    for row in ordered:
        bought = max(0, row["net"])
        key = (row["buyer_id"], row["variant_id"], row["unit_amount"])
        left = max(0, bought - gone[key])
        gone[key] -= bought - left
        if left:
            lots[key[0]].append(Lot(row["document"], key[1], left, key[2], row["since"]))
    return lots


def held_by(buyer: User, station: Station | None = None) -> list[Held]:
    """Return what the buyer holds, by station and size; three queries."""
    rows = DepositEntry.objects.filter(buyer=buyer)
    if station is not None:
        rows = rows.filter(station=station)
    sums = [row for row in totals(rows, "station", "variant") if row["shells"]]
    stations = Station.objects.in_bulk({row["station"] for row in sums})
    variants = Variant.objects.with_names().in_bulk({row["variant"] for row in sums})
    found = [
        Held(stations[row["station"]], variants[row["variant"]], row["shells"], row["amount"])
        for row in sums
    ]
    return sorted(found, key=lambda held: (held.station.name, held.station.pk, held.variant.name))


def held_at(station: Station, buyer: User) -> dict[int, tuple[int, int]]:
    """Return, by variant pk, how many shells of the station the buyer holds, for how much."""
    rows = totals(DepositEntry.objects.filter(buyer=buyer, station=station), "variant")
    return {row["variant"]: (row["shells"], row["amount"]) for row in rows if row["shells"]}


def owed_by(station: Station) -> dict[int, tuple[int, int]]:
    """Return, by variant pk, for how many shells the station holds deposits, and how much."""
    rows = totals(DepositEntry.objects.filter(station=station), "variant")
    return {row["variant"]: (row["shells"], row["amount"]) for row in rows}


def totals(rows: QuerySet[DepositEntry], *by: str) -> Iterable[dict[str, int]]:
    """Sum up shells and amounts of deposits by these columns."""
    sums = rows.values(*by).annotate(shells=Sum("quantity"), amount=Sum(DEPOSIT))
    return sums.order_by(*by)


def _oldest(lots: Iterable[Lot], quantity: int) -> Iterable[Refund]:
    for lot in lots:
        part = min(lot.quantity, quantity)
        if part:
            yield Refund(part, lot.unit_amount)
        quantity -= part


def _enter(
    station: Station,
    buyer: User | None,
    variant: Variant,
    amounts: Iterable[Refund],
    document: str,
    *,
    sign: int,
) -> None:
    entries = [
        DepositEntry(
            station=station,
            buyer=buyer,
            variant=variant,
            quantity=sign * each.quantity,
            unit_amount=each.unit_amount,
            document=document,
        )
        for each in amounts
        if each.quantity
    ]
    DepositEntry.objects.bulk_create(entries)


def _lock(station: Station, buyer: User) -> None:
    """Make others who take back from this buyer wait until our transaction ends."""
    place = location_of(LocationKind.BUYER, station=station, person=buyer)
    Location.objects.select_for_update(no_key=True).get(pk=place.pk)


def _refuse_less_than_nothing(entry: DepositEntry) -> None:
    """Raise NotHeld if the buyer would have given back more at this amount than was taken."""
    if entry.buyer_id is None:
        return
    rows = DepositEntry.objects.filter(
        station=entry.station_id,
        buyer=entry.buyer_id,
        variant=entry.variant_id,
        unit_amount=entry.unit_amount,
    )
    if rows.aggregate(left=Sum("quantity"))["left"] < 0:
        raise NotHeld(entry.variant.name, 0)
