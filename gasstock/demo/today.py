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
from gasstock.core import clock
from gasstock.delivery.models import Failure, Wish
from gasstock.demo.agenda import CLOSES, OPENS
from gasstock.demo.cast import Customer, Outlet, Registry
from gasstock.demo.market import Shop
from gasstock.demo.picture import at_the_gate
from gasstock.demo.road import Deal
from gasstock.demo.setting import World, application
from gasstock.demo.trade import Trade, free_of
from gasstock.inventory.models import Condition
from gasstock.orders.models import Fulfilment, LineKind
from gasstock.orders.services.carts import add_line, open_cart
from gasstock.orders.services.handover import Handed
from gasstock.orders.services.placing import Terms, Wanted
from gasstock.orders.services.promises import coming

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
        self,
        ago: float,
        basket: Basket,
        *,
        pickup: bool = False,
        bank: bool = False,
        slot: bool = False,
    ) -> "Scene":
        """With a `slot`, for the station's next delivery hours."""
        act = partial(self.place_now, basket, pickup=pickup, bank=bank, slot=slot)
        self._plan(ago, act)
        return self

    def place_now(
        self, basket: Basket, *, pickup: bool = False, bank: bool = False, slot: bool = False
    ) -> None:
        terms = Terms(
            fulfilment=Fulfilment.PICKUP if pickup else Fulfilment.DELIVERY,
            payment_method=Method.BANK if bank else Method.CASH,
            phone=str(self.customer.user.phone),
            district="" if pickup else self.customer.district,
            address="" if pickup else self.customer.line,
            slots=coming(self.outlet.station)[:1] if slot else (),
        )
        wanted = [Wanted(self.outlet.listing(sku), kind, n) for sku, kind, n in basket]
        self.deal = self.trade.place(self.customer, self.outlet, wanted, terms)

    def then(self, ago: float, step: Callable[[Trade, Deal], object]) -> "Scene":
        """Plan a step, to be taken with the order that is there by then."""
        self._plan(ago, lambda: step(self.trade, self.deal))
        return self

    def until_assigned(self, ago: float, *, rider: int = 0, note: str = "") -> "Scene":
        """Onto the list of the station's first rider, or another one."""
        return self.then(ago + 9, approve).then(ago, partial(assign, rider=rider, note=note))

    def until_out(self, ago: float, *, rider: int = 0) -> "Scene":
        return self.until_assigned(ago + 6, rider=rider).then(ago, depart)

    def until_delivered(
        self, ago: float, *, rider: int = 0, missing: int = 0, pays: bool = False
    ) -> "Scene":
        at_the_door = partial(hand_over, missing=missing, pays=pays)
        return self.until_out(ago + 30, rider=rider).then(ago, at_the_door)

    def _plan(self, ago: float, act: Callable[[], object]) -> None:
        self.trade.agenda.at(self.end - timedelta(minutes=ago), act)


def approve(trade: Trade, deal: Deal) -> None:
    trade.approve(deal)


def assign(trade: Trade, deal: Deal, *, rider: int = 0, note: str = "") -> None:
    riders, soon = deal.outlet.riders, clock.now() + timedelta(minutes=50)
    who = trade.road.free_rider(deal, riders[min(rider, len(riders) - 1)])
    trade.road.assign(deal, who or riders[0], note=note, estimated_at=soon)


def depart(trade: Trade, deal: Deal) -> None:
    trade.road.depart(deal)


def fail(
    trade: Trade, deal: Deal, *, failure: Failure, note: str = "", goes_back: bool = False
) -> None:
    trade.road.fail(deal, failure, note=note, goes_back=goes_back)


def try_again(trade: Trade, deal: Deal) -> None:
    trade.road.try_again(deal)


def come_again(trade: Trade, deal: Deal) -> None:
    trade.road.answer(deal, Wish.TRY_AGAIN)


def come_later(trade: Trade, deal: Deal) -> None:
    """Four hours from now, or tomorrow if that is late."""
    then = timezone.localtime(clock.now()) + timedelta(hours=5)
    if not OPENS < then.hour < CLOSES - 1:
        then = (then + timedelta(hours=CLOSES - OPENS)).replace(hour=OPENS + 3)
    trade.road.answer(deal, Wish.LATER, then.replace(minute=0, second=0, microsecond=0))


def bill(trade: Trade, deal: Deal) -> None:
    trade.bill(deal)


def accept_bill(trade: Trade, deal: Deal) -> None:
    trade.check_bill(deal, may_reject=False)


def send_back(trade: Trade, deal: Deal) -> None:
    trade.reject_bill(deal, "It bills one cylinder more than was brought. Please look again.")


def rate(trade: Trade, deal: Deal) -> None:
    trade.rate(deal, 5, "On time, and he weighed it at my door without my asking.")


def hand_over(
    trade: Trade,
    deal: Deal,
    *,
    missing: int = 0,
    short: int = 0,
    pays: bool = False,
    photo: bool = False,
) -> None:
    """All but so many of the first line: full ones stay on the bike, empties with the buyer."""
    handed = {}
    for line in deal.order.lines.order_by("pk"):
        full = line.quantity - short
        handed[line.pk] = Handed(full, full - missing if line.kind == REFILL else 0)
        missing = short = 0
    trade.deliver(deal, handed, pays=pays, photo=at_the_gate() if photo else None)


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
        self._plan_to_send()
        self._plan_yesterday()
        self._plan_first_rider()
        self._plan_other_riders()
        self._plan_to_bill()
        self._plan_buyer(days)
        self._plan_stations(days)

    def scene(self, customer: Customer | None = None, outlet: Outlet | None = None) -> Scene:
        """One with somebody who buys at the main station, or with `customer` at `outlet`."""
        customer = customer or next(self.guests)
        return Scene(self.trade, self.end, customer, outlet or self.world.main)

    def scene_in(self, district: str) -> Scene:
        """One with somebody who lives there, if anybody does."""
        known = [x for x in self.world.customers if self.world.main in x.outlets]
        there = (x for x in known if x.district == district and not x.is_kitchen)
        return self.scene(next(there, None))

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

    def _plan_to_send(self) -> None:
        """For the clerk to give to a rider, here and in other districts, and to a buyer."""
        self.scene().place(34, [("SP-6", REFILL, 1)]).then(28, approve)
        new = [("KIGALI-GAS-12", NEW, 1), ("REG-20", EXTRA, 1)]
        self.scene_in("Kicukiro").place(47, new).then(40, approve)
        self.scene_in("Nyarugenge").place(64, [("MERU-12", REFILL, 2)]).then(55, approve)
        self.scene_in("Kicukiro").place(158, [("SP-12", REFILL, 1)]).then(150, approve)
        self.scene().place(73, [("KIGALI-GAS-6", REFILL, 1)], slot=True).then(66, approve)
        self.scene().place(52, [("SP-12", REFILL, 1)], pickup=True).then(45, approve)

    def _plan_yesterday(self) -> None:
        """Nobody opened to the second rider twice, and then the tyre was flat."""
        for hour, sku in ((14, "MERU-12"), (15, "KIGALI-GAS-6")):
            began = self.ago(1, hour, 20)
            vain = self.scene().place(began, [(sku, REFILL, 1)]).until_out(began - 40, rider=1)
            absent = partial(fail, failure=Failure.ABSENT, note="Called twice.", goes_back=True)
            vain.then(began - 75, absent)
        vain.then(100, come_later)
        began = self.ago(1, 16, 10)
        flat = self.scene().place(began, [("SP-15", REFILL, 1)]).until_out(began - 50, rider=1)
        note = "Flat tyre at Zindiro. I bring it in the morning."
        flat.then(began - 80, partial(fail, failure=Failure.VEHICLE, note=note))

    def _plan_first_rider(self) -> None:
        """On the road with some, in vain at some doors, and the next trip waits."""
        main = self.world.main
        self.at(self.ago(1, 15), partial(self.trade.road.resting.add, main.riders[0].pk))
        self.scene().place(58, [("KIGALI-GAS-12", REFILL, 1)]).until_out(21)
        self.scene().place(75, [("SP-12", REFILL, 1), ("SP-6", REFILL, 1)]).until_out(36)
        again = self.scene().place(112, [("SP-6", REFILL, 1)]).until_out(70)
        again.then(40, partial(fail, failure=Failure.ABSENT, note="The gate is shut."))
        again.then(15, come_again)
        back = self.scene().place(128, [("KIGALI-GAS-6", REFILL, 1)]).until_out(88)
        no = partial(fail, failure=Failure.REFUSED, note="Bought one nearby.", goes_back=True)
        back.then(52, no)
        self.scene().place(40, [("SP-12", REFILL, 2)]).until_assigned(6)

    def _plan_other_riders(self) -> None:
        """The second is about to leave; the third is back, and the count waits to be posted."""
        here = self.scene_in("Kicukiro")
        note = "No bell: call at the gate."
        here.place(66, [("MERU-12", REFILL, 1)]).until_assigned(22, rider=1, note=note)
        there = self.scene_in("Nyarugenge").place(57, [("KIGALI-GAS-12", REFILL, 2)])
        there.until_assigned(21, rider=1)
        main = self.world.main
        self.at(self.ago(1, 12), partial(self.trade.road.resting.add, main.riders[-1].pk))
        self.scene().place(215, [("SP-6", REFILL, 1)]).until_delivered(150, rider=2, pays=True)
        part = self.scene().place(205, [("SP-12", REFILL, 2)]).until_out(160, rider=2)
        part.then(131, partial(hand_over, short=1, pays=True))
        new = self.scene().place(208, [("MERU-12", NEW, 1), ("MERU-12", REFILL, 1)])
        new.until_delivered(118, rider=2, pays=True)
        self.at(24, self._count_last_rider)

    def _count_last_rider(self) -> None:
        """One empty and a little cash are missing."""
        main, road = self.world.main, self.trade.road
        load, cash = road.on_the_bike(main, main.riders[-1])
        load[next(key for key in load if key[1] == Condition.EMPTY)] -= 1
        road.count(main, main.riders[-1], load, cash - 1_000)

    def _plan_to_bill(self) -> None:
        """Delivered: not billed, sent back, waiting for the admin, and not paid."""
        second = self.scene().place(190, [("SP-12", REFILL, 1)]).until_out(150)
        second.then(131, partial(fail, failure=Failure.ADDRESS, note="It is the other street."))
        second.then(110, try_again).then(95, partial(hand_over, pays=True, photo=True))
        self.scene().place(150, [("KIGALI-GAS-6", REFILL, 2)]).until_delivered(70, missing=1)
        returned = self.scene().place(330, [("SP-12", REFILL, 1)]).until_delivered(240)
        returned.then(200, bill).then(110, send_back)
        self.scene().place(320, [("MERU-12", REFILL, 1)]).until_delivered(230).then(120, bill)
        paid = self.scene().place(300, [("SP-6", REFILL, 2)]).until_delivered(220, pays=True)
        paid.then(100, bill)
        began = self.ago(3, 10)
        unpaid = self.scene(next(self.kitchens)).place(began, [("SP-15", REFILL, 2)], bank=True)
        unpaid.until_delivered(began - 90).then(began - 200, bill).then(began - 400, accept_bill)
        began = self.ago(2, 11)
        corrected = self.scene().place(began, [("SP-6", REFILL, 2)]).until_out(began - 30)
        corrected.then(began - 18, bill).then(began - 26, accept_bill)
        corrected.then(began - 60, partial(hand_over, missing=1, pays=True))
        corrected.then(began - 120, bill)

    def _plan_buyer(self, days: int) -> None:
        """Marie: two closed orders, one to rate, one on the way, one missed, and a cart."""
        marie = self.world.buyer
        for back, sku in ((min(19, days - 1), "SP-12"), (min(9, days - 2), "SP-6")):
            began = self.ago(back, 9, 40)
            past = self.scene(marie).place(began, [(sku, REFILL, 1)])
            past.until_delivered(began - 70, pays=True)
            past.then(began - 110, bill).then(began - 300, accept_bill)
            past.then(began - 320, rate)
        began = self.ago(1, 16, 50)
        unrated = self.scene(marie).place(began, [("SP-12", REFILL, 1), ("MERU-12", NEW, 1)])
        unrated.until_delivered(began - 80, pays=True).then(began - 130, bill)
        failed = self.scene(marie).place(96, [("SP-6", REFILL, 1)]).until_out(44)
        failed.then(9, partial(fail, failure=Failure.ABSENT, note="Rang twice, called once."))
        self.scene(marie).place(41, [("SP-12", REFILL, 1)]).until_out(12)
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
