"""The list of sales, receipts and undoing, and who may do what at the counter."""

from datetime import timedelta

import pytest
from django.urls import reverse

from gasstock.accounts.permissions import Role
from gasstock.billing.models import Method
from gasstock.billing.services.payments import Tender
from gasstock.billing.services.shifts import count_shift, open_shift
from gasstock.core import clock
from gasstock.orders.models import LineKind, OrderStatus
from gasstock.orders.services.counter import SaleLine, sell
from tests.factories import make_listing, make_member, make_station
from tests.queries import cost


@pytest.fixture
def sale(refill):
    return refill("sale-1")


# --- What was sold ----------------------------------------------------------------------------


def test_the_list_is_searched_by_receipt_buyer_phone_and_day(client, clerk, at, refill, buyer):
    first = refill("k-1", buyer=buyer)
    second = refill("k-2", buyer_name="Mama Keza", buyer_phone="+250788999111")
    client.force_login(clerk)

    def numbers(**query):
        page = client.get(at("sales"), query).text
        return [each for each in (first, second) if at("sale", each.number) in page]

    assert numbers() == [first, second]
    assert numbers(q=first.invoice.number[-5:]) == [first]
    assert numbers(q="keza") == [second]
    assert numbers(q="788 999") == [second]
    assert numbers(day=clock.today().isoformat()) == [first, second]
    assert numbers(day=(clock.today() - timedelta(days=1)).isoformat()) == []
    assert numbers(day="nonsense", cashier="x") == [first, second]
    assert numbers(cashier=clerk.pk) == [first, second]
    assert numbers(cashier=clerk.pk + 999) == []


def test_managers_see_the_takings_of_counted_drawers(
    client, clerk, manager, at, refill, buyer, shift
):
    refill("k-1")
    refill("k-2", amount=5_000, buyer=buyer)
    client.force_login(manager)

    before = client.get(at("sales")).context["sold"]
    count_shift(clerk, shift=shift, notes={}, wallets={})
    page = client.get(at("sales"))

    assert (before.count, before.waiting, before.total, before.by_method) == (2, 2, 0, [])
    sold = page.context["sold"]
    assert (sold.waiting, sold.total, sold.on_account) == (0, 40_000, 15_000)
    assert sold.by_method == [("Cash", 25_000)]
    assert "Sold today" in page.text

    client.force_login(clerk)

    assert "Sold today" not in client.get(at("sales")).text


def test_thirty_sales_cost_what_one_costs(client, clerk, at, refill, gas):
    make_listing(gas.station, full=50)
    refill("k-0")
    client.force_login(clerk)
    one = cost(client, at("sales"))
    many = make_listing(gas.station, full=50)
    for n in range(1, 31):
        refill(f"k-{n}", listing=many)

    assert cost(client, at("sales")) == one <= 8
    assert "cursor=" in client.get(at("sales")).text


def test_a_receipt_says_it_all(client, clerk, station, at, shift, gas, buyer):
    sale = sell(
        clerk,
        station=station,
        lines=[SaleLine(gas, LineKind.EXCHANGE, 2, empties=1)],
        tenders=[Tender(Method.CASH, 70_000, tendered=80_000), Tender(Method.BANK, 2_000, "FT9")],
        key="k",
        buyer=buyer,
    )
    client.force_login(clerk)

    page = client.get(at("receipt", sale.number)).text

    for words in (
        str(sale.invoice),
        f"1 empty {gas.variant}",
        "Deposit you hold: RWF\xa030,000",
        "FT9",
        "80,000",
        "10,000",
        "Served by Aline",
    ):
        assert words in page


def test_the_buyer_sees_the_purchase_and_its_receipt(client, buyer, sale, refill):
    mine = refill("k-2", buyer=buyer)
    client.force_login(buyer)

    assert "at the counter" in client.get(reverse("shop:orders")).text
    page = client.get(mine.get_absolute_url()).text
    assert "Bought at the counter" in page
    assert reverse("counter:my_receipt", args=[mine.number]) in page
    assert client.get(reverse("counter:my_receipt", args=[mine.number])).status_code == 200
    assert client.get(reverse("counter:my_receipt", args=[sale.number])).status_code == 404
    client.post(reverse("shop:order_rate", args=[mine.number]), {"stars": 5})
    mine.station.refresh_from_db()
    assert mine.station.rating_sum == 5


def test_the_board_shows_orders_and_no_sales(client, clerk, station, sale):
    client.force_login(clerk)

    page = client.get(station.get_absolute_url()).text
    found = client.get(station.get_absolute_url(), {"q": sale.number}).text
    answer = client.get(reverse("station:order", args=[station.slug, sale.number]))

    assert sale.number not in page
    assert "No order here" in found
    assert answer.url == reverse("counter:sale", args=[station.slug, sale.number])


def test_what_is_on_account_is_paid_on_the_page_of_the_sale(client, clerk, at, refill, buyer):
    sale = refill("k-1", amount=5_000, buyer=buyer)
    client.force_login(clerk)
    page = client.get(at("sale", sale.number))
    form = page.context["pay_form"]
    data = {
        "invoice": sale.invoice.pk,
        "key": form["key"].value(),
        "method": "bank",
        "amount": "15,000",
    }

    refused = client.post(at("sale_pay", sale.number), data)
    assert (refused.status_code, "needs the bank" in refused.text) == (422, True)

    client.post(at("sale_pay", sale.number), data | {"reference": "FT1"})

    sale.refresh_from_db()
    assert sale.status == OrderStatus.CLOSED


def test_nobody_takes_the_key_of_a_receipt_to_come(client, clerk, at, refill, buyer):
    sale = refill("k-1", amount=5_000, buyer=buyer)
    series, last = sale.invoice.number.rsplit("-", 1)
    client.force_login(clerk)
    data = {"invoice": sale.invoice.pk, "method": "cash", "amount": "1"}

    forged = data | {"key": f"{series}-{int(last) + 1:05d}-1"}
    answer = client.post(at("sale_pay", sale.number), forged)

    assert answer.status_code == 422
    assert refill("k-2").status == OrderStatus.CLOSED


# --- Undone -----------------------------------------------------------------------------------


def test_a_manager_undoes_a_sale_with_a_reason(client, manager, station, at, sale):
    open_shift(manager, station=station, float_amount=50_000)
    client.force_login(manager)

    refused = client.post(at("sale_void", sale.number), {})
    assert (refused.status_code, "Say why" in refused.text) == (422, True)

    client.post(at("sale_void", sale.number), {"why": "Typed wrong"})

    sale.refresh_from_db()
    assert (sale.status, sale.reason) == (OrderStatus.VOIDED, "Typed wrong")
    assert "VOID" in client.get(at("receipt", sale.number)).text
    assert client.get(at("sale", sale.number)).status_code == 200


def test_undoing_without_a_drawer_says_so_above_the_form(client, manager, at, sale):
    client.force_login(manager)

    refused = client.post(at("sale_void", sale.number), {"why": "Typed wrong"})

    assert refused.status_code == 422
    assert "Open your drawer first" in refused.text
    assert "Undone" not in refused.text


# --- Doors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["till", "buyers", "sales"])
def test_riders_and_strangers_stay_out(client, rider, buyer, at, name):
    client.force_login(rider)
    assert client.get(at(name)).status_code == 403
    client.force_login(buyer)
    assert client.get(at(name)).status_code == 404


@pytest.mark.parametrize("name", ["sale", "receipt"])
def test_the_sale_of_another_station_is_not_there(client, at, sale, name):
    other = make_station()
    client.force_login(make_member(None, other, Role.MANAGER))

    answer = client.get(reverse(f"counter:{name}", args=[other.slug, sale.number]))

    assert answer.status_code == 404


def test_a_clerk_does_not_undo(client, clerk, at, sale):
    client.force_login(clerk)

    assert client.post(at("sale_void", sale.number), {"why": "Typed wrong"}).status_code == 403


def test_the_rail_leads_to_the_counter(client, clerk, at, station):
    client.force_login(clerk)

    assert f'href="{at("till")}"' in client.get(station.get_absolute_url()).text
