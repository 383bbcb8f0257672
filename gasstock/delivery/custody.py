"""Every cylinder that is not at its station: with whom, since when, from which order."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, F, Min, Q, QuerySet, Sum, When

from gasstock.accounts.models import Station, User
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.core.paging import oldest_first
from gasstock.delivery.models import Delivery
from gasstock.inventory.models import (
    ON_THE_ROAD,
    Balance,
    Condition,
    DepositEntry,
    Location,
    LocationKind,
    Move,
    TransferLine,
)
from gasstock.inventory.services.deposits import lots_by_buyer

HOME_WITHIN = timedelta(hours=12)  # what a rider has longer than a day's work is overdue
THERE_WITHIN = timedelta(days=2)  # and what is on the road between stations
TRACED = timedelta(days=60)  # how far back the moves are searched for what a rider has

Key = tuple[int, int, str]  # a rider's and a variant's pk, and a condition


@dataclass(frozen=True)
class Holding:
    """`quantity` cylinders in somebody's hands.

    `document` is the order (`has_order`), transfer or count that they came from; "" and a
    `since` of None where that is too long ago to say.
    """

    kind: LocationKind
    holder: User | None
    variant: Variant
    condition: Condition
    quantity: int
    document: str
    since: datetime | None
    due_at: datetime | None = None
    has_order: bool = True
    place: str = ""

    @property
    def is_overdue(self) -> bool:
        return self.kind != LocationKind.BUYER and (
            self.since is None or (self.due_at is not None and self.due_at < clock.now())
        )


@dataclass(frozen=True)
class Sort:
    """Cylinders of a brand (pk), of a size in grams, of both, or any."""

    brand: int | None = None
    size_g: int | None = None

    def of(self, prefix: str = "") -> dict[str, int]:
        """As lookups of a query; `prefix` leads to the variant."""
        wanted = {"product__brand": self.brand, "size_g": self.size_g}
        return {f"{prefix}{name}": value for name, value in wanted.items() if value is not None}

    def fits(self, variant: Variant) -> bool:
        return self.brand in (None, variant.product.brand_id) and (
            self.size_g in (None, variant.size_g)
        )


def on_the_road(station: Station) -> list[Holding]:
    """What riders and trucks have, overdue first, then what is due next; four queries."""
    found = [*_with_riders(station), *_between_stations(station)]
    ever = clock.now()
    return sorted(found, key=lambda x: (not x.is_overdue, x.due_at or ever, x.since or ever))


# --- Riders -----------------------------------------------------------------------------------


def _with_riders(station: Station) -> Iterator[Holding]:
    """First what goes to buyers, order by order; then what is left, by the moves it came with."""
    rows = Balance.objects.filter(
        location__station=station,
        location__kind=LocationKind.RIDER,
        on_hand__gt=0,
        variant__size_g__isnull=False,
    )
    left: Counter[Key] = Counter()
    places: dict[int, User] = {}
    variants: dict[int, Variant] = {}
    for balance in rows.select_related("location__person", "variant__product__brand"):
        person = balance.location.person
        if person is not None:
            places[balance.location_id] = person
            variants[balance.variant_id] = balance.variant
            left[person.pk, balance.variant_id, balance.condition] += balance.on_hand
    going = set()
    for delivery, variant, quantity in _out(station):
        going.add(delivery.order.number)
        left[delivery.rider_id, variant, Condition.FULL.value] -= quantity
        if variant in variants:
            due = delivery.order.promised_until or _plus(delivery.departed_at, HOME_WITHIN)
            yield Holding(
                kind=LocationKind.RIDER,
                holder=delivery.rider,
                variant=variants[variant],
                condition=Condition.FULL,
                quantity=quantity,
                document=delivery.order.number,
                since=delivery.departed_at,
                due_at=due,
            )
    yield from _traced(station, places, variants, +left, going)


def _out(station: Station) -> Iterator[tuple[Delivery, int, int]]:
    """Each delivery that is out, with what it brings: variant pk and quantity."""
    rows = Delivery.objects.at(station).out().select_related("order", "rider")
    sums = rows.filter(order__lines__variant__size_g__isnull=False).annotate(
        variant=F("order__lines__variant"), quantity=Sum("order__lines__quantity")
    )
    for delivery in sums.order_by("departed_at", "pk", "variant"):
        yield delivery, delivery.variant, delivery.quantity


def _plus(moment: datetime | None, while_: timedelta) -> datetime | None:
    return moment + while_ if moment else None


def _traced(
    station: Station,
    places: dict[int, User],
    variants: dict[int, Variant],
    left: Counter[Key],
    going: Collection[str],
) -> Iterator[Holding]:
    """Say where the rest came from: what a rider has is what came last and did not leave again."""
    people = {person.pk: person for person in places.values()}
    for document, since, key, quantity in _came(station, places) if left else ():
        if document in going and key[2] == Condition.FULL:
            continue
        part = min(left[key], quantity)
        left[key] -= part
        if part:
            yield _rest(people, variants, key, part, document, since)
        if not +left:
            break
    for key, quantity in (+left).items():
        yield _rest(people, variants, key, quantity, "", None)


def _rest(
    people: dict[int, User],
    variants: dict[int, Variant],
    key: Key,
    quantity: int,
    document: str,
    since: datetime | None,
) -> Holding:
    return Holding(
        kind=LocationKind.RIDER,
        holder=people[key[0]],
        variant=variants[key[1]],
        condition=Condition(key[2]),
        quantity=quantity,
        document=document,
        since=since,
        due_at=_plus(since, HOME_WITHIN),
        has_order=bool(document) and not document.startswith("HOME-"),
    )


def _came(station: Station, places: dict[int, User]) -> Iterator[tuple[str, datetime, Key, int]]:
    """What each document brought these riders more than it took from them, the latest first."""
    here = Q(destination__in=places)
    moves = Move.objects.filter(here | Q(source__in=places), station=station)
    sums = (
        moves.filter(created_at__gte=clock.now() - TRACED)
        .annotate(
            place=Case(When(here, then="destination"), default="source"),
            change=Case(When(here, then="quantity"), default=-F("quantity")),
        )
        .values_list("document", "place", "variant", "condition")
        .annotate(net=Sum("change"), since=Min("created_at"))
        .filter(net__gt=0)
    )
    for document, place, variant, condition, net, since in sums.order_by("-since", "document"):
        yield document, since, (places[place].pk, variant, condition), net


# --- Trucks -----------------------------------------------------------------------------------


def _between_stations(station: Station) -> Iterator[Holding]:
    """What is on the road from here; the other station has it when it took it in."""
    rows = TransferLine.objects.filter(
        transfer__source=station,
        transfer__status__in=ON_THE_ROAD,
        variant__size_g__isnull=False,
        sent__gt=F("received") + F("lost"),
    )
    for line in rows.select_related("transfer__destination", "variant__product__brand"):
        transfer = line.transfer
        yield Holding(
            kind=LocationKind.TRANSIT,
            holder=None,
            variant=line.variant,
            condition=Condition(line.condition),
            quantity=line.sent - line.received - line.lost,
            document=str(transfer),
            since=transfer.sent_at,
            due_at=_plus(transfer.sent_at, THERE_WITHIN),
            has_order=False,
            place=", ".join(filter(None, [transfer.driver, f"→ {transfer.destination}"])),
        )


# --- Buyers -----------------------------------------------------------------------------------


def kept_by_buyers(station: Station) -> QuerySet[Variant]:
    """What has ever been kept for a deposit."""
    entries = DepositEntry.objects.filter(station=station, buyer__isnull=False)
    return Variant.objects.with_names().filter(pk__in=entries.values("variant"))


def with_buyers(
    station: Station, cursor: str, wanted: Sort | None = None
) -> tuple[list[Holding], str | None]:
    """A page of what buyers keep for a deposit, those who first bought here first.

    With the cursor of the next page; three queries. What walk-in buyers keep is nobody's.
    """
    wanted = wanted or Sort()
    entries = DepositEntry.objects.filter(station=station, buyer__isnull=False)
    sums = entries.filter(**wanted.of("variant__")).values("buyer", "variant")
    keepers = sums.annotate(held=Sum("quantity")).filter(held__gt=0).order_by().values("buyer")
    places = Location.objects.filter(station=station, kind=LocationKind.BUYER, person__in=keepers)
    page = oldest_first(places.select_related("person"), cursor)
    people = {place.person.pk: place.person for place in page.rows if place.person}
    lots = lots_by_buyer(station=station, buyers=people)
    pks = {lot.variant_id for each in lots.values() for lot in each}
    variants = Variant.objects.with_names().filter(**wanted.of()).in_bulk(pks)
    return [
        Holding(
            kind=LocationKind.BUYER,
            holder=person,
            variant=variants[lot.variant_id],
            condition=Condition.FULL,
            quantity=lot.quantity,
            document=lot.document,
            since=lot.since,
        )
        for pk, person in people.items()
        for lot in lots[pk]
        if lot.variant_id in variants
    ], page.next
