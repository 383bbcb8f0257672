"""What the tests of orders do and look at again and again."""

from gasstock.inventory.models import Balance
from gasstock.orders.services.handover import Handed, deliver_order
from gasstock.orders.services.life import approve_order, dispatch_order


def held(listing):
    listing.full.refresh_from_db()
    return listing.full.on_hand, listing.full.reserved


def held_at(kind, listing, condition="full"):
    """How many of the listing's variant all locations of a kind hold."""
    rows = Balance.objects.filter(location__kind=kind, variant=listing.variant, condition=condition)
    return sum(rows.values_list("on_hand", flat=True))


def everything(order):
    return {
        x.pk: Handed(x.quantity, x.quantity * (x.kind == "exchange")) for x in order.lines.all()
    }


def on_the_way(order, manager):
    approve_order(manager, order=order)
    return dispatch_order(manager, order=order)


def delivered(order, manager):
    on_the_way(order, manager)
    return deliver_order(manager, order=order, handed=everything(order), code=order.code)
