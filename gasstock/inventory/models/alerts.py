from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from gasstock.accounts.models import Station
from gasstock.core import clock
from gasstock.inventory.models.listings import Listing


class LowStockAlertQuerySet(models.QuerySet["LowStockAlert"]):
    def at(self, station: Station) -> Self:
        return self.filter(listing__station=station)

    def open(self) -> Self:
        """Not restocked yet, dismissed or not."""
        return self.filter(resolved_at=None)

    def shown(self) -> Self:
        return self.open().filter(dismissed_at=None)


class LowStockAlert(models.Model):
    """A listing fell to its reorder level. The next one comes only after it was restocked."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="alerts")
    level = models.PositiveIntegerField()
    free = models.IntegerField()
    raised_at = models.DateTimeField(default=clock.now, editable=False)
    dismissed_at = models.DateTimeField(null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)

    objects = LowStockAlertQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["listing"],
                condition=Q(resolved_at=None),
                name="one_alert_until_it_is_restocked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.free} left, level {self.level}"
