"""Approving whatever waits, one by one or many at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from gasstock.accounts.models import Station, User
from gasstock.accounts.services import approve_station
from gasstock.billing.models import Invoice
from gasstock.core.errors import DomainError
from gasstock.orders.models import Order
from gasstock.orders.services.life import approve_order
from gasstock.orders.services.money import approve_bill

Thing = Order | Invoice | Station


@dataclass
class Tally:
    """What became of many: those approved, and why the others were not."""

    approved: list[Thing] = field(default_factory=list)
    refused: list[tuple[Thing, str]] = field(default_factory=list)


def approve_thing(actor: User, *, thing: Thing) -> None:
    """Approve an order, an invoice or a station. Raises what its own service raises."""
    if isinstance(thing, Order):
        approve_order(actor, order=thing)
    elif isinstance(thing, Invoice):
        approve_bill(actor, invoice=thing)
    else:
        approve_station(actor, station=thing)


def approve_many(actor: User, *, things: Iterable[Thing]) -> Tally:
    """Approve each in a transaction of its own, so that one refusal does not stop the others."""
    tally = Tally()
    for thing in things:
        try:
            approve_thing(actor, thing=thing)
        except DomainError as error:
            tally.refused.append((thing, str(error)))
        else:
            tally.approved.append(thing)
    return tally
