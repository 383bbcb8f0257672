"""Walk-in trade: a drawer is opened each morning, sold from all day, counted, and accepted."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from gasstock.accounts.models import User
from gasstock.billing.models import Method, Shift
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import (
    accept_shift,
    count_shift,
    drop,
    expected,
    explain_difference,
    open_shift,
    pay_out,
    shift_of,
)
from gasstock.core.money import notes_of
from gasstock.demo import people
from gasstock.demo.cast import Customer, Outlet
from gasstock.demo.setting import WEEKDAYS, World, demand_of
from gasstock.demo.trade import Trade, free_of
from gasstock.inventory.errors import OutOfStock
from gasstock.inventory.models import Listing
from gasstock.orders.models import LineKind, Order
from gasstock.orders.services.counter import SaleLine, priced, sell, void_sale

FLOAT = 20_000
MUCH = 150_000  # in the drawer: the rest is safer in the safe
KINDS = {LineKind.EXCHANGE: 86, LineKind.NEW: 9, LineKind.RETURN: 5}


class Till:
    """The counters of all stations. A few of the buyers are known; most just walk in."""

    def __init__(self, trade: Trade, world: World) -> None:
        self.trade, self.world = trade, world
        self.agenda, self.dice = trade.agenda, trade.dice
        self._sold = 0

    def plan(self, days: list[datetime], sales: int) -> None:
        """Spread so many sales over the days and stations, and the drawers around them."""
        for day in days:
            for number, outlet in enumerate(self.world.outlets):
                minutes = timedelta(minutes=2 + number % 20)
                self.agenda.at(day + minutes, partial(self._open, outlet))
                afternoon = day.replace(hour=15) + minutes
                self.agenda.at(afternoon, partial(self._empty_drawer, outlet))
                self.agenda.at(day.replace(hour=20) + minutes, partial(self._close, outlet))
        weights = [WEEKDAYS[day.weekday()] for day in days]
        busy = [outlet.busy for outlet in self.world.outlets]
        for day in self.dice.choices(days, weights, k=sales):
            moment = day + timedelta(seconds=self.dice.randrange(30 * 60, 12 * 60 * 60))
            outlet = self.dice.choices(self.world.outlets, busy)[0]
            self.agenda.at(moment, partial(self._sell, outlet))

    # --- The drawer ---------------------------------------------------------------------------

    def _open(self, outlet: Outlet) -> None:
        open_shift(outlet.clerks[0], station=outlet.station, float_amount=FLOAT)

    def _empty_drawer(self, outlet: Outlet) -> None:
        """What is too much goes to the safe; now and then something small is paid for."""
        clerk = outlet.clerks[0]
        shift = shift_of(clerk, outlet.station)
        if shift is None:
            return
        if self.dice.random() < 0.15:
            pay_out(clerk, shift=shift, amount=2_000, note=self.dice.choice(people.ERRANDS))
        if expected(shift)[Method.CASH] > MUCH:
            drop(clerk, shift=shift, amount=100_000, note="The afternoon's cash")

    def _close(self, outlet: Outlet) -> None:
        """Each counts their drawer, and somebody else accepts it in the morning."""
        for cashier, boss in (
            (outlet.clerks[0], outlet.manager),
            (outlet.manager, self.world.admin),
        ):
            if shift := shift_of(cashier, outlet.station):
                self._count(cashier, shift)
                self.agenda.soon(12 * 60, 14 * 60, partial(accept_shift, boss, shift=shift))

    def _count(self, cashier: User, shift: Shift) -> None:
        """One evening in eight it is a few francs off."""
        sums = expected(shift)
        cash = sums.pop(Method.CASH)
        off = self.dice.choice((-1_000, -500, 500)) if self.dice.random() < 0.12 else 0
        off = max(off, -cash)
        notes = dict(_in_notes(cash + off))
        count_shift(cashier, shift=shift, notes=notes, wallets=sums)
        if off:
            why = self.dice.choice(people.SHORT if off < 0 else people.OVER)
            explain_difference(cashier, shift=shift, explanation=why)

    # --- The sales ----------------------------------------------------------------------------

    def _sell(self, outlet: Outlet) -> None:
        lines = self._wishes(outlet)
        if not lines:
            return
        known = [x for x in self.world.customers if outlet in x.outlets]
        customer = self.dice.choice(known) if known and self.dice.random() < 0.3 else None
        if lines[0].kind == LineKind.RETURN:
            customer = None  # with the slip in hand, as most who bring a cylinder back
        with suppress(OutOfStock):
            sale = self.sell(outlet, lines, customer)
            if self.dice.random() < 0.015:
                self.agenda.soon(3, 12, partial(self._undo, outlet, sale))

    def sell(self, outlet: Outlet, lines: list[SaleLine], customer: Customer | None) -> Order:
        self._sold += 1
        return sell(
            outlet.clerks[0],
            station=outlet.station,
            lines=lines,
            tenders=self._tenders(outlet, lines, customer),
            key=f"demo-{self._sold}",
            buyer=customer.user if customer else None,
        )

    def _wishes(self, outlet: Outlet) -> list[SaleLine]:
        free = free_of(outlet)
        there = [x for x in outlet.listings if x.is_published and free[x.full_id] > 1]
        if not there:
            return []
        listing = self.dice.choices(there, [demand_of(x.variant) for x in there])[0]
        quantity = 2 if self.dice.random() < 0.08 else 1
        lines = [SaleLine(listing, self._kind(outlet, listing), quantity)]
        extras = [x for x in there if not x.variant.is_cylinder and x != listing]
        if extras and self.dice.random() < 0.08:
            lines.append(SaleLine(self.dice.choice(extras), LineKind.ACCESSORY, 1))
        return lines

    def _kind(self, outlet: Outlet, listing: Listing) -> LineKind:
        if not listing.variant.is_cylinder:
            return LineKind.ACCESSORY
        kind = self.dice.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == LineKind.NEW and listing.new_price is None:
            return LineKind.EXCHANGE
        if kind == LineKind.RETURN and self._cash(outlet) < 2 * listing.variant.deposit:
            return LineKind.EXCHANGE
        return kind

    def _cash(self, outlet: Outlet) -> int:
        """What the clerk's drawer has to pay a deposit back from."""
        shift = shift_of(outlet.clerks[0], outlet.station)
        return expected(shift)[Method.CASH] if shift else 0

    def _tenders(
        self, outlet: Outlet, lines: list[SaleLine], customer: Customer | None
    ) -> list[Tender]:
        """Cash, mostly more than it costs; a transfer; for a few kitchens it goes on account."""
        total = _total(outlet, lines)
        if total <= 0:
            return [Tender(Method.CASH, total)] if total else []
        if customer and customer.is_kitchen and self.dice.random() < 0.3:
            return []
        if outlet.station.takes_bank and self.dice.random() < 0.1:
            return [Tender(Method.BANK, total, reference=f"FT{self.dice.randrange(10**10):010d}")]
        note = self.dice.choice((1, 1_000, 5_000))
        return [Tender(Method.CASH, total, tendered=-(-total // note) * note)]

    def _undo(self, outlet: Outlet, sale: Order) -> None:
        """The manager takes a sale back, and pays the cash out of a drawer of their own."""
        if sale.invoice.payments.exclude(method=Method.CASH).exists():
            return
        if shift_of(outlet.manager, outlet.station) is None:
            open_shift(outlet.manager, station=outlet.station, float_amount=MUCH)
        void_sale(outlet.manager, sale=sale, reason=self.dice.choice(people.UNDONE))


def _total(outlet: Outlet, lines: list[SaleLine]) -> int:
    sold = [line for line in lines if line.kind != LineKind.RETURN]
    back = [line for line in lines if line.kind == LineKind.RETURN]
    costs = sum(line.total for line in priced(outlet.station, sold)) if sold else 0
    return costs - sum(line.quantity * line.listing.variant.deposit for line in back)


def _in_notes(amount: int) -> Iterator[tuple[int, int]]:
    """The sum in as few notes and coins as it takes."""
    for note in notes_of():
        count, amount = divmod(amount, note)
        yield note, count
