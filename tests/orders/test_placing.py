import pytest

from gasstock.billing.models import InvoiceStatus
from gasstock.inventory.services.verify import differences
from gasstock.orders.errors import (
    KindNotOffered,
    NoDelivery,
    NotForSale,
    NothingOrdered,
    PriceChanged,
    ShortOfStock,
)
from gasstock.orders.models import Cart, Fulfilment, LineKind, Order
from gasstock.orders.services.carts import add_line, open_cart
from gasstock.orders.services.placing import Wanted, check_out, place_order
from tests.factories import (
    make_listing,
    make_order,
    make_station,
    make_terms,
    make_variant,
)
from tests.orders.acts import held


@pytest.fixture(autouse=True)
def _books_balance(db):
    yield
    assert list(differences()) == []


class TestPlacing:
    def test_holds_the_stock_and_freezes_the_price(self, gas, buyer):
        order = make_order({gas: 3}, buyer=buyer)
        gas.refill_price = 99_000
        gas.save()

        assert held(gas) == (10, 3)
        assert order.total == 3 * 20_000 + 1000
        assert order.invoice.status == InvoiceStatus.DRAFT
        assert order.invoice.total == order.total
        assert order.lines.get().unit_price == 20_000

    def test_a_new_cylinder_costs_its_deposit_too(self, gas, buyer):
        order = make_order({gas: 2}, buyer=buyer, kind=LineKind.NEW, fulfilment=Fulfilment.PICKUP)

        assert order.total == 2 * (22_000 + 30_000)
        assert order.delivery_fee == 0

    def test_two_lines_of_one_listing_count_as_one(self, gas, buyer):
        wanted = [Wanted(gas, LineKind.EXCHANGE, 6), Wanted(gas, LineKind.NEW, 5)]

        with pytest.raises(ShortOfStock) as refusal:
            place_order(buyer, station=gas.station, wanted=wanted, terms=make_terms())

        assert refusal.value.shortages == {gas.pk: 10}
        assert held(gas) == (10, 0)
        assert not Order.objects.exists()

    def test_every_short_line_is_named_and_nothing_is_held(self, station, buyer):
        plenty, few, none = (make_listing(station, full=n) for n in (9, 2, 0))

        with pytest.raises(ShortOfStock) as refusal:
            make_order({plenty: 5, few: 3, none: 1}, buyer=buyer)

        assert refusal.value.shortages == {few.pk: 2, none.pk: 0}
        assert held(plenty) == (9, 0)
        assert "Only 2 left of" in str(refusal.value)
        assert "None left of" in str(refusal.value)

    def test_what_is_not_offered_is_refused(self, station, buyer, gas):
        hidden = make_listing(station, is_published=False)
        refill_only = make_listing(station, new_price=None)
        hose = make_listing(station, make_variant(size_g=None), new_price=None)
        shop = make_station(delivers=False)

        with pytest.raises(NotForSale):
            make_order(hidden, buyer=buyer)
        with pytest.raises(KindNotOffered):
            make_order(refill_only, buyer=buyer, kind=LineKind.NEW)
        with pytest.raises(KindNotOffered):
            make_order(hose, buyer=buyer, kind=LineKind.EXCHANGE)
        with pytest.raises(KindNotOffered):
            make_order(gas, buyer=buyer, kind=LineKind.ACCESSORY)
        with pytest.raises(NoDelivery):
            make_order(make_listing(shop), buyer=buyer)
        assert not Order.objects.exists()

    def test_a_suspended_station_sells_nothing(self, gas, buyer, station):
        station.status, station.status_reason = "suspended", "Licence ran out"
        station.save()
        gas.refresh_from_db()

        with pytest.raises(NotForSale):
            make_order(gas, buyer=buyer)


class TestCheckOut:
    def test_two_stations_become_two_orders(self, gas, buyer):
        other = make_listing(make_station(delivery_fee=500))
        cart = open_cart(buyer, "")
        add_line(cart=cart, listing=gas, kind=LineKind.EXCHANGE)
        add_line(cart=cart, listing=other, kind=LineKind.EXCHANGE, quantity=2)

        orders = check_out(buyer, cart=cart, terms=make_terms())

        assert {order.station for order in orders} == {gas.station, other.station}
        assert sorted(order.total for order in orders) == [21_000, 40_500]
        assert not cart.lines.exists()

    def test_if_one_station_is_short_neither_gets_an_order(self, gas, buyer):
        empty = make_listing(make_station(), full=0)
        cart = open_cart(buyer, "")
        add_line(cart=cart, listing=gas, kind=LineKind.EXCHANGE)
        add_line(cart=cart, listing=empty, kind=LineKind.EXCHANGE)

        with pytest.raises(ShortOfStock):
            check_out(buyer, cart=cart, terms=make_terms())

        assert held(gas) == (10, 0)
        assert cart.lines.count() == 2

    def test_a_second_click_finds_an_empty_cart(self, gas, buyer):
        cart = open_cart(buyer, "")
        add_line(cart=cart, listing=gas, kind=LineKind.EXCHANGE)
        check_out(buyer, cart=cart, terms=make_terms())

        with pytest.raises(NothingOrdered):
            check_out(buyer, cart=Cart.objects.get(), terms=make_terms())

    def test_a_price_that_changed_meanwhile_is_shown_first(self, gas, buyer):
        cart = open_cart(buyer, "")
        add_line(cart=cart, listing=gas, kind=LineKind.EXCHANGE)

        with pytest.raises(PriceChanged):
            check_out(buyer, cart=cart, terms=make_terms(), expected_total=20_999)
