from datetime import timedelta

import pytest
from django.urls import reverse

from gasstock.core import clock
from gasstock.purchasing.models import PurchaseOrder, PurchaseStatus
from gasstock.purchasing.services.suppliers import retire_supplier
from tests.factories import make_station
from tests.purchasing.acts import drafted, ordered, want

pytestmark = pytest.mark.django_db

LIST = "/at/kimironko/purchases/"
NEW = f"{LIST}new/"


def url(name, order):
    return reverse(f"purchasing:{name}", args=["kimironko", order.pk])


def typed(supplier, *rows, **head):
    """What the form sends: each row is (what, quantity, unit cost, shell cost, empties)."""
    names = ("what", "quantity", "unit_cost", "unit_shell_cost", "empties")
    data = {"supplier": supplier.pk, "expected_on": "", "note": ""} | head
    data |= {"lines-TOTAL_FORMS": len(rows), "lines-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"lines-{number}-{name}": value for name, value in zip(names, row, strict=False)}
    return data


def code(listing, kind="refill"):
    return f"{listing.variant_id}-{kind}"


def test_an_order_is_written_with_what_is_known_filled_in(client, manager, depot, gas, hose):
    ordered(depot, want(gas, cost=14_000))
    client.force_login(manager)
    rows = [
        (code(gas), "20", "", "", ""),
        (code(gas, "new"), "2", "14,500", "28,000", ""),
        (code(hose, "goods"), "5", "2000", "", "9"),
        ("", "", "", "", ""),
    ]

    answer = client.post(NEW, typed(depot, *rows, note="Soon"))

    order = PurchaseOrder.objects.latest("pk")
    assert answer.url == url("order", order)
    assert (order.status, order.note, order.created_by) == ("draft", "Soon", manager)
    fields = ("quantity", "unit_cost", "unit_shell_cost", "empties")
    assert list(order.lines.order_by("pk").values_list(*fields)) == [
        (20, 14_000, 0, 8),
        (2, 14_500, 28_000, 0),
        (5, 2_000, 0, 0),
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("", "5"), "Choose what you want to buy."),
        (("refill", ""), "Say how many."),
        (("refill", "0"), "greater than or equal to 1"),
        (("refill", "5", ""), "Write what one costs."),
        (("refill", "5", "free"), "Write the amount in figures"),
        (("refill", "5", "0"), "At least"),
        (("new", "5", "100", ""), "Write what the cylinder costs, or 0."),
        (("refill", "5", "100", "", "-1"), "greater than or equal to 0"),
        (("refill", "9" * 30, "100"), "less than or equal to"),
        (("zzz", "5", "100"), "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(client, manager, depot, gas, row, words):
    what = code(gas, row[0]) if row[0] in {"refill", "new"} else row[0]
    client.force_login(manager)

    answer = client.post(NEW, typed(depot, (what, *row[1:])))

    assert answer.status_code == 422
    assert words in answer.text
    assert not PurchaseOrder.objects.exists()


def test_the_same_thing_twice_is_said_beside_the_second(client, manager, depot, gas):
    client.force_login(manager)
    row = (code(gas), "5", "100")

    answer = client.post(NEW, typed(depot, row, row))

    assert answer.status_code == 422
    assert "stands on the order already" in answer.text


def test_the_day_is_not_over_and_the_supplier_is_ones_own(client, manager, depot, gas):
    stranger = make_station()
    client.force_login(manager)
    row = (code(gas), "5", "100")

    past = typed(depot, row, expected_on=clock.today() - timedelta(days=1))
    assert "Choose today or a later day." in client.post(NEW, past).text
    retire_supplier(None, supplier=depot)
    assert client.post(NEW, typed(depot, row)).status_code == 422
    assert not PurchaseOrder.objects.exists()
    assert stranger.suppliers.count() == 0


@pytest.mark.parametrize("data", [{}, {"lines-TOTAL_FORMS": "zz"}, {"lines-TOTAL_FORMS": "99999"}])
def test_a_form_that_is_not_ours_is_refused(client, manager, depot, gas, data):
    client.force_login(manager)

    assert client.post(NEW, {"supplier": depot.pk} | data).status_code == 422
    assert client.post(f"{NEW}rows/", data).status_code == 200


def test_a_draft_may_wait_for_its_lines_but_is_not_sent_without(client, manager, depot, gas):
    client.force_login(manager)
    client.post(NEW, typed(depot, ("", "", "", "", "")))
    order = PurchaseOrder.objects.get()

    client.post(url("order_send", order))

    order.refresh_from_db()
    assert (order.status, order.lines.count()) == (PurchaseStatus.DRAFT, 0)


def test_more_rows_come_with_what_was_typed_and_proposals(client, manager, depot, gas):
    ordered(depot, want(gas, cost=14_000))
    client.force_login(manager)
    data = typed(depot, (code(gas), "20"), ("", "7"), note="Soon")

    page = client.post(f"{NEW}rows/", data).text

    assert page.count('class="gs-buy"') == 5
    assert 'value="14,000"' in page
    assert 'value="8"' in page
    assert 'value="7"' in page
    assert 'value="Soon"' in page
    assert PurchaseOrder.objects.count() == 1


def test_a_row_is_taken_away(client, manager, depot, gas, hose):
    client.force_login(manager)
    data = typed(depot, (code(gas), "20", "1"), (code(hose, "goods"), "30", "1"))

    answer = client.post(
        f"{NEW}rows/",
        data | {"remove": "0"},
        headers={"HX-Request": "true", "HX-Target": "lines"},
    )

    assert answer.text.strip().startswith('<section class="gs-card" id="lines"')
    assert answer.text.count('class="gs-buy"') == 2
    assert 'value="20"' not in answer.text
    assert 'value="30"' in answer.text


def test_a_row_proposes_costs_and_empties(client, manager, depot, gas):
    ordered(depot, want(gas, cost=14_000))
    client.force_login(manager)
    asked = {"lines-3-what": code(gas), "lines-3-quantity": "5", "supplier": depot.pk}

    page = client.get(f"{LIST}row/3/", asked).text

    assert 'id="fig-3"' in page
    assert 'name="lines-3-unit_cost" value="14,000"' in page
    assert 'name="lines-3-empties" value="5"' in page
    assert "8 here" in page
    assert "lines-3-empties" not in client.get(f"{LIST}row/3/").text


def test_a_draft_is_changed_and_a_sent_order_is_not(client, manager, depot, shop, gas, hose):
    order = drafted(depot, want(gas, 10, 14_000))
    client.force_login(manager)
    page = client.get(url("order_change", order)).text
    assert 'value="14,000"' in page

    client.post(url("order_change", order), typed(shop, (code(hose, "goods"), "3", "900")))

    order.refresh_from_db()
    assert (order.supplier, order.lines.get().quantity) == (shop, 3)
    client.post(url("order_send", order))
    assert client.get(url("order_change", order)).status_code == 404


def test_without_suppliers_or_listings_the_page_says_what_is_first(client, manager, station):
    client.force_login(manager)

    assert "Whom do you buy from?" in client.get(NEW).text
    station.suppliers.create(name="SP Depot")
    assert "Nothing on your list yet" in client.get(NEW).text


# --- From a listing that runs low ---------------------------------------------------------------


def low(client, gas, quantity="12"):
    where = reverse("purchasing:draft_for", args=["kimironko", gas.pk])
    return client.post(where, {"quantity": quantity})


def test_one_click_drafts_the_order(client, manager, depot, gas):
    ordered(depot, want(gas, cost=14_000))
    client.force_login(manager)

    answers = [low(client, gas) for _ in range(2)]

    draft = PurchaseOrder.objects.get(status="draft")
    assert {answer.url for answer in answers} == {url("order", draft)}
    line = draft.lines.get()
    assert (line.quantity, line.unit_cost, line.empties) == (12, 14_000, 8)


def test_a_cost_nobody_knows_is_asked_for_before_it_is_sent(client, manager, depot, gas):
    client.force_login(manager)

    answer = low(client, gas)

    draft = PurchaseOrder.objects.get()
    assert answer.url == url("order_change", draft)
    client.post(url("order_send", draft))
    draft.refresh_from_db()
    assert draft.status == PurchaseStatus.DRAFT
    assert "cost not known yet" in client.get(url("order", draft)).text


def test_with_several_suppliers_it_asks_whom(client, manager, depot, shop, gas):
    client.force_login(manager)

    answer = low(client, gas, "15")

    assert answer.url == f"{NEW}?what={code(gas)}&quantity=15"
    page = client.get(answer.url).text
    assert f'<option value="{code(gas)}" selected>' in page
    assert 'value="15"' in page
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize("quantity", ["", "zz", "-3", "0", "9" * 20])
def test_a_quantity_that_is_none_counts_as_one(client, manager, depot, gas, quantity):
    client.force_login(manager)

    low(client, gas, quantity)

    assert PurchaseOrder.objects.get().lines.get().quantity == 1
