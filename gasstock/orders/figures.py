"""What was sold, in sums: money and pieces of orders' lines as they were handed over.

A day is the one of the hand-over, at the stations. Counter sales count as soon as they are made;
so nothing here goes by cashier or by way of paying, which would tell what should be in a drawer
that nobody counted yet (see `Sold` in till.py).
"""

from dataclasses import astuple, dataclass, replace
from typing import Any, Literal

from django.db.models import BigIntegerField, Case, Count, F, QuerySet, Sum, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from gasstock.accounts.scope import Scope
from gasstock.catalog.models import Variant
from gasstock.core.sums import big
from gasstock.orders.models import DEAD, LineKind, Order, OrderLine

Group = Literal["day", "station", "product"]


@dataclass(frozen=True)
class Sums:
    """Of some orders and sales; money in minor units.

    `pieces` are full cylinders and accessories, `goods` what they cost, `deposits` what was taken
    for shells less what was paid out for them, `delivery` the fees.
    """

    orders: int = 0
    pieces: int = 0
    goods: int = 0
    deposits: int = 0
    delivery: int = 0

    @property
    def total(self) -> int:
        """All that was charged."""
        return self.goods + self.deposits + self.delivery

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


# As OrderLine.charged, in two parts. Refills without an empty were charged as new.
_MISSING = big("delivered") - big("empties")
GOODS = Case(
    When(
        kind=LineKind.EXCHANGE,
        then=big("empties") * F("unit_price") + _MISSING * F("new_price"),
    ),
    When(kind=LineKind.RETURN, then=Value(0)),
    default=big("delivered") * F("unit_price"),
    output_field=BigIntegerField(),
)
DEPOSITS = Case(
    When(kind=LineKind.EXCHANGE, then=_MISSING * F("deposit")),
    When(kind=LineKind.NEW, then=big("delivered") * F("deposit")),
    When(kind=LineKind.RETURN, then=-big("refunded")),
    default=Value(0),
    output_field=BigIntegerField(),
)


def handed_over(scope: Scope) -> QuerySet[Order]:
    """The orders and sales, those that were undone left out."""
    alive = Order.objects.exclude(status__in=DEAD)  # by the moment: databases follow its index
    return scope.pick(alive, moment="delivered_at", station="station")


def sold(scope: Scope, group: Group) -> dict[Any, Sums]:
    """The sums of each day, station (pk) or variant (pk) that sold something; two queries.

    Delivery fees belong to no variant.
    """
    lines = _line_sums(scope, group)
    if group == "product":
        return lines
    orders = _grouped(handed_over(scope), group, moment="delivered_at", station="station")
    counted = orders.annotate(n=Count("pk"), fees=Sum(big("delivery_fee")))
    return {
        key: replace(lines.get(key, Sums()), orders=n, delivery=int(fees))
        for key, n, fees in counted.values_list("key", "n", "fees")
    }


def _line_sums(scope: Scope, group: Group) -> dict[Any, Sums]:
    lines = OrderLine.objects.filter(order__in=handed_over(scope))
    rows = _grouped(lines, group, moment="order__delivered_at", station="order__station")
    sums = rows.annotate(
        n=Count("order", distinct=True),
        pieces=Sum(big("delivered")),
        goods=Sum(GOODS),
        deposits=Sum(DEPOSITS),
    )
    named = sums.values_list("key", "n", "pieces", "goods", "deposits")
    return {key: Sums(n, *(int(each) for each in values)) for key, n, *values in named}


def _grouped(rows: QuerySet[Any], group: Group, *, moment: str, station: str) -> QuerySet[Any, Any]:
    """Group `rows` under the name `key`."""
    keys = {
        "day": TruncDate(moment, tzinfo=timezone.get_default_timezone()),
        "station": F(station),
        "product": F("variant"),
    }
    return rows.order_by().values(key=keys[group])


def top_variants(scope: Scope, *, size: int) -> list[tuple[Variant, Sums]]:
    """What most pieces were sold of, the best first; two queries."""
    found = [pair for pair in sold(scope, "product").items() if pair[1].pieces]
    best = sorted(found, key=lambda pair: (-pair[1].pieces, -pair[1].goods, pair[0]))[:size]
    variants = Variant.objects.with_names().in_bulk([pk for pk, _sums in best])
    return [(variants[pk], sums) for pk, sums in best]
