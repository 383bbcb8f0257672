"""A rider's run: leaving, handing over; everything pressed twice."""

import pytest

from gasstock.billing.errors import AmountMissing
from gasstock.billing.models import Method, Payment
from gasstock.billing.services.shifts import expected, open_shift
from gasstock.delivery.errors import (
    AlreadyDelivered,
    CashAboveBill,
    DeliveredOtherwise,
    DeliveryIsAlready,
    NotLeftYet,
    WithAnotherRider,
)
from gasstock.delivery.models import (
    CollectedCash,
    Delivery,
    DeliveryStatus,
    Photo,
)
from gasstock.delivery.services import homecoming
from gasstock.delivery.services.running import (
    depart,
)
from gasstock.inventory.models import LocationKind, Move
from gasstock.notifications.models import Notification
from gasstock.orders.errors import CodeMissing, NothingDelivered, NotOfTheTeam, WrongCode
from gasstock.orders.models import OrderStatus
from gasstock.orders.services.handover import Handed
from gasstock.orders.services.money import approve_bill, submit_bill, take_payment
from tests.delivery.acts import all_of, assigned, at, come_home, failed, kinds, out, press
from tests.factories import make_admin, make_brand, make_listing, make_variant


class TestLeaving:
    def test_moves_what_was_held_to_the_rider(self, manager, rider, gas, buyer):
        deliveries = [assigned(manager, rider, {gas: n}, buyer=buyer) for n in (1, 2)]

        left = depart(rider, station=gas.station, rider=rider, deliveries=deliveries)

        gas.full.refresh_from_db()
        assert (gas.full.on_hand, gas.full.reserved) == (17, 0)
        assert at(LocationKind.RIDER, gas.variant) == 3
        assert {x.status for x in left} == {DeliveryStatus.ON_THE_WAY}
        assert all(x.departed_at == x.order.dispatched_at for x in left)
        assert Notification.objects.filter(user=buyer, kind="order.dispatched").count() == 2

    def test_pressed_twice_leaves_once(self, manager, rider, gas):
        delivery = assigned(manager, rider, gas)

        for _ in range(2):
            left = depart(rider, station=gas.station, rider=rider, deliveries=[delivery])

        assert left == []
        assert Move.objects.filter(reason="dispatch").count() == 1

    def test_who_was_deactivated_leaves_with_nothing(self, manager, rider, gas):
        delivery = assigned(manager, rider, gas)
        rider.is_active = False
        rider.save()

        with pytest.raises(NotOfTheTeam):
            depart(manager, station=gas.station, rider=rider, deliveries=[delivery])

        assert at(LocationKind.RIDER, gas.variant) == 0

    def test_with_what_another_rider_has_by_now_nothing_leaves(self, manager, rider, other, gas):
        mine, theirs = assigned(manager, rider, gas), assigned(manager, other, gas)

        with pytest.raises(WithAnotherRider, match="goes with Jean now"):
            depart(rider, station=gas.station, rider=rider, deliveries=[mine, theirs])

        assert at(LocationKind.RIDER, gas.variant) == 0

    def test_what_is_over_does_not_leave_again(self, manager, rider, gas):
        delivery = press(rider, out(manager, rider, gas))

        with pytest.raises(DeliveryIsAlready, match="already delivered"):
            depart(rider, station=gas.station, rider=rider, deliveries=[delivery])


class TestHandingOver:
    def test_full_ones_go_and_empties_come(self, manager, rider, gas):
        delivery = press(rider, out(manager, rider, {gas: 2}))

        delivery.order.refresh_from_db()
        assert (delivery.status, delivery.order.status) == ("delivered", OrderStatus.DELIVERED)
        assert at(LocationKind.BUYER, gas.variant) == 2
        assert at(LocationKind.RIDER, gas.variant, "empty") == 2
        assert at(LocationKind.RIDER, gas.variant) == 0

    def test_a_part_leaves_the_rest_on_the_bike(self, manager, rider, gas):
        delivery = out(manager, rider, {gas: 3})

        press(rider, delivery, handed={delivery.order.lines.get().pk: Handed(1, 1)})

        assert at(LocationKind.RIDER, gas.variant) == 2

    def test_a_missing_empty_is_a_deposit(self, manager, rider, gas):
        delivery = out(manager, rider, {gas: 2})

        press(rider, delivery, handed=all_of(delivery, empties=1))

        delivery.order.invoice.refresh_from_db()
        assert delivery.order.invoice.total == 20_000 + 22_000 + 30_000 + 1_000

    def test_without_the_code_it_needs_a_reason(self, manager, rider, gas):
        delivery = out(manager, rider, gas)

        with pytest.raises(CodeMissing):
            press(rider, delivery, code="")
        press(rider, delivery, code="", override_reason="Her phone is dead")

        assert delivery.order.events.latest("pk").note == "Without the code: Her phone is dead"

    def test_a_wrong_code_counts_though_nothing_else_happens(self, manager, rider, gas):
        delivery = out(manager, rider, gas)
        wrong = "0000" if delivery.order.code != "0000" else "1111"

        with pytest.raises(WrongCode, match="4 more tries"):
            press(rider, delivery, code=wrong, cash=21_000)
        with pytest.raises(WrongCode, match="3 more tries"):
            press(rider, delivery, code=wrong, cash=21_000)

        assert not Payment.objects.exists()

    def test_after_five_wrong_codes_not_even_the_right_one_helps(self, manager, rider, gas):
        delivery = out(manager, rider, gas)
        wrong = "0000" if delivery.order.code != "0000" else "1111"
        said = []

        for code in [wrong] * 5 + [delivery.order.code]:
            delivery.order.refresh_from_db()
            with pytest.raises(WrongCode) as refused:
                press(rider, delivery, code=code)
            said.append(str(refused.value))

        assert said[3] == "That is not the buyer’s code. 1 more try."
        assert said[4] == said[5]
        assert said[5].startswith("Too many wrong codes.")

    def test_nothing_handed_over_is_no_delivery_and_takes_no_money(self, manager, rider, gas):
        delivery = out(manager, rider, gas)
        nothing = {delivery.order.lines.get().pk: Handed(0)}

        with pytest.raises(NothingDelivered):
            press(rider, delivery, handed=nothing, cash=5_000)

        delivery.refresh_from_db()
        assert delivery.status == DeliveryStatus.ON_THE_WAY
        assert not Payment.objects.exists()

    def test_what_has_not_left_is_not_handed_over(self, manager, rider, gas):
        with pytest.raises(NotLeftYet, match="has not left yet"):
            press(rider, assigned(manager, rider, gas))

    def test_what_failed_may_still_be_handed_over(self, manager, rider, gas):
        delivery = press(rider, failed(manager, rider, gas, goes_back=True))

        assert (delivery.status, delivery.goes_back) == (DeliveryStatus.DELIVERED, False)

    def test_what_went_home_is_not_handed_over(self, manager, clerk, rider, gas):
        delivery = failed(manager, rider, gas, goes_back=True)
        come_home(clerk, rider, gas.station, {(gas, "full"): 1})

        with pytest.raises(DeliveryIsAlready, match="already brought back"):
            press(rider, delivery)

    def test_a_photo_is_kept(self, manager, rider, gas):
        delivery = press(rider, out(manager, rider, gas), photo=b"webp")

        assert bytes(Photo.objects.get(delivery=delivery).image) == b"webp"


class TestCash:
    def test_is_a_payment_that_the_rider_carries(self, manager, rider, gas):
        delivery = press(rider, out(manager, rider, gas), cash=21_000)

        payment = Payment.objects.get()
        cash = CollectedCash.objects.get()
        assert (payment.amount, payment.method, payment.received_by) == (21_000, "cash", rider)
        assert (cash.payment, cash.rider, cash.delivery) == (payment, rider, delivery)
        assert cash.homecoming is None

    @pytest.mark.parametrize("cash", [None, 0])
    def test_none_is_no_payment(self, manager, rider, gas, cash):
        press(rider, out(manager, rider, gas), cash=cash)

        assert not Payment.objects.exists()

    def test_below_nothing_is_refused(self, manager, rider, gas):
        with pytest.raises(AmountMissing):
            press(rider, out(manager, rider, gas), cash=-1)

    def test_above_the_bill_is_confirmed_or_nothing_happened(self, manager, rider, gas):
        delivery = out(manager, rider, gas)

        with pytest.raises(CashAboveBill) as refused:
            press(rider, delivery, cash=25_000)
        delivery.refresh_from_db()
        was, paid = delivery.status, Payment.objects.count()
        press(rider, delivery, cash=25_000, confirm_over=True)

        assert (refused.value.more, was, paid) == (4_000, "on_the_way", 0)
        assert Payment.objects.get().amount == 25_000

    def test_enters_no_drawer_before_it_is_home(self, manager, rider, gas):
        """A manager with an open drawer presses for a rider who still has the money."""
        shift = open_shift(manager, station=gas.station, float_amount=5_000)

        press(manager, out(manager, rider, gas), cash=21_000)

        assert expected(shift) == {Method.CASH: 5_000}
        assert CollectedCash.objects.get().rider == rider

    def test_pays_the_further_invoice_of_a_missing_empty_too(self, manager, rider, gas):
        delivery = assigned(manager, rider, gas)
        order = delivery.order
        (invoice,) = submit_bill(manager, order=order)
        approve_bill(make_admin(), invoice=invoice)
        take_payment(manager, invoice=invoice, method=Method.CASH, amount=1_000, key="k")
        depart(rider, station=gas.station, rider=rider, deliveries=[delivery])

        press(rider, delivery, handed=all_of(delivery, empties=0), cash=52_500, confirm_over=True)

        further = invoice.corrections.get()
        invoice.refresh_from_db()
        assert (further.total, further.paid) == (52_000, 52_000)
        assert (invoice.owed, invoice.paid) == (1_000, 1_500)  # what is over is the buyer's
        assert sum(x.payment.amount for x in CollectedCash.objects.all()) == 52_500

    def test_that_settles_an_approved_bill_closes_the_order(self, manager, rider, gas):
        delivery = assigned(manager, rider, gas)
        (invoice,) = submit_bill(manager, order=delivery.order)
        approve_bill(make_admin(), invoice=invoice)
        depart(rider, station=gas.station, rider=rider, deliveries=[delivery])

        press(rider, delivery, cash=21_000)

        delivery.order.refresh_from_db()
        assert delivery.order.status == OrderStatus.CLOSED
        assert press(rider, delivery, cash=21_000) == delivery


class TestPressedTwice:
    def test_by_the_same_rider_is_one_delivery(self, manager, rider, gas):
        delivery = out(manager, rider, {gas: 2})

        first = press(rider, delivery, cash=41_000, photo=b"webp")
        again = press(rider, delivery, cash=41_000, photo=b"webp")

        assert first == again
        assert (Payment.objects.count(), Photo.objects.count()) == (1, 1)
        assert kinds(delivery.order).count("delivered") == 1

    def test_by_another_it_is_told_who_was_first(self, manager, rider, gas):
        delivery = out(manager, rider, gas)
        press(rider, delivery, cash=21_000)

        with pytest.raises(AlreadyDelivered, match=r"Eric Mugisha handed order .* over already"):
            press(manager, delivery, cash=21_000)

        assert Payment.objects.count() == 1

    @pytest.mark.parametrize("change", [{"cash": 20_000}, {"empties": 0}])
    def test_with_other_figures_the_rider_learns_that_the_first_stand(
        self, manager, rider, gas, change
    ):
        delivery = out(manager, rider, gas)
        press(rider, delivery, cash=21_000)
        figures = {"handed": all_of(delivery, change.get("empties")), "cash": 21_000}
        figures["cash"] = change.get("cash", 21_000)

        with pytest.raises(DeliveredOtherwise):
            press(rider, delivery, **figures)

        assert Payment.objects.get().amount == 21_000

    def test_with_empties_of_another_brand_the_first_stand(self, manager, rider, gas):
        station = gas.station
        station.takes_foreign_empties = True
        station.save()
        foreign = make_listing(station, make_variant(brand=make_brand("Meru"))).variant
        delivery = out(manager, rider, gas)
        line = delivery.order.lines.get().pk
        press(rider, delivery, handed={line: Handed(1, 1, foreign)})

        press(rider, delivery, handed={line: Handed(1, 1, foreign)})
        with pytest.raises(DeliveredOtherwise):
            press(rider, delivery)

        assert at(LocationKind.RIDER, foreign, "empty") == 1


def test_a_lost_answer_in_the_middle_is_made_good_by_the_second_press(
    manager, rider, gas, monkeypatch
):
    """The transaction is undone as a whole: no delivery without its cash, no cash without it."""
    delivery = out(manager, rider, gas)

    def breaks(*args, **values):
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(CollectedCash.objects, "create", breaks)
        with pytest.raises(ConnectionError):
            press(rider, delivery, cash=21_000)
    assert Delivery.objects.get().status == DeliveryStatus.ON_THE_WAY
    assert not Payment.objects.exists()

    press(rider, delivery, cash=21_000)

    assert homecoming.sum_of(homecoming.cash_with(gas.station, rider)) == 21_000
