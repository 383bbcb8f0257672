from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.inventory.models.ledger import Condition


class StocktakeStatus(models.TextChoices):
    OPEN = "open", "Open"
    COUNTED = "counted", "Counted"
    APPROVED = "approved", "Approved"
    CANCELLED = "cancelled", "Cancelled"


RUNNING = (StocktakeStatus.OPEN, StocktakeStatus.COUNTED)

COUNT_TONES = {
    StocktakeStatus.OPEN: "wait",
    StocktakeStatus.COUNTED: "wait",
    StocktakeStatus.APPROVED: "ok",
    StocktakeStatus.CANCELLED: "off",
}


class StocktakeQuerySet(models.QuerySet["Stocktake"]):
    def at(self, station: Station) -> Self:
        return self.filter(station=station)

    def running(self) -> Self:
        return self.filter(status__in=RUNNING)


class Stocktake(models.Model):
    """A count of what stands at a station, approved by somebody who did not count."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="stocktakes")
    status = models.CharField(
        max_length=10, choices=StocktakeStatus.choices, default=StocktakeStatus.OPEN
    )
    note = models.CharField(max_length=240, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now, editable=False)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    counted_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=240, blank=True)

    objects = StocktakeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station"],
                condition=Q(status__in=["open", "counted"]),
                name="one_running_stocktake_per_station",
            ),
            models.CheckConstraint(
                condition=Q(status="open") | Q(status="cancelled") | Q(counted_at__isnull=False),
                name="a_counted_stocktake_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="approved")
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("counted_by"))),
                name="a_count_is_approved_by_somebody_else",
            ),
        ]
        indexes = [models.Index(fields=["station", "-id"], name="stocktake_by_station")]

    def __str__(self) -> str:
        return f"COUNT-{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("stock:count", args=[self.station.slug, self.pk])

    @property
    def status_tone(self) -> str:
        return COUNT_TONES[StocktakeStatus(self.status)]


class StocktakeLine(models.Model):
    """A variant in a condition to count.

    `expected` is what the ledger said in the moment `counted` was written, so moves made
    before or after that moment do not disturb the difference.
    """

    stocktake = models.ForeignKey(Stocktake, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    condition = models.CharField(max_length=6, choices=Condition.choices)
    counted = models.PositiveIntegerField(null=True, blank=True)
    expected = models.IntegerField(null=True, blank=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    counted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stocktake", "variant", "condition"],
                name="one_line_per_stocktake_variant_and_condition",
            ),
            models.CheckConstraint(
                condition=Q(counted=None, expected=None, counted_at=None)
                | Q(counted__isnull=False, expected__isnull=False, counted_at__isnull=False),
                name="what_was_counted_says_when_and_against_what",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted} × {self.condition}"

    @property
    def difference(self) -> int:
        """How many more (or, below zero, fewer) were found than the ledger knew of."""
        if self.counted is None or self.expected is None:
            return 0
        return self.counted - self.expected
