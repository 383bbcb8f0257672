"""Where the gas comes from: suppliers and their trucks, other stations, and what a count finds."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from gasstock.core import clock
from gasstock.demo import people
from gasstock.demo.cast import Outlet
from gasstock.demo.market import DEPOTS, Depot
from gasstock.demo.setting import SCARCE, World
from gasstock.demo.trade import Trade
from gasstock.inventory.models import Balance, Condition, Listing, Transfer
from gasstock.inventory.services.journeys import (
    receive_transfer,
    send_transfer,
    write_off_transfer,
)
from gasstock.inventory.services.stocktakes import (
    approve_count,
    finish_count,
    save_counts,
    start_count,
)
from gasstock.inventory.services.transfers import Wish, agree_transfer, ask_transfer
from gasstock.purchasing.models import PurchaseKind, PurchaseOrder, Supplier
from gasstock.purchasing.services.offers import empties_at
from gasstock.purchasing.services.orders import Wanted, draft_order, submit_order
from gasstock.purchasing.services.receiving import Came, receive_goods
from gasstock.purchasing.services.suppliers import add_supplier

MARGIN = 12  # of a hundred: what a station earns on a refill


class Supply:
    def __init__(self, trade: Trade, world: World, end: datetime) -> None:
        self.trade, self.world, self.end = trade, world, end
        self.agenda, self.dice = trade.agenda, trade.dice
        self._suppliers: dict[int, list[Supplier]] = {}  # by the station's pk
        self._receipts = 0

    def plan(self, days: list[datetime]) -> None:
        """Trucks come twice a week; at the main station something of each kind waits today."""
        for number, outlet in enumerate(self.world.outlets):
            at = days[0] + timedelta(minutes=20 + number)
            self.agenda.at(at, partial(self._meet_suppliers, outlet))
            for day in days[1:]:
                if day.weekday() in (1, 4):
                    self.agenda.at(day.replace(hour=9), partial(self._restock, outlet))
        main, others = self.world.main, self.world.outlets[1:]
        back = min(8, len(days) - 1)
        self.agenda.at(self._ago(back, 19), partial(self._count, main, is_approved=True))
        if others:
            self.agenda.at(self._ago(back - 1, 10), partial(self._lend, others[0], main, lost=1))
            self.agenda.at(self._ago(1, 15), partial(self._send, others[0], main))
            self.agenda.at(self.end - timedelta(minutes=55), partial(self._ask, others[-1], main))
        self.agenda.at(self.end - timedelta(minutes=100), partial(self._order_today, main))
        self.agenda.at(self.end - timedelta(minutes=70), partial(self._count, main))

    def _ago(self, days: int, hour: int) -> datetime:
        local = timezone.localtime(self.end) - timedelta(days=days)
        return local.replace(hour=hour, minute=10, second=0, microsecond=0)

    # --- Suppliers ----------------------------------------------------------------------------

    def _meet_suppliers(self, outlet: Outlet) -> None:
        self._suppliers[outlet.station.pk] = [self._meet(outlet, depot) for depot in DEPOTS]

    def _meet(self, outlet: Outlet, depot: Depot) -> Supplier:
        return add_supplier(
            outlet.manager,
            station=outlet.station,
            name=depot.name,
            contact=depot.contact,
            phone=depot.phone,
            email=depot.email,
            address=depot.address,
        )

    def _restock(self, outlet: Outlet) -> None:
        """Order what is half gone; the truck comes the next morning."""
        if order := self._order(outlet, [x for x in outlet.listings if self._is_half_gone(x)]):
            self.agenda.soon(20 * 60, 26 * 60, partial(self._receive, outlet, order))

    def _is_half_gone(self, listing: Listing) -> bool:
        if listing.variant.sku in SCARCE:
            return False
        full = Balance.objects.get(pk=listing.full_id)
        return full.available < 2 * listing.reorder_level

    def _order(self, outlet: Outlet, listings: list[Listing]) -> PurchaseOrder | None:
        if not listings:
            return None
        empties = empties_at(outlet.station)
        order = draft_order(
            outlet.manager,
            station=outlet.station,
            supplier=self.dice.choice(self._suppliers[outlet.station.pk]),
            lines=[self._wanted(x, empties) for x in listings],
            expected_on=timezone.localdate(clock.now()) + timedelta(days=1),
        )
        return submit_order(outlet.manager, order=order)

    def _wanted(self, listing: Listing, empties: dict[int, int]) -> Wanted:
        """Up to twice what is sold in a week, and the empties there are to send along."""
        count = 5 * (1 + 4 * listing.reorder_level // 5)
        is_gas = listing.variant.is_cylinder
        return Wanted(
            variant=listing.variant,
            kind=PurchaseKind.REFILL if is_gas else PurchaseKind.GOODS,
            quantity=count,
            unit_cost=listing.refill_price * (100 - MARGIN) // 100 // 10 * 10,
            empties=min(count, empties.get(listing.variant_id, 0)) if is_gas else 0,
        )

    def _receive(self, outlet: Outlet, order: PurchaseOrder) -> None:
        """Mostly all of it; now and then one is refused, or the rest comes on the next truck."""
        is_part = self.dice.random() < 0.12
        self.receive(outlet, order, is_part=is_part, is_torn=self.dice.random() < 0.15)
        if is_part:
            again = partial(self.receive, outlet, order, is_part=False, is_torn=False)
            self.agenda.soon(22 * 60, 30 * 60, again)

    def receive(
        self, outlet: Outlet, order: PurchaseOrder, *, is_part: bool, is_torn: bool
    ) -> None:
        self._receipts += 1
        there = Counter(empties_at(outlet.station))
        came: list[Came] = []
        for line in order.lines.order_by("pk"):
            count = line.to_come // 2 if is_part else line.to_come
            torn = 1 if is_torn and count > 1 and not came else 0
            out = min(line.empties - line.empties_sent, count, there[line.variant_id])
            there[line.variant_id] -= out
            came.append(
                Came(
                    line=line.pk,
                    accepted=count - torn,
                    rejected=torn,
                    reason=self.dice.choice(people.TORN) if torn else "",
                    empties_out=out,
                )
            )
        receive_goods(
            outlet.clerks[0],
            order=order,
            lines=came,
            key=f"demo-{self._receipts}",
            delivery_note=f"DN {self.dice.randint(1_000, 9_999)}",
        )

    def _order_today(self, main: Outlet) -> None:
        """One order of which half came this morning, and a draft."""
        gas = [x for x in main.listings if x.variant.is_cylinder]
        if order := self._order(main, gas[:3]):
            self.receive(main, order, is_part=True, is_torn=True)
        empties = empties_at(main.station)
        draft_order(
            main.manager,
            station=main.station,
            supplier=self._suppliers[main.station.pk][-1],
            lines=[self._wanted(x, empties) for x in gas[3:5]],
        )

    # --- Other stations -----------------------------------------------------------------------

    def _ask(self, giver: Outlet, taker: Outlet, count: int = 2) -> Transfer | None:
        """The giver offers what the taker sells too and they have most of."""
        wishes = [
            Wish(listing.variant, Condition.FULL, count) for listing in _plenty(giver, taker)[:2]
        ]
        if not wishes:
            return None
        return ask_transfer(
            giver.manager, station=giver.station, other=taker.station, sends=True, wishes=wishes
        )

    def _send(self, giver: Outlet, taker: Outlet) -> Transfer | None:
        transfer = self._ask(giver, taker)
        if transfer is None:
            return None
        agree_transfer(taker.manager, transfer=transfer, station=taker.station)
        loaded = {line.pk: line.quantity for line in transfer.lines.all()}
        send_transfer(
            giver.manager,
            transfer=transfer,
            station=giver.station,
            loaded=loaded,
            driver=self.dice.choice(people.DRIVERS),
        )
        return transfer

    def _lend(self, giver: Outlet, taker: Outlet, *, lost: int) -> None:
        """A transfer of last week, one of which never arrived."""
        transfer = self._send(giver, taker)
        if transfer is None:
            return
        lines = list(transfer.lines.order_by("pk"))
        arrived = {line.pk: line.sent for line in lines}
        arrived[lines[0].pk] -= lost
        receive_transfer(
            taker.clerks[0], transfer=transfer, station=taker.station, arrived=arrived, seen=0
        )
        write_off_transfer(
            taker.manager,
            transfer=transfer,
            station=taker.station,
            lost_by=transfer.driver or people.DRIVERS[0],
            reason="Fell off on the way, the driver pays for it.",
            seen=sum(arrived.values()),
        )

    # --- Counting -----------------------------------------------------------------------------

    def _count(self, outlet: Outlet, *, is_approved: bool = False) -> None:
        """Count all that stands there; one empty is missing, and one full one was found."""
        clerk = outlet.clerks[0]
        stocktake = start_count(clerk, station=outlet.station)
        places = Balance.objects.filter(
            location__station=outlet.station, location__kind="station"
        ).values_list("variant", "condition", "on_hand")
        there = {(variant, condition): on_hand for variant, condition, on_hand in places}
        counts: dict[int, int | None] = {}
        off = {Condition.EMPTY: -1, Condition.FULL: 1}
        for line in stocktake.lines.order_by("pk"):
            found = there.get((line.variant_id, line.condition), 0)
            change = off.pop(Condition(line.condition), 0) if found > 3 else 0
            counts[line.pk] = found + change
        save_counts(clerk, stocktake=stocktake, counts=counts)
        finish_count(clerk, stocktake=stocktake)
        if is_approved:
            approve_count(outlet.manager, stocktake=stocktake)


def _plenty(giver: Outlet, taker: Outlet) -> list[Listing]:
    """What both sell, and the giver has most of to spare."""
    taken = {listing.variant_id for listing in taker.listings}
    balances = Balance.objects.in_bulk([listing.full_id for listing in giver.listings])
    both = [
        listing
        for listing in giver.listings
        if listing.variant_id in taken and balances[listing.full_id].available > 4
    ]
    return sorted(both, key=lambda x: (-balances[x.full_id].available, x.pk))
