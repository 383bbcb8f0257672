import re

import pytest

from gasstock.billing.models import InvoiceStatus
from gasstock.orders.models import Fulfilment, OrderEvent, OrderStatus
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import approve_order, dispatch_order
from gasstock.orders.services.money import approve_bill, submit_bill
from tests.factories import make_listing, make_member, make_order, make_station, make_user
from tests.orders.acts import delivered
from tests.queries import cost

BOARD = "/at/kimironko/orders/"


def htmx(target: str, page: str = BOARD) -> dict[str, str]:
    here = f"http://testserver{page}"
    return {"HX-Request": "true", "HX-Target": target, "HX-Current-URL": here, "Referer": here}


def lane(html: str, key: str) -> str:
    """What stands in one column of the board."""
    return html.split(f'id="{key}"')[1].split("</section>")[0]


def large_order(station):
    """Thirty lines, and thirty entries on its timeline."""
    order = make_order({make_listing(station): 1 for _ in range(30)})
    OrderEvent.objects.bulk_create(OrderEvent(order=order, kind="payment") for _ in range(30))
    return order


def billed_beforehand(order, clerk, admin):
    approve_order(admin, order=order)
    for invoice in submit_bill(clerk, order=order):
        approve_bill(admin, invoice=invoice)


def handed_over_without_empties(order, clerk):
    """The refills are credited, and billed again as new cylinders."""
    dispatch_order(clerk, order=order)
    handed = {line.pk: Handed(1, 0) for line in order.lines.all()}
    deliver_order(clerk, order=order, handed=handed, code=order.code)


class TestWhoMayEnter:
    @pytest.mark.parametrize("page", ["orders/", "ratings/"])
    def test_the_team_that_sees_orders(self, client, request, station, page):
        for name, status in {
            "manager": 200,
            "clerk": 200,
            "admin": 200,
            "rider": 403,
            "buyer": 404,
        }.items():
            client.force_login(request.getfixturevalue(name))
            assert client.get(f"/at/kimironko/{page}").status_code == status, name

    def test_not_the_clerk_of_another_station(self, client, station):
        client.force_login(make_member(None, make_station(), "clerk"))

        assert client.get(BOARD).status_code == 404

    def test_an_order_is_found_at_its_own_station_only(self, client, clerk):
        elsewhere = make_order()
        client.force_login(clerk)

        assert client.get(f"{BOARD}{elsewhere.number}/").status_code == 404
        assert client.post(f"{BOARD}{elsewhere.number}/approve/").status_code == 404

    @pytest.mark.parametrize("verb", ["approve", "reject", "send", "cancel", "invoice", "pay"])
    def test_a_rider_changes_no_order(self, client, rider, gas, verb):
        order = make_order(gas)
        client.force_login(rider)

        assert client.post(f"{BOARD}{order.number}/{verb}/").status_code == 403


class TestBoard:
    def test_each_order_stands_in_its_stage_with_its_one_step(self, client, clerk, gas):
        client.force_login(clerk)
        new, to_send, out, done = (make_order(gas) for _ in range(4))
        to_fetch = make_order(gas, fulfilment=Fulfilment.PICKUP)
        for order in (to_send, to_fetch, out):
            approve_order(clerk, order=order)
        dispatch_order(clerk, order=out)
        delivered(done, clerk)

        html = client.get(BOARD).text

        assert f"/{new.number}/approve/" in lane(html, "new")
        assert f"/{to_send.number}/send/" in lane(html, "approved")
        assert f"/{to_fetch.number}/deliver/" in lane(html, "approved")
        assert f"/runs/{out.number}/" in lane(html, "out")
        assert f"/{done.number}/invoice/" in lane(html, "done")

    def test_above_the_limit_it_says_who_approves_instead_of_a_button(self, client, clerk, gas):
        order = make_order({gas: 6})
        client.force_login(clerk)

        html = lane(client.get(BOARD).text, "new")

        assert "an admin approves it" in html
        assert f"/{order.number}/approve/" not in html

    def test_nobody_is_offered_to_approve_their_own_order(self, client, clerk, gas):
        make_order(gas, buyer=clerk)
        client.force_login(clerk)

        assert "Your own order" in client.get(BOARD).text

    def test_approving_answers_htmx_with_the_board_alone(self, client, clerk, gas):
        order = make_order(gas)
        client.force_login(clerk)

        response = client.post(
            f"{BOARD}{order.number}/approve/", headers=htmx("board"), follow=True
        )

        assert re.match(r'\s*<div class="gs-stack" id="board"', response.text)
        assert f"Order {order.number} is approved." in response.text
        assert order.number in lane(response.text, "approved")

    def test_an_order_that_was_answered_meanwhile_explains_itself(self, client, clerk, gas):
        order = make_order(gas)
        approve_order(clerk, order=order)
        client.force_login(clerk)

        response = client.post(
            f"{BOARD}{order.number}/approve/", headers=htmx("board"), follow=True
        )

        assert f"Order {order.number} is already approved." in response.text

    def test_a_column_shows_thirty_and_leads_to_the_others(self, client, clerk, station):
        gas = make_listing(station, full=50)
        first, *_, last = [make_order(gas) for _ in range(32)]
        client.force_login(clerk)

        html = client.get(BOARD).text
        page = client.get(f"{BOARD}?show=new").text
        cursor = re.search(r"cursor=(\d+)", page)
        rest = client.get(f"{BOARD}?show=new&cursor={cursor[1]}").text

        assert "30+" in html
        assert first.number in html
        assert last.number not in html
        assert last.number not in page
        assert last.number in rest

    @pytest.mark.parametrize("words", ["0788412", "Uwase", "{number}"])
    def test_orders_are_found_by_number_buyer_and_phone(self, client, clerk, gas, buyer, words):
        order = delivered(make_order(gas, buyer=buyer, phone="+250788412906"), clerk)
        other = make_order(gas, phone="+250722000000")
        client.force_login(clerk)

        html = client.get(BOARD, {"q": words.format(number=order.number[-5:])}).text

        assert order.number in html
        assert other.number not in html

    @pytest.mark.parametrize("who", ["clerk", "admin"])
    def test_the_same_queries_for_one_order_and_for_thirty(
        self, client, request, clerk, station, who
    ):
        gas = make_listing(station, full=50)
        client.force_login(request.getfixturevalue(who))
        make_order(gas)
        one = cost(client, BOARD)
        for n in range(29):
            order = make_order(gas)
            if n % 3:
                approve_order(clerk, order=order)
            if n % 3 == 2:
                dispatch_order(clerk, order=order)

        assert cost(client, BOARD) == one <= 8


class TestOrderPage:
    def test_staff_read_all_but_the_code(self, client, clerk, gas, buyer):
        order = make_order(gas, buyer=buyer, note="Blue gate")
        order.code = "8351"
        order.save()
        client.force_login(clerk)

        html = client.get(f"{BOARD}{order.number}/").text

        for words in ("Marie Uwase", "tel:+250788412906", "Blue gate", "KG 7 Ave 12", "1 held"):
            assert words in html
        assert "8351" not in html

    def test_above_the_limit_the_button_is_there_and_says_why_not(self, client, clerk, gas, admin):
        order = make_order({gas: 6})
        client.force_login(clerk)
        page = client.get(f"{BOARD}{order.number}/").text
        client.force_login(admin)
        for_admin = client.get(f"{BOARD}{order.number}/").text

        assert "disabled" in page
        assert "Above your limit of RWF\u00a0100,000" in page
        assert f"/{order.number}/approve/" not in page
        assert f"/{order.number}/approve/" in for_admin

    def test_a_rejection_without_a_reason_comes_back_and_changes_nothing(self, client, clerk, gas):
        order = make_order(gas)
        client.force_login(clerk)
        url = f"{BOARD}{order.number}/reject/"

        bad = client.post(url, headers=htmx("order", f"{BOARD}{order.number}/"))
        order.refresh_from_db()

        assert bad.status_code == 422
        assert "Say why" in bad.text
        assert order.status == OrderStatus.PLACED

    def test_a_rejection_gives_the_buyer_the_reason(self, client, clerk, gas):
        order = make_order(gas)
        client.force_login(clerk)

        response = client.post(
            f"{BOARD}{order.number}/reject/",
            {"why": "Not enough stock", "words": "More on Friday."},
        )
        order.refresh_from_db()

        assert response["Location"] == f"{BOARD}{order.number}/"
        assert (order.status, order.reason) == (
            OrderStatus.REJECTED,
            "Not enough stock. More on Friday.",
        )

    def test_a_dead_order_offers_nothing(self, client, clerk, gas):
        order = make_order(gas)
        client.force_login(clerk)
        client.post(f"{BOARD}{order.number}/reject/", {"words": "No"})

        html = client.get(f"{BOARD}{order.number}/").text

        assert "<form" not in html.split('id="order"')[1].split("</main>")[0]

    def test_an_order_is_sent_with_a_rider_of_the_team_only(self, client, clerk, rider, gas):
        order = make_order(gas)
        approve_order(clerk, order=order)
        client.force_login(clerk)
        url = f"{BOARD}{order.number}/send/"

        client.post(url, {"rider": make_user().pk})
        order.refresh_from_db()
        assert order.status == OrderStatus.APPROVED

        client.post(url, {"rider": rider.pk})
        order.refresh_from_db()
        assert (order.status, order.rider) == (OrderStatus.DISPATCHED, rider)

    def test_the_station_calls_off_with_a_reason(self, client, clerk, gas):
        order = make_order(gas)
        approve_order(clerk, order=order)
        client.force_login(clerk)
        url = f"{BOARD}{order.number}/cancel/"

        assert client.get(url).status_code == 200
        assert client.post(url).status_code == 422
        assert client.post(url, {"why": "Nobody at home"}).status_code == 302
        order.refresh_from_db()
        assert (order.status, order.reason) == (OrderStatus.CANCELLED, "Nobody at home")

    @pytest.mark.parametrize("who", ["clerk", "admin"])
    def test_the_same_queries_for_one_line_and_for_thirty(
        self, client, request, clerk, admin, station, who
    ):
        """Of lines, events and people who could bring it; and again once it is delivered."""
        client.force_login(request.getfixturevalue(who))
        small, large = make_order(make_listing(station)), large_order(station)
        billed_beforehand(small, clerk, admin)
        to_send = cost(client, f"{BOARD}{small.number}/")
        handed_over_without_empties(small, clerk)
        settled = cost(client, f"{BOARD}{small.number}/")
        billed_beforehand(large, clerk, admin)
        for _ in range(29):
            make_member(None, station, "rider")

        assert cost(client, f"{BOARD}{large.number}/") == to_send <= 8
        handed_over_without_empties(large, clerk)
        assert cost(client, f"{BOARD}{large.number}/") == settled <= 8

    def test_a_bill_says_what_was_taken_off_it_and_what_came_on_top(
        self, client, clerk, admin, gas
    ):
        order = make_order(gas)
        billed_beforehand(order, clerk, admin)
        handed_over_without_empties(order, clerk)
        client.force_login(clerk)

        bill = client.get(f"{BOARD}{order.number}/").text.split('id="h-bill"')[1]
        note = order.invoice.credit_notes.get()

        assert bill.count(f"{note.number}: −RWF\xa020,000") == 1
        assert "Adds what came on top, RWF\xa052,000" in bill


class TestBill:
    def test_an_invoice_is_submitted_from_the_order(self, client, clerk, gas):
        order = delivered(make_order(gas), clerk)
        client.force_login(clerk)

        response = client.post(f"{BOARD}{order.number}/invoice/", follow=True)
        order.invoice.refresh_from_db()

        assert order.invoice.status == InvoiceStatus.SUBMITTED
        assert order.invoice.number in response.text

    def test_a_payment_sent_twice_is_one_payment(self, client, clerk, gas):
        order = delivered(make_order(gas), clerk)
        client.force_login(clerk)
        url = f"{BOARD}{order.number}/pay/"
        data = {"invoice": order.invoice_id, "key": "k1", "method": "cash", "amount": "5,000"}

        for _ in range(2):
            assert client.post(url, data).status_code == 302

        order.invoice.refresh_from_db()
        assert (order.invoice.paid, order.invoice.payments.count()) == (5000, 1)

    def test_a_bank_transfer_without_a_reference_comes_back_as_typed(self, client, clerk, gas):
        order = delivered(make_order(gas), clerk)
        client.force_login(clerk)
        data = {"invoice": order.invoice_id, "key": "k2", "method": "bank", "amount": "7,500"}

        bad = client.post(f"{BOARD}{order.number}/pay/", data, headers=htmx("order"))

        assert bad.status_code == 422
        assert "bank&#x27;s reference" in bad.text.split('id="pay_reference_error"')[1]
        assert 'value="7,500"' in bad.text
        assert 'value="k2"' in bad.text
        assert not order.invoice.payments.exists()

    def test_money_for_the_invoice_of_another_station_is_refused(self, client, clerk, gas):
        order, elsewhere = make_order(gas), make_order()
        client.force_login(clerk)
        data = {"invoice": elsewhere.invoice_id, "key": "k3", "method": "cash", "amount": "1"}

        assert client.post(f"{BOARD}{order.number}/pay/", data).status_code == 422
        assert not elsewhere.invoice.payments.exists()
