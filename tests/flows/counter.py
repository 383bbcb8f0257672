"""What happens at the counter, at random: drawers, sales, and undoing them."""

from collections import Counter

from django.db.models import Sum
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from gasstock.accounts.models import User
from gasstock.billing.models import Method, Payment, PaymentStatus, Shift, ShiftStatus
from gasstock.billing.services import shifts
from gasstock.billing.services.payments import Tender
from gasstock.inventory.services import deposits
from gasstock.orders.models import LineKind, Order
from gasstock.orders.services.counter import SaleLine, sell, void_sale
from tests.factories import make_member
from tests.flows.trade import Trade, few, pick

CASH, BANK = Method.CASH, Method.BANK
one_of_two = st.integers(min_value=0, max_value=1)


class Till(Trade):
    @initialize()
    def open_up(self) -> None:
        super().open_up()
        self.cashiers = [self.manager, make_member(None, self.station, "clerk")]
        self.boss = make_member(None, self.station)
        self.open_drawer(0, 100_000)

    @rule(who=one_of_two, amount=st.integers(min_value=0, max_value=20_000))
    def open_drawer(self, who: int, amount: int) -> None:
        with self.trying():
            cashier = self.cashiers[who]
            shift = shifts.open_shift(cashier, station=self.station, float_amount=amount)
            self.drawers[shift.pk, CASH] += amount

    @rule(
        who=one_of_two,
        buyer=few,
        amounts=st.tuples(few, few, few, few),
        missing=few,
        foreign=st.booleans(),
        rest=st.sampled_from([0, 0, 0, 0, 0, 1, -1, 5_000]),
        bank=few,
        honest=st.sampled_from([True, True, True, False]),
    )
    def ring_up(
        self,
        who: int,
        buyer: int,
        amounts: tuple[int, int, int, int],
        missing: int,
        foreign: bool,
        rest: int,
        bank: int,
        honest: bool,
    ) -> None:
        """`rest` is what is not paid; `bank` thousands come through the bank.

        Who is not `honest` brings back what they do not hold, or sells without a drawer.
        """
        refills, new, hoses, back = amounts
        person = self.buyers[buyer] if buyer < len(self.buyers) else None
        if honest:
            self.open_drawer(who, 60_000)
            back = min(back, self.holds(person)) if person else back
        brought = self.big.variant if foreign else None
        lines = [
            SaleLine(self.gas, LineKind.EXCHANGE, refills, max(0, refills - missing), brought),
            SaleLine(self.big if new == 1 else self.gas, LineKind.NEW, new),
            SaleLine(self.hose, LineKind.ACCESSORY, hoses),
            SaleLine(self.gas, LineKind.RETURN, back),
        ]
        lines = [line for line in lines if line.quantity]
        total = self.price(lines, person) - rest
        tenders = {BANK: 1_000 * bank if total > 5_000 else 0}
        tenders[CASH] = total - tenders[BANK]
        with self.trying():
            sale = sell(
                self.cashiers[who],
                station=self.station,
                lines=lines,
                tenders=[Tender(way, sum_, "ref") for way, sum_ in tenders.items() if sum_],
                key=f"till-{Order.objects.count()}",
                buyer=person,
            )
            for way, sum_ in tenders.items():
                self.drawers[sale.shift_id, way] += sum_

    @rule(buyer=one_of_two, back=few, honest=st.booleans())
    def bring_back(self, buyer: int, back: int, honest: bool) -> None:
        self.open_drawer(0, 60_000)
        self.ring_up(0, buyer, (0, 0, 0, back), 0, False, 0, 0, honest)

    def price(self, lines: list[SaleLine], buyer: User | None) -> int:
        """What a customer would work out: refills 20,000, new ones 22,000 and the deposit."""
        total = 0
        for line in lines:
            new = 22_000 + line.listing.variant.deposit
            if line.kind == LineKind.NEW:
                total += line.quantity * new
            elif line.kind == LineKind.RETURN:
                total -= self.refund(line, buyer)
            else:
                missing = line.quantity - (line.quantity if line.empties is None else line.empties)
                total += line.quantity * 20_000 + missing * (new - 20_000)
        return total

    def holds(self, buyer: User) -> int:
        held = deposits.held_by(buyer, self.station)
        return sum(each.quantity for each in held if each.variant == self.gas.variant)

    def refund(self, line: SaleLine, buyer: User | None) -> int:
        """The oldest deposits of a known buyer, as far as there are so many."""
        variant = line.listing.variant
        if buyer is None:
            return line.quantity * variant.deposit
        lots = deposits.lots_of(station=self.station, buyer=buyer, variant=variant)
        paid = [lot.unit_amount for lot in lots for _ in range(lot.quantity)]
        return sum(paid[: line.quantity])

    @rule(n=pick, who=one_of_two)
    def void(self, n: int, who: int) -> None:
        sales = list(Order.objects.counter().order_by("pk"))
        sale = sales[n // 4 % len(sales)] if sales and n % 4 < 3 else self.order(n)
        if not sale:
            return
        received = Payment.objects.filter(invoice=sale.invoice, status=PaymentStatus.SUCCEEDED)
        sums = Counter(dict(received.values_list("method").annotate(Sum("amount")).order_by()))
        with self.trying():
            void_sale(self.cashiers[who], sale=sale, reason="Wrong size")
            if shift := shifts.shift_of(self.cashiers[who], self.station):
                for way, sum_ in sums.items():
                    self.drawers[shift.pk, way] -= sum_

    @rule(n=pick, out=st.booleans(), amount=st.integers(min_value=1, max_value=30_000))
    def move_cash(self, n: int, out: bool, amount: int) -> None:
        if shift := self.shift(n):
            with self.trying():
                act = shifts.drop if out else shifts.pay_in
                act(self.boss, shift=shift, amount=amount, note="The safe")
                self.drawers[shift.pk, CASH] += -amount if out else amount

    @rule(n=pick, notes=few)
    def count_drawer(self, n: int, notes: int) -> None:
        if shift := self.shift(n):
            with self.trying():
                counted = {5_000: notes}
                cashier = shift.cashier
                shifts.count_shift(cashier, shift=shift, notes=counted, wallets={}, explanation="?")

    @rule(n=pick)
    def accept_drawer(self, n: int) -> None:
        if shift := self.shift(n):
            with self.trying():
                shifts.accept_shift(self.boss, shift=shift)

    def shift(self, n: int) -> Shift | None:
        rows = list(Shift.objects.exclude(status=ShiftStatus.CLOSED).order_by("pk"))
        return rows[n % len(rows)] if rows else None
