import pytest

from gasstock.orders.models import Rating
from gasstock.orders.services.ratings import rate_order
from tests.factories import make_admin, make_listing, make_order
from tests.orders.acts import delivered
from tests.queries import cost

PAGE = "/at/kimironko/ratings/"


@pytest.fixture
def rating(gas, manager) -> Rating:
    order = delivered(make_order(gas), manager)
    return rate_order(order.buyer, order=order, stars=4, comment="On time.")


def test_the_team_reads_what_buyers_said(client, clerk, rating):
    client.force_login(clerk)

    html = client.get(PAGE).text

    assert "On time." in html
    assert "4.0" in html
    assert "/reply/" not in html  # a clerk does not answer in the station's name


def test_a_manager_answers(client, manager, rating):
    client.force_login(manager)

    client.post(f"{PAGE}{rating.pk}/reply/", {"reply": "Thank you."})

    rating.refresh_from_db()
    assert (rating.reply, rating.replied_by) == ("Thank you.", manager)


def test_an_empty_answer_comes_back_on_its_own_rating(client, manager, rating):
    client.force_login(manager)

    bad = client.post(f"{PAGE}{rating.pk}/reply/", {"reply": " "})

    assert bad.status_code == 422
    assert "On time." in bad.text


def test_a_clerk_may_not_answer(client, clerk, rating):
    client.force_login(clerk)

    assert client.post(f"{PAGE}{rating.pk}/reply/", {"reply": "Hi"}).status_code == 403


def test_the_rating_of_another_station_is_not_there(client, manager):
    order = delivered(make_order(make_listing()), make_admin())
    rating = rate_order(order.buyer, order=order, stars=1)
    client.force_login(manager)

    assert client.post(f"{PAGE}{rating.pk}/reply/", {"reply": "Hi"}).status_code == 404


def test_the_same_queries_for_one_rating_and_for_many(client, manager, station, rating):
    client.force_login(manager)
    one = cost(client, PAGE)
    gas = make_listing(station, full=20)
    for _ in range(12):
        order = delivered(make_order(gas), manager)
        rate_order(order.buyer, order=order, stars=5)

    assert cost(client, PAGE) == one <= 8
