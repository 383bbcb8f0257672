"""From the cart to orders, through the form."""

import pytest

from gasstock.accounts.models import Address, Station
from gasstock.inventory.models import Listing
from gasstock.orders.models import Cart, CartLine, Order
from tests.factories import make_listing, make_order, make_station, make_user

GOOD = {
    "fulfilment": "delivery",
    "place": "new",
    "district": "Gasabo",
    "address": "KG 11 Ave 24, blue gate",
    "phone": "0788 412 906",
    "note": "Ring twice",
    "payment_method": "cash",
    "delivered_total": "21000",
    "collected_total": "20000",
}


@pytest.fixture
def shopper(client, buyer, gas):
    """A buyer with one refill of 20,000 in the cart; delivery is 1,000."""
    client.force_login(buyer)
    client.post(f"/cart/add/{gas.pk}/", {"kind": "exchange"})
    return buyer


def send(client, **changes):
    return client.post("/checkout/", GOOD | changes)


def test_checkout_asks_to_sign_in(client):
    assert client.get("/checkout/").url.startswith("/account/login/")


def test_an_empty_cart_has_no_checkout(client, buyer):
    client.force_login(buyer)

    assert client.get("/checkout/").url == "/cart/"


def test_one_station_one_order(client, shopper):
    response = send(client)
    order = Order.objects.get()

    assert response.url == order.get_absolute_url()
    assert (order.buyer, order.total, order.phone) == (shopper, 21_000, "+250788412906")
    assert (order.district, order.address, order.note) == ("Gasabo", GOOD["address"], "Ring twice")
    assert not CartLine.objects.exists()
    assert f"Order {order} is placed." in client.get(response.url).text


def test_two_stations_two_orders_said_before_the_button(client, shopper):
    other = make_listing(make_station(delivery_fee=500), refill_price=9_000)
    client.post(f"/cart/add/{other.pk}/", {"kind": "new", "quantity": "2"})
    page = client.get("/checkout/").text
    # 21,000 + 2 × (22,000 + 30,000) + 500
    response = send(client, delivered_total="125500")

    assert "Place 2 orders" in page
    assert "2 stations, so 2 orders" in page
    assert response.url == "/orders/"
    assert sorted(Order.objects.values_list("total", flat=True)) == [21_000, 104_500]


def test_pick_up_needs_no_address(client, shopper):
    send(client, fulfilment="pickup", district="", address="")

    assert (Order.objects.get().total, Order.objects.get().address) == (20_000, "")


def test_the_sum_follows_the_choice(client, shopper):
    htmx = {"HX-Request": "true", "HX-Target": "sum"}
    delivered = client.get("/checkout/?fulfilment=delivery", headers=htmx).text
    collected = client.get("/checkout/?fulfilment=pickup", headers=htmx).text

    assert "21,000" in delivered
    assert 'id="sum-bar" hx-swap-oob="true"' in collected
    assert "21,000" not in collected


def test_a_saved_address_is_a_choice(client, shopper):
    home = Address.objects.create(user=shopper, label="Home", district="Kicukiro", line="KK 15 Rd")
    send(client, place=str(home.pk), district="", address="")
    order = Order.objects.get()

    assert (order.district, order.address) == ("Kicukiro", "KK 15 Rd")


def test_somebody_elses_address_is_none(client, shopper):
    theirs = Address.objects.create(user=make_user(), district="Huye", line="Secret lane")
    response = send(client, place=str(theirs.pk))

    assert response.status_code == 422
    assert "Secret lane" not in response.text
    assert not Order.objects.exists()


def test_a_new_address_is_kept_if_asked(client, shopper):
    send(client, save_address="on")

    assert str(Address.objects.get(user=shopper)) == f"{GOOD['address']}, Gasabo"


def test_twenty_addresses_are_enough_but_the_order_stands(client, shopper):
    places = [Address(user=shopper, district="Huye", line=str(n)) for n in range(20)]
    Address.objects.bulk_create(places)
    send(client, save_address="on")

    assert Order.objects.count() == 1
    assert shopper.addresses.count() == 20


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phone": ""}, "required"),
        ({"phone": "12"}, "no phone number"),
        ({"phone": "9" * 5000}, "no phone number"),
        ({"phone": "\x00"}, "id_phone_error"),
        ({"address": ""}, "Write where to bring it."),
        ({"address": "x" * 161}, "160"),
        ({"district": ""}, "Choose the district"),
        ({"district": "Atlantis"}, "id_district_error"),
        ({"note": "x" * 241}, "240"),
        ({"fulfilment": "teleport"}, "id_fulfilment_error"),
        ({"fulfilment": ""}, "id_fulfilment_error"),
        ({"payment_method": "gold"}, "id_payment_method_error"),
        ({"place": "0"}, "Select a valid choice"),
        ({"delivered_total": "20999"}, "A price changed"),
        ({"delivered_total": ""}, "A price changed"),
        ({"delivered_total": "9" * 5000}, 'role="alert"'),
        ({"delivered_total": "NaN"}, 'role="alert"'),
    ],
)
def test_a_mistake_is_said_and_what_was_typed_is_kept(client, shopper, changes, words):
    response = send(client, **changes)

    assert response.status_code == 422
    assert words in response.text
    assert not Order.objects.exists()
    assert CartLine.objects.count() == 1
    if "note" not in changes:
        assert 'value="Ring twice"' in response.text


def test_more_fields_than_asked_change_nothing(client, shopper, station):
    send(client, total="1", status="closed", price="1", buyer="1", station="1", code="0000")
    order = Order.objects.get()

    assert (order.total, order.status, order.buyer) == (21_000, "placed", shopper)


def test_a_shortage_stands_on_the_line_and_nothing_is_placed(client, shopper, gas):
    make_order({gas: 10})
    response = send(client)

    assert response.status_code == 422
    assert response.text.count(f"None left of {gas.variant.name}.") == 2  # the summary, the line
    assert Order.objects.filter(buyer=shopper).count() == 0


def test_a_price_that_changed_shows_the_new_sum(client, shopper, gas):
    Listing.objects.update(refill_price=23_000)
    response = send(client)

    assert "A price changed" in response.text
    assert 'name="delivered_total" value="24000"' in response.text
    assert send(client, delivered_total="24000").status_code == 302


def test_what_a_station_does_not_do_is_shown_with_the_reason(client, shopper, station):
    Station.objects.update(delivers=False, takes_bank=False)
    page = client.get("/checkout/").text

    assert f"{station}: pick-up only" in page
    assert f"{station}: no bank transfer" in page
    assert send(client).status_code == 422
    assert send(client, fulfilment="pickup", payment_method="bank").status_code == 422
    assert not Order.objects.exists()


def test_the_second_click_finds_the_orders(client, shopper):
    send(client)
    again = send(client)

    assert again.url == "/orders/"
    assert Order.objects.count() == 1


def test_the_cart_of_somebody_else_is_left_alone(client, shopper, gas):
    other = type(client)()
    other.force_login(make_user())
    other.post(f"/cart/add/{gas.pk}/", {"kind": "exchange"})
    send(client)

    assert Cart.objects.exclude(user=shopper).get().lines.count() == 1
