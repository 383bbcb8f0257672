"""Selling with an app, which knows no till."""

from typing import Any

from django.db import transaction

from gasstock.accounts.models import Station, User
from gasstock.billing.services.shifts import ensure_shift
from gasstock.orders.models import Order
from gasstock.orders.services.counter import sell


@transaction.atomic
def sell_by_app(actor: User, *, station: Station, **ticket: Any) -> Order:
    """As `sell`; who has no drawer open gets one, to be counted like any other."""
    ensure_shift(actor, station=station)
    return sell(actor, station=station, **ticket)
