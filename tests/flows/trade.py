"""What buyers, a station and an admin do about orders, at random.

test_machine.py looks whether the books still balance.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from gasstock.billing.models import Invoice, InvoiceStatus, Method
from gasstock.billing.services.shifts import shift_of
from gasstock.core.errors import DomainError
from gasstock.orders.models import HANDED_OVER, Fulfilment, LineKind, Order, OrderStatus
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import (
    approve_order,
    call_off_order,
    cancel_order,
    dispatch_order,
    expire_order,
    reject_order,
)
from gasstock.orders.services.money import (
    approve_bill,
    mark_bill_paid,
    reject_bill,
    submit_bill,
    take_payment,
)
from gasstock.orders.services.placing import Wanted, place_order
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_station,
    make_terms,
    make_user,
    make_variant,
)

OPENING, EMPTIES = 40, 8
PLACED, APPROVED = OrderStatus.PLACED, OrderStatus.APPROVED
pick = st.integers(min_value=0, max_value=30)
few = st.integers(min_value=0, max_value=4)


class Trade(RuleBasedStateMachine):
    """A station that sells online. `is_moved` says that something happened since the last look."""

    is_moved = False

    @initialize()
    def open_up(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.station = make_station(approval_limit=10**9, takes_foreign_empties=True)
        self.manager = make_member(None, self.station)
        self.admin = make_admin()
        self.buyers = [make_user() for _ in range(2)]
        self.gas = make_listing(self.station, full=OPENING, empty=EMPTIES)
        self.big = make_listing(self.station, full=OPENING, empty=EMPTIES)
        hose = make_variant(size_g=None)
        self.hose = make_listing(self.station, hose, full=OPENING, new_price=None)
        self.listings = (self.gas, self.big, self.hose)
        # beside the books: what is inside by variant and condition, what is in each drawer
        self.inside = Counter({(x.variant_id, "full"): OPENING for x in self.listings})
        self.inside |= Counter({(x.variant_id, "empty"): EMPTIES for x in (self.gas, self.big)})
        self.drawers = Counter[tuple[int, str]]()

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Most of what is pressed at random is refused, and then nothing has happened."""
        with suppress(DomainError):
            yield
            self.is_moved = True

    def order(self, n: int, *statuses: OrderStatus) -> Order | None:
        """One of the orders in these states; every fourth time any."""
        rows = Order.objects.select_related("station", "buyer", "invoice", "rider").order_by("pk")
        found = list(rows.filter(status__in=statuses) if statuses and n % 4 < 3 else rows)
        return found[n // 4 % len(found)] if found else None

    def invoice(self, n: int, *statuses: InvoiceStatus) -> Invoice | None:
        """As `order`."""
        rows = Invoice.objects.order_by("pk")
        found = list(rows.filter(status__in=statuses) if statuses and n % 4 < 3 else rows)
        return found[n // 4 % len(found)] if found else None

    @rule(who=few, refills=few, new=few, big=few, hoses=few, pickup=st.booleans())
    def place(self, who: int, refills: int, new: int, big: int, hoses: int, pickup: bool) -> None:
        amounts = [
            (self.gas, LineKind.EXCHANGE, refills),
            (self.gas, LineKind.NEW, new),
            (self.big, LineKind.EXCHANGE, big),
            (self.hose, LineKind.ACCESSORY, hoses),
        ]
        wanted = [Wanted(*amount) for amount in amounts if amount[2]]
        terms = make_terms(fulfilment=Fulfilment.PICKUP if pickup else Fulfilment.DELIVERY)
        with self.trying():
            place_order(self.buyers[who % 2], station=self.station, wanted=wanted, terms=terms)

    @rule(n=pick)
    def approve(self, n: int) -> None:
        self.attempt(n, lambda order: approve_order(self.manager, order=order), PLACED)

    @rule(n=pick)
    def reject(self, n: int) -> None:
        self.attempt(n, lambda order: reject_order(self.admin, order=order, reason="No"))

    @rule(n=pick)
    def cancel(self, n: int) -> None:
        self.attempt(n, lambda order: cancel_order(order.buyer, order=order), PLACED)

    @rule(n=pick)
    def call_off(self, n: int) -> None:
        self.attempt(n, lambda order: call_off_order(self.manager, order=order, reason="Tyre"))

    @rule(n=pick)
    def expire(self, n: int) -> None:
        self.attempt(n, lambda order: expire_order(order=order))

    @rule(n=pick)
    def send_off(self, n: int) -> None:
        self.attempt(n, lambda order: dispatch_order(self.manager, order=order), APPROVED)

    @rule(n=pick, short=st.sampled_from([0, 0, 0, 1, 4]), missing=few, foreign=st.booleans())
    def hand_over(self, n: int, short: int, missing: int, foreign: bool) -> None:
        def deliver(order: Order) -> None:
            handed = self.handed(order, short, missing, foreign=foreign)
            deliver_order(self.manager, order=order, handed=handed, code=order.code)

        self.attempt(n, deliver, APPROVED, OrderStatus.DISPATCHED)

    def handed(self, order: Order, short: int, missing: int, *, foreign: bool) -> dict[int, Handed]:
        """Of each line so many full ones less; of a refill so many empties less, of any brand."""
        handed = {}
        for line in order.lines.all():
            given = max(0, line.quantity - short)
            back = max(0, given - missing) if line.kind == LineKind.EXCHANGE else 0
            brought = self.big.variant if foreign else None
            handed[line.pk] = Handed(given, back, brought if back else None)
        return handed

    @rule(n=pick)
    def submit(self, n: int) -> None:
        self.attempt(n, lambda order: submit_bill(self.manager, order=order), *HANDED_OVER)

    @rule(n=pick)
    def approve_invoice(self, n: int) -> None:
        if invoice := self.invoice(n, InvoiceStatus.SUBMITTED):
            with self.trying():
                approve_bill(self.admin, invoice=invoice)

    @rule(n=pick)
    def reject_invoice(self, n: int) -> None:
        if invoice := self.invoice(n, InvoiceStatus.SUBMITTED):
            with self.trying():
                reject_bill(self.admin, invoice=invoice, reason="Wrong")

    @rule(n=pick, amount=st.integers(min_value=1, max_value=60_000), key=st.uuids())
    def pay(self, n: int, amount: int, key: object) -> None:
        if invoice := self.invoice(n):
            with self.trying():
                take_payment(
                    self.manager,
                    invoice=invoice,
                    method=Method.CASH,
                    amount=amount,
                    key=str(key),
                )
                if shift := shift_of(self.manager, self.station):
                    self.drawers[shift.pk, Method.CASH] += amount

    @rule(n=pick)
    def mark_paid(self, n: int) -> None:
        if invoice := self.invoice(n, InvoiceStatus.APPROVED):
            with self.trying():
                mark_bill_paid(self.admin, invoice=invoice, method=Method.CASH)

    def attempt(self, n: int, step: Callable[[Order], object], *statuses: OrderStatus) -> None:
        if order := self.order(n, *statuses):
            with self.trying():
                step(order)
