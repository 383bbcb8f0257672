import re

import pytest
from django.template.loader import render_to_string

from gasstock.billing.models import InvoiceStatus, Method, Shift
from gasstock.billing.services.payments import record_payment, reverse_payment
from gasstock.billing.services.shifts import (
    accept_shift,
    count_shift,
    explain_difference,
    open_shift,
    pay_out,
)
from gasstock.billing.services.verify import differences
from tests.factories import make_member, make_station, make_user
from tests.queries import cost

pytestmark = pytest.mark.django_db

HOME, OPEN, LIST = (
    "/at/kimironko/drawer/",
    "/at/kimironko/drawer/open/",
    "/at/kimironko/drawers/",
)


def page(shift, act=""):
    return f"{LIST}{shift.pk}/{act}"


@pytest.fixture(autouse=True)
def _everything_adds_up(db):
    yield
    assert list(differences()) == []


@pytest.fixture
def shift(clerk, station):
    return open_shift(clerk, station=station, float_amount=50_000)


@pytest.fixture
def sold(shift, make_invoice, clerk):
    """A payment of 41,000 that came into the drawer."""
    invoice = make_invoice(to=InvoiceStatus.APPROVED)
    return record_payment(clerk, invoice=invoice, method=Method.CASH, amount=41_000, key="sold")


@pytest.fixture
def short(shift, clerk):
    """Counted, with 2,000 missing."""
    return count_shift(clerk, shift=shift, notes={5_000: 9, 1_000: 3}, wallets={})


@pytest.mark.parametrize(
    ("who", "status"), [("manager", 200), ("clerk", 200), ("rider", 403), ("admin", 200)]
)
def test_who_may_keep_a_drawer(client, request, station, who, status):
    client.force_login(request.getfixturevalue(who))

    assert client.get(LIST).status_code == status
    assert client.get(OPEN).status_code == status


def test_a_drawer_is_opened_with_its_float(client, clerk, station):
    client.force_login(clerk)
    assert client.get(HOME).url == OPEN

    answer = client.post(OPEN, {"float_amount": "50,000"})

    assert answer.url == "/at/kimironko/counter/"
    text = client.get(HOME).text
    assert "RWF</small>&nbsp;50,000" in text
    assert Shift.objects.get().cashier == clerk


def test_a_second_opening_leads_to_the_open_one(client, clerk, shift):
    client.force_login(clerk)

    assert client.get(OPEN).url == HOME
    assert client.post(OPEN, {"float_amount": "1"}).url == HOME
    assert Shift.objects.count() == 1


@pytest.mark.parametrize("typed", ["", "much", "-1"])
def test_a_float_is_an_amount(client, clerk, station, typed):
    client.force_login(clerk)

    answer = client.post(OPEN, {"float_amount": typed})

    assert answer.status_code == 422
    assert 'id="id_float_amount_error"' in answer.text
    assert not Shift.objects.exists()


@pytest.mark.parametrize(("act", "amount"), [("in/", 3_000), ("out/", -3_000), ("safe/", -3_000)])
def test_cash_goes_in_and_out_with_a_note(client, clerk, shift, act, amount):
    client.force_login(clerk)
    assert client.get(page(shift, act)).status_code == 200

    answer = client.post(page(shift, act), {"amount": "3,000", "note": "For the day"})

    assert answer.url == page(shift)
    assert shift.entries.get(note="For the day").amount == amount
    assert "For the day" in client.get(page(shift)).text


@pytest.mark.parametrize("act", ["in/", "out/", "safe/"])
def test_cash_without_amount_or_note_stays_on_the_form(client, clerk, shift, act):
    client.force_login(clerk)

    answer = client.post(page(shift, act), {"amount": "0", "note": ""})

    assert answer.status_code == 422
    assert 'id="id_amount_error"' in answer.text
    assert 'id="id_note_error"' in answer.text
    assert shift.entries.count() == 1


def test_too_much_is_refused_on_the_form(client, clerk, shift):
    client.force_login(clerk)

    answer = client.post(page(shift, "out/"), {"amount": "50,001", "note": "Rent"})

    assert answer.status_code == 422
    assert "There is not that much in the drawer." in answer.text
    assert shift.entries.count() == 1


@pytest.mark.parametrize("path", ["", "count/", "in/", "out/", "safe/"])
@pytest.mark.parametrize("who", ["clerk", "manager"])
def test_until_the_count_no_page_tells_what_should_be_there(
    client, request, sold, shift, path, who
):
    client.force_login(request.getfixturevalue(who))

    answer = client.get(page(shift, path))

    assert answer.status_code == 200
    assert not re.search(r"91[,.]?000|41[,.]?000", answer.text)  # expected, taken
    assert not re.search(r"91[,.]?000|41[,.]?000", client.get(LIST).text)


def test_the_cashier_counts_first_and_sees_the_difference_then(client, clerk, sold, shift):
    client.force_login(clerk)

    answer = client.post(
        page(shift, "count/"), {"note_5000": "17", "note_1000": "4", "wallet_bank": ""}
    )

    assert answer.url == page(shift, "why/")
    text = client.get(answer.url).text
    for money in ("91,000", "89,000", "RWF\xa02,000 missing"):
        assert money in text
    answer = client.post(page(shift, "why/"), {"explanation": "Wrong change"})
    assert answer.url == page(shift)
    assert "Wrong change" in client.get(answer.url).text
    assert client.get(HOME).url == OPEN  # no selling in this one any more


def test_a_count_that_fits_needs_no_words(client, clerk, shift):
    client.force_login(clerk)

    answer = client.post(page(shift, "count/"), {"note_5000": "10"})

    assert client.get(answer.url).url == page(shift)
    assert "Difference" in client.get(page(shift)).text


def test_a_difference_needs_words(client, clerk, short):
    client.force_login(clerk)

    answer = client.post(page(short, "why/"), {"explanation": " "})

    assert answer.status_code == 422
    assert 'id="id_explanation_error"' in answer.text


@pytest.mark.parametrize("typed", [{"note_5000": "-1"}, {"note_5000": "1.5"}, {"wallet_bank": "x"}])
def test_a_count_is_in_whole_notes(client, clerk, shift, typed):
    client.force_login(clerk)

    answer = client.post(page(shift, "count/"), typed)

    assert answer.status_code == 422
    assert f'id="id_{next(iter(typed))}_error"' in answer.text
    shift.refresh_from_db()
    assert shift.status == "open"


def test_a_form_sent_by_mistake_counts_nothing(client, clerk, shift):
    client.force_login(clerk)

    answer = client.post(page(shift, "count/"), {"note_5000": "", "wallet_bank": ""})

    assert answer.status_code == 422
    assert not shift.counts.exists()


def test_a_count_sent_twice_is_one_count(client, clerk, shift):
    client.force_login(clerk)
    client.post(page(shift, "count/"), {"note_5000": "10"})

    answer = client.post(page(shift, "count/"), {"note_5000": "1"})

    assert answer.url == page(shift)
    assert shift.counts.get(denomination=5_000).quantity == 10


def test_somebody_else_accepts_and_the_report_has_its_number(client, manager, clerk, short):
    client.force_login(manager)
    assert "Accept the drawer" not in client.get(page(short)).text
    explain_difference(clerk, shift=short, explanation="Wrong change")
    assert "Accept the drawer" in client.get(page(short)).text

    assert client.post(page(short, "accept/")).url == page(short)

    short.refresh_from_db()
    text = client.get(page(short)).text
    assert f"Z report {short.number}" in text
    assert f"Accepted by {manager}" in text
    assert "Accept the drawer" not in text


def test_a_clerk_accepts_nothing(client, clerk, short):
    client.force_login(clerk)

    assert client.post(page(short, "accept/")).status_code == 403


def test_a_manager_does_not_accept_their_own(client, manager, station):
    own = open_shift(manager, station=station, float_amount=0)
    count_shift(manager, shift=own, notes={}, wallets={})
    client.force_login(manager)

    client.post(page(own, "accept/"))

    own.refresh_from_db()
    assert own.status == "counted"
    assert "somebody else accepts it" in client.get(page(own)).text


def test_clerks_see_their_own_drawers_and_managers_all(client, clerk, manager, station, shift):
    other = open_shift(manager, station=station, float_amount=0)

    client.force_login(clerk)
    assert page(other) not in client.get(LIST).text
    assert client.get(page(other)).status_code == 404
    assert client.post(page(other, "count/"), {"note_5000": "1"}).status_code == 404
    client.force_login(manager)
    assert page(shift) in client.get(LIST).text
    assert client.get(page(shift)).status_code == 200


def test_drawers_of_other_stations_are_not_there(client, shift, clerk):
    stranger = make_member(make_user(), make_station("other"))
    client.force_login(stranger)

    for act in ("", "in/", "out/", "safe/", "count/", "why/"):
        assert client.get(page(shift, act)).status_code == 404
        assert client.get(f"/at/other/drawers/{shift.pk}/{act}").status_code == 404
    assert client.post(f"/at/other/drawers/{shift.pk}/accept/").status_code == 404


def test_the_report_tells_the_whole_day(
    client, clerk, manager, admin, sold, shift, make_invoice, station
):
    pay_out(clerk, shift=shift, amount=1_500, note="Water")
    wrong = record_payment(
        clerk,
        invoice=make_invoice(to=InvoiceStatus.APPROVED),
        method=Method.BANK,
        amount=7_000,
        key="wrong",
        reference="FT1",
    )
    reverse_payment(clerk, payment=wrong, reason="Not ours")
    count_shift(clerk, shift=shift, notes={5_000: 18, 500: 1}, wallets={})
    pay_out(manager, shift=shift, amount=1_000, note="Bread, slip found")
    explain_difference(clerk, shift=shift, explanation="Counted in the dark")
    accept_shift(admin, shift=shift)
    client.force_login(manager)

    text = client.get(page(shift)).text

    sums = text[text.index('class="z-sums"') : text.index("</table>")]
    rows = re.findall(r"<td>([^<]+)</td><td class=\"num\">(?:(−?)RWF\xa0)?([^<]+)</td>", sums)
    assert {words: sign + figures for words, sign, figures in rows} == {
        "Float at the start": "50,000",
        "Taken for sales and bills": "41,000",
        "Paid out for cylinders given back": "–",
        "Taken back: undone sales and payments": "–",
        "Paid in": "–",
        "Paid out": "−2,500",
        "Taken to the safe": "–",
        "Should be there": "88,500",
        "Counted": "90,500",
        "Difference": "2,000",
    }
    assert 'RWF\xa05,000</td><td class="num">18</td>' in text
    assert text.index("Water") < text.index("Late entries") < text.index("Bread, slip found")
    assert "Counted in the dark" in text
    assert "2 sales and bills were paid here" in text
    assert "1 was undone" in text


def test_money_given_back_for_an_earlier_drawer_is_marked_late(
    client, clerk, manager, sold, shift, station
):
    count_shift(clerk, shift=shift, notes={5_000: 18, 1_000: 1}, wallets={})
    accept_shift(manager, shift=shift)
    own = open_shift(manager, station=station, float_amount=50_000)
    reverse_payment(manager, payment=sold, reason="Wrong order")
    count_shift(manager, shift=own, notes={5_000: 1, 1_000: 4}, wallets={})
    client.force_login(manager)

    text = client.get(page(own)).text

    assert text.index("Late entries") < text.index("Wrong order")


def test_the_list_asks_as_often_for_30_as_for_1(client, manager, clerk, station):
    def one_more():
        shift = open_shift(clerk, station=station, float_amount=5_000)
        count_shift(clerk, shift=shift, notes={5_000: 1}, wallets={})
        accept_shift(manager, shift=shift)

    client.force_login(manager)
    one_more()
    few = cost(client, LIST)
    for _ in range(29):
        one_more()

    assert cost(client, LIST) == few <= 10


def test_the_list_comes_in_pages(client, manager, clerk, station):
    for _ in range(31):
        shift = open_shift(clerk, station=station, float_amount=5_000)
        count_shift(clerk, shift=shift, notes={5_000: 1}, wallets={})
    client.force_login(manager)

    text = client.get(LIST).text

    assert text.count('class="is-name"') == 30
    assert "cursor=" in text


def test_two_openings_at_once_lead_to_the_one_drawer(client, clerk, station, monkeypatch):
    client.force_login(clerk)
    open_shift(clerk, station=station, float_amount=5_000)
    monkeypatch.setattr("gasstock.billing.views.shifts.services.shift_of", lambda *_: None)

    assert client.post(OPEN, {"float_amount": "1"}).url == HOME
    assert Shift.objects.count() == 1


def test_the_strip_over_the_counter_says_whose_drawer_is_open(shift, station):
    class Shell:
        pass

    Shell.station = station
    text = render_to_string("billing/_drawer.html", {"drawer": shift, "shell": Shell})
    closed = render_to_string("billing/_drawer.html", {"drawer": None, "shell": Shell})

    assert f"Drawer open, {shift.cashier} since" in text
    assert page(shift, "count/") in text
    assert OPEN in closed
