import re
from datetime import timedelta

import pytest

from gasstock.accounts.models import Membership, StationStatus
from gasstock.billing.models import InvoiceStatus, Method
from gasstock.core import clock
from gasstock.orders.models import Order, OrderStatus
from gasstock.orders.services.life import approve_order
from gasstock.orders.services.money import approve_bill, submit_bill, take_payment
from tests.factories import make_admin, make_listing, make_order, make_station
from tests.orders.acts import delivered, on_the_way
from tests.queries import cost

QUEUE = "/approvals/"


def htmx(target: str, page: str = QUEUE) -> dict[str, str]:
    here = f"http://testserver{page}"
    return {"HX-Request": "true", "HX-Target": target, "HX-Current-URL": here, "Referer": here}


def applied(**fields):
    values = {"status": StationStatus.APPLIED, "name": "Gikondo Cylinder Shop"}
    return make_station(**values | fields)


def billed(listing, clerk, quantity=1):
    """A delivered order whose invoice waits for an admin."""
    order = delivered(make_order({listing: quantity}), clerk)
    submit_bill(clerk, order=order)
    return order


def row(html: str, key: str) -> str:
    return html.split(f'id="{key}"')[1].split("</li>")[0]


def counts(html: str) -> dict[str, int]:
    return {k: int(n) for k, n in re.findall(r'id="count-(\w+)"[^>]*>(\d+)<', html)}


@pytest.fixture(autouse=True)
def _signed_in(client, admin) -> None:
    client.force_login(admin)


class TestWhoMayEnter:
    @pytest.mark.parametrize("who", ["manager", "clerk", "rider", "buyer"])
    def test_for_others_the_pages_are_not_there(self, client, request, gas, who):
        order = make_order(gas)
        client.force_login(request.getfixturevalue(who))

        assert client.get(QUEUE).status_code == 404
        assert client.post(f"{QUEUE}bulk/", {"pick": f"order-{order.pk}"}).status_code == 404
        assert client.post(f"{QUEUE}order/{order.pk}/approve/").status_code == 404

    def test_what_does_not_exist_is_not_found(self, client, db):
        for kind in ("order", "invoice", "station"):
            assert client.post(f"{QUEUE}{kind}/999/approve/").status_code == 404


class TestQueue:
    def test_three_groups_with_their_counts_and_what_is_not_paid(self, client, clerk, admin, gas):
        order, station = make_order(gas), applied()
        waits = billed(gas, clerk).invoice
        unpaid = billed(gas, clerk).invoice
        approve_bill(admin, invoice=unpaid)
        waits.refresh_from_db()
        unpaid.refresh_from_db()

        html = client.get(QUEUE).text

        assert counts(html) == {"all": 3, "orders": 1, "invoices": 1, "stations": 1, "unpaid": 1}
        for name in (order.number, waits.number, station.name):
            assert name in html
        assert unpaid.number not in html
        assert unpaid.number in client.get(f"{QUEUE}?tab=unpaid").text

    def test_the_oldest_stands_first(self, client, gas):
        old, new = make_order(gas), make_order(gas)
        html = client.get(QUEUE).text

        assert html.index(old.number) < html.index(new.number)

    def test_nothing_waits(self, client, station):
        assert "Nothing waits for you" in client.get(QUEUE).text

    def test_narrowed_by_words_station_and_need(self, client, gas, buyer):
        mine = make_order(gas, buyer=buyer)
        large = make_order({make_listing(): 6})

        def shown(**wanted: str) -> set[str]:
            html = client.get(QUEUE, wanted).text
            return {order.number for order in (mine, large) if order.number in html}

        assert shown() == {mine.number, large.number}
        assert shown(q="uwase") == {mine.number}
        assert shown(q="Kimironko") == {mine.number}
        assert shown(q=large.number[-6:]) == {large.number}
        assert shown(station="kimironko") == {mine.number}
        assert shown(only="admin") == {large.number}
        assert shown(q="nothing like it") == set()

    def test_what_nobody_would_type_is_no_trouble(self, client, gas):
        make_order(gas)

        for query in ("tab=nope", "cursor=-1", "station=a b", "only=x", f"q={'x' * 200}"):
            assert client.get(f"{QUEUE}?{query}").status_code == 200

    def test_more_than_thirty_lead_to_the_next_page(self, client, station):
        gas = make_listing(station, full=50)
        first, *_, last = [make_order(gas) for _ in range(32)]

        everything, page = client.get(QUEUE).text, client.get(f"{QUEUE}?tab=orders").text
        cursor = re.search(r"cursor=(\d+)", page)
        rest = client.get(f"{QUEUE}?tab=orders&cursor={cursor[1]}").text

        assert counts(everything)["orders"] == 32
        assert last.number not in everything
        assert first.number in page
        assert last.number not in page
        assert last.number in rest

    def test_the_same_queries_for_one_of_each_and_for_thirty(self, client, clerk, station):
        gas = make_listing(station, full=90)
        make_order(gas)
        billed(gas, clerk)
        applied()
        one = cost(client, QUEUE)
        for _ in range(29):
            make_order(gas)
            billed(gas, clerk)
            applied()

        assert cost(client, QUEUE) == one <= 8


class TestEvidence:
    def test_of_an_order(self, client, clerk, admin, gas, buyer):
        paid = billed(gas, clerk)
        Order.objects.filter(pk=paid.pk).update(buyer=buyer)
        approve_bill(admin, invoice=paid.invoice)
        take_payment(clerk, invoice=paid.invoice, method=Method.CASH, amount=21_000, key="1")
        known, first = make_order({gas: 6}, buyer=buyer), make_order(gas)

        html = client.get(QUEUE).text

        assert "1 paid order before" in row(html, f"order-{known.pk}")
        assert "Above the limit of RWF\u00a0100,000" in row(html, f"order-{known.pk}")
        assert "First order of this buyer" in row(html, f"order-{first.pk}")
        assert "Stock held" in row(html, f"order-{first.pk}")
        assert "Above the limit" not in row(html, f"order-{first.pk}")

    def test_of_an_invoice(self, client, clerk, gas):
        good, wrong, early = billed(gas, clerk), billed(gas, clerk), make_order(gas)
        on_the_way(early, clerk)
        submit_bill(clerk, order=early)
        wrong.lines.update(empties=0)  # as if an empty were missing that nobody billed

        html = client.get(QUEUE).text

        assert "Bills what was delivered" in row(html, f"invoice-{good.invoice_id}")
        assert "Bills RWF\u00a021,000 instead of RWF\u00a053,000" in row(
            html, f"invoice-{wrong.invoice_id}"
        )
        assert "Not delivered yet" in row(html, f"invoice-{early.invoice_id}")
        assert "Bills what was ordered" in row(html, f"invoice-{early.invoice_id}")

    def test_of_a_station(self, client, station):
        good, bare = applied(licence="RURA/LPG/12"), applied(licence="")

        html = client.get(QUEUE).text

        assert "Licence RURA/LPG/12" in row(html, f"station-{good.pk}")
        assert "No licence number" in row(html, f"station-{bare.pk}")


class TestApproving:
    def test_in_place_the_row_becomes_one_line_and_the_counts_follow(self, client, gas):
        order, _other = make_order({gas: 6}), make_order(gas)

        answer = client.post(
            f"{QUEUE}order/{order.pk}/approve/", headers=htmx(f"order-{order.pk}"), follow=True
        ).text
        order.refresh_from_db()

        assert order.status == OrderStatus.APPROVED
        assert re.match(rf'\s*<li class="is-gone" id="order-{order.pk}">', answer)
        assert f"{order.number} approved by you, " in answer
        assert counts(answer)["orders"] == 1
        assert "<html" not in answer
        assert 'id="toasts"' not in answer

    def test_without_htmx_it_comes_back_to_the_page(self, client, gas):
        order = make_order(gas)

        response = client.post(f"{QUEUE}order/{order.pk}/approve/")

        assert response["Location"] == QUEUE

    def test_an_invoice_and_a_station_too(self, client, clerk, gas):
        invoice, station = billed(gas, clerk).invoice, applied()

        client.post(f"{QUEUE}invoice/{invoice.pk}/approve/")
        client.post(f"{QUEUE}station/{station.pk}/approve/")
        invoice.refresh_from_db()
        station.refresh_from_db()

        assert invoice.status == InvoiceStatus.APPROVED
        assert station.status == StationStatus.APPROVED
        assert Membership.objects.filter(station=station, user=station.applicant).exists()

    def test_nobody_approves_their_own_and_the_row_says_so(self, client, admin, gas):
        order = make_order(gas, buyer=admin)
        key = f"order-{order.pk}"

        answer = client.post(
            f"{QUEUE}order/{order.pk}/approve/", headers=htmx(key), follow=True
        ).text
        order.refresh_from_db()

        assert order.status == OrderStatus.PLACED
        assert "somebody else has to approve it" in row(answer, key)
        assert "Approve" in row(answer, key)

    def test_what_another_admin_answered_meanwhile_explains_itself(self, client, gas):
        order = make_order(gas)
        approve_order(make_admin(), order=order)
        key = f"order-{order.pk}"

        answer = client.post(
            f"{QUEUE}order/{order.pk}/approve/", headers=htmx(key), follow=True
        ).text

        assert "is already approved" in row(answer, key)
        assert "is-gone" in answer


class TestRejecting:
    def test_the_reasons_open_in_the_row_or_as_a_page(self, client, gas):
        order = make_order(gas)
        url = f"{QUEUE}order/{order.pk}/reject/"

        opened, page = client.get(url, headers=htmx(f"order-{order.pk}")).text, client.get(url).text

        assert re.match(rf'\s*<li id="order-{order.pk}" class="is-open">', opened)
        assert "<html" in page
        assert "Not enough stock" in opened
        assert "Not enough stock" in page

    def test_keeping_it_waiting_closes_the_row(self, client, gas):
        order = make_order(gas)

        closed = client.get(QUEUE, headers=htmx(f"order-{order.pk}")).text

        assert re.match(rf'\s*<li id="order-{order.pk}">', closed)

    @pytest.mark.parametrize("kind", ["order", "invoice", "station"])
    def test_each_kind_needs_a_reason(self, client, clerk, gas, kind):
        thing = {
            "order": lambda: make_order(gas),
            "invoice": lambda: billed(gas, clerk).invoice,
            "station": applied,
        }[kind]()
        url, key = f"{QUEUE}{kind}/{thing.pk}/reject/", f"{kind}-{thing.pk}"

        bad = client.post(url, headers=htmx(key))
        good = client.post(url, {"words": "It is not right."}, headers=htmx(key), follow=True)
        thing.refresh_from_db()

        assert bad.status_code == 422
        assert "Say why" in row(bad.text, key)
        assert "is-gone" in good.text
        assert thing.status == "rejected"

    def test_the_station_reads_why_an_invoice_came_back(self, client, clerk, gas):
        order = billed(gas, clerk)

        client.post(f"{QUEUE}invoice/{order.invoice_id}/reject/", {"why": "Wrong price"})
        client.force_login(clerk)

        page = client.get(f"/at/kimironko/orders/{order.number}/").text
        assert "Sent back: Wrong price" in page


class TestBulk:
    def test_many_kinds_at_once_and_why_one_was_refused(self, client, admin, clerk, gas):
        order, own = make_order(gas), make_order(gas, buyer=admin)
        invoice, station = billed(gas, clerk).invoice, applied()
        picks = [
            f"order-{order.pk}",
            f"order-{own.pk}",
            f"invoice-{invoice.pk}",
            f"station-{station.pk}",
        ]

        page = client.post(f"{QUEUE}bulk/", {"pick": picks}, follow=True).text

        assert "3 approved, 1 refused: " in page
        assert f"{own.number}: This is your own order" in page
        assert set(Order.objects.filter(status="approved")) == {order}

    def test_htmx_gets_the_list_the_counts_and_an_empty_bar(self, client, gas):
        order = make_order(gas)

        answer = client.post(
            f"{QUEUE}bulk/",
            {"pick": [f"order-{order.pk}"]},
            headers=htmx("queue"),
            follow=True,
        ).text

        assert re.match(r'\s*<div id="queue">', answer)
        assert counts(answer)["all"] == 0
        assert 'id="bulk" hx-swap-oob="true"' in answer
        assert "1 approved." in answer

    def test_the_bar_says_how_many_and_how_much(self, client, gas):
        first, second = make_order(gas), make_order({gas: 2})
        picks = [f"order-{first.pk}", f"order-{second.pk}", "order-x", "shoe-1", "order-99999"]

        bar = client.get(f"{QUEUE}bulk/", {"pick": picks}).text

        assert "2 selected" in bar
        assert "RWF\u00a062,000" in bar

    def test_nothing_ticked_says_so(self, client, station):
        page = client.post(f"{QUEUE}bulk/", follow=True).text

        assert "Nothing is ticked." in page


class TestPaying:
    def test_the_rest_of_an_approved_invoice_is_marked_paid(self, client, clerk, admin, gas):
        order = billed(gas, clerk)
        approve_bill(admin, invoice=order.invoice)
        url, key = f"{QUEUE}invoice/{order.invoice_id}/paid/", f"invoice-{order.invoice_id}"

        opened = client.get(url, headers=htmx(key, f"{QUEUE}?tab=unpaid")).text
        bad = client.post(url, {"method": "bank"}, headers=htmx(key))
        good = client.post(
            url,
            {"method": "bank", "reference": "FT1"},
            headers=htmx(key, f"{QUEUE}?tab=unpaid"),
            follow=True,
        )
        order.refresh_from_db()
        order.invoice.refresh_from_db()

        assert "RWF\u00a021,000" in opened
        assert bad.status_code == 422
        assert "bank&#x27;s reference" in bad.text
        assert "marked paid by you" in good.text
        assert order.invoice.status == InvoiceStatus.PAID
        assert order.status == OrderStatus.CLOSED

    def test_what_is_overdue_says_since_when(self, client, clerk, admin, gas):
        with clock.at(clock.now() - timedelta(days=17)):
            order = billed(gas, clerk)
            approve_bill(admin, invoice=order.invoice)

        assert "3 days overdue" in client.get(f"{QUEUE}?tab=unpaid").text

    def test_the_same_queries_for_one_and_for_thirty(self, client, clerk, admin, station):
        gas = make_listing(station, full=50)
        approve_bill(admin, invoice=billed(gas, clerk).invoice)
        one = cost(client, f"{QUEUE}?tab=unpaid")
        for _ in range(29):
            approve_bill(admin, invoice=billed(gas, clerk).invoice)

        assert cost(client, f"{QUEUE}?tab=unpaid") == one <= 8
