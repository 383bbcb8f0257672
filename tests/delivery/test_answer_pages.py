"""The buyer of a delivery that failed says when to come again."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from gasstock.delivery.models import Delivery, Wish
from gasstock.delivery.services.running import try_again
from gasstock.notifications.models import Notification
from gasstock.orders.services.promises import coming
from tests.delivery.acts import failed
from tests.factories import make_user


@pytest.fixture
def delivery(manager, rider, gas, buyer, noon):
    """One that Eric stood before the door with, in vain."""
    return failed(manager, rider, gas, buyer=buyer)


def door(delivery):
    return f"{delivery.order.get_absolute_url()}answer/"


def read(client, delivery):
    return unescape(client.get(delivery.order.get_absolute_url()).text)


def say(client, delivery, when, moment="", **how):
    return client.post(door(delivery), {"when": when, "moment": moment}, **how)


def typed(moment):
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"


def test_now_is_one_press_on_the_order(marie, delivery):
    response = say(marie, delivery, "now")

    assert response.url == delivery.order.get_absolute_url()
    delivery.refresh_from_db()
    assert delivery.wish == Wish.TRY_AGAIN
    page = read(marie, delivery)
    assert "You answered" in page
    assert "Come as soon as you can" in page
    assert "Change it" in page


def test_a_window_of_the_station_is_a_promise(marie, gas, window, delivery):
    [slot] = coming(gas.station)
    assert "Between 16:00 and 18:00" in unescape(marie.get(door(delivery)).text)

    say(marie, delivery, slot.key)

    delivery.refresh_from_db()
    order = delivery.order
    assert (delivery.wish, delivery.wished_from) == (Wish.LATER, slot.starts_at)
    assert (order.promised_from, order.promised_until) == (slot.starts_at, slot.ends_at)
    assert "Come between 16:00 and 18:00" in read(marie, delivery)


def test_any_time_of_the_next_days_is_one_too(marie, manager, noon, delivery):
    moment = noon + timedelta(days=2, hours=3)

    say(marie, delivery, "other", typed(moment))

    delivery.refresh_from_db()
    assert delivery.wished_from == delivery.order.promised_from == moment
    station = Notification.objects.filter(user=manager, kind="desk.failed").latest("pk")
    assert station.text.endswith(f"come at another time, {moment:%a %-d %b} 15:00.")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("", "Choose a day and a time."),
        ("yesterday", "That time is over."),
        ("in 8 days", "Choose a time within the next 7 days."),
        ("nonsense", "Write a day and a time"),
        ("0001-01-01T00:00", "That time is over."),
        ("9999-12-31T23:59", "Choose a time within the next 7 days."),
        ("2026-02-30T10:00", "Write a day and a time"),
        ("\x00", "Write a day and a time"),
    ],
)
def test_a_bad_time_is_said_beside_the_field(marie, noon, moment, words, delivery):
    known = {"yesterday": noon - timedelta(days=1), "in 8 days": noon + timedelta(days=8)}
    moment = typed(known[moment]) if moment in known else moment

    response = say(marie, delivery, "other", moment)

    assert response.status_code == 422
    assert words in response.context["form"].errors["moment"][0]
    delivery.refresh_from_db()
    assert delivery.wish == Wish.NONE


@pytest.mark.parametrize("when", ["", "1-20200101", "x" * 5000, "٣", "\x00"])
def test_a_window_that_is_gone_is_not_offered(marie, window, when, delivery):
    response = say(marie, delivery, when)

    assert response.status_code == 422
    assert "when" in response.context["form"].errors


def test_a_time_that_nobody_asked_for_does_not_matter(marie, delivery):
    assert say(marie, delivery, "now", "nonsense").status_code == 302


def test_it_may_be_changed_and_stands_in_the_form(marie, gas, window, noon, delivery):
    [slot] = coming(gas.station)
    say(marie, delivery, slot.key)
    form = marie.get(door(delivery)).context["form"]
    assert form.initial["when"] == slot.key

    say(marie, delivery, "now")

    delivery.refresh_from_db()
    assert delivery.wish == Wish.TRY_AGAIN
    assert delivery.order.promised_from == noon
    assert marie.get(door(delivery)).context["form"].initial == {"when": "now"}


def test_sent_twice_it_is_one_answer(marie, rider, delivery):
    for _ in range(2):
        say(marie, delivery, "now")

    assert Notification.objects.filter(user=rider, kind="run.answered").count() == 1


def test_after_it_left_again_nothing_is_to_answer(marie, rider, delivery):
    try_again(rider, delivery=delivery)

    opened = marie.get(door(delivery))
    sent = say(marie, delivery, "now", follow=True)

    assert opened.url == delivery.order.get_absolute_url()
    assert "needs no answer any more" in sent.text
    delivery.refresh_from_db()
    assert delivery.wish == Wish.NONE


@pytest.mark.parametrize("method", ["get", "post"])
def test_is_the_buyers_alone(client, manager, rider, method, delivery):
    for person in (make_user(), rider, manager):
        client.force_login(person)
        assert getattr(client, method)(door(delivery), {"when": "now"}).status_code == 404
    client.logout()
    assert client.get(door(delivery)).url.startswith("/account/login/")
    assert Delivery.objects.get().wish == Wish.NONE
