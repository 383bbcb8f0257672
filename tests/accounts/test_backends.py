"""Who is signed in, found again with every request."""

import pytest

from gasstock.accounts.backends import FramedUserBackend
from gasstock.core import clock
from gasstock.notifications.models import Notification
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def marie():
    """With two messages she has not seen, one she has, and one she put away."""
    marie, now = make_user(), clock.now()
    for seen in ({}, {}, {"read_at": now}, {"dismissed_at": now}):
        Notification.objects.create(user=marie, kind="placed", text="Your order", **seen)
    Notification.objects.create(user=make_user(), kind="placed", text="Another's")
    return marie


def test_a_person_comes_with_the_number_of_their_unread_messages(marie, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert FramedUserBackend().get_user(marie.pk).unread == 2


def test_whoever_comes_another_way_is_counted_when_asked(marie):
    assert marie.unread == 2


def test_nobody_has_no_messages():
    assert FramedUserBackend().get_user(make_user().pk).unread == 0


def test_a_closed_account_is_signed_out_with_the_next_request(client, marie):
    client.force_login(marie)
    assert client.get("/profile/").status_code == 200

    marie.is_active = False
    marie.save()

    assert client.get("/profile/").url.startswith("/account/login/")


def test_the_menu_says_how_many_wait(client, marie):
    client.force_login(marie)

    assert '<span class="gs-count gs-push">2</span>' in client.get("/").text
