"""A delivery as the buyer reads it: who brings it, when, what went wrong, what was answered."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gasstock.accounts.models import User
from gasstock.core import clock
from gasstock.core.templatetags.ui import clock_time
from gasstock.delivery.models import (
    WAITING,
    Attempt,
    Delivery,
    DeliveryStatus,
    Failure,
    Wish,
)
from gasstock.orders.models import Order, OrderStatus
from gasstock.orders.story import on_its_day, promised

GRACE = timedelta(minutes=15)  # “about 14:20” is not wrong at 14:30

WHY = {
    Failure.ABSENT: gettext_lazy("Nobody was at home"),
    Failure.ADDRESS: gettext_lazy("The address could not be found"),
    Failure.REFUSED: gettext_lazy("The gas was not taken at the door"),
    Failure.VEHICLE: gettext_lazy("There was trouble with the bike"),
    Failure.UNSAFE: gettext_lazy("It was not safe to come"),
}


class Trip(NamedTuple):
    """A delivery, and the last time that it was tried in vain."""

    delivery: Delivery
    failure: str | None
    failed_at: datetime | None

    @property
    def why(self) -> str:
        return str(WHY[Failure(self.failure)]) if self.failure else ""


@dataclass(frozen=True)
class Coming:
    """An order that is to be delivered, and its trips that were not called off, latest first."""

    order: Order
    trips: list[Trip]

    @property
    def latest(self) -> Delivery | None:
        return self.trips[0].delivery if self.trips else None

    @property
    def rider(self) -> User | None:
        """Who brings it; nobody before it is assigned, and once it is back at the station."""
        trip = self.latest
        return trip.rider if trip and trip.status in WAITING else None

    @property
    def failed(self) -> Trip | None:
        """The trip that failed, until the gas leaves again: its buyer may say when to come."""
        for trip in self.trips:
            if trip.delivery.departed_at:
                return trip if _waits_for_an_answer(trip.delivery, self.order) else None
        return None

    @property
    def has_failed(self) -> bool:
        """Whether that is where it stands now, and nobody is to bring it yet."""
        return self.failed is not None and self.failed.delivery == self.latest

    @property
    def is_still_out(self) -> bool:
        """Whether the rider can come again without going home first."""
        trip = self.failed
        return bool(trip and self.rider == trip.delivery.rider and not trip.delivery.goes_back)

    @property
    def answer(self) -> str:
        """“Come tomorrow between 16:00 and 18:00”; "" as long as there is none."""
        wish = self.failed.delivery.wish if self.failed else Wish.NONE
        if wish == Wish.LATER:
            return _("Come %(when)s") % {"when": self.promise}
        return _("Come as soon as you can") if wish == Wish.TRY_AGAIN else ""

    @property
    def when(self) -> str:
        """“about 14:20”, “by 15:00”; "" if it failed and nobody said when to come."""
        if self.failed and self.has_failed and self.failed.delivery.wish != Wish.LATER:
            return ""
        return self.estimate or self.promise

    @property
    def estimate(self) -> str:
        """When the station thinks it comes. A try in vain makes that worth nothing."""
        if not self.trips or self.trips[0].failure:
            return ""
        trip = self.trips[0].delivery
        if trip.estimated_at is None or trip.estimated_at + GRACE < clock.now():
            return ""
        words = _("about %(time)s") % {"time": clock_time(trip.estimated_at)}
        return on_its_day(trip.estimated_at, words)

    @property
    def promise(self) -> str:
        return promised(self.order)

    @property
    def is_late(self) -> bool:
        """Whether it should be there by now, and no try in vain is why it is not."""
        is_waited_for = self.order.status != OrderStatus.PLACED and not self.has_failed
        return is_waited_for and self.order.is_late


def _waits_for_an_answer(trip: Delivery, order: Order) -> bool:
    is_back = trip.status == DeliveryStatus.BROUGHT_BACK and order.status == OrderStatus.APPROVED
    return is_back or trip.status == DeliveryStatus.FAILED


def coming(orders: Iterable[Order]) -> list[Coming | None]:
    """For each order how it comes, or None if it does not come any more; one query."""
    orders = list(orders)
    trips = _trips([order for order in orders if _comes(order)])
    return [Coming(order, trips[order.pk]) if _comes(order) else None for order in orders]


def _comes(order: Order) -> bool:
    return order.is_open and order.is_delivery


def _trips(orders: list[Order]) -> dict[int, list[Trip]]:
    rows = Delivery.objects.filter(order__in=orders).exclude(status=DeliveryStatus.ENDED)
    last = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")
    rows = rows.annotate(
        failure=Subquery(last.values("failure")[:1]),
        failed_at=Subquery(last.values("created_at")[:1]),
    )
    trips: dict[int, list[Trip]] = defaultdict(list)
    for each in rows.select_related("rider").order_by("-pk"):
        trips[each.order_id].append(Trip(each, each.failure, each.failed_at))
    return trips
