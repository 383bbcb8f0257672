import re
from datetime import timedelta

import pytest
from django.urls import reverse

from gasstock.core import clock
from gasstock.notifications.models import Message
from gasstock.purchasing.models import PurchaseStatus
from tests.factories import make_member, make_station, make_user
from tests.purchasing.acts import came, drafted, ordered, receive, want
from tests.queries import cost

pytestmark = pytest.mark.django_db

LIST = "/at/kimironko/purchases/"
NEW = f"{LIST}new/"


def url(name, order):
    return reverse(f"purchasing:{name}", args=["kimironko", order.pk])


# --- Doors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen", "changed"),
    [("manager", 200, 200), ("clerk", 200, 403), ("rider", 403, 403)],
)
def test_clerks_see_orders_and_only_managers_write_them(
    client, request, depot, gas, who, seen, changed
):
    order = ordered(depot, want(gas))
    client.force_login(request.getfixturevalue(who))

    for where in (LIST, url("order", order), url("order_receive", order)):
        assert client.get(where).status_code == seen
    for where in (NEW, url("order_pdf", order), url("order_print", order), f"{LIST}row/0/"):
        assert client.get(where).status_code == changed


def test_a_clerk_sees_neither_drafts_nor_money(client, clerk, depot, gas):
    draft, sent = drafted(depot, want(gas)), ordered(depot, want(gas, 10, 14_321))
    client.force_login(clerk)

    assert client.get(url("order", draft)).status_code == 404
    assert "Not sent yet" not in client.get(LIST).text
    for where in (LIST, url("order", sent)):
        page = client.get(where).text
        assert sent.number in page
        assert "14,321" not in page
        assert "143,210" not in page


def test_a_clerk_cannot_do_what_is_a_managers(client, clerk, depot, gas):
    order = ordered(depot, want(gas))
    client.force_login(clerk)

    for name in ("order_send", "order_discard", "order_cancel", "order_close"):
        assert client.post(url(name, order)).status_code == 403
    assert client.post(f"{NEW}rows/").status_code == 403
    low = reverse("purchasing:draft_for", args=["kimironko", gas.pk])
    assert client.post(low).status_code == 403


def test_the_orders_of_another_station_are_not_there(client, depot, gas):
    order = ordered(depot, want(gas))
    receipt = receive(order, came(order, 1))
    client.force_login(make_member(make_user(), make_station("other")))

    for name in ("order", "order_change", "order_pdf", "order_print", "order_receive"):
        assert (
            client.get(reverse(f"purchasing:{name}", args=["other", order.pk])).status_code == 404
        )
    for name in ("order_send", "order_discard", "order_cancel", "order_close", "change_rows"):
        where = reverse(f"purchasing:{name}", args=["other", order.pk])
        assert client.post(where, {"reason": "x"}).status_code == 404
    assert client.post(reverse("purchasing:draft_for", args=["other", gas.pk])).status_code == 404
    assert client.get(f"/at/other/purchases/receipts/{receipt}/").status_code == 404
    assert client.get(LIST).status_code == 404


# --- The list -----------------------------------------------------------------------------------


def test_the_list_shows_what_is_open_or_all_and_is_filtered(client, manager, depot, shop, gas):
    going, done = ordered(depot, want(gas)), ordered(shop, want(gas, 1))
    receive(done, came(done, 1))
    client.force_login(manager)

    def shown(query):
        page = client.get(LIST + query).text
        return [order for order in (going, done) if order.number in page]

    assert shown("") == [going]
    assert shown("?show=all") == [going, done]
    assert shown(f"?show=all&supplier={shop.pk}") == [done]
    assert shown("?status=received") == [done]
    assert shown("?show=zz&supplier=zz&status=zz") == [going]
    text = client.get(f"{LIST}?supplier={shop.pk}").text
    assert "No order like this" in text
    assert f'<option value="{shop.pk}" selected>' in text


def test_the_list_comes_in_pages_at_the_same_cost(client, manager, depot, gas):
    client.force_login(manager)
    orders = [ordered(depot, want(gas))]
    first = cost(client, LIST)
    orders += [ordered(depot, want(gas)) for _ in range(31)]

    assert cost(client, LIST) == first <= 8
    page = client.get(LIST).text
    assert (orders[0].number in page, orders[-1].number in page) == (False, True)
    cursor = re.search(r"\?cursor=\d+", page).group()
    assert orders[0].number in client.get(LIST + cursor).text


def test_an_order_costs_the_same_with_many_lines_and_receipts(client, manager, depot, gas, hose):
    order = ordered(depot, want(gas, 10), actor=manager)
    receive(order, came(order, 1), key="a", actor=manager)
    client.force_login(manager)
    first = cost(client, url("order", order))
    more = ordered(depot, want(gas, 10), want(gas, 5, kind="new"), want(hose, 9), actor=manager)
    for key in "bcde":
        receive(more, came(more, 1), came(more, 1, place=2), key=key, actor=manager)

    assert cost(client, url("order", more)) == first <= 10


def test_a_late_order_says_so(client, manager, depot, gas):
    with clock.at(clock.now() - timedelta(days=9)):
        ordered(depot, want(gas), expected_on=clock.today() + timedelta(days=2))
    client.force_login(manager)

    assert "Late" in client.get(LIST).text


# --- What becomes of it -------------------------------------------------------------------------


def test_an_order_is_sent_once(client, manager, depot, gas):
    order = drafted(depot, want(gas))
    client.force_login(manager)
    assert "depot@example.com" in client.get(url("order", order)).text

    for _ in range(2):
        client.post(url("order_send", order))

    order.refresh_from_db()
    assert (order.status, order.submitted_by) == (PurchaseStatus.SUBMITTED, manager)
    assert Message.objects.count() == 1


def test_without_an_address_the_page_says_to_print_it(client, manager, shop, hose):
    order = drafted(shop, want(hose))
    client.force_login(manager)
    assert "print it or send the PDF yourself" in client.get(url("order", order)).text

    page = client.post(url("order_send", order), follow=True).text

    assert "there is no e-mail address" in page
    assert not Message.objects.exists()


def test_the_paper_is_a_pdf_and_a_page_to_print(client, manager, depot, gas):
    order = ordered(depot, want(gas, 10, 14_000, empties=8), note="Before noon")
    client.force_login(manager)

    pdf = client.get(url("order_pdf", order))
    page = client.get(url("order_print", order)).text

    assert pdf.headers["Content-Type"] == "application/pdf"
    assert f'filename="{order.number}.pdf"' in pdf.headers["Content-Disposition"]
    assert pdf.content.startswith(b"%PDF-")
    for words in (order.number, "SP 12 kg, refill", "140,000", "we send 8 empties", "Before noon"):
        assert words in page
    assert "data-print" in page
    assert client.get(url("order_pdf", drafted(depot))).status_code == 200


def test_a_draft_is_discarded_and_a_sent_order_needs_a_reason(client, manager, depot, gas):
    draft, sent = drafted(depot, want(gas)), ordered(depot, want(gas))
    client.force_login(manager)

    client.post(url("order_discard", draft))
    assert client.post(url("order_discard", sent)).status_code == 404
    assert client.post(url("order_cancel", sent), {"reason": " "}).status_code == 422
    client.post(url("order_cancel", sent), {"reason": "No money"})

    draft.refresh_from_db()
    sent.refresh_from_db()
    assert draft.status == sent.status == PurchaseStatus.CANCELLED
    assert sent.reason == "No money"


def test_an_order_is_closed_short_with_a_reason(client, manager, depot, gas):
    order = ordered(depot, want(gas))
    receive(order, came(order, 1))
    client.force_login(manager)

    assert client.post(url("order_close", order)).status_code == 422
    client.post(url("order_close", order), {"reason": "Depot is dry"})

    order.refresh_from_db()
    assert (order.status, order.reason) == (PurchaseStatus.CLOSED_SHORT, "Depot is dry")
    assert "Depot is dry" in client.get(url("order", order)).text
