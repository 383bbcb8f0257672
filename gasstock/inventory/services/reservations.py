"""Holding stock for a document. Taken by conditional UPDATE, in primary-key order."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from gasstock.inventory.errors import OutOfStock
from gasstock.inventory.models import Balance, Listing, Reservation


@transaction.atomic
def reserve(*, document: str, wanted: Mapping[Listing, int]) -> None:
    """Hold full ones of each listing for `document`: all of them, or none.

    Raises OutOfStock for the first listing that has not enough left.
    """
    ordered = sorted(wanted, key=lambda listing: listing.full_id)
    for listing in ordered:
        free = Balance.objects.filter(
            pk=listing.full_id, on_hand__gte=F("reserved") + wanted[listing]
        )
        if not free.update(reserved=F("reserved") + wanted[listing]):
            left = Balance.objects.get(pk=listing.full_id).available
            raise OutOfStock(str(listing.variant), left)
    Reservation.objects.bulk_create(
        Reservation(balance_id=listing.full_id, document=document, quantity=wanted[listing])
        for listing in ordered
    )


@transaction.atomic
def release(*, document: str) -> None:
    """End the hold of `document`. Twice, or at the same time, gives back once."""
    for held in Reservation.objects.filter(document=document).order_by("balance_id"):
        if Reservation.objects.filter(pk=held.pk).delete()[0]:
            Balance.objects.filter(pk=held.balance_id).update(
                reserved=F("reserved") - held.quantity
            )
