"""People at the API, for admins: who may do what, who buys."""

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gasstock.accounts.models import Membership, User
from gasstock.accounts.permissions import GRANTS, Permission, Role
from gasstock.billing.models import Method
from gasstock.billing.services.payments import record_payment
from gasstock.orders.services.counter import void_sale
from tests.api.client import Refused
from tests.api.conftest import connect, signed_in
from tests.api.counter import sold
from tests.factories import (
    PASSWORD,
    make_admin,
    make_listing,
    make_member,
    make_order,
    make_station,
    make_user,
)
from tests.orders.acts import delivered


@pytest.fixture
def boss(db):
    return make_admin("boss@example.com", name="Claire Niyonsaba")


@pytest.fixture
def admin(boss):
    return signed_in(boss)


@pytest.fixture
def station(db):
    return make_station("remera", name="Remera Gas")


@pytest.fixture
def manager(station):
    return make_member(make_user(name="Eric Mugisha"), station)


@pytest.fixture
def gas(station):
    return make_listing(station, full=60)


def refusal(call, *args, **query):
    with pytest.raises(Refused) as refused:
        call(*args, **query)
    return refused.value.status, refused.value.kind


def ids(page):
    return [item["id"] for item in page["items"]]


# --- People -------------------------------------------------------------------------------------


def test_people_are_found_by_name_and_role(admin, boss, station, manager):
    clerk, rider = (make_member(None, station, role) for role in (Role.CLERK, Role.RIDER))
    buyer = make_user("marie@example.com", name="Marie Uwase")
    closed = make_user("gone@example.com", is_active=False)

    def found(**query):
        return set(ids(admin.get("admin/users/", **query, limit=100)))

    assert found(q="marie") == {buyer.pk}
    assert found(role="ADMIN") == {boss.pk}
    assert found(role="SELLER") == {manager.pk, clerk.pk}
    assert found(role="MANAGER") == {manager.pk}
    assert found(role="RIDER") == {rider.pk}
    assert found(role="BUYER") == {buyer.pk, closed.pk, station.applicant_id}
    assert found(role="CLOSED") == {closed.pk}
    assert refusal(admin.get, "admin/users/", role="KING")[0] == 422


def test_a_person_as_an_admin_sees_them(admin, station, manager):
    item = admin.get(f"admin/users/{manager.pk}/")

    assert item == {
        "id": manager.pk,
        "email": manager.email,
        "name": "Eric Mugisha",
        "phone": str(manager.phone),
        "language": "en",
        "roles": ["BUYER", "SELLER"],
        "is_active": True,
        "is_admin": False,
        "memberships": [{"station": "remera", "name": "Remera Gas", "role": "MANAGER"}],
        "joined_at": item["joined_at"],
    }
    assert item in admin.get("admin/users/")["items"]


def test_an_admin_is_made_and_unmade(admin):
    person = make_user()
    path = f"admin/users/{person.pk}/"

    assert admin.patch(path, {"is_admin": True})["roles"] == ["BUYER", "ADMIN"]
    assert admin.patch(path, {"is_admin": False})["is_admin"] is False
    assert admin.patch(path, {})["is_admin"] is False


def test_a_closed_account_is_signed_out_and_opened_again(admin):
    person = make_user()
    client, path = signed_in(person), f"admin/users/{person.pk}/"

    assert admin.delete(path) is None

    client.refresh_token = ""
    assert refusal(client.get, "me/") == (401, "not-signed-in")
    assert admin.delete(path) is None
    assert admin.patch(path, {"is_active": True})["is_active"] is True
    assert connect().sign_in(person.email, PASSWORD).user["id"] == person.pk
    assert admin.patch(path, {"is_active": False})["is_active"] is False


def test_nobody_locks_themselves_out(admin, boss):
    path = f"admin/users/{boss.pk}/"
    make_admin()

    assert refusal(admin.delete, path) == (409, "not-on-yourself")
    for body in ({"is_active": False}, {"is_admin": False}):
        assert refusal(admin.patch, path, body) == (409, "not-on-yourself")


def test_an_admin_closes_another_but_one_is_always_left(admin, boss):
    other = make_admin()
    client = signed_in(other)

    assert admin.delete(f"admin/users/{other.pk}/") is None

    client.refresh_token = ""
    assert refusal(client.delete, f"admin/users/{boss.pk}/")[0] == 401
    assert User.objects.filter(is_admin=True, is_active=True).get() == boss


def test_work_is_what_is_sent_and_nothing_else(admin, station):
    third, fourth = make_station("third"), make_station("fourth")
    person = make_member(None, station, Role.CLERK)
    make_member(person, third, Role.RIDER)
    work = [
        {"station": "third", "role": "CLERK"},
        {"station": fourth.slug, "role": "MANAGER"},
    ]

    answer = admin.patch(f"admin/users/{person.pk}/", {"memberships": work})

    assert [(each["station"], each["role"]) for each in answer["memberships"]] == [
        ("third", "CLERK"),
        ("fourth", "MANAGER"),
    ]
    assert set(person.notifications.values_list("kind", flat=True)) == {
        "member.added",
        "member.role",
        "member.removed",
    }


def test_the_last_manager_of_a_station_stays(admin, station, manager):
    path = f"admin/users/{manager.pk}/"

    for work in ([], [{"station": "remera", "role": "CLERK"}]):
        assert refusal(admin.patch, path, {"memberships": work}) == (409, "last-manager")
    make_member(None, station)
    assert admin.patch(path, {"memberships": []})["memberships"] == []


def test_where_one_thing_is_refused_none_is_done(admin, manager):
    body = {"is_admin": True, "memberships": []}

    assert refusal(admin.patch, f"admin/users/{manager.pk}/", body) == (409, "last-manager")
    manager.refresh_from_db()
    assert manager.is_admin is False
    assert manager.memberships.count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"is_active": "no"}, "is_active"),
        ({"is_admin": 1}, "is_admin"),
        ({"memberships": [{"station": "nowhere", "role": "CLERK"}]}, "memberships.0.station"),
        ({"memberships": [{"station": "remera", "role": "ADMIN"}]}, "memberships.0.role"),
        ({"memberships": [{"station": "remera", "role": "CLERK"}] * 2}, "memberships.1.station"),
        ({"memberships": "remera"}, "memberships"),
    ],
)
def test_what_makes_no_sense_changes_nothing(admin, station, body, field):
    person = make_user()

    with pytest.raises(Refused) as refused:
        admin.patch(f"admin/users/{person.pk}/", body)

    assert (refused.value.status, [*refused.value.fields]) == (422, [field])
    assert not Membership.objects.filter(user=person).exists()


def test_fields_of_the_account_are_not_for_admins(admin):
    person = make_user(name="Marie")
    body = {"name": "x", "email": "x@example.com", "password": "x", "is_superuser": True}

    admin.patch(f"admin/users/{person.pk}/", body)

    person.refresh_from_db()
    assert (person.name, person.is_superuser, person.check_password(PASSWORD)) == (
        "Marie",
        False,
        True,
    )


# --- Customers and roles ------------------------------------------------------------------------


def test_customers_are_who_buys_or_only_could(admin, station, gas, manager):
    buyer, quiet = make_user("marie@example.com"), make_user()
    order = delivered(make_order(gas, buyer=buyer), manager)
    record_payment(manager, invoice=order.invoice, method=Method.CASH, amount=5_000, key="k")
    last = make_order(gas, buyer=buyer)
    make_order(gas, buyer=manager)
    make_member(None, station, Role.CLERK)

    found = {item["id"]: item for item in admin.get("admin/customers/", limit=100)["items"]}

    assert {*found} == {buyer.pk, quiet.pk, manager.pk, station.applicant_id}
    marie = found[buyer.pk]
    assert (marie["orders"], marie["paid"], marie["currency"]) == (2, "5000", "RWF")
    assert datetime.fromisoformat(marie["last_order_at"]) == last.placed_at.replace(microsecond=0)
    assert (found[quiet.pk]["orders"], found[quiet.pk]["last_order_at"]) == (0, None)
    assert ids(admin.get("admin/customers/", q="marie")) == [buyer.pk]


def test_a_sale_that_was_undone_made_nobody_a_better_customer(admin, station, gas, manager):
    buyer = make_user()
    sale = sold(manager, gas, buyer=buyer)
    void_sale(manager, sale=sale, reason="Wrong size")

    found = {item["id"]: item for item in admin.get("admin/customers/", limit=100)["items"]}

    assert (found[buyer.pk]["orders"], found[buyer.pk]["paid"]) == (0, "0")


@pytest.mark.parametrize("path", ["admin/users/", "admin/customers/"])
def test_a_list_of_people_costs_the_same_however_long_it_is(admin, gas, path):
    costs = []

    for more in (1, 29):
        for _ in range(more):
            make_order(gas, buyer=make_member(None, gas.station, Role.CLERK))
        with CaptureQueriesContext(connection) as queries:
            assert admin.get(path, limit=100)["items"]
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 6


def test_roles_tell_what_they_permit(admin):
    roles = {item["role"]: item for item in admin.get("roles/")["items"]}

    assert {*roles} == {"BUYER", "CLERK", "MANAGER", "RIDER", "ADMIN"}
    assert {*roles["CLERK"]["permissions"]} == {*GRANTS[Role.CLERK]}
    assert {*roles["ADMIN"]["permissions"]} == {*Permission}
    assert (roles["BUYER"]["scope"], roles["BUYER"]["permissions"]) == ("OWN", [])
