from django.conf import settings
from django.db import models
from django.db.models import Q

from gasstock.accounts.models import Station


class LocationKind(models.TextChoices):
    STATION = "station", "Station"
    RIDER = "rider", "Rider"
    TRANSIT = "transit", "On the way"
    BUYER = "buyer", "Buyer"
    SUPPLIER = "supplier", "Supplier"
    LOSS = "loss", "Lost or found"


# Places we count: they can never hold less than nothing. The others are the world outside,
# which gives and takes (a buyer brings an empty that we never sold).
COUNTED = (LocationKind.STATION, LocationKind.RIDER, LocationKind.TRANSIT)


class Location(models.Model):
    """Where stock is. Everything but a buyer belongs to one station's books.

    A buyer's location has a person; the one without stands for all walk-in buyers of a station.
    """

    kind = models.CharField(max_length=10, choices=LocationKind.choices)
    station = models.ForeignKey(Station, models.PROTECT, related_name="locations")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="locations"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "station", "person"],
                name="one_location_per_kind_station_and_person",
                condition=Q(person__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["kind", "station"],
                name="one_location_per_kind_and_station",
                condition=Q(person=None),
            ),
            models.CheckConstraint(
                condition=Q(kind="buyer")
                | Q(kind="rider", person__isnull=False)
                | Q(kind__in=["station", "transit", "supplier", "loss"], person=None),
                name="a_location_has_a_person_if_it_is_one",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def is_counted(self) -> bool:
        return self.kind in COUNTED
