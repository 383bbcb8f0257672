"""What buyers say of stations, through the API."""

import pytest

from gasstock.accounts.models import Station
from gasstock.orders.models import Rating
from gasstock.orders.services.ratings import rate_order, reply_to_rating
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import make_listing, make_member, make_order, make_station, make_user
from tests.orders.acts import delivered


@pytest.fixture
def station(db):
    return make_station("remera", name="Remera Gas")


@pytest.fixture
def manager(station):
    return make_member(None, station)


@pytest.fixture
def buyer(db):
    return make_user("marie@example.com", name="Marie Uwase")


@pytest.fixture
def marie(buyer):
    return signed_in(buyer)


@pytest.fixture
def order(station, manager, buyer):
    """Delivered to the buyer."""
    return delivered(make_order(make_listing(station), buyer=buyer), manager)


def test_feedback_as_the_contract_has_it(marie, api, order):
    body = {"order": order.number, "rating": 4, "comment": " Fast,\nand friendly. "}

    answer = marie.ask("POST", "feedback/", body)

    found = answer.json()
    assert answer.status_code == 201
    assert found.pop("at")
    assert found == {
        "id": Rating.objects.get().pk,
        "order": order.number,
        "station": "remera",
        "rating": 4,
        "comment": "Fast,\nand friendly.",
        "by": "Marie",
        "reply": "",
        "replied_at": None,
    }
    [shown] = api.get("ratings/", station="remera")["items"]
    assert shown.items() <= answer.json().items()
    assert "order" not in shown
    assert Station.objects.get(slug="remera").rating == 4


def test_an_order_is_rated_once(marie, order):
    body = {"order": order.number, "rating": 4}

    answers = [marie.ask("POST", "feedback/", body, key="k-1") for _ in range(2)]
    again = marie.ask("POST", "feedback/", body)

    assert answers[0].content == answers[1].content
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "already-rated")
    assert Rating.objects.count() == 1


def test_what_was_not_delivered_is_not_rated(marie, buyer):
    order = make_order(buyer=buyer)

    with pytest.raises(Refused) as refusal:
        marie.post("feedback/", {"order": order.number, "rating": 4})

    assert (refusal.value.status, refusal.value.kind) == (409, "not-delivered")


@pytest.mark.parametrize("rating", [0, 6, -1, 4.5, "4", True, None])
def test_stars_are_from_one_to_five(marie, order, rating):
    with pytest.raises(Refused) as refusal:
        marie.post("feedback/", {"order": order.number, "rating": rating})

    assert (refusal.value.status, list(refusal.value.fields)) == (422, ["rating"])


def test_a_comment_has_an_end(marie, order):
    with pytest.raises(Refused) as refusal:
        marie.post("feedback/", {"order": order.number, "rating": 4, "comment": "x" * 501})

    assert list(refusal.value.fields) == ["comment"]


def test_only_the_buyer_rates(manager, order):
    body = {"order": order.number, "rating": 1}
    lost = body | {"order": "RMR-XXXXXX"}

    answers = [
        signed_in(who).ask("POST", "feedback/", sent).status_code
        for who, sent in [(manager, body), (manager, lost), (make_user(), body)]
    ]

    assert answers == [403, 404, 404]
    assert not Rating.objects.exists()


def test_ratings_of_all_that_sell_the_latest_first(api, manager, order):
    reply_to_rating(
        manager, rating=rate_order(order.buyer, order=order, stars=5), reply="Thank you"
    )
    other = make_station("huye", approval_limit=1_000_000)
    late = delivered(make_order(make_listing(other)), make_member(None, other))
    rate_order(late.buyer, order=late, stars=2)

    found = api.get("ratings/")["items"]

    assert [(item["station"], item["rating"]) for item in found] == [("huye", 2), ("remera", 5)]
    assert (found[1]["reply"], bool(found[1]["replied_at"])) == ("Thank you", True)
    assert api.get("ratings/", station="nowhere")["items"] == []
    Station.objects.filter(slug="huye").update(status="suspended", status_reason="x")
    assert [item["station"] for item in api.get("ratings/")["items"]] == ["remera"]
    assert [len(page) for page in api.pages("ratings/", limit=1)] == [1]
