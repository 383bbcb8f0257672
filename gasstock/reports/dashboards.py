"""What each role sees first: which cards, and what they read.

A desk reads a thing when the first card asks for it and keeps it for the others, so a whole page
costs little more than its dearest card.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.delivery.coming import Coming, coming
from gasstock.delivery.runs import Day, day_of
from gasstock.inventory.services.alerts import Suggestion, suggest
from gasstock.inventory.services.deposits import Held, held_by
from gasstock.inventory.services.shelf import Stand, stands_of
from gasstock.inventory.yard import Yard, yard_of
from gasstock.orders.board import Lane, lanes
from gasstock.orders.models import HANDED_OVER, OPEN, Order, OrderLine
from gasstock.orders.queue import Asked, Queue
from gasstock.orders.shelf import usual_of
from gasstock.reports.cards import (
    Pace,
    Round,
    Shop,
    deliveries_of,
    pace_of,
    rounds_of,
    stations_today,
)
from gasstock.reports.needs import Need, needs_of
from gasstock.reports.signals import (
    Low,
    Signal,
    Signals,
    at_station,
    low_by_station,
    of_platform,
)

MOST_LOW = 5
MOST_TOWERS = 8
MOST_NEEDS = 8
MOST_ORDERS = 12
MOST_TO_RATE = 3


@dataclass(frozen=True)
class Card:
    """A part of the page that is read by itself; `wide` of twelve columns."""

    name: str
    title: str | Promise
    wide: int = 12
    lines: int = 4  # of its skeleton
    needs: Permission | None = None

    @property
    def key(self) -> str:
        return f"card-{self.name}"


class Desk(Protocol):
    """What a dashboard shows: its cards, and where their templates stand."""

    folder: str

    @property
    def cards(self) -> Sequence[Card]: ...


# --- A station --------------------------------------------------------------------------------

AT_STATION = (
    Card("needs", _("Needs you"), 7, 6, Permission.ORDER_VIEW),
    Card("sales", _("Sales today"), 5, 6, Permission.REPORT_VIEW),
    Card("drawer", _("Drawers"), 5, 3, Permission.SALE_MAKE),
    Card("yard", _("The yard"), 8, 8, Permission.STOCK_VIEW),
    Card("low", _("Running low"), 4, 8, Permission.STOCK_VIEW),
    Card("hours", _("Gas sold by hour"), 7, 7, Permission.REPORT_VIEW),
    Card("road", _("On the road"), 5, 7, Permission.ORDER_DISPATCH),
    Card("owed", _("Still to be paid"), 5, 4, Permission.REPORT_VIEW),
    Card("ratings", _("Latest ratings"), 7, 4, Permission.ORDER_VIEW),
)


@dataclass
class StationDesk:
    """For those who sell: managers, clerks, and admins who look in."""

    station: Station
    user: User
    folder = "station"

    @property
    def cards(self) -> list[Card]:
        """What they may see. The drawers stand below the sales, where those are shown."""
        mine = [each for each in AT_STATION if each.needs in self.station.granted]
        has_sales = Permission.REPORT_VIEW in self.station.granted
        return [each for each in mine if not (each.name == "drawer" and has_sales)]

    @cached_property
    def needs(self) -> list[Need]:
        return needs_of(self)

    @property
    def first_needs(self) -> list[Need]:
        return self.needs[:MOST_NEEDS]

    @property
    def other_needs(self) -> list[Need]:
        return self.needs[MOST_NEEDS:]

    @property
    def waiting(self) -> int:
        return sum(need.count for need in self.needs)

    @cached_property
    def lanes(self) -> list[Lane]:
        return lanes(self.station, self.user)

    @cached_property
    def deliveries(self) -> list[Any]:
        return deliveries_of(self.station)

    @cached_property
    def rounds(self) -> list[Round]:
        return rounds_of(self.deliveries)

    @property
    def riders_out(self) -> int:
        return sum(bool(each.next or each.failed) for each in self.rounds)

    @cached_property
    def signals(self) -> Signals:
        return at_station(self.station, self.user)

    @property
    def drawers(self) -> list[Signal]:
        return self.signals.of("drawer")

    @property
    def my_drawer(self) -> Signal | None:
        return next((each for each in self.drawers if each.number == self.user.pk), None)

    @cached_property
    def pace(self) -> Pace:
        return pace_of(self.station)

    @cached_property
    def stands(self) -> list[Stand]:
        """What is listed, soonest gone first."""
        stands = stands_of(self.station)
        ever = 10**6
        return sorted(
            stands, key=lambda x: (ever if x.cover.days is None else x.cover.days, x.free)
        )

    @cached_property
    def low(self) -> list[Stand]:
        return [stand for stand in self.stands if stand.has_alert]

    @property
    def orders_to_buy(self) -> list[tuple[Stand, Suggestion]]:
        """What runs low, with how much to order."""
        found = []
        for stand in self.low[:MOST_LOW]:
            stand.listing.station = self.station
            found.append((stand, suggest(stand.listing, stand=stand)))
        return found

    @property
    def more_low(self) -> int:
        return max(0, len(self.low) - MOST_LOW)

    @cached_property
    def yard(self) -> Yard:
        return yard_of(self._cylinders[:MOST_TOWERS])

    @property
    def more_towers(self) -> int:
        return max(0, len(self._cylinders) - MOST_TOWERS)

    @cached_property
    def _cylinders(self) -> list[Stand]:
        return [stand for stand in self.stands if stand.listing.variant.is_cylinder]

    @property
    def in_yard(self) -> dict[str, int]:
        here = self._cylinders
        return {
            "free": sum(stand.free for stand in here),
            "held": sum(stand.held for stand in here),
            "empties": sum(stand.empties for stand in here),
        }

    @property
    def owed(self) -> tuple[int, int]:
        return self.signals.total("owed")

    @property
    def overdue(self) -> tuple[int, int]:
        return self.signals.total("overdue")


# --- A rider ----------------------------------------------------------------------------------

OF_RIDER = (
    Card("next", _("Next stop"), lines=5),
    Card("bike", _("With you"), lines=4),
    Card("stops", _("After that"), lines=3),
    Card("done", _("Your day"), lines=2),
)


@dataclass
class RiderDesk:
    """For those who deliver. They see their load, as on their run; it is counted by others."""

    station: Station
    user: User
    folder = "rider"
    cards = OF_RIDER

    @cached_property
    def day(self) -> Day:
        return day_of(self.station, self.user)

    @property
    def on_time(self) -> int:
        return sum(not stop.order.is_late for stop in self._delivered)

    @property
    def late(self) -> int:
        return sum(stop.order.is_late for stop in self._delivered)

    @property
    def brought_back(self) -> int:
        return len(self.day.done) - self.day.delivered

    @property
    def _delivered(self) -> list[Any]:
        return [stop for stop in self.day.done if stop.delivery.status == "delivered"]


# --- The platform -----------------------------------------------------------------------------

OF_PLATFORM = (
    Card("needs", _("Needs you"), 7, 6),
    Card("sales", _("Sales today"), 5, 6),
    Card("hours", _("Gas sold by hour"), 7, 7),
    Card("stations", _("Busiest stations today"), 5, 7),
    Card("owed", _("Still to be paid"), 4, 4),
    Card("low", _("Running low"), 4, 4),
    Card("ratings", _("Latest ratings"), 4, 4),
)


@dataclass
class PlatformDesk:
    """For admins."""

    user: User
    folder = "platform"
    cards = OF_PLATFORM

    @cached_property
    def queue(self) -> Queue:
        return Queue(Asked(self.user))

    @property
    def waiting(self) -> int:
        return sum(self.queue.counts[key] for key in ("order", "invoice", "station"))

    @cached_property
    def pace(self) -> Pace:
        return pace_of()

    @cached_property
    def stations(self) -> list[Shop]:
        return stations_today()

    @cached_property
    def signals(self) -> Signals:
        return of_platform()

    @property
    def bills(self) -> list[Signal]:
        """The oldest that are overdue."""
        return self.signals.of("overdue_bill")

    @cached_property
    def low(self) -> list[Low]:
        return low_by_station()

    @property
    def owed(self) -> tuple[int, int]:
        return self.signals.total("owed")

    @property
    def overdue(self) -> tuple[int, int]:
        return self.signals.total("overdue")


# --- A buyer ----------------------------------------------------------------------------------

OF_BUYER = (
    Card("coming", _("Your gas"), lines=6),
    Card("usual", _("Order again"), lines=2),
    Card("pay", _("To pay"), lines=2),
    Card("rate", _("How was it?"), lines=2),
    Card("held", _("Your cylinders"), lines=3),
)


@dataclass
class BuyerDesk:
    """For everybody who buys."""

    user: User
    folder = "buyer"
    cards = OF_BUYER

    @cached_property
    def orders(self) -> list[Any]:
        """The latest that is not over: on its way, unpaid or not rated; `due` is left to pay."""
        left = F("total") - F("credited") - F("paid")
        bills = Invoice.objects.filter(
            Q(pk=OuterRef("invoice_id")) | Q(corrects=OuterRef("invoice_id")),
            status=InvoiceStatus.APPROVED,
        )
        due = bills.order_by().values("currency").annotate(sum=Sum(left)).values("sum")
        rows = Order.objects.of(self.user).annotate(due=Coalesce(Subquery(due), 0))
        told = Q(status__in=OPEN) | Q(due__gt=0) | Q(status__in=HANDED_OVER, rating=None)
        joined = rows.filter(told).for_cards().select_related("rating")
        return list(joined.order_by("-pk")[:MOST_ORDERS])

    @property
    def coming(self) -> list[tuple[Order, Coming | None]]:
        """What is open, soonest first: on the way, then what was tried in vain, then the rest."""
        order_of = {"dispatched": 0, "approved": 2, "placed": 3}
        found = [order for order in self.orders if order.is_open]
        pairs = list(zip(found, coming(found), strict=True))

        def place(pair: tuple[Order, Coming | None]) -> tuple[int, int]:
            order, coming = pair
            has_failed = coming is not None and coming.has_failed
            return order_of[order.status] + has_failed, order.pk

        return sorted(pairs, key=place)

    @property
    def to_pay(self) -> list[Any]:
        return [order for order in self.orders if order.due > 0]

    @property
    def to_rate(self) -> list[Any]:
        over = [order for order in self.orders if order.status in HANDED_OVER]
        return [order for order in over if not hasattr(order, "rating")][:MOST_TO_RATE]

    @cached_property
    def usual(self) -> OrderLine | None:
        return usual_of(self.user)

    @cached_property
    def held(self) -> list[Held]:
        return held_by(self.user)

    @property
    def deposit(self) -> int:
        return sum(each.amount for each in self.held)
