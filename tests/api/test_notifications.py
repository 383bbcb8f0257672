"""The inbox, through the API."""

import pytest

from gasstock.core import clock
from gasstock.notifications.models import Notification
from gasstock.notifications.services import notify
from tests.api.conftest import signed_in
from tests.factories import make_user


@pytest.fixture
def buyer(db):
    return make_user("marie@example.com")


@pytest.fixture
def marie(buyer):
    """With two notices, the second of which is the latest."""
    for text in ("First", "Second"):
        notify([buyer], kind="order.approved", text=text, url="/orders/")
    return signed_in(buyer)


def texts(client, **query):
    return [item["text"] for item in client.get("notifications/", **query)["items"]]


def test_a_notice_as_it_is_written(marie, buyer):
    notify([make_user()], kind="order.approved", text="Not theirs")

    found = marie.get("notifications/")

    [second, first] = found["items"]
    assert (found["next"], first["text"]) == (None, "First")
    assert second.pop("created_at")
    assert second == {
        "id": buyer.notifications.latest("pk").pk,
        "kind": "order.approved",
        "text": "Second",
        "url": "/orders/",
        "read_at": None,
        "is_read": False,
    }


def test_it_is_read_once(marie, buyer):
    pk = buyer.notifications.latest("pk").pk

    first = marie.post(f"notifications/{pk}/read/")
    again = marie.post(f"notifications/{pk}/read/")

    assert (first["is_read"], first) == (True, again)
    assert texts(marie, unread="true") == ["First"]
    assert texts(marie) == ["Second", "First"]


def test_what_was_taken_out_is_gone(marie, buyer):
    notice = buyer.notifications.latest("pk")
    path = f"notifications/{notice.pk}/"

    statuses = [marie.ask("DELETE", path).status_code for _ in range(2)]

    assert statuses == [204, 404]
    assert marie.ask("POST", f"{path}read/").status_code == 404
    assert texts(marie) == ["First"]
    assert Notification.objects.filter(pk=notice.pk, dismissed_at__lte=clock.now()).exists()


@pytest.mark.parametrize(("method", "end"), [("DELETE", ""), ("POST", "read/")])
def test_anothers_is_not_there(marie, buyer, method, end):
    notice = buyer.notifications.latest("pk")

    answer = signed_in(make_user()).ask(method, f"notifications/{notice.pk}/{end}")

    notice.refresh_from_db()
    assert answer.status_code == 404
    assert (notice.read_at, notice.dismissed_at) == (None, None)


def test_pages_stay_as_they_are_while_notices_come(marie, buyer):
    seen = []
    for page in marie.pages("notifications/", limit=1):
        seen += [item["text"] for item in page]
        notify([buyer], kind="order.approved", text="Later")

    assert seen == ["Second", "First"]
