import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.inventory.models.ledger import Condition


class TransferStatus(models.TextChoices):
    REQUESTED = "requested", "Requested"
    APPROVED = "approved", "Approved"
    SENT = "sent", "Sent"
    PART_RECEIVED = "part_received", "Part received"
    RECEIVED = "received", "Received"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"


ON_THE_ROAD = (TransferStatus.SENT, TransferStatus.PART_RECEIVED)

TRANSFER_TONES = {
    TransferStatus.REQUESTED: "wait",
    TransferStatus.APPROVED: "move",
    TransferStatus.SENT: "move",
    TransferStatus.PART_RECEIVED: "move",
    TransferStatus.RECEIVED: "ok",
    TransferStatus.REJECTED: "bad",
    TransferStatus.CANCELLED: "off",
}


class TransferQuerySet(models.QuerySet["Transfer"]):
    def on_the_road(self) -> Self:
        return self.filter(status__in=ON_THE_ROAD)

    def touching(self, station: Station) -> Self:
        """Those that the station sends or gets."""
        return self.filter(Q(source=station) | Q(destination=station))


class Transfer(models.Model):
    """Stock on its way from one station to another.

    `asked_by` is the station that wants it to happen; somebody of the other one agrees. `key`
    is chosen by whoever asks, so the same form sent twice is one transfer.
    """

    source = models.ForeignKey(Station, models.PROTECT, related_name="transfers_out")
    destination = models.ForeignKey(Station, models.PROTECT, related_name="transfers_in")
    asked_by = models.ForeignKey(Station, models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=13, choices=TransferStatus.choices, default=TransferStatus.REQUESTED
    )
    note = models.CharField(max_length=240, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=clock.now, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    driver = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=240, blank=True)
    key = models.UUIDField(default=uuid.uuid4, editable=False)

    objects = TransferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(source=F("destination")), name="a_transfer_goes_to_another_station"
            ),
            models.CheckConstraint(
                condition=Q(asked_by=F("source")) | Q(asked_by=F("destination")),
                name="one_of_the_two_stations_asked",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("requested_by")),
                name="nobody_agrees_to_their_own_transfer",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["sent", "part_received", "received"])
                | Q(sent_at__isnull=False),
                name="a_sent_transfer_says_when",
            ),
            models.UniqueConstraint(
                fields=["requested_by", "key"], name="one_transfer_per_person_and_key"
            ),
        ]
        indexes = [
            models.Index(fields=["source", "-id"], name="transfer_by_source"),
            models.Index(fields=["destination", "-id"], name="transfer_by_destination"),
        ]

    def __str__(self) -> str:
        return f"TRANSFER-{self.pk}"

    @property
    def status_tone(self) -> str:
        return TRANSFER_TONES[TransferStatus(self.status)]

    def url_at(self, station: Station) -> str:
        """The transfer's page at one of its two stations."""
        return reverse("stock:transfer", args=[station.slug, self.pk])


class TransferLine(models.Model):
    """`quantity` was asked for; what was `sent` arrives, is lost, or is still on the way."""

    transfer = models.ForeignKey(Transfer, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    condition = models.CharField(max_length=6, choices=Condition.choices)
    quantity = models.PositiveIntegerField()
    sent = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)
    lost_by = models.CharField("who answers for it", max_length=80, blank=True)
    lost_reason = models.CharField(max_length=240, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transfer", "variant", "condition"],
                name="one_line_per_transfer_variant_and_condition",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_transfer_asks_for_some"),
            models.CheckConstraint(
                condition=Q(sent__gte=F("received") + F("lost")),
                name="no_more_arrives_than_was_sent",
            ),
            models.CheckConstraint(
                condition=Q(lost=0) | (~Q(lost_by="") & ~Q(lost_reason="")),
                name="a_loss_has_a_name_and_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.condition}"

    @property
    def on_the_way(self) -> int:
        return self.sent - self.received - self.lost
