import re
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gasstock.billing.models import Invoice, InvoiceStatus, Method
from gasstock.billing.services.invoices import rebill, reject_invoice, void_invoice
from gasstock.billing.services.payments import mark_paid, record_payment
from gasstock.core import clock
from tests.billing.conftest import DELIVERY, DEPOSIT, NEW, REFILL
from tests.factories import make_member, make_station, make_user

pytestmark = pytest.mark.django_db

DRAFT, SUBMITTED, APPROVED = InvoiceStatus.DRAFT, InvoiceStatus.SUBMITTED, InvoiceStatus.APPROVED
LIST = "/at/kimironko/invoices/"
BILLED = Counter({REFILL: 1, NEW: 1, DEPOSIT: 1, DELIVERY: 1})  # 73,000


def at_station(invoice, slug="kimironko"):
    return reverse("billing:invoice", args=[slug, invoice.pk])


def of_buyer(invoice):
    return reverse("billing:my_invoice", args=[invoice.pk])


def amounts(text):
    """The sums at the foot of the paper, by their words."""
    table = text[text.index('class="inv-sum"') :]
    rows = re.findall(r"<tr[^>]*><td>([^<]+)</td><td class=\"num\">(−?)RWF\xa0([\d,]+)</td>", table)
    return {
        words.strip(): (-1 if sign else 1) * int(figures.replace(",", ""))
        for words, sign, figures in rows
    }


@pytest.mark.parametrize(
    ("who", "status"), [("manager", 200), ("clerk", 200), ("rider", 403), ("admin", 200)]
)
def test_who_sees_the_stations_invoices(client, request, make_invoice, who, status):
    invoice = make_invoice()
    client.force_login(request.getfixturevalue(who))

    assert client.get(LIST).status_code == status
    assert client.get(at_station(invoice)).status_code == status


def test_the_invoices_of_others_are_not_there(client, make_invoice, buyer):
    invoice = make_invoice(to=APPROVED)
    stranger = make_member(make_user(), make_station("other"))
    assert client.get(LIST).status_code == 302

    for user in (stranger, buyer):
        client.force_login(user)
        assert client.get(LIST).status_code == 404
        assert client.get(at_station(invoice)).status_code == 404
        assert client.get(reverse("billing:all_invoices")).status_code == 404
    client.force_login(stranger)
    assert client.get(at_station(invoice, "other")).status_code == 404
    assert client.get(of_buyer(invoice)).status_code == 404


def test_the_buyer_sees_their_own_once_it_has_a_number(client, make_invoice, buyer, admin):
    client.force_login(buyer)

    assert client.get(of_buyer(make_invoice())).status_code == 404
    submitted = make_invoice(to=SUBMITTED)
    page = client.get(of_buyer(submitted))
    assert page.status_code == 200
    assert "Not final" in page.text
    assert client.get(of_buyer(make_invoice(to=APPROVED))).status_code == 200


def test_the_buyer_does_not_read_what_the_admin_wrote_to_the_station(
    client, make_invoice, buyer, admin, clerk
):
    invoice = make_invoice(to=SUBMITTED)
    reject_invoice(admin, invoice=invoice, reason="Wrong price again")

    client.force_login(buyer)
    assert "Wrong price again" not in client.get(of_buyer(invoice)).text
    client.force_login(clerk)
    assert "Wrong price again" in client.get(at_station(invoice)).text


def test_lines_make_the_total_and_payments_what_is_left(client, make_invoice, clerk):
    invoice = make_invoice(BILLED, APPROVED)
    rebill(clerk, invoice=invoice, bills=BILLED - Counter({DELIVERY: 1}), reason="Picked up")
    record_payment(clerk, invoice=invoice, method=Method.CASH, amount=30_000, key="a")
    record_payment(
        clerk, invoice=invoice, method=Method.BANK, amount=2_000, key="b", reference="FT88"
    )
    client.force_login(clerk)

    text = client.get(at_station(invoice)).text

    lines = text[text.index("<tbody>") : text.index("</tbody>")]
    totals = [int(row.replace(",", "")) for row in re.findall(r">([\d,]+)</td></tr>", lines)]
    sums = amounts(text)
    assert sum(totals) == sums["Total"] == 73_000
    assert sums["Goods and delivery"] + sums["Deposits"] == sums["Total"]
    left = sums.pop("Left to pay")
    del sums["Goods and delivery"], sums["Deposits"]
    assert len(sums) == 4  # the total, the credit note and two payments
    assert sum(sums.values()) == left == 40_000
    assert "bank transfer FT88" in text
    assert "Picked up" in text


def test_too_much_is_shown_as_the_buyers(client, make_invoice, clerk):
    invoice = make_invoice(to=APPROVED)
    record_payment(clerk, invoice=invoice, method=Method.CASH, amount=50_000, key="a")
    client.force_login(clerk)

    sums = amounts(client.get(at_station(invoice)).text)

    assert sums["Paid too much: kept for the buyer"] == 9_000
    assert sum(sums.values()) == sums["Left to pay"] == 0


def test_a_void_invoice_owes_nothing(client, make_invoice, clerk):
    invoice = void_invoice(clerk, invoice=make_invoice(), reason="Cancelled")
    client.force_login(clerk)

    sums = amounts(client.get(at_station(invoice)).text)

    assert (sums["Total"], sums["Void"], sums["Left to pay"]) == (41_000, -41_000, 0)


def test_the_paper_says_who_owes_whom_and_how_to_pay(client, make_invoice, buyer):
    invoice = make_invoice(to=APPROVED)
    client.force_login(buyer)

    text = client.get(of_buyer(invoice)).text

    for words in (
        f"<h1>Invoice {invoice.number}</h1>",
        "Kimironko Gas Point",
        "Marie Uwase",
        "0788 412 906",
        "Bank of Kigali 00040",
        "Approved by GasStock on",
        reverse("shop:order", args=[invoice.reference]),
    ):
        assert words in text
    assert "data-print" in text
    assert "document.css" in text
    assert "gasstock.css" not in text


def test_a_paid_invoice_does_not_say_how_to_pay(client, make_invoice, buyer, clerk):
    invoice = mark_paid(clerk, invoice=make_invoice(to=APPROVED), method=Method.CASH)
    client.force_login(buyer)

    text = client.get(of_buyer(invoice)).text

    assert "Settled on" in text
    assert "Pay by bank" not in text


def test_corrections_name_each_other(client, make_invoice, clerk, buyer):
    invoice = make_invoice(to=APPROVED)
    rebill(clerk, invoice=invoice, bills=Counter({REFILL: 3, DELIVERY: 1}), reason="One more")
    further = Invoice.objects.get(corrects=invoice)

    client.force_login(clerk)
    assert at_station(further) in client.get(at_station(invoice)).text
    assert at_station(invoice) in client.get(at_station(further)).text
    client.force_login(buyer)
    assert of_buyer(further) not in client.get(of_buyer(invoice)).text, "it has no number yet"


def test_an_overdue_invoice_says_so(client, make_invoice, clerk):
    with clock.at(clock.now() - timedelta(days=60)):
        invoice = make_invoice(to=APPROVED)
        paid = mark_paid(clerk, invoice=make_invoice(to=APPROVED), method=Method.CASH)
    client.force_login(clerk)

    assert "Overdue since" in client.get(at_station(invoice)).text
    page = client.get(LIST + "?show=overdue").text
    assert invoice.number in page
    assert paid.number not in page


def test_the_list_is_filtered_by_state(client, make_invoice, clerk, admin):
    made = {
        status: make_invoice(to=status, reference=f"KGP-{status}".upper())
        for status in (DRAFT, SUBMITTED, APPROVED)
    }
    client.force_login(clerk)

    for status in made:
        page = client.get(f"{LIST}?show={status}").text
        assert [s for s, invoice in made.items() if invoice.reference in page] == [status]
    assert all(i.reference in client.get(f"{LIST}?show=zz").text for i in made.values())
    assert "Nobody is late" in client.get(f"{LIST}?show=overdue").text


def test_the_list_is_searched_by_number_and_order(client, make_invoice, clerk):
    one = make_invoice(to=SUBMITTED, reference="KGP-AAA222")
    make_invoice(to=SUBMITTED, reference="KGP-BBB333")
    client.force_login(clerk)

    for query in ("aaa222", " KGP-AAA222 ", one.number.lower()):
        page = client.get(LIST, {"q": query}).text
        assert "KGP-AAA222" in page
        assert "KGP-BBB333" not in page
    assert "No invoices here" in client.get(LIST, {"q": "zzz"}).text


def test_the_list_comes_in_pages(client, make_invoice, clerk):
    invoices = [make_invoice(reference=f"KGP-R{n:05}") for n in range(32)]
    client.force_login(clerk)

    first = client.get(LIST).text
    second = client.get(LIST + re.search(r"\?cursor=\d+", first).group()).text

    for invoice in invoices:
        on = invoices.index(invoice) < 2
        assert (invoice.reference in second, invoice.reference in first) == (on, not on)


def test_htmx_gets_the_list_alone(client, make_invoice, clerk):
    make_invoice()
    client.force_login(clerk)

    answer = client.get(LIST, headers={"HX-Request": "true", "HX-Target": "invoices"})

    assert answer.text.strip().startswith('<section class="gs-card" id="invoices"')


def test_admins_see_the_invoices_of_all_stations(client, make_invoice, admin):
    here, there = make_invoice(), make_invoice(station=make_station("other", name="Other Yard"))
    client.force_login(admin)

    page = client.get(reverse("billing:all_invoices")).text

    assert at_station(here) in page
    assert at_station(there, "other") in page
    assert "Other Yard" in page
    assert client.get(at_station(there, "other")).status_code == 200


def test_the_list_asks_as_often_for_30_as_for_1(client, make_invoice, clerk, admin):
    def count(user, where):
        client.force_login(user)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(where).status_code == 200
        return len(seen)

    invoice = make_invoice(to=APPROVED)
    places = [(clerk, LIST), (admin, reverse("billing:all_invoices"))]
    first = [count(*place) for place in places]
    for n in range(29):
        make_invoice(to=APPROVED, reference=f"KGP-{n}", buyer=make_user())

    assert [count(*place) for place in places] == first
    assert max(first) <= 8
    record_payment(clerk, invoice=invoice, method=Method.CASH, amount=1, key="a")
    one = count(clerk, at_station(invoice))
    for n in range(9):
        record_payment(clerk, invoice=invoice, method=Method.CASH, amount=1, key=f"{n}")
    assert count(clerk, at_station(invoice)) == one <= 10


def test_pages_are_only_looked_at(client, make_invoice, clerk):
    invoice = make_invoice()
    client.force_login(clerk)

    for where in (LIST, at_station(invoice), of_buyer(invoice), reverse("billing:all_invoices")):
        assert client.post(where).status_code == 405
