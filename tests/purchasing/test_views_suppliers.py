import pytest
from django.urls import reverse

from gasstock.core import clock
from gasstock.purchasing.history import bought_of, figures_of
from gasstock.purchasing.models import Supplier
from gasstock.purchasing.services.orders import cancel_order
from gasstock.purchasing.services.suppliers import add_supplier, retire_supplier
from tests.factories import make_member, make_station, make_user
from tests.purchasing.acts import came, drafted, ordered, receive, want
from tests.queries import cost

pytestmark = pytest.mark.django_db

LIST = "/at/kimironko/suppliers/"


def url(name, supplier, slug="kimironko"):
    return reverse(f"purchasing:{name}", args=[slug, supplier.pk])


@pytest.mark.parametrize(("who", "status"), [("manager", 200), ("clerk", 403), ("rider", 403)])
def test_managers_keep_the_suppliers(client, request, depot, who, status):
    client.force_login(request.getfixturevalue(who))

    for where in (LIST, f"{LIST}add/", url("supplier", depot), url("supplier_change", depot)):
        assert client.get(where).status_code == status


def test_the_suppliers_of_another_station_are_not_there(client, depot):
    client.force_login(make_member(make_user(), make_station("other")))

    assert client.get(LIST).status_code == 404
    for name in ("supplier", "supplier_change"):
        assert client.get(url(name, depot, "other")).status_code == 404
    for name in ("supplier_retire", "supplier_bring_back"):
        assert client.post(url(name, depot, "other")).status_code == 404


def test_a_supplier_is_added_and_changed(client, manager):
    client.force_login(manager)
    data = {"name": " SP  Depot ", "phone": "0788 300 300", "email": "depot@example.com"}

    client.post(f"{LIST}add/", data)

    supplier = Supplier.objects.get()
    assert (supplier.name, str(supplier.phone)) == ("SP Depot", "+250788300300")
    assert 'value="0788 300 300"' in client.get(url("supplier_change", supplier)).text
    client.post(url("supplier_change", supplier), {"name": "SP Rwanda"})
    supplier.refresh_from_db()
    assert (supplier.name, supplier.email) == ("SP Rwanda", "")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "sp depot"}, "You have a supplier called sp depot already"),
        ({"name": "X", "email": "nowhere"}, "Enter a valid email address"),
        ({"name": "X", "phone": "12"}, "That is no phone number"),
    ],
)
def test_what_is_wrong_is_said(client, manager, depot, data, words):
    client.force_login(manager)

    answer = client.post(f"{LIST}add/", data)

    assert answer.status_code == 422
    assert words in answer.text
    assert Supplier.objects.count() == 1


def test_a_retired_supplier_stands_apart_and_comes_back(client, manager, depot, shop):
    client.force_login(manager)

    client.post(url("supplier_retire", depot), follow=True)

    client.get(LIST)  # the toast names it too, once
    assert "SP Depot" not in client.get(LIST).text
    assert "SP Depot" in client.get(f"{LIST}?show=retired").text
    assert "Write an order" not in client.get(url("supplier", depot)).text
    client.post(url("supplier_bring_back", depot))
    assert "SP Depot" in client.get(LIST).text


def test_the_list_counts_open_orders_at_the_same_cost(client, manager, station, depot, gas):
    client.force_login(manager)
    first = cost(client, LIST)
    for number in range(29):
        other = add_supplier(None, station=station, name=f"Depot {number}")
        ordered(other, want(gas))

    assert cost(client, LIST) == first <= 8


def test_the_figures_tell_what_was_ordered_what_came_and_what_was_on_time(depot, gas, hose):
    today = clock.today()
    full = ordered(depot, want(gas, 10, 14_000), want(hose, 2, 1_000), expected_on=today)
    receive(full, came(full, 10), came(full, 2, place=1), key="a")
    part = ordered(depot, want(gas, 5, 15_000, "new", unit_shell_cost=20_000), expected_on=today)
    receive(part, came(part, 2, rejected=1, reason="Rust"), key="b")
    late = ordered(depot, want(gas, 1, 14_000), expected_on=today.replace(year=today.year - 1))
    receive(late, came(late, 1), key="c")
    cancel_order(None, order=ordered(depot, want(gas)), reason="No")
    drafted(depot, want(gas))

    figures = figures_of(depot)

    assert (figures.orders, figures.ordered) == (3, 142_000 + 175_000 + 14_000)
    assert figures.received == 142_000 + 70_000 + 14_000
    assert (figures.dated, figures.on_time, figures.share_on_time) == (2, 1, 50)
    by_variant = {each.variant: each for each in bought_of(depot)}
    assert by_variant[hose.variant].accepted == 2
    assert (by_variant[gas.variant].accepted, by_variant[gas.variant].rejected) == (13, 1)
    assert by_variant[gas.variant].money == 140_000 + 70_000 + 14_000


def test_sums_are_larger_than_32_bits(depot, gas, client, manager):
    order = ordered(depot, want(gas, 100_000, 1_000_000_000))
    receive(order, came(order, 100_000))
    client.force_login(manager)

    page = client.get(url("supplier", depot)).text

    assert page.count("100,000,000,000,000") >= 3


def test_the_page_shows_the_history_at_the_same_cost(client, manager, depot, gas, hose):
    order = ordered(depot, want(gas))
    receive(order, came(order, 1), actor=manager)
    client.force_login(manager)
    first = cost(client, url("supplier", depot))
    for number in range(20):
        more = ordered(depot, want(gas), want(hose))
        receive(more, came(more, 1), came(more, 1, place=1), key=f"{number}", actor=manager)

    page = client.get(url("supplier", depot)).text

    assert cost(client, url("supplier", depot)) == first <= 12
    for words in (more.number, "KGP-GRN-", "Hose 1.5 m", "0788 300 300", "Show older"):
        assert words in page


def test_a_supplier_nothing_was_bought_from_has_a_page_too(client, manager, shop):
    client.force_login(manager)
    retire_supplier(None, supplier=shop)

    page = client.get(url("supplier", shop)).text

    assert "Nothing was ordered here yet." in page
    assert "No e-mail address" in page
