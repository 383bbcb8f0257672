"""Whom a station buys from. A supplier is never deleted: their orders name them."""

from typing import Any

from django.db import IntegrityError, transaction

from gasstock.accounts.models import Station, User
from gasstock.audit.services import record
from gasstock.core import clock
from gasstock.purchasing.errors import SupplierExists
from gasstock.purchasing.models import Supplier

FIELDS = ("name", "contact", "phone", "email", "address", "note")


@transaction.atomic
def add_supplier(actor: User | None, *, station: Station, name: str, **values: Any) -> Supplier:
    """Note somebody the station buys from. Raises SupplierExists."""
    supplier = Supplier(station=station, name=name, **values)
    _save(supplier)
    record(actor, "supplier.added", supplier, station=station.slug)
    return supplier


@transaction.atomic
def change_supplier(actor: User | None, *, supplier: Supplier, **values: Any) -> Supplier:
    """Change what is known of the supplier. Raises SupplierExists."""
    supplier = (
        Supplier.objects.select_for_update(of=("self",))
        .select_related("station")
        .get(pk=supplier.pk)
    )
    before = {name: str(getattr(supplier, name)) for name in FIELDS}
    for name, value in values.items():
        setattr(supplier, name, value)
    after = {name: str(getattr(supplier, name)) for name in FIELDS}
    if before != after:
        _save(supplier)
        record(actor, "supplier.changed", supplier, before=before, after=after)
    return supplier


def _save(supplier: Supplier) -> None:
    try:
        with transaction.atomic():
            supplier.save()
    except IntegrityError:
        raise SupplierExists(supplier.name) from None


@transaction.atomic
def retire_supplier(actor: User | None, *, supplier: Supplier) -> None:
    """Take no new orders to the supplier; what is on its way still comes."""
    rows = Supplier.objects.filter(pk=supplier.pk, retired_at=None)
    if rows.update(retired_at=clock.now()):
        record(actor, "supplier.retired", supplier)


@transaction.atomic
def bring_back_supplier(actor: User | None, *, supplier: Supplier) -> None:
    rows = Supplier.objects.filter(pk=supplier.pk, retired_at__isnull=False)
    if rows.update(retired_at=None):
        record(actor, "supplier.brought_back", supplier)
