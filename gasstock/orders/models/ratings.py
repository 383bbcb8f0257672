from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from gasstock.accounts.models import Station
from gasstock.core import clock
from gasstock.orders.models.orders import Order


class Rating(models.Model):
    """A buyer's word on a delivered order, and the station's answer."""

    order = models.OneToOneField(Order, models.PROTECT, related_name="rating")
    station = models.ForeignKey(Station, models.PROTECT, related_name="ratings")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="ratings")
    stars = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    comment = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    reply = models.CharField(max_length=500, blank=True)
    replied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5), name="stars_are_1_to_5"
            ),
        ]
        indexes = [
            models.Index(fields=["station", "-id"], name="rating_by_station"),
            models.Index(fields=["created_at", "station"], name="rating_by_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} stars for {self.station_id}"
