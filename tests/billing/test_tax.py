"""The tax within prices: how much it is, when it is frozen, and who says so."""

import random
from collections import Counter
from fractions import Fraction

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.services.platform import save_platform
from gasstock.billing import papers
from gasstock.billing.models import CreditNote, Invoice, InvoiceStatus, LineKind
from gasstock.billing.services.invoices import (
    Bill,
    Party,
    approve_invoice,
    rebill,
    reject_invoice,
    submit_invoice,
    void_invoice,
)
from gasstock.billing.services.receipts import issue_receipt
from gasstock.billing.services.tax import tax_within
from gasstock.billing.services.verify import differences
from gasstock.core import platform
from tests.api.conftest import signed_in
from tests.billing.conftest import DELIVERY, DEPOSIT, NEW, REFILL

pytestmark = pytest.mark.django_db

DRAFT, SUBMITTED, APPROVED = InvoiceStatus.DRAFT, InvoiceStatus.SUBMITTED, InvoiceStatus.APPROVED
BACK = Bill(LineKind.DEPOSIT, "Deposit back, SP 12 kg cylinder", -30_000)
VAT = "of which VAT 18\u00a0%"
BILLED = Counter({NEW: 1, DEPOSIT: 1, DELIVERY: 1})  # 53,000, and 23,000 of it is taxed


@pytest.fixture
def tax(admin):
    """`tax("VAT", 1800)`: it holds from now on."""

    def hold(name="VAT", rate=1800):
        platform.remember(save_platform(admin, tax_name=name, tax_rate=rate), seconds=3600)

    return hold


@pytest.fixture
def receipt(clerk, station):
    def issue(bills):
        party = Party(None, "Walk-in")
        return issue_receipt(clerk, station=station, party=party, reference="S-1", bills=bills)

    return issue


def fresh(invoice):
    return Invoice.objects.get(pk=invoice.pk)


def kept(invoice):
    found = fresh(invoice)
    return found.tax_name, found.tax_rate, found.tax


# --- The sum ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taxable", "rate", "expected"),
    [
        (12_000, 1800, 1_831),
        (0, 1800, 0),
        (12_000, 0, 0),
        (3, 2000, 1),  # 0.5
        (15, 2000, 3),  # 2.5: up, and not to the even one
        (9, 2000, 2),  # 1.5
        (14, 2000, 2),  # 2.33
        (10_725, 725, 725),
        (2_000_000_000 * 10_000, 1800, 3_050_847_457_627),
    ],
)
def test_the_tax_is_a_part_of_the_price_rounded_half_up(taxable, rate, expected):
    assert tax_within(taxable, rate) == expected


def test_the_tax_is_never_half_a_unit_off():
    dice = random.Random(7)  # noqa: S311
    for _ in range(2_000):
        taxable, rate = dice.randrange(10**15), dice.randrange(5_001)
        exact = Fraction(taxable * rate, 10_000 + rate)
        assert -Fraction(1, 2) <= exact - tax_within(taxable, rate) < Fraction(1, 2)


# --- When it is frozen ------------------------------------------------------------------------


def test_deposits_are_left_out_and_the_total_stays(tax, make_invoice):
    tax()

    invoice = make_invoice(BILLED, SUBMITTED)

    assert invoice.total == 53_000
    assert kept(invoice) == ("VAT", 1800, tax_within(23_000, 1800)) == ("VAT", 1800, 3_508)


def test_a_draft_has_no_tax_until_it_gets_its_number(tax, make_invoice, clerk):
    tax("VAT", 1800)
    invoice = make_invoice()
    assert kept(invoice) == ("", 0, 0)

    tax("GST", 1600)
    submit_invoice(clerk, invoice=invoice)

    assert kept(invoice) == ("GST", 1600, tax_within(41_000, 1600))


def test_what_has_a_number_keeps_its_tax(tax, make_invoice, admin, clerk, receipt):
    tax()
    invoice, sold = make_invoice(to=SUBMITTED), receipt(Counter({REFILL: 1}))
    before = kept(invoice), kept(sold)

    tax("GST", 1600)
    reject_invoice(admin, invoice=invoice, reason="Look again")
    submit_invoice(clerk, invoice=invoice)
    approve_invoice(admin, invoice=invoice)

    assert (kept(invoice), kept(sold)) == before
    assert kept(receipt(Counter({REFILL: 1})))[1] == 1600


def test_what_was_billed_without_a_tax_never_gets_one(tax, make_invoice, admin, clerk):
    invoice = make_invoice(to=APPROVED)
    tax()

    rebill(clerk, invoice=invoice, bills=Counter({REFILL: 1, NEW: 3}), reason="As delivered")
    submit_invoice(clerk, invoice=fresh(invoice).corrections.get())

    assert CreditNote.objects.get().tax == 0
    assert set(Invoice.objects.values_list("tax_rate", "tax")) == {(0, 0)}


def test_an_invoice_that_waits_is_taxed_anew_at_its_own_rate(tax, make_invoice, clerk):
    tax()
    invoice = make_invoice(to=SUBMITTED)
    tax("GST", 1600)

    rebill(clerk, invoice=invoice, bills=Counter({REFILL: 1, DEPOSIT: 1}), reason="Less")

    assert kept(invoice) == ("VAT", 1800, tax_within(20_000, 1800))


def test_a_receipt_that_only_gives_deposits_back_has_no_tax_in_it(tax, receipt, client, clerk):
    tax()

    sold = receipt(Counter({BACK: 1}))

    assert (sold.total, sold.tax) == (-30_000, 0)
    assert kept(receipt(Counter({REFILL: 1, BACK: 1}))) == ("VAT", 1800, 3_051)


# --- Corrections ------------------------------------------------------------------------------


def test_corrections_keep_the_rate_and_add_up_to_the_tax_of_the_net(
    tax, make_invoice, clerk, admin
):
    tax("VAT", 2000)
    five = Bill(LineKind.GOODS, "Washer", 5)
    four = Bill(LineKind.GOODS, "Ring", 4)
    invoice = make_invoice(Counter({five: 1}), APPROVED)  # 0.83 is 1
    tax("GST", 1600)

    rebill(clerk, invoice=invoice, bills=Counter({five: 1, four: 1}), reason="More")
    further = approve_invoice(admin, invoice=submit_invoice(clerk, invoice=Invoice.objects.last()))
    rebill(clerk, invoice=invoice, bills=Counter({four: 1}), reason="Less")

    # 9 hold 1.5, which is 2: one more than the first; the 4 that stay hold 0.67, which is 1.
    assert (kept(invoice), kept(further)) == (("VAT", 2000, 1), ("VAT", 2000, 1))
    assert [note.tax for note in CreditNote.objects.all()] == [1]


def test_a_correction_that_waits_steps_after_what_is_credited_meanwhile(
    tax, make_invoice, clerk, admin
):
    tax("VAT", 2000)
    two, one = (Bill(LineKind.GOODS, f"Thing of {n}", n) for n in (2, 1))
    invoice = make_invoice(Counter({two: 2}), APPROVED)  # 4 hold 0.67
    rebill(clerk, invoice=invoice, bills=Counter({two: 2, one: 1}), reason="More")
    further = submit_invoice(clerk, invoice=Invoice.objects.last())
    assert further.tax == 0  # 5 hold 0.83

    rebill(clerk, invoice=invoice, bills=Counter({two: 1, one: 1}), reason="Less")

    # 2 hold 0.33, so all of it is given back; the 3 with the correction hold 0.5.
    assert [note.tax for note in CreditNote.objects.all()] == [1]
    assert fresh(further).tax == 1
    assert list(differences()) == []


def test_a_voided_invoice_gives_all_of_its_tax_back(tax, make_invoice, clerk):
    tax()
    invoice = make_invoice(BILLED, APPROVED)

    void_invoice(clerk, invoice=invoice, reason="Called off")

    assert CreditNote.objects.get().tax == fresh(invoice).tax == 3_508


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_corrected_the_papers_add_up(tax, make_invoice, clerk, admin, seed):
    dice = random.Random(seed)  # noqa: S311
    things = [Bill(LineKind.GOODS, f"Thing {n}", dice.randrange(1, 40)) for n in range(4)]
    tax("VAT", 2000)
    invoice = make_invoice(Counter({things[0]: 3, DEPOSIT: 1}), APPROVED)
    for _ in range(10):
        bills = Counter({thing: dice.randrange(4) for thing in [*things, DEPOSIT]})
        rebill(clerk, invoice=invoice, bills=+bills, reason="Again")
        for each in invoice.corrections.filter(status__in=[DRAFT, SUBMITTED]):
            if each.status == DRAFT and dice.random() < 0.6:
                each = submit_invoice(clerk, invoice=each)
            if each.status == SUBMITTED and dice.random() < 0.5:
                approve_invoice(admin, invoice=each)

        said = sum(x.tax for x in Invoice.objects.exclude(status="void"))
        said -= sum(x.tax for x in CreditNote.objects.all())
        unsent = Counter()
        for each in invoice.corrections.filter(status=DRAFT):
            unsent.update({line.description: line.quantity for line in each.lines.all()})
        sent = sum(
            bill.unit_price * (count - unsent[bill.description])
            for bill, count in bills.items()
            if bill.kind != LineKind.DEPOSIT
        )
        assert said == tax_within(sent, 2000)
        assert list(differences()) == []


def test_the_books_are_not_proved_by_another_tax(tax, make_invoice):
    tax()
    invoice = make_invoice(BILLED, APPROVED)
    Invoice.objects.filter(pk=invoice.pk).update(tax=3_509)

    assert list(differences()) == [f"bill of invoice {invoice.pk}: tax 3509, its lines say 3508"]


def test_the_database_refuses_a_tax_without_a_rate(make_invoice):
    invoice = make_invoice(to=SUBMITTED)

    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(tax=1)


@pytest.mark.parametrize(("name", "rate"), [("", 1800), ("VAT", 5001)])
def test_the_database_refuses_a_tax_without_a_name_or_out_of_bounds(admin, name, rate):
    with pytest.raises(IntegrityError), transaction.atomic():
        save_platform(admin, tax_name=name, tax_rate=rate)


# --- Who says so ------------------------------------------------------------------------------


@pytest.fixture
def said(client, clerk, make_invoice):
    """What page, paper and API say of the tax of an invoice whose delivery was credited."""

    def say():
        invoice = make_invoice(BILLED, APPROVED)
        less = Counter({NEW: 1, DEPOSIT: 1})
        rebill(clerk, invoice=invoice, bills=less, reason="Picked up")
        client.force_login(clerk)
        page = client.get(f"/at/kimironko/invoices/{invoice.pk}/").text
        whole = papers.whole(Invoice.objects.all()).get(pk=invoice.pk)
        assert papers.invoice_pdf(whole).startswith(b"%PDF")
        return (
            page,
            papers._paper_of(whole)["sums"],
            signed_in(clerk).get(f"invoices/{invoice.pk}/"),
        )

    return say


def test_page_paper_and_api_agree(tax, said):
    tax()

    page, sums, answer = said()

    for amount in ("RWF\xa03,508", "−RWF\xa0152"):
        row = f'<tr class="is-part"><td>{VAT}</td><td class="num">{amount}</td></tr>'
        assert page.count(row) == 1
        assert sums.count((VAT, amount)) == 1
    assert (answer["tax"], answer["tax_name"], answer["tax_rate"]) == ("3508", "VAT", "18")
    assert [note["tax"] for note in answer["credit_notes"]] == ["152"]
    assert (answer["total"], answer["due"]) == ("53000", "52000")


def test_where_there_is_no_tax_nothing_is_said_of_it(said):
    page, sums, answer = said()

    assert "of which" not in page
    assert not any("of which" in words for words, _ in sums)
    assert (answer["tax"], answer["tax_name"], answer["tax_rate"]) == ("0", "", "0")


def test_a_draft_says_nothing_of_a_tax(tax, client, clerk, make_invoice):
    tax()
    client.force_login(clerk)

    assert "of which" not in client.get(f"/at/kimironko/invoices/{make_invoice().pk}/").text


def test_the_page_costs_the_same_with_a_tax(tax, client, clerk, make_invoice):
    client.force_login(clerk)
    costs = []
    for _ in range(2):
        path = f"/at/kimironko/invoices/{make_invoice(BILLED, APPROVED).pk}/"
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        costs.append(len(queries))
        tax()

    assert costs[0] == costs[1]
