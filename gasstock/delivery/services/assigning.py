"""Who brings what: giving orders to riders, before anything leaves.

Locks, here and in `running` and `homecoming`: the rider's membership, orders in primary-key
order, then the rest. An order's lock stands for its delivery too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Case, Max, QuerySet, Sum, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gasstock.accounts.models import Membership, Station, User
from gasstock.audit.services import record
from gasstock.core import clock
from gasstock.delivery.errors import DeliveryIsAlready, NotToDeliver, TooMuchToCarry
from gasstock.delivery.models import Delivery, DeliveryQuerySet, DeliveryStatus
from gasstock.inventory.models import Balance, Condition, LocationKind
from gasstock.notifications.services import notify
from gasstock.orders.errors import NotOfTheTeam, WrongStatus
from gasstock.orders.models import Order, OrderStatus
from gasstock.orders.services.life import dispatch_order


@transaction.atomic
def assign(
    actor: User,
    *,
    station: Station,
    orders: Iterable[Order],
    rider: User,
    note: str = "",
    estimated_at: datetime | None = None,
) -> list[Delivery]:
    """Put approved orders on the rider's list, or move them there from another rider's.

    A `note` or estimate that is not given stays as it was. Raises NotOfTheTeam, NotToDeliver,
    WrongStatus (what is out has to come back first) and TooMuchToCarry.
    """
    if not _works_here(station, rider):
        raise NotOfTheTeam(str(rider))
    given = _give(actor, station, orders, rider, note, estimated_at)
    if given and rider != actor:
        text = ngettext(
            "%(station)s has %(count)s delivery for you.",
            "%(station)s has %(count)s deliveries for you.",
            len(given),
        )
        _tell(rider, station, "run.assigned", text % {"station": station, "count": len(given)})
    return given


@transaction.atomic
def send(
    actor: User,
    *,
    order: Order,
    rider: User | None = None,
    note: str = "",
    estimated_at: datetime | None = None,
) -> Delivery:
    """Assign the order and let it leave at once; without a rider, `actor` carries it.

    Raises as `assign`.
    """
    rider = rider or actor
    if rider != actor and not _works_here(order.station, rider):
        raise NotOfTheTeam(str(rider))
    [delivery] = _give(actor, order.station, [order], rider, note, estimated_at)
    dispatch_order(actor, order=order, rider=rider)
    delivery.refresh_from_db()
    return delivery


def _works_here(station: Station, rider: User) -> bool:
    return Membership.objects.filter(station=station, user=rider, user__is_active=True).exists()


def _give(
    actor: User,
    station: Station,
    orders: Iterable[Order],
    rider: User,
    note: str,
    estimated_at: datetime | None,
) -> list[Delivery]:
    limit = lock_rider(station, rider)
    place = last_position(station, rider)
    given = []
    for order in sorted(lock_orders(station, orders), key=_by_promise):
        place += 1
        given.append(_give_one(actor, order, rider, place, note, estimated_at))
    carried = loads_of(station)[rider.pk]
    if limit is not None and carried > limit and given:
        raise TooMuchToCarry(rider, limit, carried)
    return given


def lock_rider(station: Station, rider: User) -> int | None:
    """Keep others from giving to this rider, or counting them in; return what they carry."""
    locked = Membership.objects.select_for_update().filter(station=station, user=rider)
    return locked.values_list("load_limit", flat=True).first()


def _by_promise(order: Order) -> tuple[datetime, int]:
    return order.promised_until or order.placed_at, order.pk


def _give_one(
    actor: User,
    order: Order,
    rider: User,
    place: int,
    note: str,
    estimated_at: datetime | None,
) -> Delivery:
    if not order.is_delivery:
        raise NotToDeliver(order)
    if order.status != OrderStatus.APPROVED:
        raise WrongStatus(order)
    before = Delivery.objects.filter(order=order, status=DeliveryStatus.ASSIGNED)
    delivery = before.select_related("rider").first()
    former = delivery.rider if delivery else None
    if delivery is None:
        delivery = Delivery(order=order, station=order.station)
    if former != rider:
        delivery.position = place
    delivery.rider, delivery.assigned_by, delivery.assigned_at = rider, actor, clock.now()
    delivery.note = note.strip() or delivery.note
    delivery.estimated_at = estimated_at or delivery.estimated_at
    delivery.save()
    record(actor, "delivery.assigned", delivery, order=order.number, rider=str(rider))
    if former and former not in (rider, actor):
        text = _("Order %(order)s is not yours any more.") % {"order": order}
        _tell(former, order.station, "run.moved", text)
    return delivery


def lock_orders(station: Station, orders: Iterable[Order]) -> list[Order]:
    """Fetch these orders of the station afresh, and keep others from taking a step with them."""
    rows = Order.objects.select_for_update(of=("self",)).at(station)
    rows = rows.select_related("station", "buyer", "invoice", "rider")
    return list(rows.filter(pk__in={order.pk for order in orders}).order_by("pk"))


def loads_of(station: Station) -> Counter[int]:
    """How many full cylinders each rider (pk) has or is to fetch; two queries.

    What a buyer left on the bike counts: it takes its place until it is home.
    """
    loads: Counter[int] = Counter()
    for rider, count in (
        *on_bikes(station).values_list("location__person").annotate(Sum("on_hand")).order_by(),
        *to_fetch(station).values_list("rider").annotate(Sum("order__lines__quantity")).order_by(),
    ):
        loads[rider] += count
    return loads


def on_bikes(station: Station) -> QuerySet[Balance]:
    """The full cylinders that riders have."""
    return Balance.objects.filter(
        location__station=station,
        location__kind=LocationKind.RIDER,
        condition=Condition.FULL,
        variant__size_g__isnull=False,
    )


def to_fetch(station: Station) -> DeliveryQuerySet:
    """The deliveries that wait in the yard for their riders, joined to their cylinders' lines."""
    return Delivery.objects.at(station).filter(
        status=DeliveryStatus.ASSIGNED, order__lines__variant__size_g__isnull=False
    )


@transaction.atomic
def unassign(actor: User, *, delivery: Delivery) -> Delivery:
    """Take it off the rider's list; the order waits for another. Raises DeliveryIsAlready."""
    lock_orders(delivery.station, [delivery.order])
    rows = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.ASSIGNED)
    changed = rows.update(status=DeliveryStatus.ENDED, ended_at=clock.now())
    delivery.refresh_from_db()
    if not changed:
        raise DeliveryIsAlready(delivery)
    record(actor, "delivery.unassigned", delivery, rider=str(delivery.rider))
    if delivery.rider != actor:
        text = _("Order %(order)s is not yours any more.") % {"order": delivery.order}
        _tell(delivery.rider, delivery.station, "run.moved", text)
    return delivery


@transaction.atomic
def reorder(actor: User, *, station: Station, rider: User, deliveries: Sequence[Delivery]) -> None:
    """Put the rider's list in this order. What is over, or another rider's, is left alone."""
    places = {delivery.pk: place for place, delivery in enumerate(deliveries, start=1)}
    mine = Delivery.objects.at(station).of(rider).waiting().filter(pk__in=places)
    lock_orders(station, Order.objects.filter(deliveries__in=mine.values("pk")))
    pks = list(mine.order_by("pk").values_list("pk", flat=True))
    if not pks:
        return
    column = Delivery._meta.get_field("position")
    place = Case(*(When(pk=pk, then=Value(places[pk])) for pk in pks), output_field=column)
    Delivery.objects.filter(pk__in=pks).update(position=place)
    record(actor, "rider.reordered", rider, deliveries=sorted(pks, key=places.__getitem__))


def last_position(station: Station, rider: User) -> int:
    """The place at the end of the rider's list."""
    waiting = Delivery.objects.at(station).of(rider).waiting()
    return waiting.aggregate(last=Max("position"))["last"] or 0


def _tell(rider: User, station: Station, kind: str, text: str) -> None:
    url = reverse("delivery:runs", args=[station.slug])
    notify([rider], kind=kind, text=text, url=url, subject=text, body=text)
