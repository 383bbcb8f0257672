"""Undoing a counter sale, and what else knows of sales."""

import pytest
from django.db import connection

from gasstock.billing.errors import NoOpenShift
from gasstock.billing.models import InvoiceStatus, Method
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import expected, open_shift
from gasstock.inventory.models import Condition, LocationKind, Reason
from gasstock.inventory.services.deposits import held_by
from gasstock.inventory.services.ledger import Line, post
from gasstock.inventory.services.locations import location_of
from gasstock.orders.errors import (
    AlreadyRated,
    EmptiesGone,
    ReasonMissing,
    WrongStatus,
)
from gasstock.orders.models import EventKind, LineKind, Order, OrderStatus
from gasstock.orders.services.counter import SaleLine, void_sale
from gasstock.orders.services.ratings import rate_order
from tests.factories import (
    make_order,
)
from tests.orders.acts import held, held_at
from tests.orders.test_verify_ledger import verify

REFILL, NEW = LineKind.EXCHANGE, LineKind.NEW
PIECE, BACK = LineKind.ACCESSORY, LineKind.RETURN
CASH, BANK = Method.CASH, Method.BANK


def cash(amount, tendered=None):
    return Tender(CASH, amount, tendered=tendered)


# --- Undone -----------------------------------------------------------------------------------


def test_undoing_reverses_everything(ring_up, gas, hose, buyer, manager, shift, station):
    sale = ring_up(
        SaleLine(gas, REFILL, 2, empties=1),
        SaleLine(hose, PIECE, 1),
        pay=[cash(50_000), Tender(BANK, 25_000, "FT1")],
        buyer=buyer,
    )
    own = open_shift(manager, station=station, float_amount=60_000)

    void_sale(manager, sale=sale, reason="Typed wrong")

    sale.refresh_from_db()
    assert (sale.status, sale.reason) == (OrderStatus.VOIDED, "Typed wrong")
    assert (held(gas), held(hose), held_at("station", gas, "empty")) == ((10, 0), (5, 0), 0)
    assert held_by(buyer) == []
    assert sale.invoice.status == InvoiceStatus.VOID
    assert expected(own) == {CASH: 10_000, BANK: -25_000}
    assert sale.events.latest("pk").kind == EventKind.VOIDED
    assert verify().endswith(": clean\n")


def test_undoing_a_return_takes_the_deposit_in_again(ring_up, gas, buyer, clerk, shift):
    ring_up(SaleLine(gas, NEW, 1), pay=[cash(52_000)], key="a", buyer=buyer)
    sale = ring_up(SaleLine(gas, BACK, 1), pay=[cash(-30_000)], buyer=buyer)

    void_sale(clerk, sale=sale, reason="Wrong buyer")

    assert expected(shift)[CASH] == 50_000 + 52_000
    assert [x.quantity for x in held_by(buyer)] == [1]
    assert verify().endswith(": clean\n")


def test_a_sale_is_undone_once(ring_up, gas, clerk):
    sale = ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])
    void_sale(clerk, sale=sale, reason="Typed wrong")

    with pytest.raises(WrongStatus):
        void_sale(clerk, sale=Order.objects.get(), reason="Typed wrong")

    assert held(gas) == (10, 0)


def test_cash_goes_back_out_of_an_open_drawer_only(ring_up, gas, manager):
    sale = ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])

    with pytest.raises(NoOpenShift):
        void_sale(manager, sale=sale, reason="Typed wrong")

    assert Order.objects.get().status == OrderStatus.CLOSED


def test_empties_that_have_left_cannot_go_back(ring_up, gas, clerk, buyer):
    sale = ring_up(SaleLine(gas, REFILL, 2), pay=[cash(40_000)])
    other = ring_up(SaleLine(gas, BACK, 1), pay=[cash(-30_000)], key="back")
    void_sale(clerk, sale=other, reason="Not ours")
    send_empties_away(gas, 1)

    with pytest.raises(EmptiesGone, match="1 are here"):
        void_sale(clerk, sale=sale, reason="Typed wrong")


def send_empties_away(listing, quantity):
    station = listing.station
    shelf = location_of(LocationKind.STATION, station=station)
    plant = location_of(LocationKind.SUPPLIER, station=station)
    line = Line(listing.variant, Condition.EMPTY, quantity, shelf, plant)
    post(None, station=station, lines=[line], reason=Reason.TO_SUPPLIER, document="X")


@pytest.mark.parametrize("reason", ["", "   "])
def test_undoing_says_why(ring_up, gas, clerk, reason):
    sale = ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])

    with pytest.raises(ReasonMissing):
        void_sale(clerk, sale=sale, reason=reason)


def test_an_order_of_the_storefront_is_no_sale_to_undo(gas, buyer, clerk):
    with pytest.raises(WrongStatus):
        void_sale(clerk, sale=make_order(gas, buyer=buyer), reason="No")


# --- Elsewhere --------------------------------------------------------------------------------


def test_a_known_buyer_rates_a_sale_once(ring_up, gas, buyer):
    sale = ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)], buyer=buyer)

    rate_order(buyer, order=sale, stars=5)

    with pytest.raises(AlreadyRated):
        rate_order(buyer, order=sale, stars=4)


def test_verify_names_a_sale_whose_moves_are_gone(ring_up, gas, clerk):
    sale = ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_orderline SET delivered = 0, empties = 0")

    assert f"order {sale}" in verify()


def test_verify_names_a_voided_sale_that_did_not_move_back(ring_up, gas):
    sale = ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET status = 'voided'")

    assert f"order {sale} (voided)" in verify()


def test_verify_names_sale_moves_of_no_sale(ring_up, gas):
    sale = ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE orders_order SET number = 'KGP-OTHER123'")

    assert f"moved for {sale.number}" in verify()
