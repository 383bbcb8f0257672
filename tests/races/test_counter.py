"""Several tills, and the storefront beside them, at the same moment. PostgreSQL only."""

from functools import partial
from io import StringIO

import pytest
from django.core.management import call_command

from gasstock.billing.models import Invoice, Method, Payment, Shift
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import count_shift, expected, open_shift
from gasstock.inventory.models import Balance
from gasstock.orders.models import LineKind, Order, OrderStatus
from gasstock.orders.services.apps import sell_by_app
from gasstock.orders.services.counter import SaleLine, sell, void_sale
from tests.factories import make_listing, make_member, make_order, make_station, make_user
from tests.races.conftest import at_once

pytestmark = pytest.mark.postgres


@pytest.fixture
def station():
    return make_station()


def cashier(station):
    person = make_member(make_user(password=None), station)
    open_shift(person, station=station, float_amount=100_000)
    return person


def ring_up(person, listing, key, quantity=1):
    return sell(
        person,
        station=listing.station,
        lines=[SaleLine(listing, LineKind.EXCHANGE, quantity)],
        tenders=[Tender(Method.CASH, 20_000 * quantity)],
        key=key,
    )


def books_are_clean():
    said = StringIO()
    call_command("verify_ledger", stdout=said)
    return "clean" in said.getvalue()


def test_20_sends_of_one_sale_are_one_sale(station):
    listing, person = make_listing(station, full=1), cashier(station)

    ends = at_once([partial(ring_up, person, listing, "the-same")] * 20)

    assert ends == {"done": 20}
    assert (Order.objects.count(), Payment.objects.count(), Invoice.objects.count()) == (1, 1, 1)
    assert Balance.objects.get(pk=listing.full_id).on_hand == 0
    assert books_are_clean()


def test_many_first_sales_of_an_app_open_one_drawer(station):
    listing = make_listing(station, full=10)
    person = make_member(make_user(password=None), station)
    calls = [
        partial(
            sell_by_app,
            person,
            station=station,
            lines=[SaleLine(listing, LineKind.EXCHANGE, 1)],
            tenders=[Tender(Method.CASH, 20_000)],
            key=f"app-sale-{n}",
        )
        for n in range(10)
    ]

    ends = at_once(calls)

    assert ends == {"done": 10}
    assert expected(Shift.objects.get()) == {Method.CASH: 200_000}
    assert books_are_clean()


@pytest.mark.parametrize("round_", range(5))
def test_counter_and_storefront_share_the_last_10(station, round_):
    listing = make_listing(station, full=10)
    people = [cashier(station) for _ in range(4)]
    sales = [partial(ring_up, people[n % 4], listing, f"sale-{round_}-{n}") for n in range(30)]
    orders = [partial(make_order, {listing: 1}, buyer=make_user(password=None)) for _ in range(30)]

    ends = at_once([call for pair in zip(sales, orders, strict=True) for call in pair])

    assert ends == {"done": 10, "ShortOfStock": 50}
    balance = Balance.objects.get(pk=listing.full_id)
    assert balance.available == 0
    assert Order.objects.counter().count() + balance.reserved == 10
    assert books_are_clean()


def test_opposite_tickets_never_wait_in_a_ring(station):
    a, b = (make_listing(station, full=200) for _ in range(2))
    people = [cashier(station) for _ in range(12)]

    def both(person, first, second, key):
        lines = [SaleLine(x, LineKind.EXCHANGE, 1) for x in (first, second)]
        pay = [Tender(Method.CASH, 40_000)]
        return sell(person, station=station, lines=lines, tenders=pay, key=key)

    for round_ in range(5):
        ends = at_once(
            partial(both, person, *((a, b) if n % 2 else (b, a)), f"{round_}-{n}-sale")
            for n, person in enumerate(people)
        )
        assert ends == {"done": 12}

    assert books_are_clean()


def test_two_managers_undo_a_sale_once(station):
    listing, person = make_listing(station, full=5), cashier(station)
    sale = ring_up(person, listing, "a-sale-1")
    managers = [cashier(station) for _ in range(8)]

    ends = at_once(
        partial(void_sale, manager, sale=Order.objects.get(pk=sale.pk), reason="Typed wrong")
        for manager in managers
    )

    assert ends == {"done": 1, "WrongStatus": 7}
    assert Balance.objects.get(pk=listing.full_id).on_hand == 5
    assert Order.objects.get().status == OrderStatus.VOIDED
    assert books_are_clean()


@pytest.mark.parametrize("round_", range(5))
def test_a_sale_is_in_the_drawer_before_the_count_or_not_at_all(station, round_):
    listing, person = make_listing(station, full=10), cashier(station)
    shift = person.shifts.get()

    ends = at_once(
        [
            *(partial(ring_up, person, listing, f"sale-{n}-{round_}") for n in range(6)),
            partial(count_shift, person, shift=shift, notes={}, wallets={}),
        ]
    )

    sold = Order.objects.count()
    assert ends["done"] == sold + 1
    assert ends["NoOpenShift"] == 6 - sold
    assert expected(shift)[Method.CASH] == 100_000 + 20_000 * sold
    assert books_are_clean()


def test_selling_and_undoing_at_once_do_not_wait_in_a_ring(station):
    listing, person = make_listing(station, full=100), cashier(station)

    for round_ in range(5):
        sale = ring_up(person, listing, f"old-sale-{round_}")
        ends = at_once(
            [
                *(partial(ring_up, person, listing, f"new-{round_}-{n}") for n in range(6)),
                partial(void_sale, person, sale=sale, reason="Typed wrong"),
            ]
        )
        assert ends == {"done": 7}

    assert books_are_clean()
