from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core import lookups  # noqa: F401 what `begins` is
from gasstock.core.models import AppendOnlyModel, AppendOnlyQuerySet
from gasstock.inventory.models.locations import Location


class Condition(models.TextChoices):
    FULL = "full", "Full"
    EMPTY = "empty", "Empty"
    DEFECT = "defect", "Defect"


class Reason(models.TextChoices):
    OPENING = "opening", "Opening stock"
    SALE = "sale", "Sold at the counter"
    VOID = "void", "Sale undone"
    DISPATCH = "dispatch", "Left with the rider"
    DELIVERY = "delivery", "Handed over"
    RETURN = "return", "Brought back"
    RECEIPT = "receipt", "Received"
    TO_SUPPLIER = "to_supplier", "Sent to the supplier"
    TRANSFER = "transfer", "Transferred"
    COUNT = "count", "Counted"
    LOSS = "loss", "Lost"
    ADJUSTMENT = "adjustment", "Adjusted"


class MoveQuerySet(AppendOnlyQuerySet):
    def of(self, *, station: Station, variant: Variant) -> Self:
        """Moves of a variant in the books of a station."""
        return self.filter(station=station, variant=variant)

    def after(self, move: "Move") -> Self:
        """Those that were written later."""
        later = Q(created_at__gt=move.created_at) | Q(pk__gt=move.pk)
        return self.filter(later, created_at__gte=move.created_at)


class Move(AppendOnlyModel):
    """One line of the stock ledger: `quantity` of a variant from one location to another."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    condition = models.CharField(max_length=6, choices=Condition.choices)
    quantity = models.PositiveIntegerField()
    source = models.ForeignKey(Location, models.PROTECT, related_name="+")
    destination = models.ForeignKey(Location, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    document = models.CharField(max_length=40)
    note = models.CharField(max_length=240, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = MoveQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_move_moves_something"),
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="a_move_goes_somewhere_else"
            ),
        ]
        indexes = [
            # Each filter of the log with its order, so that any page costs as little as the first.
            models.Index(fields=["station", "-created_at", "-id"], name="move_by_station"),
            models.Index(
                fields=["station", "variant", "-created_at", "-id"], name="move_by_listing"
            ),
            models.Index(
                fields=["station", "condition", "-created_at", "-id"], name="move_by_condition"
            ),
            models.Index(fields=["station", "reason", "-created_at", "-id"], name="move_by_reason"),
            models.Index(fields=["station", "actor", "-created_at", "-id"], name="move_by_actor"),
            models.Index(
                fields=["station", "document"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                name="move_by_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document}: {self.quantity} × {self.condition}"


class Balance(models.Model):
    """What a location holds of a variant in a condition. Written by services/ledger.py alone.

    `is_counted` is copied from the location: there, nothing goes below zero.
    """

    location = models.ForeignKey(Location, models.PROTECT, related_name="balances")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    condition = models.CharField(max_length=6, choices=Condition.choices)
    is_counted = models.BooleanField()
    on_hand = models.IntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["location", "variant", "condition"],
                name="one_balance_per_location_variant_and_condition",
            ),
            models.CheckConstraint(
                condition=Q(is_counted=False) | Q(on_hand__gte=0),
                name="a_counted_place_never_holds_less_than_nothing",
            ),
            models.CheckConstraint(
                condition=Q(reserved=0) | Q(reserved__lte=F("on_hand")),
                name="nothing_is_promised_twice",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} × {self.condition}, {self.reserved} held"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class Reservation(models.Model):
    """Stock held for a document (an order's number) until it leaves or the hold ends."""

    balance = models.ForeignKey(Balance, models.PROTECT, related_name="reservations")
    document = models.CharField(max_length=40)
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "balance"], name="one_reservation_per_document_and_balance"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="a_reservation_holds_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} held for {self.document}"
