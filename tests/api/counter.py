"""Sales over a counter, for tests of what is said of them."""

from itertools import count

from gasstock.billing.models import Method
from gasstock.billing.services import shifts
from gasstock.billing.services.payments import Tender
from gasstock.orders.models import LineKind, Order
from gasstock.orders.services.counter import SaleLine, sell

_keys = count(1)
COSTS = {LineKind.EXCHANGE: 20_000, LineKind.NEW: 52_000, LineKind.RETURN: -30_000}


def sold(seller, gas, kind=LineKind.EXCHANGE, *, quantity=1, empties=None, buyer=None) -> Order:
    """Sell some gas of `make_listing` for cash, out of the drawer that the seller has open."""
    drawer = shifts.shift_of(seller, gas.station)
    drawer or shifts.open_shift(seller, station=gas.station, float_amount=90_000)
    amount = COSTS[kind] * quantity
    if empties is not None:
        amount += (quantity - empties) * (COSTS[LineKind.NEW] - COSTS[kind])
    return sell(
        seller,
        station=gas.station,
        lines=[SaleLine(gas, kind, quantity, empties)],
        tenders=[Tender(Method.CASH, amount)],
        key=f"sale-{next(_keys)}",
        buyer=buyer,
    )
