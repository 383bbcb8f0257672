from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from gasstock.core import clock
from gasstock.notifications import outbox
from gasstock.notifications.channels import CHANNELS
from gasstock.notifications.models import Channel, Message, MessageState, Notification
from gasstock.notifications.services import is_local, notify, post_mail, site_link
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def message():
    return Message.objects.create(to="marie@example.com", subject="Hello", body="Gas is here.")


@pytest.fixture
def broken(monkeypatch):
    def refuse(message):
        raise OSError("mail server is away")

    monkeypatch.setitem(CHANNELS, Channel.EMAIL, refuse)


def test_each_active_person_is_told_once():
    marie, closed = make_user(), make_user(is_active=False)

    notify([marie, marie, closed], kind="test", text="Gas is here.", url="/orders/")

    notice = Notification.objects.get()
    assert (notice.user, notice.text, notice.url) == (marie, "Gas is here.", "/orders/")
    assert not Message.objects.exists()


def test_telling_many_people_costs_a_query_and_two_inserts(django_assert_num_queries):
    people = [make_user() for _ in range(5)]

    with django_assert_num_queries(3):
        notify(people, kind="test", text="x", url="/", subject="Hello", body="Gas is here.")

    assert Message.objects.count() == 5


def test_a_letter_greets_leads_to_the_page_and_says_why():
    marie = make_user("marie@example.com", name="Marie Uwase")

    notify([marie], kind="x", text="x", url="/orders/G-1/", subject="Your\norder", body="It left.")

    message = Message.objects.get()
    assert message.to == "marie@example.com"
    assert message.subject == "Your order"
    assert message.body.startswith("Hello Marie,\n\nIt left.\n\n" + site_link("/orders/G-1/"))
    assert "because of what you do on GasStock" in message.body


def test_nobody_told_nothing_written(django_assert_num_queries):
    with django_assert_num_queries(0):
        notify([], kind="test", text="x", subject="Hello", body="x")


@pytest.mark.parametrize("url", ["https://evil.example", "//evil.example", "/\\evil.example", "x"])
def test_a_notice_leads_nowhere_but_here(url):
    assert not is_local(url)
    with pytest.raises(ValueError, match="this site"):
        notify([make_user()], kind="test", text="x", url=url)


def test_mail_goes_out_after_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post_mail([("marie@example.com", "Gas is here.")], subject="Hello")
        assert not mail.outbox

    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["marie@example.com"], "Hello", "Gas is here.")
    assert sent.extra_headers["Message-ID"].startswith(f"<{Message.objects.get().pk}.")
    assert Message.objects.get().state == MessageState.SENT


def test_a_message_leaves_once(message):
    assert outbox.send_message(message.pk) is True
    assert outbox.send_message(message.pk) is None

    assert len(mail.outbox) == 1


def test_two_workers_do_not_send_the_same_message(message, monkeypatch):
    """The second comes while the first talks to the mail server."""

    def slow(sending):
        assert outbox.send_message(sending.pk) is None

    monkeypatch.setitem(CHANNELS, Channel.EMAIL, slow)

    assert outbox.send_message(message.pk) is True


def test_a_claim_on_an_old_reading_fails(message):
    Message.objects.filter(pk=message.pk).update(attempts=1)

    assert outbox._claim(message) is False


def test_a_failure_is_tried_again_later_and_given_up_after_a_day(message, broken):
    with clock.at(clock.now()):
        assert outbox.send_message(message.pk) is False
        assert outbox.send_message(message.pk) is None  # not due yet
    message.refresh_from_db()
    assert message.state == MessageState.PENDING
    assert message.last_error == "OSError: mail server is away"

    for _ in range(outbox.MAX_ATTEMPTS - 1):
        message.refresh_from_db()
        with clock.at(message.next_try_at):
            assert outbox.send_message(message.pk) is False

    message.refresh_from_db()
    assert (message.state, message.attempts) == (MessageState.FAILED, 8)
    with clock.at(clock.now() + timedelta(days=30)):
        assert outbox.send_message(message.pk) is None


def test_a_message_whose_worker_died_is_found_by_the_sweep(message):
    assert outbox._claim(message)  # and then the power went

    with clock.at(clock.now() + timedelta(minutes=2)):
        assert outbox.send_due() == 1


def test_a_dead_mail_server_does_not_hold_the_sweep(broken):
    for n in range(10):
        Message.objects.create(to=f"{n}@example.com", subject="x", body="x")

    assert outbox.send_due() == 0

    assert Message.objects.filter(attempts=1).count() == outbox.GIVE_UP_AFTER


def test_a_secret_body_is_wiped_once_it_left():
    post_mail([("marie@example.com", "link")], subject="Reset", is_secret=True)

    outbox.send_due()

    assert mail.outbox[0].body == "link"
    assert Message.objects.get().body == ""


def test_the_database_refuses_a_sent_message_without_its_moment(message):
    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=message.pk).update(state=MessageState.SENT)
