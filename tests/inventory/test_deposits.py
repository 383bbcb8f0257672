from functools import partial

import pytest

from gasstock.inventory.errors import NotHeld
from gasstock.inventory.models import DepositEntry
from gasstock.inventory.services import deposits
from gasstock.inventory.services.deposits import Refund
from gasstock.inventory.services.verify import differences
from tests.factories import make_station, make_user, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer():
    return make_user()


@pytest.fixture
def shell():
    return make_variant(deposit=30_000)


@pytest.fixture
def hold(station, buyer, shell):
    return partial(deposits.hold, station=station, buyer=buyer, variant=shell)


@pytest.fixture
def give_back(station, buyer, shell):
    return partial(deposits.give_back, station=station, buyer=buyer, variant=shell)


def kept(buyer, station=None):
    return [(held.variant, held.quantity, held.amount) for held in deposits.held_by(buyer, station)]


class TestHolding:
    def test_a_buyer_holds_what_was_paid_for(self, hold, buyer, station, shell):
        hold(quantity=2, unit_amount=25_000, document="KGP-1")
        hold(quantity=1, unit_amount=30_000, document="KGP-2")

        assert deposits.held_by(buyer) == [(station, shell, 3, 80_000)]
        assert deposits.owed_by(station) == {shell.pk: (3, 80_000)}

    def test_nothing_is_no_entry(self, hold):
        hold(quantity=0, unit_amount=25_000, document="KGP-1")

        assert not DepositEntry.objects.exists()

    def test_stations_do_not_see_each_others_deposits(self, hold, buyer):
        hold(quantity=1, unit_amount=25_000, document="KGP-1")

        assert kept(buyer, make_station()) == []

    def test_what_came_back_is_no_longer_listed(self, hold, give_back, buyer):
        hold(quantity=1, unit_amount=25_000, document="KGP-1")
        give_back(quantity=1, document="KGP-2")

        assert kept(buyer) == []


class TestGivingBack:
    def test_the_oldest_deposit_comes_first(self, hold, give_back, buyer, shell):
        hold(quantity=2, unit_amount=25_000, document="KGP-1")
        hold(quantity=2, unit_amount=30_000, document="KGP-2")

        assert give_back(quantity=3, document="KGP-3") == [Refund(2, 25_000), Refund(1, 30_000)]
        assert kept(buyer) == [(shell, 1, 30_000)]

    def test_an_old_price_that_came_again_is_paid_in_turn(self, hold, give_back):
        for number, amount in enumerate([20_000, 30_000, 20_000]):
            hold(quantity=1, unit_amount=amount, document=f"KGP-{number}")

        refunds = [give_back(quantity=1, document=f"BACK-{n}")[0].unit_amount for n in range(3)]

        assert refunds == [20_000, 30_000, 20_000]

    def test_no_more_comes_back_than_is_held(self, hold, give_back, buyer, shell):
        hold(quantity=1, unit_amount=25_000, document="KGP-1")

        with pytest.raises(NotHeld, match=f"only 1 {shell.name}") as refused:
            give_back(quantity=2, document="KGP-2")

        assert refused.value.held == 1
        assert kept(buyer) == [(shell, 1, 25_000)]

    def test_another_station_pays_nothing_back(self, hold, buyer, shell):
        hold(quantity=1, unit_amount=25_000, document="KGP-1")

        with pytest.raises(NotHeld, match=f"no {shell.name}"):
            deposits.give_back(
                station=make_station(), buyer=buyer, variant=shell, quantity=1, document="X-1"
            )

    def test_a_walk_in_gets_todays_deposit(self, station, shell):
        refunds = deposits.give_back(
            station=station, buyer=None, variant=shell, quantity=2, document="KGP-1"
        )

        assert refunds == [Refund(2, 30_000)]
        assert refunds[0].total == 60_000
        assert deposits.owed_by(station) == {shell.pk: (-2, -60_000)}

    def test_the_lots_say_since_when_and_for_how_much(self, hold, give_back, station, buyer, shell):
        hold(quantity=2, unit_amount=25_000, document="KGP-1")
        hold(quantity=1, unit_amount=30_000, document="KGP-2")
        give_back(quantity=1, document="KGP-3")

        lots = deposits.lots_of(station=station, buyer=buyer, variant=shell)

        first = DepositEntry.objects.order_by("pk")[0]
        assert [(lot.document, lot.quantity) for lot in lots] == [("KGP-1", 1), ("KGP-2", 1)]
        assert lots[0].since == first.created_at


class TestSwappingBrands:
    @pytest.fixture
    def other(self):
        return make_variant(deposit=28_000)

    @pytest.fixture
    def swap(self, station, shell, other):
        return partial(deposits.carry_over, station=station, brought=shell, taken=other)

    def test_the_deposit_follows_the_shell(self, hold, swap, buyer, other):
        hold(quantity=1, unit_amount=25_000, document="KGP-1")

        swap(buyer=buyer, quantity=3, document="KGP-2")

        assert kept(buyer) == [(other, 1, 25_000)]

    def test_a_shell_without_a_deposit_brings_none(self, swap, buyer):
        swap(buyer=buyer, quantity=1, document="KGP-2")
        swap(buyer=None, quantity=1, document="KGP-2")

        assert not DepositEntry.objects.exists()

    def test_undone_it_follows_back(self, hold, swap, buyer, shell):
        hold(quantity=1, unit_amount=25_000, document="KGP-1")
        swap(buyer=buyer, quantity=1, document="KGP-2")

        deposits.undo(document="KGP-2")

        assert kept(buyer) == [(shell, 1, 25_000)]


class TestUndoing:
    def test_what_was_taken_is_gone(self, hold, buyer):
        hold(quantity=2, unit_amount=25_000, document="KGP-1")

        deposits.undo(document="KGP-1")

        assert kept(buyer) == []
        assert DepositEntry.objects.count() == 2

    def test_what_was_given_back_is_held_again_in_its_old_place(self, hold, give_back):
        hold(quantity=1, unit_amount=25_000, document="KGP-1")
        hold(quantity=1, unit_amount=30_000, document="KGP-2")
        give_back(quantity=1, document="KGP-3")

        deposits.undo(document="KGP-3")

        assert give_back(quantity=1, document="KGP-4") == [Refund(1, 25_000)]

    def test_twice_is_once(self, hold, buyer):
        hold(quantity=2, unit_amount=25_000, document="KGP-1")

        deposits.undo(document="KGP-1")
        deposits.undo(document="KGP-1")

        assert DepositEntry.objects.count() == 2

    def test_other_documents_stay(self, hold, buyer, shell):
        hold(quantity=1, unit_amount=25_000, document="KGP-1")
        hold(quantity=1, unit_amount=25_000, document="KGP-10")

        deposits.undo(document="KGP-1")

        assert kept(buyer) == [(shell, 1, 25_000)]

    def test_a_shell_that_came_back_cannot_be_untaken(self, hold, give_back, buyer, shell):
        hold(quantity=1, unit_amount=25_000, document="KGP-1")
        give_back(quantity=1, document="KGP-2")
        hold(quantity=1, unit_amount=30_000, document="KGP-3")

        with pytest.raises(NotHeld):
            deposits.undo(document="KGP-1")

        assert kept(buyer) == [(shell, 1, 30_000)]

    def test_a_walk_ins_deposits_are_undone_as_well(self, station, shell):
        deposits.give_back(station=station, buyer=None, variant=shell, quantity=2, document="KGP-1")

        deposits.undo(document="KGP-1")

        assert deposits.owed_by(station) == {shell.pk: (0, 0)}


def test_more_given_back_than_taken_is_named(station, buyer, shell):
    values = {"station": station, "buyer": buyer, "variant": shell, "document": "KGP-1"}
    DepositEntry.objects.create(**values, quantity=1, unit_amount=30_000)
    DepositEntry.objects.create(**values, quantity=-1, unit_amount=25_000)

    assert list(differences()) == [
        f"station {station.pk}: buyer {buyer.pk} holds -1 of variant {shell.pk} "
        "at a deposit of 25000"
    ]
