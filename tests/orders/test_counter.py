"""Selling over the counter."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.models import Station
from gasstock.audit.models import AuditEvent
from gasstock.billing.errors import (
    AmountMissing,
    NoOpenShift,
    NotInDrawer,
    ReferenceMissing,
    TooLittleGiven,
)
from gasstock.billing.models import InvoiceStatus, Method, Payment
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import count_shift, expected, open_shift, pay_in
from gasstock.inventory.errors import NotHeld
from gasstock.inventory.models import Move
from gasstock.inventory.services.deposits import held_by
from gasstock.notifications.models import Notification
from gasstock.orders.errors import (
    CashOnly,
    EmptyNotTaken,
    KindNotOffered,
    NobodyToOwe,
    NotAllPaid,
    NotForSale,
    NothingOrdered,
    OwnAccount,
    PaidTooMuch,
    PriceChanged,
    QuantityOutOfRange,
    SaleKeyReused,
    SameLineTwice,
    ShortOfStock,
)
from gasstock.orders.models import EventKind, LineKind, Order, OrderStatus
from gasstock.orders.services.counter import SaleLine, sell
from gasstock.orders.services.money import take_payment
from tests.factories import (
    make_brand,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_variant,
)
from tests.orders.acts import held, held_at
from tests.orders.test_verify_ledger import verify

REFILL, NEW = LineKind.EXCHANGE, LineKind.NEW
PIECE, BACK = LineKind.ACCESSORY, LineKind.RETURN
CASH, BANK = Method.CASH, Method.BANK


def cash(amount, tendered=None):
    return Tender(CASH, amount, tendered=tendered)


# --- What goes over the counter ---------------------------------------------------------------


def test_a_refill_for_cash_is_closed_at_once(ring_up, gas, shift):
    sale = ring_up(SaleLine(gas, REFILL, 2), pay=[cash(40_000, 50_000)])

    line = sale.lines.get()
    assert (sale.status, sale.total, sale.channel) == (OrderStatus.CLOSED, 40_000, "counter")
    assert (line.delivered, line.empties, line.missing) == (2, 2, 0)
    assert (sale.invoice.status, sale.invoice.paid) == (InvoiceStatus.PAID, 40_000)
    assert sale.invoice.number.startswith("KGP-RCT-")
    assert expected(shift) == {CASH: 90_000}
    assert held(gas) == (8, 0)
    assert held_at("station", gas, "empty") == 2
    assert sale.events.get().kind == EventKind.SOLD
    assert AuditEvent.objects.filter(action="order.sold", target_pk=str(sale.pk)).exists()
    assert verify().endswith(": clean\n")


def test_everything_in_one_sale_is_one_sum(ring_up, gas, hose, buyer):
    other = make_listing(gas.station, full=4)
    ring_up(SaleLine(gas, NEW, 1), pay=[cash(52_000)], key="before", buyer=buyer)

    sale = ring_up(
        SaleLine(other, REFILL, 2),
        SaleLine(other, NEW, 1),
        SaleLine(hose, PIECE, 1),
        SaleLine(gas, BACK, 1),
        pay=[Tender(BANK, 40_000, "FT1"), cash(25_000, 30_000)],
        buyer=buyer,
    )

    assert sale.total == 2 * 20_000 + 52_000 + 3_000 - 30_000
    assert sale.lines.get(kind=BACK).refunded == 30_000
    assert held_at("station", gas, "empty") == 1
    assert {(x.variant, x.quantity) for x in held_by(buyer)} == {(other.variant, 1)}
    assert verify().endswith(": clean\n")


def test_a_missing_empty_is_charged_as_a_new_cylinder(ring_up, gas, buyer):
    sale = ring_up(SaleLine(gas, REFILL, 3, empties=1), pay=[cash(124_000)], buyer=buyer)

    assert sale.total == 20_000 + 2 * 52_000
    assert [(x.quantity, x.amount) for x in held_by(buyer)] == [(2, 60_000)]
    assert verify().endswith(": clean\n")


def test_the_cost_of_the_moment_is_kept(ring_up, gas):
    gas.average_cost = 15_500
    gas.save()

    sale = ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])

    assert sale.lines.get().unit_cost == 15_500


def test_a_deposit_given_back_is_paid_out_in_cash(ring_up, gas, shift):
    pay_in(shift.cashier, shift=shift, amount=10_000, note="From the safe")

    sale = ring_up(SaleLine(gas, BACK, 2), pay=[cash(-60_000 + 10_000), cash(-10_000)])

    assert (sale.total, sale.status) == (-60_000, OrderStatus.CLOSED)
    assert sale.invoice.lines.get().unit_price == -30_000
    assert expected(shift) == {CASH: 0}
    assert held_at("station", gas, "empty") == 2
    assert verify().endswith(": clean\n")


def test_a_deposit_is_not_paid_out_of_an_empty_drawer(ring_up, gas, shift):
    with pytest.raises(NotInDrawer):
        ring_up(SaleLine(gas, BACK, 2), pay=[cash(-60_000)])

    assert expected(shift) == {CASH: 50_000}
    assert held_at("station", gas, "empty") == 0


def test_a_known_buyer_gets_back_what_they_paid(ring_up, gas, buyer):
    ring_up(SaleLine(gas, NEW, 1), pay=[cash(52_000)], key="a", buyer=buyer)
    gas.variant.deposit = 45_000
    gas.variant.save()

    sale = ring_up(SaleLine(gas, BACK, 1), pay=[cash(-30_000)], buyer=buyer)

    assert sale.total == -30_000


def test_nobody_gives_back_what_they_do_not_hold(ring_up, gas, buyer):
    with pytest.raises(NotHeld):
        ring_up(SaleLine(gas, BACK, 1), pay=[cash(-30_000)], buyer=buyer)


def test_a_sale_that_comes_to_nothing_needs_no_money(ring_up, gas, hose):
    hose.refill_price = 30_000
    hose.save()

    sale = ring_up(SaleLine(hose, PIECE, 1), SaleLine(gas, BACK, 1))

    assert (sale.total, sale.status, Payment.objects.count()) == (0, OrderStatus.CLOSED, 0)


def test_an_empty_of_another_brand_comes_back_where_the_station_takes_them(ring_up, gas, station):
    other = make_variant("Meru 12 kg", brand=make_brand("Meru"))
    Station.objects.filter(pk=station.pk).update(takes_foreign_empties=True)
    station.refresh_from_db()

    sale = ring_up(SaleLine(gas, REFILL, 1, empty_variant=other), pay=[cash(20_000)])

    assert sale.lines.get().empty_variant == other
    assert held_at("station", gas, "empty") == 0
    assert Move.objects.get(condition="empty", document=sale.number).variant == other
    assert verify().endswith(": clean\n")


def test_an_empty_of_another_brand_is_refused_elsewhere(ring_up, gas):
    with pytest.raises(EmptyNotTaken):
        ring_up(SaleLine(gas, REFILL, 1, empty_variant=make_variant("Meru 12 kg")))


def test_what_orders_hold_is_not_sold(ring_up, gas, buyer):
    make_order({gas: 8}, buyer=buyer)

    with pytest.raises(ShortOfStock) as refused:
        ring_up(SaleLine(gas, REFILL, 2), SaleLine(gas, NEW, 1), pay=[cash(92_000)])

    assert refused.value.shortages == {gas.pk: 2}
    assert Order.objects.counter().count() == 0
    assert (held(gas), Payment.objects.count()) == ((10, 8), 0)
    assert verify().endswith(": clean\n")


def test_every_line_that_is_short_is_named(ring_up, gas, hose):
    with pytest.raises(ShortOfStock) as refused:
        ring_up(SaleLine(gas, REFILL, 11), SaleLine(hose, PIECE, 6), pay=[cash(238_000)])

    assert refused.value.shortages == {gas.pk: 10, hose.pk: 5}


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda gas, hose: [], NothingOrdered),
        (lambda gas, hose: [SaleLine(gas, REFILL, 0)], QuantityOutOfRange),
        (lambda gas, hose: [SaleLine(gas, REFILL, 100)], QuantityOutOfRange),
        (lambda gas, hose: [SaleLine(gas, REFILL, 1, empties=2)], QuantityOutOfRange),
        (lambda gas, hose: [SaleLine(gas, REFILL, 1, empties=-1)], QuantityOutOfRange),
        (lambda gas, hose: [SaleLine(gas, PIECE, 1)], KindNotOffered),
        (lambda gas, hose: [SaleLine(hose, REFILL, 1)], KindNotOffered),
        (lambda gas, hose: [SaleLine(hose, BACK, 1)], KindNotOffered),
        (lambda gas, hose: [SaleLine(gas, REFILL, 1)] * 2, SameLineTwice),
        (lambda gas, hose: [SaleLine(make_listing(), REFILL, 1)], NotForSale),
    ],
)
def test_what_is_no_sale_is_refused(ring_up, gas, hose, make, error):
    with pytest.raises(error):
        ring_up(*make(gas, hose), pay=[cash(20_000)])

    assert Order.objects.count() == 0


# --- Money ------------------------------------------------------------------------------------


def test_a_sale_needs_an_open_drawer(clerk, station, gas):
    with pytest.raises(NoOpenShift):
        sell(clerk, station=station, lines=[SaleLine(gas, REFILL, 1)], tenders=[], key="k")


def test_a_counted_drawer_takes_no_sale(ring_up, gas, shift, clerk):
    count_shift(clerk, shift=shift, notes={}, wallets={})

    with pytest.raises(NoOpenShift):
        ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])


def test_the_rest_stays_on_the_account_of_a_known_buyer(ring_up, gas, buyer, clerk):
    sale = ring_up(SaleLine(gas, REFILL, 1), pay=[cash(5_000)], buyer=buyer)

    assert (sale.status, sale.invoice.status) == (OrderStatus.DELIVERED, InvoiceStatus.APPROVED)
    assert (sale.invoice.due, sale.invoice.due_on is not None) == (15_000, True)
    assert Notification.objects.get(user=buyer).kind == "order.sold"

    take_payment(clerk, invoice=sale.invoice, method=CASH, amount=15_000, key="later")

    sale.refresh_from_db()
    assert sale.status == OrderStatus.CLOSED
    assert verify().endswith(": clean\n")


@pytest.mark.parametrize(
    ("pay", "error"),
    [
        ([], NobodyToOwe),
        ([cash(19_999)], NobodyToOwe),
        ([cash(20_001)], PaidTooMuch),
        ([cash(20_000, 19_999)], TooLittleGiven),
        ([Tender(BANK, 20_000)], ReferenceMissing),
        ([Tender(BANK, 30_000, "FT1"), cash(-10_000)], AmountMissing),
    ],
)
def test_money_that_does_not_fit_is_refused(ring_up, gas, pay, error):
    with pytest.raises(error):
        ring_up(SaleLine(gas, REFILL, 1), pay=pay)

    assert (Order.objects.count(), held(gas)) == (0, (10, 0))


@pytest.mark.parametrize(
    ("pay", "error"),
    [
        ([], NotAllPaid),
        ([cash(-29_999)], NotAllPaid),
        ([cash(-30_001)], PaidTooMuch),
        ([Tender(BANK, -30_000, "FT1")], CashOnly),
    ],
)
def test_a_deposit_is_paid_out_exactly(ring_up, gas, pay, error):
    with pytest.raises(error):
        ring_up(SaleLine(gas, BACK, 1), pay=pay)


def test_nobody_sells_to_themselves_on_account(ring_up, gas, clerk):
    with pytest.raises(OwnAccount):
        ring_up(SaleLine(gas, REFILL, 1), buyer=clerk)


def test_the_price_of_the_database_counts(ring_up, gas):
    stale = type(gas).objects.get(pk=gas.pk)
    type(gas).objects.update(refill_price=20_500)

    with pytest.raises(PriceChanged) as refused:
        ring_up(SaleLine(stale, REFILL, 1), pay=[cash(20_000)], expected_total=20_000)

    assert refused.value.total == 20_500


def test_the_same_key_is_the_same_sale(ring_up, gas):
    line = SaleLine(gas, REFILL, 10)

    first = ring_up(line, pay=[cash(200_000)])
    again = ring_up(line, pay=[cash(200_000)])

    assert (first, held(gas)) == (again, (0, 0))
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        {"lines": 2, "pay": [cash(40_000)]},
        {"pay": [Tender(BANK, 20_000, "FT1")]},
        {"pay": [cash(20_000, 25_000)]},
        {"buyer": True},
        {"empties": 0, "pay": [cash(52_000)]},
    ],
)
def test_the_same_key_with_other_contents_is_refused(ring_up, gas, buyer, change):
    ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])
    line = SaleLine(gas, REFILL, change.get("lines", 1), empties=change.get("empties"))

    with pytest.raises(SaleKeyReused):
        ring_up(
            line, pay=change.get("pay", [cash(20_000)]), buyer=buyer if "buyer" in change else None
        )


def test_the_key_of_another_station_is_refused(ring_up, gas):
    ring_up(SaleLine(gas, REFILL, 1), pay=[cash(20_000)])
    other = make_listing(make_station())
    person = make_member(None, other.station)
    open_shift(person, station=other.station, float_amount=0)

    with pytest.raises(SaleKeyReused):
        sell(
            person,
            station=other.station,
            lines=[SaleLine(other, REFILL, 1)],
            tenders=[cash(20_000)],
            key="k",
        )


def test_three_lines_and_two_payments_cost_at_most_20_queries(ring_up, gas, hose):
    other = make_listing(gas.station)
    lines = [SaleLine(gas, REFILL, 2), SaleLine(other, NEW, 1), SaleLine(hose, PIECE, 1)]
    pay = [cash(45_000, 50_000), Tender(BANK, 50_000, "FT1")]
    ring_up(*lines, pay=pay, key="first")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        ring_up(*lines, pay=pay)

    assert len(queries) <= 20, "\n".join(q["sql"][:150] for q in queries.captured_queries)
