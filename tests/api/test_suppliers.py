"""Suppliers through the API."""

import pytest

from gasstock.purchasing.models import Supplier
from gasstock.purchasing.services.suppliers import add_supplier
from tests.api.client import Refused
from tests.api.conftest import signed_in
from tests.factories import make_member, make_station

DEPOT = {"name": "K-Gas Depot", "phone": "0788 412 906", "email": "depot@example.com"}


@pytest.fixture
def station(db):
    return make_station("remera", code="RMR", name="Remera Gas")


@pytest.fixture
def boss(station):
    return signed_in(make_member(None, station))


@pytest.fixture
def clerk(station):
    return signed_in(make_member(None, station, "clerk"))


@pytest.fixture
def depot(station):
    return add_supplier(None, station=station, name="SP Depot", email="sp@example.com")


def refused(call, *args, **query):
    with pytest.raises(Refused) as refusal:
        call(*args, **query)
    return refusal.value


def test_a_supplier_is_noted_changed_and_retired(boss):
    answer = boss.ask("POST", "suppliers/", DEPOT)

    made = answer.json()
    path = f"suppliers/{made['id']}/"
    assert answer.status_code == 201
    assert made.pop("created_at").endswith("+02:00")
    assert made == {
        "id": Supplier.objects.get().pk,
        "name": "K-Gas Depot",
        "contact": "",
        "phone": "+250788412906",
        "email": "depot@example.com",
        "address": "",
        "note": "",
    }
    changed = boss.patch(path, {"contact": "Jean", "phone": ""})
    assert (changed["name"], changed["contact"], changed["phone"]) == ("K-Gas Depot", "Jean", None)
    assert boss.get("suppliers/")["items"] == [boss.get(path)] == [changed]
    assert boss.ask("DELETE", path).status_code == 204
    assert refused(boss.get, path).status == 404
    assert boss.get("suppliers/")["items"] == []


def test_a_name_is_there_once(boss, depot):
    refusal = refused(boss.post, "suppliers/", DEPOT | {"name": "sp DEPOT"})

    assert (refusal.status, refusal.kind) == (409, "supplier-exists")


def test_the_same_key_notes_them_once(boss):
    first, again = (boss.post("suppliers/", DEPOT, key="k") for _ in range(2))

    assert first == again
    assert Supplier.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": " "}, "name"), ({"phone": "12"}, "phone"), ({"email": "nobody"}, "email")],
)
def test_what_is_wrong_with_a_supplier_stands_beside_it(boss, depot, wrong, field):
    for call in (
        lambda: boss.post("suppliers/", DEPOT | wrong),
        lambda: boss.patch(f"suppliers/{depot.pk}/", wrong),
    ):
        refusal = refused(call)
        assert (refusal.status, [*refusal.fields]) == (422, [field])


def test_suppliers_are_the_stations_and_its_managers(boss, clerk, depot):
    foreign = add_supplier(None, station=make_station(), name="Elsewhere")
    path = f"suppliers/{foreign.pk}/"

    assert [row["name"] for row in boss.get("suppliers/")["items"]] == ["SP Depot"]
    for call in (boss.get, boss.delete):
        assert refused(call, path).status == 404
    assert refused(boss.patch, path, {"name": "Ours"}).status == 404
    assert refused(clerk.get, "suppliers/").status == 403
    assert refused(clerk.post, "suppliers/", DEPOT).status == 403
