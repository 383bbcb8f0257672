import pytest

from gasstock.audit.models import AuditEvent
from gasstock.purchasing.errors import SupplierExists, SupplierRetired
from gasstock.purchasing.models import Supplier
from gasstock.purchasing.services.suppliers import (
    add_supplier,
    bring_back_supplier,
    change_supplier,
    retire_supplier,
)
from tests.factories import make_station
from tests.purchasing.acts import drafted, want

pytestmark = pytest.mark.django_db


def test_a_name_is_taken_once_at_a_station_whatever_its_letters(station, depot):
    with pytest.raises(SupplierExists):
        add_supplier(None, station=station, name="sp depot")

    add_supplier(None, station=make_station(), name="sp depot")
    assert Supplier.objects.count() == 2


def test_a_change_is_written_down_with_what_was_before(manager, depot):
    change_supplier(manager, supplier=depot, name="SP Rwanda", email="")

    depot.refresh_from_db()
    assert (depot.name, depot.email) == ("SP Rwanda", "")
    event = AuditEvent.objects.get(action="supplier.changed")
    assert event.data["before"]["name"] == "SP Depot"


def test_a_change_of_nothing_is_not_written_down(manager, depot):
    change_supplier(manager, supplier=depot, name="SP Depot")

    assert not AuditEvent.objects.filter(action="supplier.changed").exists()


def test_a_change_to_a_name_that_is_taken_is_refused(manager, depot, shop):
    with pytest.raises(SupplierExists):
        change_supplier(manager, supplier=shop, name="SP DEPOT")


def test_a_retired_supplier_takes_no_new_orders_until_they_are_back(manager, depot, gas):
    retire_supplier(manager, supplier=depot)
    retire_supplier(manager, supplier=depot)
    depot.refresh_from_db()

    with pytest.raises(SupplierRetired):
        drafted(depot, want(gas))

    bring_back_supplier(manager, supplier=depot)
    depot.refresh_from_db()
    assert drafted(depot, want(gas)).pk
    actions = AuditEvent.objects.filter(action__startswith="supplier.").values_list(
        "action", flat=True
    )
    assert sorted(actions) == ["supplier.added", "supplier.brought_back", "supplier.retired"]
