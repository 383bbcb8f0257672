"""What happens when people press at the same moment. PostgreSQL only."""

import time
from functools import partial

import pytest

from gasstock.billing.models import Invoice, Method, Payment
from gasstock.billing.services.payments import mark_paid, record_payment
from gasstock.inventory.models import Balance, Reservation
from gasstock.inventory.services import reservations
from gasstock.inventory.services.verify import differences
from gasstock.orders.models import LineKind, Order, OrderStatus
from gasstock.orders.services import placing
from gasstock.orders.services.carts import add_line, open_cart
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import (
    approve_order,
    call_off_order,
    cancel_order,
    dispatch_order,
)
from gasstock.orders.services.money import approve_bill, submit_bill
from gasstock.orders.services.placing import check_out
from gasstock.orders.services.ratings import rate_order
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_terms,
    make_user,
    make_variant,
)
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres


def buyers(count):
    return [make_user(password=None) for _ in range(count)]


def order_one(listing, buyer):
    return make_order({listing: 1}, buyer=buyer)


@pytest.mark.parametrize("round_", range(5))
def test_200_buyers_and_stock_for_10(round_):
    listing = make_listing(full=10)

    ends = at_once(partial(order_one, listing, buyer) for buyer in buyers(200))

    assert ends == {"done": 10, "ShortOfStock": 190}
    balance = Balance.objects.get(pk=listing.full_id)
    assert (balance.on_hand, balance.reserved) == (10, 10)
    assert list(differences()) == []


def test_without_the_guard_the_same_crowd_is_sold_too_much(monkeypatch):
    """The control: read first, save after. If it did not oversell, the race proves nothing."""

    def reads_then_saves(*, document, wanted):
        for listing, quantity in wanted.items():
            balance = Balance.objects.get(pk=listing.full_id)
            if balance.available < quantity:
                raise reservations.OutOfStock(str(listing), balance.available)
            time.sleep(0)  # let another thread run, as a busy server would
            balance.reserved += quantity
            balance.save()
            Reservation.objects.create(balance=balance, document=document, quantity=quantity)

    monkeypatch.setattr(placing, "reserve", reads_then_saves)
    listing = make_listing(full=10)

    ends = at_once(partial(order_one, listing, buyer) for buyer in buyers(60))

    assert ends["done"] > 10
    assert list(differences()) != []


def test_opposite_carts_never_wait_for_each_other_in_a_ring():
    station = make_station()
    a, b = (make_listing(station, full=500) for _ in range(2))
    crowd = buyers(40)

    for _ in range(5):
        ends = at_once(
            partial(make_order, {a: 1, b: 1} if n % 2 else {b: 1, a: 1}, buyer=buyer)
            for n, buyer in enumerate(crowd)
        )
        assert ends == {"done": 40}

    assert list(differences()) == []


def test_opposite_carts_of_two_stations_neither():
    a, b = (make_listing(make_station(name=name), full=100) for name in ("A", "B"))
    shops = [a, b, make_listing(b.station, full=100), make_listing(a.station, full=100)]
    crowd = buyers(24)
    carts = []
    for n, buyer in enumerate(crowd):
        cart = open_cart(buyer, "")
        for listing in shops if n % 2 else reversed(shops):
            add_line(cart=cart, listing=listing, kind=LineKind.EXCHANGE)
        carts.append((buyer, cart))

    ends = at_once(
        partial(check_out, buyer, cart=cart, terms=make_terms()) for buyer, cart in carts
    )

    assert ends == {"done": 24}
    assert list(differences()) == []


def test_a_double_click_orders_once():
    listing, buyer = make_listing(full=9), make_user()
    cart = open_cart(buyer, "")
    add_line(cart=cart, listing=listing, kind=LineKind.EXCHANGE)

    ends = at_once([partial(check_out, buyer, cart=cart, terms=make_terms())] * 8)

    assert ends == {"done": 1, "NothingOrdered": 7}
    assert Order.objects.count() == 1


def test_20_cancels_at_once_give_the_stock_back_once():
    order = make_order({make_listing(full=5): 2})

    ends = at_once(partial(cancel_order, order.buyer, order=Order.objects.get()) for _ in range(20))

    assert ends == {"done": 1, "WrongStatus": 19}
    balance = Balance.objects.get(pk=order.lines.get().listing.full_id)
    assert (balance.on_hand, balance.reserved) == (5, 0)
    assert list(differences()) == []


@pytest.mark.parametrize("round_", range(10))
def test_cancel_and_deliver_at_once_have_one_end(round_):
    order = make_order({make_listing(full=5): 2})
    manager = make_member(None, order.station)
    approve_order(manager, order=order)
    dispatch_order(manager, order=order)
    line = order.lines.get()

    ends = at_once(
        [
            partial(
                deliver_order,
                manager,
                order=Order.objects.get(),
                handed={line.pk: Handed(2, 2)},
                code=order.code,
            ),
            partial(call_off_order, manager, order=Order.objects.get(), reason="Flat tyre"),
        ]
    )

    assert ends == {"done": 1, "WrongStatus": 1}
    order.refresh_from_db()
    left = Balance.objects.get(pk=line.listing.full_id).on_hand
    assert (order.status, left) in {(OrderStatus.DELIVERED, 3), (OrderStatus.CANCELLED, 3)}
    assert list(differences()) == []


def test_approve_and_cancel_at_once_have_one_end_each():
    order = make_order()
    admin = make_admin()

    ends = at_once(
        [
            partial(approve_order, admin, order=Order.objects.get()),
            partial(cancel_order, order.buyer, order=Order.objects.get()),
        ]
    )

    order.refresh_from_db()
    assert order.status == OrderStatus.CANCELLED
    assert ends["done"] in (1, 2)  # approved first, then cancelled; or cancelled at once
    assert list(differences()) == []


def test_invoice_numbers_have_no_gap_and_no_twin():
    station = make_station()
    listing = make_listing(station, full=50)
    manager = make_member(None, station)
    orders = [make_order(listing) for _ in range(20)]
    for order in orders:
        approve_order(manager, order=order)

    ends = at_once(
        partial(submit_bill, manager, order=Order.objects.get(pk=order.pk)) for order in orders
    )

    assert ends == {"done": 20}
    numbers = sorted(
        int(number[-5:]) for number in Invoice.objects.values_list("number", flat=True)
    )
    assert numbers == list(range(1, 21))


def test_one_payment_sent_many_times_is_one_payment():
    order = make_order()
    manager = make_member(None, order.station)
    pay = partial(
        record_payment,
        manager,
        invoice=order.invoice,
        method=Method.CASH,
        amount=21_000,
        key="the-same",
    )

    assert at_once([pay] * 20) == {"done": 20}

    order.invoice.refresh_from_db()
    assert (Payment.objects.count(), order.invoice.paid) == (1, 21_000)


def test_two_admins_mark_one_invoice_paid_once():
    order = make_order()
    manager, admin = make_member(None, order.station), make_admin()
    approve_order(manager, order=order)
    (invoice,) = submit_bill(manager, order=order)
    approve_bill(admin, invoice=invoice)

    ends = at_once(
        partial(mark_paid, admin, invoice=Invoice.objects.get(), method=Method.CASH)
        for _ in range(8)
    )

    assert ends == {"done": 8}
    assert Payment.objects.count() == 1


def test_two_ratings_at_once_count_once():
    order = make_order()
    manager = make_member(None, order.station)
    approve_order(manager, order=order)
    dispatch_order(manager, order=order)
    line = order.lines.get()
    deliver_order(manager, order=order, handed={line.pk: Handed(1, 1)}, code=order.code)

    ends = at_once(
        partial(rate_order, order.buyer, order=Order.objects.get(), stars=5) for _ in range(8)
    )

    assert ends == {"done": 1, "AlreadyRated": 7}
    order.station.refresh_from_db()
    assert (order.station.rating_sum, order.station.rating_count) == (5, 1)


def test_a_first_posting_to_a_new_place_made_twice_at_once_counts_both():
    station = make_station()
    variant = make_variant()
    listing = make_listing(station, variant, full=40)
    manager = make_member(None, station)
    buyer = make_user()
    orders = [make_order(listing, buyer=buyer) for _ in range(12)]
    for order in orders:
        approve_order(manager, order=order)

    ends = at_once(
        partial(dispatch_order, manager, order=Order.objects.get(pk=order.pk)) for order in orders
    )

    assert ends == {"done": 12}
    assert list(differences()) == []
