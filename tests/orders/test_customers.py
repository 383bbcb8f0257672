"""Who buys, as admins and stations read it."""

import pytest

from gasstock.accounts.permissions import Role
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.orders.models import LineKind
from gasstock.orders.services.ratings import rate_order
from tests.factories import (
    make_admin,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
)
from tests.orders.acts import delivered
from tests.queries import cost


@pytest.fixture
def station(db):
    return make_station("remera")


@pytest.fixture
def manager(station):
    return make_member(make_user(), station)


@pytest.fixture
def gas(station):
    return make_listing(station, full=200)


@pytest.fixture
def marie(gas, manager):
    """She bought a new cylinder, rated it, and owes what is approved of her bill."""
    marie = make_user("marie@example.com", name="Marie Uwase", phone="+250788412906")
    order = delivered(make_order(gas, buyer=marie, kind=LineKind.NEW), manager)
    rate_order(marie, order=order, stars=4, comment="")
    Invoice.objects.filter(pk=order.invoice_id).update(
        status=InvoiceStatus.APPROVED, number="X-1", paid=1_000
    )
    return marie


def shown(client, path, **query):
    return {each.person.name: each.standing for each in client.get(path, query).context["found"]}


def test_a_station_sees_how_its_buyers_stand_with_it(client, station, manager, marie):
    make_order(make_listing(make_station("elsewhere")), buyer=marie)
    make_order(make_listing(make_station("third")), buyer=make_user(name="Somebody Else"))
    total = marie.orders.get(station=station).invoice.total
    client.force_login(manager)

    found = shown(client, "/at/remera/customers/")

    assert set(found) == {"Marie Uwase"}
    it = found["Marie Uwase"]
    assert (it.orders, it.held, it.deposit, it.ratings, it.stars) == (1, 1, 30_000, 1, 4)
    assert it.due == total - 1_000


def test_admins_see_everybody_in_all(client, station, marie):
    make_order(make_listing(make_station("elsewhere")), buyer=marie)
    client.force_login(make_admin())

    assert shown(client, "/customers/")["Marie Uwase"].orders == 2
    page = client.get(f"/customers/{marie.pk}/")
    assert len(page.context["page"].rows) == 2
    assert "marie@example.com" in page.text


def test_a_buyer_of_another_station_is_nobody_here(client, manager, marie):
    stranger = make_user()
    make_order(make_listing(make_station("elsewhere")), buyer=stranger)
    client.force_login(manager)

    assert client.get(f"/at/remera/customers/{stranger.pk}/").status_code == 404
    page = client.get(f"/at/remera/customers/{marie.pk}/")
    assert page.status_code == 200
    assert "marie@example.com" not in page.text


@pytest.mark.parametrize(("role", "status"), [(Role.CLERK, 200), (Role.RIDER, 403)])
def test_who_sees_bills_sees_customers(client, station, marie, role, status):
    client.force_login(make_member(make_user(), station, role))

    assert client.get("/at/remera/customers/").status_code == status
    assert client.get("/customers/").status_code == 404
    assert client.get(f"/customers/{marie.pk}/").status_code == 404


def test_the_list_is_searched_and_sorted(client, manager, marie, gas):
    alice = make_user(name="Alice Ingabire")
    make_order(gas, buyer=alice)
    client.force_login(manager)

    def names(**query):
        return list(shown(client, "/at/remera/customers/", **query))

    assert names(q="0788 412 906") == ["Marie Uwase"]
    assert names(sort="name") == ["Alice Ingabire", "Marie Uwase"]
    assert names(sort="owes") == ["Marie Uwase", "Alice Ingabire"]
    assert names(sort="last") == ["Alice Ingabire", "Marie Uwase"]
    assert names(sort="x", cursor="'") == ["Alice Ingabire", "Marie Uwase"]


def test_only_who_sees_an_e_mail_finds_by_it(client, manager, marie):
    client.force_login(manager)
    assert shown(client, "/at/remera/customers/", q="marie@") == {}

    client.force_login(make_admin())
    assert [*shown(client, "/customers/", q="marie@")] == ["Marie Uwase"]


@pytest.mark.parametrize("sort", ["", "last", "owes", "name"])
def test_pages_show_everybody_once(client, manager, gas, sort):
    for n in range(35):
        make_order(gas, buyer=make_user(name=f"Twin {n // 2}"))
    client.force_login(manager)

    first = client.get("/at/remera/customers/", {"sort": sort}).context
    second = client.get("/at/remera/customers/", {"sort": sort, "cursor": first["next"]}).context

    people = [each.person.pk for page in (first, second) for each in page["found"]]
    assert len(people) == len(set(people)) == 35
    assert second["next"] is None


@pytest.mark.parametrize("path", ["/at/remera/customers/", "/at/remera/customers/?sort=owes"])
def test_the_list_costs_the_same_with_few_and_with_many(client, manager, marie, gas, path):
    client.force_login(manager)
    few = cost(client, path)
    for _n in range(10):
        make_order(gas, buyer=make_user())

    assert cost(client, path) == few <= 8


def test_one_customer_costs_the_same_with_few_and_with_many(client, manager, marie, gas):
    client.force_login(manager)
    few = cost(client, f"/at/remera/customers/{marie.pk}/")
    for _n in range(10):
        make_order(gas, buyer=marie)

    assert cost(client, f"/at/remera/customers/{marie.pk}/") == few <= 12
