"""What the tests of purchases do again and again."""

from gasstock.inventory.models import Balance
from gasstock.purchasing.models import PurchaseKind
from gasstock.purchasing.services.orders import Wanted, draft_order, submit_order
from gasstock.purchasing.services.receiving import Came, receive_goods
from gasstock.purchasing.services.verify import differences


def want(listing, quantity=10, cost=14_000, kind=None, **values):
    kind = kind or (PurchaseKind.REFILL if listing.variant.is_cylinder else PurchaseKind.GOODS)
    return Wanted(listing.variant, PurchaseKind(kind), quantity, cost, **values)


def drafted(supplier, *wanted, actor=None, **values):
    return draft_order(actor, station=supplier.station, supplier=supplier, lines=wanted, **values)


def ordered(supplier, *wanted, actor=None, **values):
    return submit_order(actor, order=drafted(supplier, *wanted, actor=actor, **values))


def came(order, accepted=0, place=0, **values):
    """What came of the order's line at a place."""
    line = order.lines.order_by("pk")[place]
    return Came(line.pk, accepted, **values)


def receive(order, *lines, key="one", actor=None, **values):
    receipt = receive_goods(actor, order=order, lines=lines, key=key, **values)
    order.refresh_from_db()
    return receipt


def held(listing, kind="station", condition="full"):
    rows = Balance.objects.filter(
        location__station=listing.station,
        location__kind=kind,
        variant=listing.variant,
        condition=condition,
    )
    return sum(rows.values_list("on_hand", flat=True))


def books():
    return list(differences())
