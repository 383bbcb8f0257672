from django.db import models
from django.db.models import F, Q

from gasstock.accounts.models import Station


class DeliveryArea(models.Model):
    """What a station takes for bringing gas to a district, in minor units, where it differs."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="areas")
    district = models.CharField(max_length=40)
    fee = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "district"], name="one_fee_per_station_and_district"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district}: {self.fee}"


class DeliveryWindow(models.Model):
    """Hours of the day in which a station promises to come, in the local time zone."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="windows")
    starts_at = models.TimeField()
    ends_at = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "starts_at"], name="one_window_per_station_and_start"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="a_window_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M}–{self.ends_at:%H:%M}"
