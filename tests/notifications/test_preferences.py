"""How people are told: the ways they chose, quiet hours, their language."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import get_language

from gasstock.core import clock
from gasstock.notifications import outbox, preferences
from gasstock.notifications.kinds import BY_KEY
from gasstock.notifications.models import Channel, Message, Notification, Preferences
from gasstock.notifications.services import choose_ways, claim_digest, notify
from tests.factories import make_user

pytestmark = pytest.mark.django_db
NIGHT = (time(21), time(6))


@pytest.fixture
def marie():
    return make_user("marie@example.com", phone="+250788412906")


def choose(user, *, quiet=None, digest_hour=7, **chosen):
    return choose_ways(user, chosen=chosen, quiet=quiet, digest_hour=digest_hour)


def tell(user, kind="order.approved", text="Gas is here."):
    notify([user], kind=kind, text=text, url="/orders/", subject="Hello", body=text)


def sent():
    return [(x.channel, x.to) for x in Message.objects.order_by("channel")]


def test_who_chose_nothing_gets_what_the_group_comes_with(marie, simulator):
    tell(marie)
    assert (Notification.objects.count(), sent()) == (1, [("email", "marie@example.com")])

    tell(marie, "order.dispatched")
    assert sent()[-1] == ("sms", "+250788412906")


@pytest.mark.parametrize(
    ("ways", "notices", "channels"),
    [([], 0, []), (["app"], 1, []), (["email"], 0, ["email"]), (["sms"], 0, ["sms"])],
)
def test_each_group_comes_in_the_ways_chosen(marie, simulator, ways, notices, channels):
    choose(marie, orders=ways)

    tell(marie)

    assert Notification.objects.count() == notices
    assert [channel for channel, _to in sent()] == channels


def test_another_group_is_as_it_was(marie):
    choose(marie, orders=[])

    tell(marie, "run.given")

    assert Notification.objects.exists()


def test_what_is_about_the_account_cannot_be_switched_off(marie):
    choose(marie, account=[])

    tell(marie, "user.admin")

    assert (Notification.objects.count(), sent()) == (1, [("email", "marie@example.com")])


def test_groups_that_are_not_on_the_form_stay(marie):
    choose(marie, orders=[], stock=["app"])
    row = choose(marie, orders=["app"], made_up=["app"])

    assert row.chosen == {"orders": ["app"], "stock": ["app"]}


@pytest.mark.parametrize("phone", ["", "+2507884"])
def test_no_sms_without_a_good_number(marie, simulator, phone):
    marie.phone = phone
    tell(marie, "order.dispatched")

    assert not Message.objects.filter(channel=Channel.SMS).exists()


def test_no_sms_where_none_are_set_up(marie):
    tell(marie, "order.dispatched")

    assert not Message.objects.filter(channel=Channel.SMS).exists()


@pytest.mark.parametrize(
    ("hour", "due"),
    [(20, 20), (21, 30), (23, 30), (2, 6), (5, 6), (6, 6), (12, 12)],
)
def test_quiet_hours_go_over_midnight(hour, due):
    """In hours from midnight at the stations, two ahead of UTC."""
    wishes = Preferences(quiet_from=NIGHT[0], quiet_until=NIGHT[1])
    midnight = datetime(2026, 3, 1, 22, tzinfo=UTC)
    moment = midnight.replace(day=1 if hour < 2 else 2, hour=(hour - 2) % 24)

    until = preferences.quiet_until(wishes, moment)

    assert (until - midnight).total_seconds() / 3600 == due


def test_quiet_hours_may_be_of_the_day():
    wishes = Preferences(quiet_from=time(12), quiet_until=time(14))

    end = datetime(2026, 3, 2, 12, tzinfo=UTC)  # 14:00 in Kigali

    assert preferences.quiet_until(wishes, end - timedelta(minutes=1)) == end
    assert preferences.quiet_until(wishes, end) == end


def test_at_night_letters_wait_and_the_site_does_not(marie):
    choose(marie, quiet=NIGHT)
    with clock.at(datetime(2026, 3, 2, 20, tzinfo=UTC)):  # 22:00 in Kigali
        tell(marie)
        assert outbox.send_due() == 0

    assert Notification.objects.exists()
    with clock.at(datetime(2026, 3, 3, 4, tzinfo=UTC)):
        assert outbox.send_due() == 1
    assert len(mail.outbox) == 1


def test_what_cannot_wait_comes_at_night(marie):
    choose(marie, quiet=NIGHT)
    with clock.at(datetime(2026, 3, 2, 20, tzinfo=UTC)):
        tell(marie, "order.dispatched")

        assert outbox.send_due() == 1


def test_the_database_refuses_half_a_night(marie):
    with pytest.raises(IntegrityError), transaction.atomic():
        Preferences.objects.create(user=marie, quiet_from=time(21))


def test_each_person_reads_it_in_their_language(marie):
    jean = make_user(language="fr")
    text = format_lazy("{said} {{reason}}", said=lazystr("x"))
    spoken = []

    class Spy:
        def __str__(self):
            spoken.append(get_language())
            return str(text)

    with translation.override("en"):
        notify([marie, jean], kind="order.approved", text=Spy())
        assert get_language() == "en"

    assert spoken == ["en", "fr"]


def test_the_letter_of_a_day_is_claimed_once(marie):
    day = clock.today()

    assert claim_digest(marie, day=day)
    assert not claim_digest(marie, day=day)
    assert preferences.ways_of(Preferences.objects.get(), BY_KEY["digest"]) == {"app", "email"}
