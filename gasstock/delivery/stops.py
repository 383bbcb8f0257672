"""An order on its way to be delivered, as the station reads it, and the people who may bring it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import FilteredRelation, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gasstock.accounts.models import Membership, Station, User
from gasstock.accounts.permissions import Role
from gasstock.core.templatetags.ui import clock_time, waiting
from gasstock.delivery.models import (
    WAITING,
    Attempt,
    Delivery,
    DeliveryStatus,
    Failure,
    Wish,
)
from gasstock.delivery.services.assigning import on_bikes, to_fetch
from gasstock.orders.models import Order
from gasstock.orders.story import on_its_day, promised

OFF_THE_LIST = (DeliveryStatus.BROUGHT_BACK, DeliveryStatus.ENDED)


# --- A stop -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Past:
    """How the last trip for an order ended, and what its buyer said to that."""

    status: str
    at: datetime
    rider: str
    wish: str = ""
    wished_from: datetime | None = None


@dataclass(frozen=True)
class Miss:
    """The last time that somebody stood at the door in vain."""

    failure: str
    at: datetime
    note: str


@dataclass(frozen=True)
class Stop:
    """An order that is to be delivered, and the trip that is made for it, if one is."""

    order: Order
    trip: Delivery | None
    past: Past | None = None
    miss: Miss | None = None

    @property
    def is_assigned(self) -> bool:
        return self.trip is not None and self.trip.status == DeliveryStatus.ASSIGNED

    @property
    def has_failed(self) -> bool:
        return self.trip is not None and self.trip.status == DeliveryStatus.FAILED

    @property
    def cylinders(self) -> int:
        return sum(x.quantity for x in self.order.lines.all() if x.variant.size_g)

    @property
    def promise(self) -> str:
        """“by 14:20”, “16:00–18:00”, “tomorrow 16:00–18:00”; "" if nothing was promised."""
        first, until = self.order.promised_from, self.order.promised_until
        if first is None or until is None:
            return promised(self.order)
        return on_its_day(first, f"{clock_time(first)}–{clock_time(until)}")

    @property
    def late(self) -> str:
        """“late by 25 min”; "" if it is not."""
        if not self.order.is_late or self.order.delivered_at:
            return ""
        return _("late by %(time)s") % {"time": waiting(self.order.promised_until)}

    @property
    def estimate(self) -> str:
        """“about 14:20”; "" if nobody said, or once somebody stood there in vain."""
        moment = self.trip.estimated_at if self.trip else None
        if moment is None or self.has_failed:
            return ""
        return on_its_day(moment, _("about %(time)s") % {"time": clock_time(moment)})

    @property
    def comes_too_late(self) -> bool:
        """Whether the estimate is after the promise."""
        moment = self.trip.estimated_at if self.trip else None
        until = self.order.promised_until
        return bool(self.estimate and moment and until and moment > until)

    @property
    def trouble(self) -> str:
        """“Nobody at home 10:02”."""
        if self.miss is None:
            return ""
        at = on_its_day(self.miss.at, clock_time(self.miss.at))
        return f"{Failure(self.miss.failure).label} {at}"

    @property
    def answer(self) -> str:
        """What the buyer said to it: “come again”, “come at 17:00”; "" if nothing yet."""
        said = self.trip or self.past
        if said is None or not said.wish:
            return ""
        if said.wish == Wish.LATER and said.wished_from:
            at = _("at %(time)s") % {"time": clock_time(said.wished_from)}
            return _("come %(when)s") % {"when": on_its_day(said.wished_from, at)}
        return _("come again")

    @property
    def came_back(self) -> str:
        """“Eric brought it back 10:40”, “Taken off Eric’s list 10:40”."""
        if self.past is None or self.trip:
            return ""
        time = on_its_day(self.past.at, clock_time(self.past.at))
        values = {"rider": self.past.rider.partition(" ")[0], "time": time}
        if self.past.status == DeliveryStatus.BROUGHT_BACK:
            return _("%(rider)s brought it back %(time)s") % values
        return _("Taken off %(rider)s’s list %(time)s") % values


def with_trips(orders: QuerySet[Order]) -> QuerySet[Order]:
    """With the running trip, how the last one ended and the last attempt, in the same query."""
    gone = Delivery.objects.filter(order=OuterRef("pk"), status__in=OFF_THE_LIST).order_by("-pk")
    back = gone.filter(status=DeliveryStatus.BROUGHT_BACK)
    attempts = Attempt.objects.filter(delivery__order=OuterRef("pk")).order_by("-pk")
    return orders.annotate(
        running=FilteredRelation("deliveries", condition=Q(deliveries__status__in=WAITING)),
        past_status=Subquery(gone.values("status")[:1]),
        past_at=Subquery(gone.values("ended_at")[:1]),
        past_rider=Subquery(gone.values("rider__name")[:1]),
        past_wish=Subquery(back.values("wish")[:1]),
        past_wished_from=Subquery(back.values("wished_from")[:1]),
        failure=Subquery(attempts.values("failure")[:1]),
        failed_at=Subquery(attempts.values("created_at")[:1]),
        failure_note=Subquery(attempts.values("note")[:1]),
    ).select_related("running__rider")  # type: ignore[misc]


def stop_of(order: Any) -> Stop:
    """The stop of an order that comes with what `with_trips` adds."""
    past = miss = None
    if order.past_at:
        said = order.past_wish or "", order.past_wished_from
        past = Past(order.past_status, order.past_at, order.past_rider, *said)
    if order.failure:
        miss = Miss(order.failure, order.failed_at, order.failure_note)
    return Stop(order, getattr(order, "running", None), past, miss)


def stops_of(orders: Iterable[Order]) -> dict[int, Stop]:
    """The stops of these orders, by order; one query."""
    rows = with_trips(Order.objects.filter(pk__in=[order.pk for order in orders]))
    return {row.pk: stop_of(row) for row in rows}


# --- Who carries ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Carrier:
    """Somebody of the station's team: `load` cylinders on the bike, or to fetch, of `limit`.

    Without a limit they carry as much as they like. `trip` is what they were to bring for the
    order that was asked about.
    """

    person: User
    load: int
    limit: int | None
    is_rider: bool
    trip: Delivery | None = None

    @property
    def words(self) -> str:
        if self.limit is None:
            text = ngettext("%(load)s cylinder", "%(load)s cylinders", self.load)
            return text % {"load": self.load}
        return _("%(load)s of %(limit)s cylinders") % {"load": self.load, "limit": self.limit}


def carriers(station: Station, order: Order | None = None) -> list[Carrier]:
    """Everybody who may take deliveries along, riders first; one query."""
    on_bike = on_bikes(station).filter(location__person=OuterRef("user"))
    waits = to_fetch(station).filter(rider=OuterRef("user"))
    asked = Q(user__deliveries__order=order) & ~Q(user__deliveries__status="ended")
    rows = Membership.objects.filter(station=station, user__is_active=True).annotate(
        on_bike=_sum(on_bike, "location__person", "on_hand"),
        waits=_sum(waits, "rider", "order__lines__quantity"),
        trip=FilteredRelation("user__deliveries", condition=asked),
    )
    rows = rows.select_related("user", "trip")  # type: ignore[misc]
    found = {
        row.user_id: Carrier(
            row.user,
            row.on_bike + row.waits,
            row.load_limit,
            row.role == Role.RIDER,
            getattr(row, "trip", None),
        )
        for row in rows.order_by("user__name", "user", "trip")
    }
    return sorted(found.values(), key=lambda each: not each.is_rider)


def _sum(rows: QuerySet[Any], of: str, what: str) -> Coalesce:
    sums = rows.order_by().values(of).annotate(sum=Sum(what)).values("sum")
    return Coalesce(Subquery(sums), 0)


def stop_among(order: Order, people: Iterable[Carrier]) -> Stop:
    """The stop of an order that nobody has left with, from `carriers(station, order)`."""
    trips = [(each.trip, each.person) for each in people if each.trip]
    if not trips:
        return Stop(order, None)
    trip, rider = max(trips, key=lambda pair: pair[0].pk)
    if trip.ended_at is None:
        trip.rider = rider
        return Stop(order, trip)
    return Stop(
        order, None, Past(trip.status, trip.ended_at, rider.name, trip.wish, trip.wished_from)
    )
