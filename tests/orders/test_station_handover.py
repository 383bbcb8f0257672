"""A pick-up, handed over at the counter."""

import re

import pytest

from gasstock.inventory.services.verify import differences
from gasstock.orders.models import Fulfilment, LineKind, Order, OrderStatus
from gasstock.orders.services.life import approve_order, dispatch_order
from tests.factories import make_order


@pytest.fixture
def order(gas, clerk) -> Order:
    """Two refills that the buyer comes for."""
    return approve_order(clerk, order=make_order({gas: 2}, fulfilment=Fulfilment.PICKUP))


@pytest.fixture
def aline(client, clerk):
    """The clerk, signed in."""
    client.force_login(clerk)
    return client


def url_of(order: Order, page: str = "deliver/") -> str:
    return f"/at/kimironko/orders/{order.number}/{page}"


def typed(order: Order, delivered: int | str, empties: int | None = None, **more: str) -> dict:
    line = order.lines.get()
    data: dict = {f"delivered_{line.pk}": delivered}
    if empties is not None:
        data[f"empties_{line.pk}"] = empties
    return data | more


def test_with_the_code_it_is_handed_over(aline, order):
    response = aline.post(url_of(order), typed(order, 2, 2, code=order.code))
    order.refresh_from_db()

    assert response["Location"] == url_of(order, "")
    assert order.status == OrderStatus.DELIVERED
    assert list(differences()) == []


def test_a_new_cylinder_takes_nothing_back(aline, gas, clerk):
    order = make_order(gas, fulfilment=Fulfilment.PICKUP, kind=LineKind.NEW)
    approve_order(clerk, order=order)

    page = aline.get(url_of(order)).text
    aline.post(url_of(order), typed(order, 1, code=order.code))
    order.refresh_from_db()

    assert "Take back" not in page
    assert order.status == OrderStatus.DELIVERED


def test_a_wrong_code_stands_beside_the_code_and_keeps_what_was_typed(aline, order):
    wrong = "0000" if order.code != "0000" else "1111"

    bad = aline.post(
        url_of(order),
        typed(order, 2, 1, code=wrong),
        headers={"HX-Request": "true", "HX-Target": "hand"},
    )
    order.refresh_from_db()

    assert bad.status_code == 422
    assert bad.text.strip().startswith('<form class="gs-runform" id="hand"')
    assert "4 more tries" in bad.text.split('id="hand_code_error"')[1]
    assert re.search(r'name="empties_\d+" value="1"', bad.text)
    assert (order.status, order.code_misses) == (OrderStatus.APPROVED, 1)


def test_neither_code_nor_reason_is_refused(aline, order):
    bad = aline.post(url_of(order), typed(order, 2, 2))

    assert bad.status_code == 422
    assert "Type the buyer&#x27;s code" in bad.text


def test_without_the_code_a_reason_does(aline, order):
    aline.post(url_of(order), typed(order, 2, 2, no_code="Phone is off"))
    order.refresh_from_db()

    assert order.status == OrderStatus.DELIVERED
    assert order.events.filter(note="Without the code: Phone is off").exists()


def test_a_missing_empty_is_billed_as_a_new_cylinder(aline, order):
    page = aline.post(url_of(order), typed(order, 2, 1, code=order.code), follow=True).text
    order.invoice.refresh_from_db()

    assert order.invoice.total == 20_000 + 22_000 + 30_000
    assert "The bill is RWF\u00a072,000." in page


def test_a_part_lowers_the_bill(aline, order):
    aline.post(url_of(order), typed(order, 1, 1, code=order.code))
    order.invoice.refresh_from_db()

    assert order.invoice.total == 20_000


@pytest.mark.parametrize(
    ("delivered", "empties", "words"),
    [
        (3, 2, "From 0 to 2."),
        (1, 2, "at most 1 come back"),
        ("two", 2, "Type a number."),
        (0, 0, "Nothing was handed over"),
    ],
)
def test_impossible_numbers_change_nothing(aline, order, delivered, empties, words):
    bad = aline.post(url_of(order), typed(order, delivered, empties, code=order.code))
    order.refresh_from_db()

    assert bad.status_code == 422
    assert words in bad.text
    assert order.status == OrderStatus.APPROVED


def test_the_bill_follows_the_numbers_before_anything_is_sent(aline, order):
    bill = aline.get(
        url_of(order), typed(order, 2, 1), headers={"HX-Request": "true", "HX-Target": "bill"}
    )

    assert bill.text.strip().startswith('<section class="gs-card" id="bill"')
    assert "RWF\u00a072,000" in bill.text
    assert "RWF\u00a032,000 more than ordered" in bill.text
    assert order.invoice.total == 40_000


def test_what_is_handed_over_already_is_not_asked_again(aline, order):
    aline.post(url_of(order), typed(order, 2, 2, code=order.code))

    again = aline.post(url_of(order), typed(order, 2, 2, code=order.code), follow=True)

    assert aline.get(url_of(order))["Location"] == url_of(order, "")
    assert f"Order {order.number} is already" in again.text


def test_a_delivery_has_another_page(aline, clerk, gas):
    order = approve_order(clerk, order=make_order(gas))
    dispatch_order(clerk, order=order, rider=clerk)

    assert aline.get(url_of(order)).status_code == 404
    assert f"/at/kimironko/runs/{order.number}/" in aline.get(url_of(order, "")).text


def test_riders_hand_nothing_over_at_the_counter(client, rider, order):
    client.force_login(rider)

    assert client.get(url_of(order)).status_code == 403
