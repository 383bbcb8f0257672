"""A buyer's own orders."""

from html import unescape

import pytest

from gasstock.billing.models import Invoice, Method
from gasstock.orders.models import CartLine, LineKind, Order, OrderEvent, Rating
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import (
    approve_order,
    call_off_order,
    dispatch_order,
    expire_order,
    reject_order,
)
from gasstock.orders.services.money import submit_bill, take_payment
from gasstock.orders.services.ratings import reply_to_rating
from tests.factories import make_listing, make_order, make_user
from tests.queries import cost

DOORS = ("", "timeline/", "cancel/")


def url(order, door=""):
    return f"{order.get_absolute_url()}{door}"


def read(client, order) -> str:
    return unescape(client.get(url(order)).text)


@pytest.fixture
def order(buyer, gas, client) -> Order:
    client.force_login(buyer)
    return make_order({gas: 2}, buyer=buyer)


@pytest.fixture
def delivered(order, manager) -> Order:
    return deliver(order, manager)


def deliver(order, manager, empties=2):
    approve_order(manager, order=order)
    if order.is_delivery:
        dispatch_order(manager, order=order)
    line = order.lines.get()
    handed = {line.pk: Handed(line.quantity, empties)}
    return deliver_order(manager, order=order, handed=handed, code=order.code)


def test_my_orders_are_mine_and_the_newest_first(client, order, gas, buyer):
    newer, theirs = make_order(gas, buyer=buyer), make_order(gas)
    page = client.get("/orders/").text

    assert page.index(str(newer)) < page.index(str(order))
    assert str(theirs) not in page


def test_no_orders_yet(client, buyer):
    client.force_login(buyer)

    assert "No orders yet" in client.get("/orders/").text


def test_my_orders_come_in_pages_at_the_same_cost(client, buyer):
    client.force_login(buyer)
    gas = make_listing(full=100)
    make_order(gas, buyer=buyer)
    one = cost(client, "/orders/")
    for _ in range(24):
        make_order({gas: 1, make_listing(gas.station): 1}, buyer=buyer)

    assert cost(client, "/orders/") == one <= 8
    page = client.get("/orders/").text
    cursor = page.split('rel="next" href="')[1].split('"')[0]

    assert page.count('class="gs-card gs-orow"') == 20
    assert client.get(f"/orders/{cursor}").text.count('class="gs-card gs-orow"') == 5
    for nonsense in ("x", "-1", "٣", "9" * 5000, "\x00"):
        assert client.get("/orders/", {"cursor": nonsense}).status_code == 200


@pytest.mark.parametrize("door", [*DOORS, "rate/", "again/"])
def test_a_foreign_order_is_not_there(client, buyer, door):
    theirs = make_order()
    client.force_login(buyer)

    if door in DOORS:
        assert client.get(url(theirs, door)).status_code == 404
    if door not in ("", "timeline/"):
        assert client.post(url(theirs, door), {"stars": "5"}).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.status, CartLine.objects.count(), Rating.objects.count()) == ("placed", 0, 0)


@pytest.mark.parametrize(
    "number", ["X", "KGP-000000", "KGP-%00", "kgp-7f4k2m", "9" * 5000, "KGP-'--"]
)
def test_an_order_that_does_not_exist_is_not_there_either(client, buyer, number):
    client.force_login(buyer)

    assert client.get(f"/orders/{number}/").status_code == 404


def test_the_code_is_shown_while_it_is_needed(client, order, manager):
    plate = 'class="gs-code"'

    assert plate not in read(client, order)
    approve_order(manager, order=order)
    assert plate in read(client, order)
    dispatch_order(manager, order=order)
    page = read(client, order)
    assert plate in page
    assert "Your gas is on the way" in page
    assert "Eric brings it to KG 7 Ave 12" in page
    deliver_order(
        manager, order=order, handed={order.lines.get().pk: Handed(2, 2)}, code=order.code
    )
    assert plate not in read(client, order)


def test_a_pick_up_says_where_and_shows_the_code(client, buyer, gas, manager):
    client.force_login(buyer)
    order = make_order(gas, buyer=buyer, fulfilment="pickup")
    approve_order(manager, order=order)
    page = read(client, order)

    assert "Ready to pick up" in page
    assert "KG 11 Ave, Gasabo" in page
    assert "On the way" not in page


def test_the_timeline_is_asked_until_the_end(client, order, manager):
    htmx = {"HX-Request": "true", "HX-Target": "timeline"}
    running = client.get(url(order, "timeline/"), headers=htmx)
    deliver(order, manager)
    ended = client.get(url(order, "timeline/"), headers=htmx)

    assert running.status_code == 200
    assert 'hx-trigger="every 20s"' in running.text
    assert 'id="ohead" hx-swap-oob="true"' in running.text
    assert ended.status_code == 286
    assert ended["HX-Refresh"] == "true"
    assert "every 20s" not in ended.text


def test_after_delivery_it_says_what_was_handed_over_and_what_was_missing(client, order, manager):
    deliver(order, manager, empties=1)
    page = read(client, order)

    assert "2 full ones handed over, 1 empty taken" in page
    # one refill became a new cylinder: 22,000 + 30,000 instead of 20,000
    assert "One empty was missing: RWF\xa032,000 added." in page
    assert "RWF\xa073,000" in page
    assert "Cylinders you hold" in page
    assert f"1 × {order.lines.get().variant}" in page
    assert "Deposit RWF\xa030,000, yours on return" in page


def test_a_plain_swap_leaves_nothing_held(client, delivered):
    assert "Cylinders you hold" not in read(client, delivered)


def test_bank_transfers_name_account_and_reference(client, buyer, gas):
    client.force_login(buyer)
    order = make_order(gas, buyer=buyer, payment_method=Method.BANK)
    page = read(client, order)

    assert "Bank of Kigali 00040" in page
    assert f"<b>{order}</b>" in page


def test_what_is_paid_and_the_invoice_are_shown(client, delivered, manager):
    [invoice] = submit_bill(manager, order=delivered)
    assert f"/invoices/{invoice.pk}/" in read(client, delivered)
    part = {"invoice": invoice, "method": Method.CASH}
    take_payment(manager, amount=1_000, key="a", **part)
    assert "Part is paid" in read(client, delivered)
    invoice = Invoice.objects.get(pk=invoice.pk)
    take_payment(manager, amount=invoice.due, key="b", **(part | {"invoice": invoice}))
    assert "Nothing is owed" in read(client, delivered)


@pytest.mark.parametrize("end", [reject_order, call_off_order])
def test_a_no_is_told_with_its_reason(client, order, manager, end):
    end(manager, order=order, reason="The truck broke down.")
    page = read(client, order)

    assert "The truck broke down." in page
    assert "Nothing to pay" in page
    assert "Order again" in page


def test_an_order_nobody_answered_is_told(client, order):
    expire_order(order=order)

    assert "Nobody answered in time" in read(client, order)


def test_order_again_fills_the_cart_with_what_is_still_sold(client, order, gas, buyer):
    assert client.post(url(order, "again/")).url == "/cart/"
    assert CartLine.objects.get(cart__user=buyer).quantity == 2
    CartLine.objects.all().delete()
    gas.is_published = False
    gas.save()
    page = client.post(url(order, "again/"), follow=True).text

    assert "no longer on sale" in page
    assert not CartLine.objects.exists()


# --- Cancel -----------------------------------------------------------------------------------


def test_cancelling_asks_first_and_gives_the_stock_back(client, order, gas):
    page = client.get(url(order, "cancel/"))
    order.refresh_from_db()
    assert (page.status_code, order.status) == (200, "placed")

    response = client.post(url(order, "cancel/"), {"reason": "Too late"})
    order.refresh_from_db()
    gas.full.refresh_from_db()

    assert response.url == url(order)
    assert (order.status, order.reason, gas.full.reserved) == ("cancelled", "Too late", 0)
    assert "Too late" in read(client, order)


def test_a_bad_reason_is_said_and_nothing_is_cancelled(client, order):
    response = client.post(url(order, "cancel/"), {"reason": "x" * 241})
    order.refresh_from_db()

    assert (response.status_code, order.status) == (422, "placed")
    assert "x" * 241 in response.text


def test_what_is_on_the_way_cannot_be_cancelled(client, order, manager):
    approve_order(manager, order=order)
    dispatch_order(manager, order=order)

    assert "cancel/" not in read(client, order)
    assert client.get(url(order, "cancel/")).url == url(order)
    page = client.post(url(order, "cancel/"), follow=True).text
    order.refresh_from_db()
    assert order.status == "dispatched"
    assert "already on the way" in page


# --- Rate -------------------------------------------------------------------------------------


def test_a_delivered_order_is_rated_once_and_answered(client, delivered, manager):
    client.post(url(delivered, "rate/"), {"stars": "4", "comment": "On time"})
    rating = Rating.objects.get()
    reply_to_rating(manager, rating=rating, reply="Thank you, Marie")
    page = read(client, delivered)
    again = client.post(url(delivered, "rate/"), {"stars": "1"}, follow=True)

    assert (rating.stars, rating.comment) == (4, "On time")
    assert "4 of 5" in page
    assert "Thank you, Marie" in page
    assert "How was it?" not in page
    assert Rating.objects.get().stars == 4
    assert "rated order" in again.text


@pytest.mark.parametrize("stars", ["", "0", "6", "-1", "4.5", "NaN", "٣", "9" * 5000, "\x00"])
def test_stars_are_one_to_five(client, delivered, stars):
    response = client.post(url(delivered, "rate/"), {"stars": stars, "comment": "Kept words"})

    assert response.status_code == 422
    assert "Kept words" in response.text
    assert not Rating.objects.exists()


@pytest.mark.parametrize("comment", ["x" * 501, "a\x00b"])
def test_a_comment_fits(client, delivered, comment):
    response = client.post(url(delivered, "rate/"), {"stars": "5", "comment": comment})

    assert response.status_code == 422
    assert not Rating.objects.exists()


def test_what_was_not_delivered_is_not_rated(client, order):
    client.post(url(order, "rate/"), {"stars": "5"})

    assert not Rating.objects.exists()
    assert "How was it?" not in read(client, order)


# --- Cost -------------------------------------------------------------------------------------


def test_an_order_costs_the_same_with_1_and_with_30_lines_and_events(
    client, buyer, manager, station
):
    client.force_login(buyer)
    small = deliver(make_order(make_listing(station), buyer=buyer), manager, empties=1)
    listings = {make_listing(station): 1 for _ in range(30)}
    large = make_order(listings, buyer=buyer, kind=LineKind.NEW)
    OrderEvent.objects.bulk_create(OrderEvent(order=large, kind="payment") for _ in range(30))
    approve_order(make_user(is_admin=True), order=large)
    dispatch_order(manager, order=large)
    handed = {line.pk: Handed(1) for line in large.lines.all()}
    deliver_order(manager, order=large, handed=handed, code=large.code)

    assert cost(client, url(large)) == cost(client, url(small)) <= 8
    assert read(client, large).count("New cylinder.") == 30
