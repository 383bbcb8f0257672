"""A rider comes home: the station counts load and cash blind, and posts what differs to a name.

What is on its way to buyers stays on the bike. What goes back is held again at the station for
its order. Locks: the rider's membership, orders in primary-key order, the drawer, balances.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.billing.errors import NoOpenShift
from gasstock.billing.services.shifts import lock_shift_of, pay_in
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.delivery.errors import (
    CountedAgain,
    DifferenceUnexplained,
    LoadChanged,
    NegativeCount,
    OwnLoad,
)
from gasstock.delivery.models import (
    CollectedCash,
    Delivery,
    Homecoming,
    HomecomingLine,
)
from gasstock.delivery.services.assigning import lock_orders, lock_rider
from gasstock.inventory.errors import NothingCarried
from gasstock.inventory.models import Balance, Condition, Listing, LocationKind, Reason
from gasstock.inventory.services import ledger
from gasstock.inventory.services.ledger import Line
from gasstock.inventory.services.locations import location_of
from gasstock.inventory.services.riders import load_of, lock_load, lock_stock
from gasstock.orders.models import Order, OrderLine
from gasstock.orders.services.life import take_back_order

Key = tuple[int, str]  # a variant's pk and a condition


class Why(NamedTuple):
    """Who answers for a difference, and the reason."""

    answers: str
    reason: str


def to_count(station: Station, rider: User) -> list[tuple[Variant, list[Condition]]]:
    """What may be on the bike: all that the station lists, and what the rider carries besides.

    Without figures, and the same whatever the rider carries of it.
    """
    listed = Listing.objects.at(station).kept().values("variant")
    carried = Balance.objects.filter(
        location__station=station, location__person=rider, location__kind=LocationKind.RIDER
    )
    known = Q(pk__in=listed) | Q(pk__in=carried.filter(on_hand__gt=0).values("variant"))
    rows = Variant.objects.with_names().filter(known)
    ordered = rows.order_by(
        "product__category__position", "product__brand__name", "size_g", "name", "pk"
    )
    return [(x, list(Condition) if x.is_cylinder else [Condition.FULL]) for x in ordered]


@transaction.atomic
def count(
    actor: User, *, station: Station, rider: User, counted: Mapping[Key, int], cash: int
) -> Homecoming:
    """Write down what is there: pieces by variant pk and condition, cash in minor units.

    What is not named is none. Counted again before it is posted, the last count stands. Raises
    OwnLoad, NegativeCount, NothingCarried.
    """
    if actor == rider:
        raise OwnLoad
    if cash < 0 or any(quantity < 0 for quantity in counted.values()):
        raise NegativeCount
    lock_rider(station, rider)
    books = _books(station, rider, lock_load(station, rider))
    expected = sum_of(cash_with(station, rider))
    if not (any(books.values()) or any(counted.values()) or expected or cash):
        raise NothingCarried(str(rider))
    homecoming, made = Homecoming.objects.select_for_update().get_or_create(
        station=station,
        rider=rider,
        posted_at=None,
        defaults={"counted_by": actor, "cash_expected": expected, "cash_counted": cash},
    )
    if not made:
        homecoming.counted_by, homecoming.counted_at = actor, clock.now()
        homecoming.cash_expected, homecoming.cash_counted = expected, cash
        homecoming.save()
        homecoming.lines.all().delete()
    lines = HomecomingLine.objects.bulk_create(
        HomecomingLine(
            homecoming=homecoming,
            variant_id=key[0],
            condition=key[1],
            expected=books[key],
            counted=counted.get(key, 0),
        )
        for key in sorted(books.keys() | counted.keys())
        if books[key] or counted.get(key, 0)
    )
    names = Variant.objects.in_bulk({line.variant_id for line in lines})
    said = {
        f"{names[line.variant_id]} {line.condition}": f"{line.counted} of {line.expected}"
        for line in lines
    }
    record(
        actor,
        "homecoming.counted",
        homecoming,
        lines=said,
        cash_expected=expected,
        cash_counted=cash,
    )
    return homecoming


def _books(station: Station, rider: User, load: Iterable[Balance]) -> Counter[Key]:
    """What should come home: all that the rider carries, less what goes to buyers still.

    Where it counts, the load was locked first, so that no delivery comes in between.
    """
    books: Counter[Key] = Counter(
        {(balance.variant_id, str(balance.condition)): balance.on_hand for balance in load}
    )
    for variant, quantity in _staying(station, rider):
        books[variant, Condition.FULL.value] -= quantity
    return books


def _staying(station: Station, rider: User) -> Iterable[tuple[int, int]]:
    """The full ones (by variant pk) of deliveries that are out and not given up."""
    out = Delivery.objects.at(station).of(rider).out().filter(goes_back=False)
    lines = OrderLine.objects.filter(order__in=out.values("order"))
    return lines.values_list("variant").annotate(Sum("quantity")).order_by()


def cash_with(station: Station, rider: User) -> list[CollectedCash]:
    """The payments in cash that the rider has not handed in yet."""
    rows = CollectedCash.objects.filter(station=station, rider=rider, homecoming=None)
    return list(rows.select_related("payment", "delivery__order").order_by("pk"))


def sum_of(collected: Iterable[CollectedCash]) -> int:
    return sum(each.payment.amount for each in collected)


# --- Posting ----------------------------------------------------------------------------------


@transaction.atomic
def post(actor: User, *, homecoming: Homecoming, answers: str = "", reason: str = "") -> Homecoming:
    """Take in what was counted: cylinders to the shelf, cash into the actor's open drawer.

    A difference goes to, or comes from, the station's loss in the name of who `answers`, with a
    reason. Posted before, it stays as it is. Raises OwnLoad, DifferenceUnexplained, NoOpenShift,
    CountedAgain if it is not the count that the actor saw any more, LoadChanged if the rider did
    something since.
    """
    station, rider = homecoming.station, homecoming.rider
    why = Why(answers.strip()[:80], reason.strip()[:240])
    if actor == rider:
        raise OwnLoad
    lock_rider(station, rider)
    if not _step(actor, homecoming, why):
        homecoming.refresh_from_db()
        return homecoming
    coming_back = _lock_coming_back(station, rider)
    shift = lock_shift_of(actor, station) if homecoming.cash_counted else None
    if homecoming.cash_counted and shift is None:
        raise NoOpenShift
    lines = list(homecoming.lines.select_related("variant").order_by("pk"))
    _lock_balances(station, rider, lines, coming_back)
    lock_load(station, rider)
    if is_out_of_date(homecoming, lines):
        raise LoadChanged(rider)
    cash = cash_with(station, rider)
    _move(actor, homecoming, lines, why)
    for delivery in coming_back:
        last = delivery.attempts.latest("pk").get_failure_display()
        take_back_order(actor, order=delivery.order, reason=last)
    CollectedCash.objects.filter(pk__in=[each.pk for each in cash]).update(homecoming=homecoming)
    if shift is not None:
        note = _("From %(rider)s's run, %(document)s")
        values = {"rider": rider.first_name, "document": homecoming}
        entry = pay_in(actor, shift=shift, amount=homecoming.cash_counted, note=note % values)
        Homecoming.objects.filter(pk=homecoming.pk).update(entry=entry)
    homecoming.refresh_from_db()
    _record(actor, homecoming, lines)
    return homecoming


def is_out_of_date(homecoming: Homecoming, lines: Iterable[HomecomingLine]) -> bool:
    """Whether the rider did something since the count, so that it cannot be taken in any more.

    Three queries; `lines` are the count's.
    """
    station, rider = homecoming.station, homecoming.rider
    said: Counter[Key] = Counter({(x.variant_id, x.condition): x.expected for x in lines})
    now = _books(station, rider, load_of(station, rider))
    if any(said[key] != now[key] for key in said.keys() | now.keys()):
        return True
    return sum_of(cash_with(station, rider)) != homecoming.cash_expected


def _step(actor: User, homecoming: Homecoming, why: Why) -> bool:
    """Post it in the statement that checks that nobody has. Raises as `post`."""
    now = Homecoming.objects.select_for_update().get(pk=homecoming.pk)
    if now.posted_at is not None:
        return False
    if now.counted_at != homecoming.counted_at:
        raise CountedAgain
    if now.differs and not (why.answers and why.reason):
        raise DifferenceUnexplained
    rows = Homecoming.objects.filter(pk=homecoming.pk, posted_at=None, counted_at=now.counted_at)
    return bool(rows.update(posted_at=clock.now(), posted_by=actor, **why._asdict()))


def _record(actor: User, homecoming: Homecoming, lines: Iterable[HomecomingLine]) -> None:
    record(
        actor,
        "homecoming.posted",
        homecoming,
        rider=str(homecoming.rider),
        differences={f"{x.variant} {x.condition}": x.difference for x in lines if x.difference},
        cash=homecoming.cash_difference,
        answers=homecoming.answers,
        reason=homecoming.reason,
    )


def _lock_coming_back(station: Station, rider: User) -> list[Delivery]:
    """Lock all that the rider has out; return what is given up."""
    out = Delivery.objects.at(station).of(rider).out()
    orders = {
        order.pk: order
        for order in lock_orders(station, Order.objects.filter(deliveries__in=out.values("pk")))
    }
    found = []
    for delivery in out.filter(goes_back=True, order__in=orders).order_by("order"):
        delivery.order = orders[delivery.order_id]
        found.append(delivery)
    return found


def _lock_balances(
    station: Station, rider: User, lines: Iterable[HomecomingLine], coming_back: Iterable[Delivery]
) -> None:
    """Lock in one go what is going to be moved and held, bit by bit and in another order."""
    ordered = OrderLine.objects.filter(order__in=[each.order_id for each in coming_back])
    counted = {line.variant_id for line in lines}
    lock_stock(station, rider, {*counted, *ordered.values_list("variant", flat=True)})


def _move(actor: User, homecoming: Homecoming, lines: Iterable[HomecomingLine], why: Why) -> None:
    """Put the rider's books right against the loss, then bring home what is there."""
    station = homecoming.station
    bike = location_of(LocationKind.RIDER, station=station, person=homecoming.rider)
    home = location_of(LocationKind.STATION, station=station)
    loss = location_of(LocationKind.LOSS, station=station)
    found, missing, back = [], [], []
    for line in lines:
        variant, condition, more = line.variant, Condition(line.condition), line.difference
        found.append(Line(variant, condition, max(0, more), loss, bike))
        missing.append(Line(variant, condition, max(0, -more), bike, loss))
        back.append(Line(variant, condition, line.counted, bike, home))
    document = str(homecoming)
    ledger.post(
        actor,
        station=station,
        lines=[*found, *missing],
        reason=Reason.LOSS,
        document=document,
        note=f"{why.answers}: {why.reason}"[:240],
    )
    ledger.post(actor, station=station, lines=back, reason=Reason.RETURN, document=document)
