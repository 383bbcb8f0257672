"""Deposits and other brands' empties, at the hand-over of what was ordered."""

import pytest

from gasstock.inventory.models import DepositEntry, Listing, LocationKind
from gasstock.inventory.services import deposits
from gasstock.inventory.services.verify import differences as stock_differences
from gasstock.orders.errors import EmptyNotTaken
from gasstock.orders.models import Fulfilment, LineKind, OrderStatus
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import approve_order
from gasstock.orders.services.verify import differences
from tests.factories import make_order, make_station, make_variant
from tests.orders.acts import delivered, held_at, on_the_way
from tests.queries import cost


@pytest.fixture(autouse=True)
def _books_balance(db):
    yield
    assert [*stock_differences(), *differences()] == []


@pytest.fixture
def station(db):
    """It approves large orders itself."""
    return make_station(
        "kimironko", code="KGP", name="Kimironko Gas Point", approval_limit=1_000_000
    )


@pytest.fixture
def other(gas):
    """The same size of another brand, that the station does not sell."""
    return make_variant("Other 12 kg", size_g=gas.variant.size_g)


@pytest.fixture
def takes_all(station):
    station.takes_foreign_empties = True
    station.save()


def kept(order):
    return [(each.variant, each.quantity, each.amount) for each in deposits.held_by(order.buyer)]


def hand_over(order, manager, **handed):
    line = order.lines.get()
    return deliver_order(manager, order=order, handed={line.pk: Handed(**handed)}, code=order.code)


class TestDeposits:
    def test_a_new_cylinder_is_held_for_its_deposit(self, gas, manager):
        order = delivered(make_order({gas: 2}, kind=LineKind.NEW), manager)

        assert kept(order) == [(gas.variant, 2, 60_000)]

    def test_a_refill_holds_nothing(self, gas, manager):
        delivered(make_order({gas: 2}), manager)

        assert not DepositEntry.objects.exists()

    def test_a_missing_empty_is_held_for_its_deposit(self, gas, manager):
        order = on_the_way(make_order({gas: 3}), manager)

        hand_over(order, manager, delivered=3, empties=2)

        assert kept(order) == [(gas.variant, 1, 30_000)]

    def test_only_what_was_handed_over_is_held(self, gas, manager):
        order = on_the_way(make_order({gas: 3}, kind=LineKind.NEW), manager)

        hand_over(order, manager, delivered=1)

        assert kept(order) == [(gas.variant, 1, 30_000)]

    def test_the_deposit_is_that_of_the_day_it_was_ordered(self, gas, manager):
        order = make_order(gas, kind=LineKind.NEW)
        gas.variant.deposit = 99_000
        gas.variant.save()

        delivered(order, manager)

        assert kept(order) == [(gas.variant, 1, 30_000)]

    def test_the_line_remembers_what_it_cost(self, gas, manager):
        Listing.objects.filter(pk=gas.pk).update(average_cost=14_500)

        order = delivered(make_order(gas), manager)

        assert order.lines.get().unit_cost == 14_500

    def test_a_deposit_that_no_order_charged_is_named(self, gas, manager, station):
        order = delivered(make_order(gas, kind=LineKind.NEW), manager)
        extra = {"station": station, "buyer": order.buyer, "variant": gas.variant}
        deposits.hold(**extra, quantity=1, unit_amount=5, document=order.number)
        deposits.hold(**extra, quantity=1, unit_amount=7, document="KGP-GONE")

        assert list(differences()) == [
            f"order {order}: deposits of 30000 for 1 shells, held are 30005 for 2",
            "no order for the deposits of 7 for 1 shells of KGP-GONE",
        ]
        deposits.undo(document="KGP-GONE")
        DepositEntry.objects.create(**extra, quantity=-1, unit_amount=5, document=order.number)


class TestOtherBrands:
    def test_come_back_where_the_station_takes_them(self, gas, manager, other, takes_all):
        order = on_the_way(make_order({gas: 2}), manager)

        hand_over(order, manager, delivered=2, empties=2, empty_variant=other)

        line = order.lines.get()
        assert line.empty_variant == other
        assert held_at(LocationKind.BUYER, gas) == 2
        assert held_at(LocationKind.BUYER, gas, "empty") == 0
        rider = order.rider.locations.get().balances.get(variant=other)
        assert (rider.condition, rider.on_hand) == ("empty", 2)

    def test_do_not_come_back_elsewhere(self, gas, manager, other):
        order = on_the_way(make_order({gas: 2}), manager)

        with pytest.raises(EmptyNotTaken, match="Other 12 kg is not taken"):
            hand_over(order, manager, delivered=2, empties=2, empty_variant=other)

        order.refresh_from_db()
        assert order.status == OrderStatus.DISPATCHED

    def test_are_of_the_same_size(self, gas, manager, takes_all):
        order = on_the_way(make_order({gas: 2}), manager)

        with pytest.raises(EmptyNotTaken):
            hand_over(
                order,
                manager,
                delivered=2,
                empties=2,
                empty_variant=make_variant(size_g=6_000),
            )

    def test_the_own_brand_chosen_by_name_is_nothing_special(self, gas, manager):
        order = on_the_way(make_order({gas: 2}), manager)

        hand_over(order, manager, delivered=2, empties=2, empty_variant=gas.variant)

        assert order.lines.get().empty_variant is None

    def test_take_their_deposit_along(self, gas, manager, station, other, takes_all, buyer):
        deposits.hold(
            station=station,
            buyer=buyer,
            variant=other,
            quantity=1,
            unit_amount=25_000,
            document="KGP-OLD",
        )
        order = on_the_way(make_order({gas: 2}, buyer=buyer), manager)

        hand_over(order, manager, delivered=2, empties=2, empty_variant=other)

        assert kept(order) == [(gas.variant, 1, 25_000)]
        deposits.undo(document=order.number)
        deposits.undo(document="KGP-OLD")


class TestTheForm:
    @pytest.fixture
    def order(self, gas, clerk):
        order = make_order({gas: 2}, fulfilment=Fulfilment.PICKUP)
        return approve_order(clerk, order=order)

    @pytest.fixture
    def url(self, client, clerk, order):
        client.force_login(clerk)
        return f"/at/kimironko/orders/{order.number}/deliver/"

    def typed(self, order, brand):
        line = order.lines.get()
        return {
            f"delivered_{line.pk}": 2,
            f"empties_{line.pk}": 2,
            f"brand_{line.pk}": brand,
            "code": order.code,
        }

    def test_asks_for_the_brand_if_the_station_takes_them_all(
        self, client, url, order, other, takes_all
    ):
        make_variant("Small 6 kg", size_g=6_000)

        page = client.get(url).text
        client.post(url, self.typed(order, other.pk))

        assert f'<option value="{other.pk}">Other 12 kg</option>' in page
        assert "Small 6 kg" not in page
        assert order.lines.get().empty_variant == other

    def test_does_not_ask_elsewhere_and_does_not_listen(self, client, url, order, other):
        page = client.get(url).text
        client.post(url, self.typed(order, other.pk))

        assert "Other 12 kg" not in page
        assert order.lines.get().empty_variant is None

    def test_refuses_a_brand_that_is_not_there(self, client, url, order, other, takes_all):
        bad = client.post(url, self.typed(order, 999_999))

        order.refresh_from_db()
        assert bad.status_code == 422
        assert order.status == OrderStatus.APPROVED

    def test_costs_one_query_more_where_it_asks(self, client, url, station):
        plain = cost(client, url)
        station.takes_foreign_empties = True
        station.save()

        assert cost(client, url) == plain + 1


class TestWhatTheBuyerReads:
    def test_the_order_says_what_is_kept(self, client, gas, manager, buyer):
        order = delivered(make_order({gas: 2}, buyer=buyer, kind=LineKind.NEW), manager)
        client.force_login(buyer)

        page = client.get(order.get_absolute_url()).text

        assert "Cylinders you hold" in page
        assert "Deposit RWF\u00a060,000, yours on return" in page

    def test_my_cylinders_are_listed_by_station(self, client, gas, manager, buyer):
        delivered(make_order({gas: 2}, buyer=buyer, kind=LineKind.NEW), manager)
        client.force_login(buyer)

        page = client.get("/cylinders/").text

        assert "Kimironko Gas Point" in page
        assert f"2 × {gas.variant}" in page
        assert "RWF\u00a060,000 of deposits are yours" in page

    def test_other_buyers_see_nothing_of_it(self, client, gas, manager, buyer):
        delivered(make_order(gas, kind=LineKind.NEW), manager)
        client.force_login(buyer)

        page = client.get("/cylinders/").text

        assert "No cylinder on deposit" in page
        assert gas.variant.name not in page

    def test_visitors_sign_in_first(self, client, db):
        assert client.get("/cylinders/")["Location"].startswith("/account/login/")
