"""The cart of a visitor and of a person."""

import pytest

from gasstock.accounts.models import Station
from gasstock.inventory.models import Listing
from gasstock.orders.models import Cart, CartLine
from tests.factories import make_listing, make_order, make_station, make_user, make_variant
from tests.queries import cost

BAD = ["", "-1", "0.5", "1e5", "100", "2147483648", "9" * 5000, "NaN", "abc", "\x00"]


def add(client, listing, kind="exchange", quantity="1", **extra):
    return client.post(f"/cart/add/{listing.pk}/", {"kind": kind, "quantity": quantity}, **extra)


def wanted() -> dict[tuple[str, str], int]:
    return {(x.listing.variant.name, x.kind): x.quantity for x in CartLine.objects.all()}


@pytest.fixture
def hose(station) -> Listing:
    return make_listing(station, make_variant("Hose", size_g=None), refill_price=4_500)


def test_looking_makes_no_cart(client, gas):
    for url in ("/", "/cart/", f"/gas/{gas.pk}/"):
        client.get(url)

    assert not Cart.objects.exists()


def test_a_visitor_collects_and_keeps_it_after_signing_in(client, gas, hose, buyer):
    add(client, gas)
    add(client, gas, quantity="2")
    add(client, hose, kind="accessory")
    client.force_login(buyer)
    page = client.get("/cart/")

    assert wanted() == {(gas.variant.name, "exchange"): 3, ("Hose", "accessory"): 1}
    assert CartLine.objects.filter(cart__user=buyer).count() == 2
    assert Cart.objects.count() == 1
    assert "cart_token" not in client.session
    assert "Hose" in page.text


def test_signing_in_merges_with_what_was_there_and_drops_what_went_off_sale(
    client, gas, hose, buyer
):
    client.force_login(buyer)
    add(client, gas, quantity="2")
    client.logout()
    add(client, gas)
    add(client, hose, kind="accessory")
    Listing.objects.filter(pk=hose.pk).update(is_published=False)
    token = client.session["cart_token"]
    client.force_login(buyer)
    session = client.session
    session["cart_token"] = token
    session.save()

    assert client.get("/").status_code == 200
    assert wanted() == {(gas.variant.name, "exchange"): 3}


def test_two_visitors_do_not_share(client, gas):
    add(client, gas)
    other = type(client)()
    line = CartLine.objects.get()

    assert gas.variant.name not in other.get("/cart/").text
    assert other.post(f"/cart/line/{line.pk}/", {"quantity": "5"}).status_code == 404
    add(other, gas)
    assert other.post(f"/cart/line/{line.pk}/", {"quantity": "5"}).status_code == 404
    other.force_login(make_user())
    assert other.post(f"/cart/line/{line.pk}/", {"quantity": "5"}).status_code == 404
    line.refresh_from_db()
    assert line.quantity == 1


@pytest.mark.parametrize("quantity", BAD)
def test_a_bad_quantity_changes_nothing(client, gas, quantity):
    add(client, gas, quantity="3")
    line = CartLine.objects.get()

    changed = client.post(f"/cart/line/{line.pk}/", {"quantity": quantity}, follow=True)
    if quantity:
        added = add(client, gas, quantity=quantity, follow=True)
        assert "from 0 to 99" in added.text

    assert "from 0 to 99" in changed.text
    line.refresh_from_db()
    assert line.quantity == 3


@pytest.mark.parametrize("kind", ["accessory", "gold", "", "\x00"])
def test_a_cylinder_is_not_sold_as_something_else(client, gas, kind):
    response = add(client, gas, kind=kind, follow=True)

    assert response.status_code == 200
    assert not CartLine.objects.exists()


def test_what_is_not_on_sale_cannot_be_added(client, gas):
    Station.objects.update(status="applied")

    assert add(client, gas).status_code == 404


def test_zero_takes_the_line_out(client, gas):
    add(client, gas)
    client.post(f"/cart/line/{CartLine.objects.get().pk}/", {"quantity": "0"})

    assert "Your cart is empty" in client.get("/cart/").text


def test_the_cart_explains_every_kind(client, gas, hose):
    add(client, gas, quantity="2")
    add(client, gas, kind="new")
    add(client, hose, kind="accessory")
    page = client.get("/cart/").text

    assert f"you give 2 empty {gas.variant.name}" in page
    assert "30,000 of it is a deposit" in page
    assert "no deposit" in page
    # 2 × 20,000 + 22,000 + 30,000 + 4,500 + 1,000 to bring it
    assert "97,500" in page


def test_a_shortage_stands_on_its_line(client, gas):
    make_order({gas: 8})
    add(client, gas, quantity="2")
    add(client, gas, kind="new")

    assert f"Only 2 left of {gas.variant.name}." in client.get("/cart/").text


def test_what_went_off_sale_says_so(client, gas):
    add(client, gas)
    Listing.objects.update(is_published=False)

    assert "no longer on sale here" in client.get("/cart/").text


def test_an_empty_cart_offers_the_last_order_again(client, gas, buyer):
    make_order({gas: 2}, buyer=buyer)
    client.force_login(buyer)

    assert "Order it again" in client.get("/cart/").text


def test_htmx_gets_the_card_and_the_cart_beside_it(client, gas):
    htmx = {
        "HX-Request": "true",
        "HX-Target": f"offer-{gas.pk}",
        "HX-Current-URL": "http://testserver/",
    }
    answer = client.post(f"/cart/add/{gas.pk}/", {"kind": "exchange"}, headers=htmx)

    assert f'<li id="offer-{gas.pk}">' in answer.text
    assert 'value="1"' in answer.text
    assert answer.text.count('hx-swap-oob="true"') == 2
    assert "<html" not in answer.text


def test_htmx_on_another_page_gets_its_own_part(client, gas):
    add(client, gas)
    url = "http://testserver/cart/"
    htmx = {"HX-Request": "true", "HX-Target": "basket", "HX-Current-URL": url, "Referer": url}
    line = CartLine.objects.get()
    answer = client.post(f"/cart/line/{line.pk}/", {"quantity": "4"}, headers=htmx, follow=True)

    assert answer.text.strip().startswith('<div id="basket"')
    assert "80,000" in answer.text


def test_a_cart_costs_the_same_with_1_and_with_30_lines(client, buyer):
    client.force_login(buyer)
    add(client, make_listing())
    client.get("/cart/")
    cart, checkout = cost(client, "/cart/"), cost(client, "/checkout/")
    for _ in range(29):
        add(client, make_listing(make_station()))
    client.get("/cart/")

    assert cart == cost(client, "/cart/") <= 8
    assert checkout == cost(client, "/checkout/") <= 8
