"""An order's timeline as its buyer reads it, and when it is said to come."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from gasstock.core import clock
from gasstock.orders.models import EventKind
from gasstock.orders.services.life import approve_order, dispatch_order, take_back_order
from gasstock.orders.services.timeline import write_event
from gasstock.orders.story import promised, steps_of
from tests.factories import make_order


@pytest.fixture
def order(gas, buyer):
    return make_order(gas, buyer=buyer)


@pytest.fixture
def sent(order, manager, rider):
    approve_order(manager, order=order)
    return dispatch_order(manager, order=order, rider=rider)


def told(order):
    return [(step.name, step.state) for step in steps_of(order)]


def now(order):
    return [step.name for step in steps_of(order) if step.state == "now"]


def test_what_happened_is_done_and_the_rest_is_next(order, manager):
    approve_order(manager, order=order)

    assert told(order) == [
        ("Placed", "done"),
        ("Approved", "now"),
        ("On the way", "next"),
        ("Delivered", "next"),
    ]


def test_a_try_in_vain_is_told_with_its_reason(sent, rider):
    write_event(rider, sent, EventKind.FAILED, note="Nobody at home")

    failed, delivered = steps_of(sent)[-2:]

    assert (failed.name, failed.text, failed.icon) == ("Not delivered", "Nobody at home", "home-x")
    assert failed.state == "now"
    assert (delivered.name, delivered.state) == ("Delivered", "next")


def test_another_try_is_where_it_stands(sent, rider):
    write_event(rider, sent, EventKind.FAILED)
    write_event(rider, sent, EventKind.TRIED_AGAIN)

    assert told(sent)[-3:] == [
        ("Not delivered", "done"),
        ("On the way again", "now"),
        ("Delivered", "next"),
    ]
    failed, again, _delivered = steps_of(sent)[-3:]
    assert (failed.icon, again.icon) == ("home-x", "repeat")


def test_brought_back_it_waits_to_leave_anew(sent, manager):
    take_back_order(manager, order=sent, reason="Nobody at home")

    assert told(sent)[-4:] == [
        ("On the way", "done"),
        ("Back at the station", "now"),
        ("On the way", "next"),
        ("Delivered", "next"),
    ]


def test_only_one_step_is_now_after_it_left_twice(sent, manager, rider):
    take_back_order(manager, order=sent, reason="Nobody at home")
    dispatch_order(manager, order=sent, rider=rider)

    assert told(sent) == [
        ("Placed", "done"),
        ("Approved", "done"),
        ("On the way", "done"),
        ("Back at the station", "done"),
        ("On the way", "now"),
        ("Delivered", "next"),
    ]


def test_one_step_is_now_wherever_it_stands(order, manager, rider):
    seen = [now(order)]
    for step in (
        lambda: approve_order(manager, order=order),
        lambda: dispatch_order(manager, order=order, rider=rider),
        lambda: write_event(rider, order, EventKind.FAILED),
        lambda: write_event(rider, order, EventKind.TRIED_AGAIN),
        lambda: write_event(rider, order, EventKind.FAILED),
        lambda: write_event(rider, order, EventKind.PAYMENT),
        lambda: take_back_order(manager, order=order, reason="Nobody at home"),
        lambda: dispatch_order(manager, order=order, rider=rider),
    ):
        step()
        seen.append(now(order))

    assert seen == [
        ["Placed"],
        ["Approved"],
        ["On the way"],
        ["Not delivered"],
        ["On the way again"],
        ["Not delivered"],
        ["Not delivered"],
        ["Back at the station"],
        ["On the way"],
    ]


class TestPromised:
    @pytest.fixture(autouse=True)
    def _noon(self):
        with clock.at(timezone.make_aware(datetime(2026, 11, 17, 12))):
            yield

    def words(self, order, first, until, days=0):
        noon = clock.now() + timedelta(days=days)
        order.promised_from = first and noon.replace(hour=first)
        order.promised_until = until and noon.replace(hour=until)
        return promised(order)

    @pytest.mark.parametrize(
        ("first", "until", "days", "words"),
        [
            (None, 14, 0, "by 14:00"),
            (16, 18, 0, "between 16:00 and 18:00"),
            (16, 18, 1, "tomorrow between 16:00 and 18:00"),
            (None, 8, -1, "yesterday by 08:00"),
            (16, 18, 3, "Fri 20 Nov between 16:00 and 18:00"),
            (None, None, 0, ""),
        ],
    )
    def test_in_words(self, order, first, until, days, words):
        assert self.words(order, first, until, days) == words
