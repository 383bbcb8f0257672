"""A rider who stood there in vain, and what the buyer answers."""

from datetime import timedelta

import pytest

from gasstock.core import clock
from gasstock.delivery.errors import (
    DeliveryIsAlready,
    NotLeftYet,
    NotTheBuyer,
    TimeMissing,
)
from gasstock.delivery.models import (
    Attempt,
    DeliveryStatus,
    Failure,
    Wish,
)
from gasstock.delivery.services.running import (
    answer,
    bring_back,
    fail,
    try_again,
)
from gasstock.inventory.models import LocationKind
from gasstock.notifications.models import Notification
from gasstock.orders.models import OrderStatus
from tests.delivery.acts import assigned, at, come_home, failed, kinds, out, press


class TestFailing:
    def test_leaves_the_gas_on_the_bike_and_tells_everybody(self, manager, rider, gas, buyer):
        delivery = out(manager, rider, {gas: 2}, buyer=buyer)

        fail(rider, delivery=delivery, failure=Failure.ABSENT, note=" Nobody answers ")

        delivery.order.refresh_from_db()
        assert (delivery.status, delivery.order.status) == ("failed", OrderStatus.DISPATCHED)
        assert at(LocationKind.RIDER, gas.variant) == 2
        attempt = Attempt.objects.get()
        assert (attempt.rider, attempt.failure, attempt.note) == (rider, "absent", "Nobody answers")
        texts = Notification.objects.filter(kind__in=("order.failed", "desk.failed"))
        assert {x.user for x in texts} == {buyer, manager}
        assert texts.get(user=buyer).text == (
            f"Eric could not hand over order {delivery.order}: nobody at home. "
            "Say when to come again."
        )
        assert kinds(delivery.order)[-1] == "failed"

    def test_pressed_twice_is_one_attempt(self, manager, rider, gas):
        delivery = out(manager, rider, gas)

        for _ in range(2):
            fail(rider, delivery=delivery, failure=Failure.UNSAFE, note="Dog")

        assert Attempt.objects.count() == 1
        assert kinds(delivery.order).count("failed") == 1

    def test_otherwise_than_before_is_refused(self, manager, rider, gas):
        delivery = failed(manager, rider, gas)

        with pytest.raises(DeliveryIsAlready, match="already not delivered"):
            fail(rider, delivery=delivery, failure=Failure.REFUSED)

    @pytest.mark.parametrize("is_out", [True, False])
    def test_only_what_is_out_fails(self, manager, rider, gas, is_out):
        delivery = press(rider, out(manager, rider, gas)) if is_out else None
        delivery = delivery or assigned(manager, rider, gas)

        with pytest.raises(DeliveryIsAlready if is_out else NotLeftYet):
            fail(rider, delivery=delivery, failure=Failure.ABSENT)

    def test_it_may_be_given_up_later(self, manager, rider, gas):
        delivery = failed(manager, rider, gas)

        for _ in range(2):
            bring_back(rider, delivery=delivery)

        assert delivery.goes_back
        note = Notification.objects.filter(user=manager, text__contains="brings order")
        assert note.count() == 1

    def test_it_is_tried_again_after_the_others(self, manager, rider, gas, buyer):
        delivery = failed(manager, rider, gas, goes_back=True, buyer=buyer)
        later = assigned(manager, rider, gas)

        for _ in range(2):
            try_again(rider, delivery=delivery)

        assert (delivery.status, delivery.goes_back) == (DeliveryStatus.ON_THE_WAY, False)
        assert delivery.position > later.position
        assert kinds(delivery.order)[-1] == "tried_again"
        assert Notification.objects.filter(user=buyer, kind="order.tried_again").count() == 1

    def test_what_was_delivered_is_not_tried_again(self, manager, rider, gas):
        delivery = press(rider, out(manager, rider, gas))

        for step in (try_again, bring_back):
            with pytest.raises(DeliveryIsAlready):
                step(rider, delivery=delivery)


class TestAnswering:
    def test_the_buyer_says_come_again(self, manager, rider, gas, buyer):
        delivery = failed(manager, rider, gas, buyer=buyer)
        promised = delivery.order.promised_until

        answer(buyer, delivery=delivery, wish=Wish.TRY_AGAIN)

        delivery.order.refresh_from_db()
        assert (delivery.wish, delivery.wished_from) == (Wish.TRY_AGAIN, None)
        assert delivery.order.promised_until == promised
        said = Notification.objects.filter(text=f"Marie Uwase, order {delivery.order}: come again.")
        assert {x.user for x in said} == {rider, manager}
        assert all(x.url for x in said)

    def test_another_time_is_a_new_promise(self, manager, rider, gas, buyer):
        delivery = failed(manager, rider, gas, buyer=buyer)
        tomorrow = clock.now() + timedelta(days=1)

        answer(buyer, delivery=delivery, wish=Wish.LATER, wished_from=tomorrow)

        order = delivery.order
        order.refresh_from_db()
        assert delivery.wished_from == order.promised_from == tomorrow
        assert order.promised_until == tomorrow + timedelta(minutes=gas.station.delivery_minutes)

    @pytest.mark.parametrize("when", [None, timedelta(minutes=-1)])
    def test_that_time_is_still_to_come(self, manager, rider, gas, buyer, when):
        delivery = failed(manager, rider, gas, buyer=buyer)
        moment = when and clock.now() + when

        with pytest.raises(TimeMissing):
            answer(buyer, delivery=delivery, wish=Wish.LATER, wished_from=moment)

    def test_nobody_answers_for_the_buyer(self, manager, rider, gas):
        with pytest.raises(NotTheBuyer):
            answer(manager, delivery=failed(manager, rider, gas), wish=Wish.TRY_AGAIN)

    def test_what_did_not_fail_needs_no_answer(self, manager, rider, gas, buyer):
        delivery = out(manager, rider, gas, buyer=buyer)

        with pytest.raises(DeliveryIsAlready):
            answer(buyer, delivery=delivery, wish=Wish.TRY_AGAIN)

    def test_it_may_come_after_the_gas_went_home(self, manager, clerk, rider, gas, buyer):
        delivery = failed(manager, rider, gas, goes_back=True, buyer=buyer)
        come_home(clerk, rider, gas.station, {(gas, "full"): 1})
        tomorrow = clock.now() + timedelta(days=1)

        answer(buyer, delivery=delivery, wish=Wish.LATER, wished_from=tomorrow)

        delivery.order.refresh_from_db()
        assert delivery.order.promised_from == tomorrow

    def test_the_next_failure_asks_anew(self, manager, rider, gas, buyer):
        delivery = failed(manager, rider, gas, buyer=buyer)
        answer(buyer, delivery=delivery, wish=Wish.TRY_AGAIN)
        try_again(rider, delivery=delivery)

        fail(rider, delivery=delivery, failure=Failure.ABSENT)

        assert delivery.wish == Wish.NONE
        assert Attempt.objects.count() == 2
