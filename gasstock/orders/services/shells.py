"""Shells that change hands, at the door and at the counter: whose are taken, which are paid for."""

from collections.abc import Iterable

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.inventory.services import deposits
from gasstock.orders.errors import EmptyNotTaken
from gasstock.orders.models import LineKind, Order, OrderLine


def check_empty(station: Station, *, sold: Variant, brought: Variant) -> None:
    """Raise EmptyNotTaken unless `brought` may come back for a refill of `sold`.

    The same brand always may, another one if the station takes them, in the same size only.
    """
    if brought == sold:
        return
    fits = sold.is_cylinder and brought.size_g == sold.size_g
    if not (station.takes_foreign_empties and fits):
        raise EmptyNotTaken(brought.name, sold.name)


def other_brands(station: Station, variants: Iterable[Variant]) -> dict[int, list[Variant]]:
    """Return what else may come back for each of `variants`, by its pk; one query or none."""
    sizes = {variant.pk: variant.size_g for variant in variants if variant.is_cylinder}
    if not station.takes_foreign_empties or not sizes:
        return {}
    rows = list(
        Variant.objects.sold().filter(size_g__in=sizes.values()).with_names().order_by("name", "pk")
    )
    return {
        pk: [row for row in rows if row.size_g == g and row.pk != pk] for pk, g in sizes.items()
    }


def hold_deposits(order: Order, lines: Iterable[OrderLine]) -> None:
    """Write down the deposits for what the buyer keeps, before the moves are posted.

    New cylinders and missing empties are held at the deposit of the line; who swaps one brand
    for another keeps the deposit paid for the first.
    """
    for line in lines:
        if not line.variant.is_cylinder:
            continue
        if line.empty_variant:
            deposits.carry_over(
                station=order.station,
                buyer=order.buyer,
                brought=line.empty_variant,
                taken=line.variant,
                quantity=line.empties,
                document=order.number,
            )
        deposits.hold(
            station=order.station,
            buyer=order.buyer,
            variant=line.variant,
            quantity=line.delivered if line.kind == LineKind.NEW else line.missing,
            unit_amount=line.deposit,
            document=order.number,
        )
