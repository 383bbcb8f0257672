"""The till as a cashier meets it."""

from dataclasses import replace

import pytest
from django.urls import reverse

from gasstock.accounts.models import Station
from gasstock.billing.models import Method
from gasstock.billing.services.payments import Tender
from gasstock.core import platform
from gasstock.orders.models import LineKind, Order, OrderStatus
from gasstock.orders.services.counter import SaleLine, sell
from tests.factories import make_listing, make_user, make_variant

KEY = "0123456789abcdef"


@pytest.fixture
def till(client, clerk, at, shift):
    """Send a ticket: `till(refill_3=1, …)`, paid exactly in cash unless it says otherwise."""
    client.force_login(clerk)

    def till(**values):
        data = {"key": KEY, "way_0": "cash"} | values
        return client.post(at("sell"), data)

    return till


# --- The till ---------------------------------------------------------------------------------


def test_without_a_drawer_the_till_asks_to_open_one(client, clerk, at, gas):
    client.force_login(clerk)

    page = client.get(at("till")).text

    assert "Open your drawer first" in page
    assert reverse("billing:shift_open", args=[gas.station.slug]) in page


def test_the_keys_show_price_stock_and_code(client, clerk, at, gas, shift):
    make_listing(gas.station, make_variant("Hose", size_g=None), full=5, new_price=None)
    Station.objects.update(takes_foreign_empties=True)
    client.force_login(clerk)

    page = client.get(at("till")).text

    assert f'data-sku="{gas.variant.sku}"' in page
    assert "10 free" in page
    assert "Hose" in page


def test_a_sale_returns_to_the_till_with_its_receipt(till, at, client, gas):
    answer = till(**{f"refill_{gas.pk}": 2, "given_0": "50,000"})

    sale = Order.objects.counter().get()
    assert answer.url == f"{at('till')}?sold={sale.number}"
    page = client.get(answer.url).text
    assert "Sold, RWF\xa040,000, change RWF\xa010,000" in page
    assert at("receipt", sale.number) in page
    assert at("sale_void", sale.number) not in page  # a clerk does not undo sales


def test_a_deposit_paid_out_is_told_without_a_minus(till, client, gas):
    answer = till(**{f"back_{gas.pk}": 1})

    assert "Paid out, RWF\xa0" in client.get(answer.url).text


def test_everything_of_a_ticket_arrives(till, gas, buyer, station):
    Station.objects.update(takes_foreign_empties=True)
    other = make_variant("Meru 12 kg")

    till(
        **{
            f"refill_{gas.pk}": 3,
            f"empties_{gas.pk}": 2,
            f"brand_{gas.pk}": other.pk,
            f"new_{gas.pk}": 1,
            "total": 2 * 20_000 + 2 * 52_000,
            "buyer_phone": str(buyer.phone),
            "way_0": "bank",
            "amount_0": "100,000",
            "reference_0": "FT1",
            "way_1": "cash",
            "given_1": "50,000",
        }
    )

    sale = Order.objects.counter().get()
    refill, new = sale.lines.order_by("pk")
    assert (refill.quantity, refill.empties, refill.empty_variant) == (3, 2, other)
    assert (new.kind, new.quantity, sale.buyer) == (LineKind.NEW, 1, buyer)
    payments = sale.invoice.payments.order_by("pk").values_list("method", "amount", "tendered")
    assert list(payments) == [("bank", 100_000, None), ("cash", 44_000, 50_000)]


def test_the_receipt_says_the_tax_of_its_moment_and_not_of_the_deposit(till, at, client, gas):
    platform.remember(replace(platform.current(), tax_name="VAT", tax_rate=1800))
    till(**{f"new_{gas.pk}": 1})
    sale = Order.objects.counter().get()
    platform.remember(None, seconds=3600)

    page = client.get(at("receipt", sale.number)).text

    assert sale.total == 52_000
    assert "<td>of which VAT 18\u00a0%</td><td>3,356</td>" in page  # in 22,000


def test_without_a_tax_the_receipt_says_none(till, at, client, gas):
    till(**{f"new_{gas.pk}": 1})

    assert "of which" not in client.get(at("receipt", Order.objects.counter().get().number)).text


def test_a_name_without_an_account_is_written_on_the_receipt(till, gas):
    till(**{f"refill_{gas.pk}": 1, "buyer_name": "Mama Keza", "buyer_phone": "0788 999 111"})

    sale = Order.objects.counter().get()
    assert (sale.buyer, sale.invoice.buyer_name, sale.phone) == (None, "Mama Keza", "+250788999111")


def test_on_account_needs_a_buyer(till, gas, buyer):
    refused = till(**{f"refill_{gas.pk}": 1, "way_0": "account"})

    assert (refused.status_code, Order.objects.count()) == (422, 0)
    assert "somebody has to owe the rest" in refused.text

    till(**{f"refill_{gas.pk}": 1, "way_0": "account", "buyer_phone": str(buyer.phone)})

    assert Order.objects.get().status == OrderStatus.DELIVERED


def test_a_part_that_is_left_open_is_no_account(till, gas, buyer):
    refused = till(**{f"refill_{gas.pk}": 1, "amount_0": "5,000", "buyer_phone": str(buyer.phone)})

    assert (refused.status_code, Order.objects.count()) == (422, 0)
    assert "RWF\xa015,000 are still to be paid" in refused.text


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        ({"refill": 11}, "refill", "Only 10 free."),
        ({"refill": "x"}, "refill", "Type a number."),
        ({"refill": 100}, "refill", "From 0 to 99."),
        ({"refill": 1, "given_0": "1,000"}, "given_0", "does not cover"),
        ({"refill": 1, "given_0": "12.000"}, "given_0", "without a point"),
        ({"refill": 1, "way_0": "bank"}, "reference_0", "needs the bank"),
        ({"refill": 1, "way_0": "momo"}, "way_0", "not one of the available choices"),
        ({"refill": 1, "buyer_phone": "12"}, "buyer_phone", "That is no phone number"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(till, gas, values, name, words):
    typed = {f"{k}_{gas.pk}" if k == "refill" else k: v for k, v in values.items()}
    field = f"{name}_{gas.pk}" if name == "refill" else name

    refused = till(**typed)

    assert refused.status_code == 422
    assert words in str(refused.context["form"].errors[field])
    assert words in refused.text
    assert Order.objects.count() == 0


@pytest.mark.parametrize("values", [{}, {"key": ""}, {"total": 1}, {"buyer": 99}])
def test_what_cannot_be_sold_keeps_the_ticket(till, gas, values):
    lines = {f"refill_{gas.pk}": 1} if values else {}

    refused = till(**lines | values)

    assert (refused.status_code, Order.objects.count()) == (422, 0)


def test_a_changed_price_is_told_with_the_new_sum(till, gas):
    refused = till(**{f"refill_{gas.pk}": 1, "total": 19_000})

    assert "it is RWF\xa020,000 now" in refused.text


def test_the_same_ticket_twice_is_one_sale(till, gas):
    ticket = {f"refill_{gas.pk}": 1, "total": 20_000}

    first, again = till(**ticket), till(**ticket)

    assert first.url == again.url
    assert Order.objects.count() == 1


def test_htmx_gets_the_keys_and_what_is_wrong(client, clerk, at, shift, gas):
    client.force_login(clerk)
    headers = {
        "HX-Request": "true",
        "HX-Target": "shelf",
        "HX-Current-URL": f"http://testserver{at('till')}",
    }
    data = {"key": KEY, "way_0": "cash", f"refill_{gas.pk}": 11}

    refused = client.post(at("sell"), data, headers=headers)

    assert refused.status_code == 422
    assert refused.text.lstrip().startswith('<div class="gs-stack" id="shelf"')
    assert f'data-for="refill_{gas.pk}"' in refused.text
    assert 'id="trouble" role="alert" hx-swap-oob="true"' in refused.text

    sold = client.post(at("sell"), data | {f"refill_{gas.pk}": 1}, headers=headers, follow=True)

    assert f'data-last="{KEY}"' in sold.text
    assert "9 free" in sold.text


def test_the_sum_sells_nothing(client, clerk, at, shift, gas):
    client.force_login(clerk)

    page = client.post(at("sum"), {"key": KEY, "way_0": "cash", f"new_{gas.pk}": 2})

    assert page.status_code == 200
    assert "104,000" in page.text
    assert 'name="total" value="104000"' in page.text
    assert Order.objects.count() == 0


def test_the_sum_knows_what_a_buyer_holds(client, clerk, at, shift, gas, buyer):
    client.force_login(clerk)

    page = client.post(
        at("sum"), {"key": KEY, f"back_{gas.pk}": 1, "buyer_phone": str(buyer.phone)}
    )

    assert page.status_code == 422


# --- The buyer --------------------------------------------------------------------------------


def test_former_buyers_are_found_by_name_and_others_by_their_whole_number(
    client, clerk, at, refill, buyer
):
    stranger = make_user("s@example.com", name="Marc Habimana", phone="+250788555444")
    refill("k-1", buyer=buyer)
    client.force_login(clerk)

    def found(words):
        return client.get(at("buyers"), {"q": words}).text

    assert "Marie Uwase" in found("mar")
    assert "Marc" not in found("mar")
    assert "Marc" not in found("78855")
    assert "Marc Habimana" in found("0788 555 444")
    assert client.get(at("buyer", stranger.pk), {"q": "marc"}).status_code == 404
    assert client.get(at("buyer", stranger.pk), {"q": "0788555444"}).json()["pk"] == stranger.pk


def test_a_buyer_brings_what_they_paid_for_their_shells(
    client, clerk, station, at, shift, gas, buyer
):
    for key in ("a", "b"):
        sell(
            clerk,
            station=station,
            lines=[SaleLine(gas, LineKind.NEW, 1)],
            tenders=[Tender(Method.CASH, 52_000)],
            key=f"key-{key}",
            buyer=buyer,
        )
    client.force_login(clerk)

    card = client.get(at("buyer", buyer.pk)).json()

    assert card["lots"] == {str(gas.variant_id): [[1, 30_000], [1, 30_000]]}
