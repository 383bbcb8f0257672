"""The same call 20 times at once, and 20 calls for the last ones. PostgreSQL only."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from gasstock.billing.models import Payment
from gasstock.inventory.models import Balance
from gasstock.inventory.services.verify import differences
from gasstock.orders.models import Order, OrderEvent, Rating
from gasstock.orders.services.money import approve_bill, submit_bill
from tests.api.client import Client
from tests.api.conftest import signed_in
from tests.factories import make_admin, make_listing, make_member, make_order, make_user
from tests.orders.acts import delivered
from tests.races.conftest import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("round_", range(3))]

TIMES = 20


class Ended(Exception):
    """How a call ended: its status and all it said."""


def post(client: Client, path: str, body: Any = None, key: str = "") -> None:
    answer = client.ask("POST", path, body, key=key)
    refusal = answer.json().get("type", "").rpartition("/")[2]
    raise Ended(f"{answer.status_code} {refusal or answer.text}")


def statuses(ends: Counter[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for end, times in ends.items():
        found[end.removeprefix("Ended: ")[:3]] += times
    return found


def equal(client: Client, path: str, body: Any = None) -> Counter[str]:
    """Send the same 20 times at once, with the same key."""
    return at_once(partial(post, client, path, body, "k-1") for _ in range(TIMES))


def of(listing: Any) -> dict[str, Any]:
    return {
        "lines": [{"listing": listing.pk, "quantity": 2, "kind": "EXCHANGE"}],
        "fulfilment": "PICKUP",
        "contact_phone": "0788 412 906",
        "payment_method": "CASH",
    }


def test_20_equal_orders_are_one_order_and_one_answer(round_):
    listing, client = make_listing(full=50), signed_in(make_user())

    ends = equal(client, "orders/", of(listing))

    order = Order.objects.get()
    [said] = ends
    assert ends[said] == TIMES
    assert statuses(ends) == {"201": TIMES}
    assert order.number in said
    assert Balance.objects.get(pk=listing.full_id).reserved == 2
    assert [*differences()] == []


def test_of_20_who_want_the_last_ten_five_get_two_each(round_):
    listing = make_listing(full=10)
    clients = [signed_in(make_user()) for _ in range(TIMES)]

    ends = at_once(
        partial(post, client, "orders/", of(listing), f"k-{n}") for n, client in enumerate(clients)
    )

    assert statuses(ends) == {"201": 5, "409": 15}
    assert ends["Ended: 409 out-of-stock"] == 15
    assert Order.objects.count() == 5
    assert Balance.objects.get(pk=listing.full_id).reserved == 10


@pytest.mark.parametrize("key", ["k", ""])
def test_20_cancellations_give_the_stock_back_once(round_, key):
    listing, buyer = make_listing(full=10), make_user()
    order = make_order({listing: 2}, buyer=buyer)
    client = signed_in(buyer)

    path = f"orders/{order.number}/cancel/"
    ends = at_once(partial(post, client, path, {}, key) for _ in range(TIMES))

    assert statuses(ends) == ({"200": TIMES} if key else {"200": 1, "409": TIMES - 1})
    assert OrderEvent.objects.filter(order=order, kind="cancelled").count() == 1
    assert Balance.objects.get(pk=listing.full_id).reserved == 0
    assert [*differences()] == []


def test_20_sales_of_one_ticket_are_one_sale(round_):
    listing = make_listing(full=50)
    client = signed_in(make_member(None, listing.station))
    ticket = {
        "lines": [{"listing": listing.pk, "quantity": 1, "kind": "EXCHANGE"}],
        "payments": [{"method": "CASH", "amount": "20000"}],
    }

    ends = equal(client, "sales/", ticket)

    assert statuses(ends) == {"201": TIMES}
    assert len(ends) == Order.objects.count() == Payment.objects.count() == 1
    assert Balance.objects.get(pk=listing.full_id).on_hand == 49


def test_20_times_paid_is_paid_once(round_):
    listing = make_listing()
    manager, admin = make_member(None, listing.station), make_admin()
    [invoice] = submit_bill(manager, order=delivered(make_order(listing), manager))
    approve_bill(admin, invoice=invoice)

    path = f"invoices/{invoice.pk}/mark-as-paid/"
    client = signed_in(admin)
    ends = at_once(partial(post, client, path, {"method": "CASH"}) for _ in range(TIMES))

    invoice.refresh_from_db()
    assert set(statuses(ends)) <= {"200", "409"}
    assert Payment.objects.count() == 1
    assert (invoice.paid, invoice.due) == (invoice.total, 0)


def test_20_ratings_are_one(round_):
    listing, buyer = make_listing(), make_user()
    order = delivered(make_order(listing, buyer=buyer), make_member(None, listing.station))

    ends = equal(signed_in(buyer), "feedback/", {"order": order.number, "rating": 4})

    listing.station.refresh_from_db()
    assert statuses(ends) == {"201": TIMES}
    assert Rating.objects.count() == listing.station.rating_count == 1
