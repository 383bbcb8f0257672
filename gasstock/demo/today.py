"""What waits for somebody at this moment: something to do on every page, for every sign-in."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle

from django.utils import timezone

from gasstock.accounts.models import Station
from gasstock.accounts.services import apply_for_station, reject_station
from gasstock.billing.models import Method
from gasstock.demo.cast import Customer, Outlet, Registry
from gasstock.demo.market import Shop
from gasstock.demo.setting import World, application
from gasstock.demo.trade import Deal, Trade, free_of
from gasstock.orders.models import Fulfilment, LineKind
from gasstock.orders.services.carts import add_line, open_cart
from gasstock.orders.services.handover import Handed
from gasstock.orders.services.placing import Terms, Wanted

APPLICANTS = (
    Shop("Rebero Cylinder Shop", "Kicukiro", "KK 35 Ave, Rebero"),
    Shop("Bumbogo Energy Shop", "Gasabo", "KG 14 St, Bumbogo"),
)
REFUSED = Shop("Gas by the Road", "Bugesera", "RN 5, Nyamata", delivers=False)
NEW, REFILL, EXTRA = LineKind.NEW, LineKind.EXCHANGE, LineKind.ACCESSORY

Basket = list[tuple[str, LineKind, int]]


@dataclass
class Scene:
    """One order told by the minute, counted back from the end of the story."""

    trade: Trade
    end: datetime
    customer: Customer
    outlet: Outlet

    def place(
        self, ago: float, basket: Basket, *, pickup: bool = False, bank: bool = False
    ) -> "Scene":
        self._plan(ago, partial(self.place_now, basket, pickup=pickup, bank=bank))
        return self

    def place_now(self, basket: Basket, *, pickup: bool = False, bank: bool = False) -> None:
        terms = Terms(
            fulfilment=Fulfilment.PICKUP if pickup else Fulfilment.DELIVERY,
            payment_method=Method.BANK if bank else Method.CASH,
            phone=str(self.customer.user.phone),
            district="" if pickup else self.customer.district,
            address="" if pickup else self.customer.line,
        )
        wanted = [Wanted(self.outlet.listing(sku), kind, n) for sku, kind, n in basket]
        self.deal = self.trade.place(self.customer, self.outlet, wanted, terms)

    def then(self, ago: float, step: Callable[[Trade, Deal], object]) -> "Scene":
        """Plan a step, to be taken with the order that is there by then."""
        self._plan(ago, lambda: step(self.trade, self.deal))
        return self

    def until_dispatched(self, ago: float) -> "Scene":
        return self.then(ago + 15, approve).then(ago, dispatch)

    def until_delivered(self, ago: float, *, missing: int = 0) -> "Scene":
        return self.until_dispatched(ago + 30).then(ago, partial(hand_over, missing=missing))

    def _plan(self, ago: float, act: Callable[[], object]) -> None:
        self.trade.agenda.at(self.end - timedelta(minutes=ago), act)


def approve(trade: Trade, deal: Deal) -> None:
    trade.approve(deal)


def dispatch(trade: Trade, deal: Deal) -> None:
    trade.dispatch(deal, deal.outlet.riders[0])


def pay(trade: Trade, deal: Deal) -> None:
    trade.pay(deal)


def bill(trade: Trade, deal: Deal) -> None:
    trade.bill(deal)


def accept_bill(trade: Trade, deal: Deal) -> None:
    trade.check_bill(deal, may_reject=False)


def send_back(trade: Trade, deal: Deal) -> None:
    trade.reject_bill(deal, "It bills one cylinder more than was brought. Please look again.")


def rate(trade: Trade, deal: Deal) -> None:
    trade.rate(deal, 5, "On time, and he weighed it at my door without my asking.")


def hand_over(trade: Trade, deal: Deal, *, missing: int = 0) -> None:
    """All of it; `missing` empties of the first line do not come back."""
    handed = {}
    for line in deal.order.lines.order_by("pk"):
        empties = line.quantity - missing if line.kind == REFILL else 0
        handed[line.pk], missing = Handed(line.quantity, empties), 0
    trade.deliver(deal, handed)


class Today:
    """Plans the last hours of the story, most of them at the main station."""

    def __init__(self, registry: Registry, world: World, trade: Trade, end: datetime) -> None:
        self.registry, self.world, self.trade, self.end = registry, world, trade, end
        near = [x for x in world.customers if world.main in x.outlets and not x.is_kitchen]
        self.guests = cycle(near or world.customers)
        kitchens = [x for x in world.customers if x.is_kitchen]
        self.kitchens = cycle(kitchens or world.customers)

    def plan(self, days: int) -> None:
        self._plan_placed()
        self._plan_under_way()
        self._plan_to_bill()
        self._plan_buyer(days)
        self._plan_stations(days)

    def scene(self, customer: Customer | None = None, outlet: Outlet | None = None) -> Scene:
        customer = customer or next(self.guests)
        return Scene(self.trade, self.end, customer, outlet or self.world.main)

    def ago(self, days: int, hour: int, minute: int = 0) -> float:
        """How many minutes before the end it was this time of the day, `days` days ago."""
        local = timezone.localtime(self.end) - timedelta(days=days)
        then = local.replace(hour=hour, minute=minute)
        return (self.end - then).total_seconds() / 60

    def _plan_placed(self) -> None:
        """For the clerk to approve, and above the station's limit for the admin."""
        self.scene().place(4, [("SP-12", REFILL, 2)])
        self.scene().place(9, [("KIGALI-GAS-6", REFILL, 1), ("HOSE-15", EXTRA, 1)])
        self.scene().place(13, [("MERU-12", REFILL, 1)], pickup=True)
        self.scene(next(self.kitchens)).place(11, [("SP-20", REFILL, 6)], bank=True)
        for number, outlet in enumerate(self.world.outlets[1:3]):
            self.at(17 + 9 * number, partial(self._order_above_limit, outlet))

    def _plan_under_way(self) -> None:
        """To send off, to hand over at the counter, and on the moto."""
        self.scene().place(34, [("SP-6", REFILL, 1)]).then(28, approve)
        self.scene().place(47, [("KIGALI-GAS-12", NEW, 1), ("REG-20", EXTRA, 1)]).then(40, approve)
        self.scene().place(52, [("SP-12", REFILL, 1)], pickup=True).then(45, approve)
        self.scene().place(58, [("KIGALI-GAS-12", REFILL, 1)]).until_dispatched(21)
        self.scene().place(75, [("SP-12", REFILL, 1), ("SP-6", REFILL, 1)]).until_dispatched(36)

    def _plan_to_bill(self) -> None:
        """Delivered: not billed, sent back, waiting for the admin, and not paid."""
        self.scene().place(190, [("SP-12", REFILL, 1)]).until_delivered(95).then(50, pay)
        self.scene().place(150, [("KIGALI-GAS-6", REFILL, 2)]).until_delivered(70, missing=1)
        returned = self.scene().place(330, [("SP-12", REFILL, 1)]).until_delivered(240)
        returned.then(200, bill).then(110, send_back)
        self.scene().place(320, [("MERU-12", REFILL, 1)]).until_delivered(230).then(120, bill)
        paid = self.scene().place(300, [("SP-6", REFILL, 2)]).until_delivered(220)
        paid.then(150, pay).then(100, bill)
        began = self.ago(3, 10)
        unpaid = self.scene(next(self.kitchens)).place(began, [("SP-15", REFILL, 2)], bank=True)
        unpaid.until_delivered(began - 90).then(began - 200, bill).then(began - 400, accept_bill)
        began = self.ago(2, 11)
        corrected = self.scene().place(began, [("SP-6", REFILL, 2)]).then(began - 10, approve)
        corrected.then(began - 12, bill).then(began - 20, accept_bill).then(began - 30, dispatch)
        corrected.then(began - 60, partial(hand_over, missing=1)).then(began - 90, pay)
        corrected.then(began - 120, bill)

    def _plan_buyer(self, days: int) -> None:
        """Marie: two closed orders, one to rate, one on the way, and something in the cart."""
        marie = self.world.buyer
        for back, sku in ((min(19, days - 1), "SP-12"), (min(9, days - 2), "SP-6")):
            began = self.ago(back, 9, 40)
            past = self.scene(marie).place(began, [(sku, REFILL, 1)]).until_delivered(began - 70)
            past.then(began - 80, pay).then(began - 110, bill).then(began - 300, accept_bill)
            past.then(began - 320, rate)
        began = self.ago(1, 16, 50)
        unrated = self.scene(marie).place(began, [("SP-12", REFILL, 1), ("MERU-12", NEW, 1)])
        unrated.until_delivered(began - 80).then(began - 95, pay).then(began - 130, bill)
        self.scene(marie).place(41, [("SP-12", REFILL, 1)]).until_dispatched(12)
        self.at(2, self._fill_cart)

    def _plan_stations(self, days: int) -> None:
        """Two applications wait, one was refused."""
        back = min(6, days - 1)
        self.at(self.ago(back, 11), partial(self._refuse, REFUSED))
        self.at(self.ago(1, 16, 20), partial(self._apply, APPLICANTS[0]))
        self.at(95, partial(self._apply, APPLICANTS[1]))

    def at(self, ago: float, act: Callable[[], object]) -> None:
        self.trade.agenda.at(self.end - timedelta(minutes=ago), act)

    def _order_above_limit(self, outlet: Outlet) -> None:
        """Somebody wants more at once than the station may approve by itself."""
        limit, free = outlet.station.approval_limit, free_of(outlet)
        for listing in sorted(outlet.listings, key=lambda x: (-x.refill_price, x.pk)):
            count = limit // listing.refill_price + 1
            if (
                listing.is_published
                and listing.variant.is_cylinder
                and free[listing.full_id] >= count
            ):
                basket = [(listing.variant.sku, REFILL, count)]
                return self.scene(next(self.kitchens), outlet).place_now(basket, pickup=True)
        return None

    def _fill_cart(self) -> None:
        marie, other = self.world.buyer, self.world.outlets[1]
        cart = open_cart(marie.user, "")
        add_line(cart=cart, listing=self.world.main.listing("SP-12"), kind=REFILL)
        cylinders = (x for x in other.listings if x.is_published and x.variant.is_cylinder)
        if listing := next(cylinders, None):
            add_line(cart=cart, listing=listing, kind=REFILL)

    def _apply(self, shop: Shop) -> Station:
        person = self.registry.register()
        return apply_for_station(person, details=application(self.registry, shop))

    def _refuse(self, shop: Shop) -> None:
        reason = "The licence number is not in the register. Send us a photo of the paper."
        reject_station(self.world.admin, station=self._apply(shop), reason=reason)
