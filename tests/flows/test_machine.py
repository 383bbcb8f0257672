"""Hypothesis plays two stations, their buyers and an admin at random; the books must balance
after each step.

The model beside the database is as plain as can be: how many cylinders are inside, how much
money went into each drawer or each rider's pocket, what each buyer paid a deposit for.
"""

import os
from collections import Counter
from itertools import chain

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import Sum
from django.utils.module_loading import import_string
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from gasstock.billing.models import Invoice, InvoiceStatus, Shift
from gasstock.billing.services import shifts
from gasstock.delivery.models import CollectedCash
from gasstock.delivery.services import assigning
from gasstock.inventory.models import Balance
from gasstock.inventory.services import deposits
from gasstock.orders.models import HANDED_OVER, LineKind, Order, OrderLine, OrderStatus
from tests.flows.road import Road

THOROUGH = bool(os.environ.get("CI")) and connection.vendor == "sqlite"


class Day(Road):
    """A station's day: the rules are in trade.py, counter.py, yard.py and road.py."""

    @invariant()
    def all_still_holds(self) -> None:
        if self.is_moved:
            self.look()
            self.is_moved = False

    def teardown(self) -> None:
        """Look once more: what was refused must not have left a trace either."""
        try:
            if hasattr(self, "undo"):
                self.look()
        finally:
            super().teardown()

    def look(self) -> None:
        self.the_books_balance()
        self.no_cylinder_appears_or_vanishes()
        self.what_is_held_is_what_open_orders_wait_for()
        self.every_drawer_holds_what_went_in()
        self.every_buyer_holds_what_they_paid_for()
        self.every_rider_has_the_cash_they_took()
        self.what_goes_to_buyers_is_on_the_bike()
        self.nobody_carries_too_much()
        self.every_invoice_adds_up()
        self.what_is_closed_is_delivered_and_paid()

    def the_books_balance(self) -> None:
        books = (import_string(path)() for path in django_settings.BOOKS)
        assert list(chain.from_iterable(books)) == []

    def no_cylinder_appears_or_vanishes(self) -> None:
        rows = Balance.objects.exclude(location__kind__in=["supplier", "loss"])
        sums = rows.values_list("variant", "condition").annotate(Sum("on_hand")).order_by()
        found = Counter({(variant, each): on_hand for variant, each, on_hand in sums})
        assert {key: n for key, n in found.items() if n} == {
            key: n for key, n in self.inside.items() if n
        }

    def what_is_held_is_what_open_orders_wait_for(self) -> None:
        waiting = (OrderStatus.PLACED, OrderStatus.APPROVED)
        for listing in self.listings:
            orders = Order.objects.filter(status__in=waiting)
            wanted = orders.filter(lines__listing=listing).values_list("lines__quantity")
            listing.full.refresh_from_db()
            assert listing.full.reserved == sum(quantity for (quantity,) in wanted)

    def every_drawer_holds_what_went_in(self) -> None:
        found = {
            (shift.pk, way): sum_
            for shift in Shift.objects.all()
            for way, sum_ in shifts.expected(shift).items()
            if sum_
        }
        assert found == {key: sum_ for key, sum_ in self.drawers.items() if sum_}

    def every_buyer_holds_what_they_paid_for(self) -> None:
        for buyer in self.buyers:
            held = deposits.held_by(buyer)
            assert all(each.quantity > 0 and each.amount >= 0 for each in held)
            shells = amount = 0
            for line in OrderLine.objects.filter(
                order__buyer=buyer, order__status__in=HANDED_OVER, variant__size_g__isnull=False
            ):
                kept = line.delivered if line.kind == LineKind.NEW else line.missing
                shells += kept - (line.empties if line.kind == LineKind.RETURN else 0)
                amount += kept * line.deposit - line.refunded
            assert (shells, amount) == (
                sum(each.quantity for each in held),
                sum(each.amount for each in held),
            )

    def every_rider_has_the_cash_they_took(self) -> None:
        taken = CollectedCash.objects.filter(homecoming=None)
        sums = taken.values_list("rider").annotate(Sum("payment__amount")).order_by()
        assert dict(sums) == {rider: sum_ for rider, sum_ in self.cash.items() if sum_}

    def what_goes_to_buyers_is_on_the_bike(self) -> None:
        lines = OrderLine.objects.filter(order__status=OrderStatus.DISPATCHED)
        going = lines.values_list("order__rider", "variant").annotate(Sum("quantity")).order_by()
        full = Balance.objects.filter(location__kind="rider", condition="full")
        carried = full.values_list("location__person", "variant", "on_hand")
        there = {(rider, variant): on_hand for rider, variant, on_hand in carried}
        assert all(quantity <= there[rider, variant] for rider, variant, quantity in going)

    def nobody_carries_too_much(self) -> None:
        """Who gets orders by being given them; the manager takes any."""
        loads = assigning.loads_of(self.station)
        assert loads[self.carriers[0].pk] <= 8
        assert loads[self.carriers[1].pk] <= 40

    def every_invoice_adds_up(self) -> None:
        for invoice in Invoice.objects.prefetch_related("lines", "payments", "credit_notes"):
            payments = [x.amount for x in invoice.payments.all() if x.status == "succeeded"]
            assert invoice.total == sum(line.total for line in invoice.lines.all())
            assert invoice.paid == sum(payments)
            assert invoice.credited == sum(note.amount for note in invoice.credit_notes.all())
            if invoice.status != InvoiceStatus.VOID and invoice.total >= 0:
                assert invoice.paid + invoice.due == invoice.owed + invoice.credit

    def what_is_closed_is_delivered_and_paid(self) -> None:
        for order in Order.objects.filter(status=OrderStatus.CLOSED).select_related("invoice"):
            assert order.delivered_at
            assert order.invoice.status == InvoiceStatus.PAID


@pytest.mark.django_db
def test_whatever_people_press_the_books_balance():
    run_state_machine_as_test(
        Day,
        settings=settings(
            max_examples=200 if THOROUGH else 25,
            stateful_step_count=50 if THOROUGH else 30,
            suppress_health_check=list(HealthCheck),
            deadline=None,
        ),
    )
