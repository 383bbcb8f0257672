"""Hypothesis plays stations, buyers and admins at random; the books must balance after each step.

The model beside the database is as plain as can be: how many cylinders stand where.
"""

import os
from contextlib import suppress

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from gasstock.billing.models import Invoice, InvoiceStatus, Method
from gasstock.core.errors import DomainError
from gasstock.inventory.models import Balance, LocationKind
from gasstock.inventory.services.verify import differences
from gasstock.orders.models import Fulfilment, LineKind, Order, OrderStatus
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

OPENING = 12
THOROUGH = bool(os.environ.get("CI")) and connection.vendor == "sqlite"
pick = st.integers(min_value=0, max_value=30)
few = st.integers(min_value=0, max_value=4)


class Trade(RuleBasedStateMachine):
    @initialize()
    def open_up(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.station = make_station(approval_limit=10**9)
        self.manager = make_member(None, self.station)
        self.admin = make_admin()
        self.buyers = [make_user() for _ in range(2)]
        self.gas = make_listing(self.station, full=OPENING)
        self.big = make_listing(self.station, full=OPENING)
        hose = make_variant(size_g=None)
        self.hose = make_listing(self.station, hose, full=OPENING, new_price=None)

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    def order(self, n: int) -> Order | None:
        pks = list(Order.objects.order_by("pk").values_list("pk", flat=True))
        orders = Order.objects.select_related("station", "buyer", "invoice", "rider")
        return orders.get(pk=pks[n % len(pks)]) if pks else None

    def invoice(self, n: int) -> Invoice | None:
        pks = list(Invoice.objects.order_by("pk").values_list("pk", flat=True))
        return Invoice.objects.get(pk=pks[n % len(pks)]) if pks else None

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
        with suppress(DomainError):
            place_order(self.buyers[who % 2], station=self.station, wanted=wanted, terms=terms)

    @rule(n=pick)
    def approve(self, n: int) -> None:
        self.attempt(n, lambda order: approve_order(self.manager, order=order))

    @rule(n=pick)
    def reject(self, n: int) -> None:
        self.attempt(n, lambda order: reject_order(self.admin, order=order, reason="No"))

    @rule(n=pick)
    def cancel(self, n: int) -> None:
        self.attempt(n, lambda order: cancel_order(order.buyer, order=order))

    @rule(n=pick)
    def call_off(self, n: int) -> None:
        self.attempt(n, lambda order: call_off_order(self.manager, order=order, reason="Tyre"))

    @rule(n=pick)
    def expire(self, n: int) -> None:
        self.attempt(n, lambda order: expire_order(order=order))

    @rule(n=pick)
    def send_off(self, n: int) -> None:
        self.attempt(n, lambda order: dispatch_order(self.manager, order=order))

    @rule(n=pick, short=few, missing=few)
    def hand_over(self, n: int, short: int, missing: int) -> None:
        def deliver(order: Order) -> None:
            handed = {}
            for line in order.lines.all():
                given = max(0, line.quantity - short)
                back = max(0, given - missing) if line.kind == LineKind.EXCHANGE else 0
                handed[line.pk] = Handed(given, back)
            deliver_order(self.manager, order=order, handed=handed, code=order.code)

        self.attempt(n, deliver)

    @rule(n=pick)
    def submit(self, n: int) -> None:
        self.attempt(n, lambda order: submit_bill(self.manager, order=order))

    @rule(n=pick)
    def approve_invoice(self, n: int) -> None:
        if invoice := self.invoice(n):
            with suppress(DomainError):
                approve_bill(self.admin, invoice=invoice)

    @rule(n=pick)
    def reject_invoice(self, n: int) -> None:
        if invoice := self.invoice(n):
            with suppress(DomainError):
                reject_bill(self.admin, invoice=invoice, reason="Wrong")

    @rule(n=pick, amount=st.integers(min_value=1, max_value=60_000), key=st.uuids())
    def pay(self, n: int, amount: int, key: object) -> None:
        if invoice := self.invoice(n):
            with suppress(DomainError):
                take_payment(
                    self.manager,
                    invoice=invoice,
                    method=Method.CASH,
                    amount=amount,
                    key=str(key),
                )

    @rule(n=pick)
    def mark_paid(self, n: int) -> None:
        if invoice := self.invoice(n):
            with suppress(DomainError):
                mark_bill_paid(self.admin, invoice=invoice, method=Method.CASH)

    def attempt(self, n: int, step: object) -> None:
        if order := self.order(n):
            with suppress(DomainError):
                step(order)  # type: ignore[operator]

    @invariant()
    def the_books_balance(self) -> None:
        if hasattr(self, "undo"):
            assert list(differences()) == []

    @invariant()
    def no_full_cylinder_appears_or_vanishes(self) -> None:
        if not hasattr(self, "undo"):
            return
        for listing in (self.gas, self.big, self.hose):
            rows = Balance.objects.filter(variant=listing.variant, condition="full")
            inside = rows.exclude(location__kind=LocationKind.SUPPLIER)
            assert sum(inside.values_list("on_hand", flat=True)) == OPENING

    @invariant()
    def what_is_held_is_what_open_orders_wait_for(self) -> None:
        if not hasattr(self, "undo"):
            return
        waiting = (OrderStatus.PLACED, OrderStatus.APPROVED)
        for listing in (self.gas, self.big, self.hose):
            orders = Order.objects.filter(status__in=waiting)
            wanted = orders.filter(lines__listing=listing).values_list("lines__quantity")
            listing.full.refresh_from_db()
            assert listing.full.reserved == sum(quantity for (quantity,) in wanted)

    @invariant()
    def every_invoice_adds_up(self) -> None:
        if not hasattr(self, "undo"):
            return
        for invoice in Invoice.objects.prefetch_related("lines", "payments", "credit_notes"):
            assert invoice.total == sum(line.total for line in invoice.lines.all())
            assert invoice.paid == sum(payment.amount for payment in invoice.payments.all())
            assert invoice.credited == sum(note.amount for note in invoice.credit_notes.all())
            if invoice.status != InvoiceStatus.VOID:
                assert invoice.paid + invoice.due == invoice.owed + invoice.credit

    @invariant()
    def what_is_closed_is_delivered_and_paid(self) -> None:
        if not hasattr(self, "undo"):
            return
        for order in Order.objects.filter(status=OrderStatus.CLOSED).select_related("invoice"):
            assert order.delivered_at
            assert order.invoice.status == InvoiceStatus.PAID


@pytest.mark.django_db
def test_whatever_people_press_the_books_balance():
    run_state_machine_as_test(
        Trade,
        settings=settings(
            max_examples=200 if THOROUGH else 25,
            stateful_step_count=50 if THOROUGH else 30,
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )
