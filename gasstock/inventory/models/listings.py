from typing import Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from gasstock.accounts.models import Station, StationStatus
from gasstock.catalog.models import Variant
from gasstock.inventory.models.ledger import Balance


class ListingQuerySet(models.QuerySet["Listing"]):
    def at(self, station: Station) -> Self:
        return self.filter(station=station)

    def kept(self) -> Self:
        """Listings that the station did not retire."""
        return self.filter(retired_at=None)

    def on_sale(self, *, is_walked: bool = False) -> Self:
        """What buyers may see: published, at a station that sells.

        `is_walked` where an index has them in order, which SQLite is to follow, and not to begin
        with the stations in that status (core/lookups.py).
        """
        status = "station__status__unindexed" if is_walked else "station__status"
        rules = {"is_published": True, "retired_at": None, status: StationStatus.APPROVED}
        return self.filter(**rules)

    def in_stock(self) -> Self:
        return self.filter(full__on_hand__gt=F("full__reserved"))

    def low(self) -> Self:
        """What fell to its reorder level and should be ordered; a level of 0 is none."""
        return self.kept().filter(
            reorder_level__gt=0, full__on_hand__lte=F("full__reserved") + F("reorder_level")
        )

    def for_cards(self) -> Self:
        """With all that a card or a line shows, in the same query."""
        return self.select_related(
            "station", "variant__product__brand", "variant__product__category", "full"
        )


class Listing(models.Model):
    """A variant as one station sells it. Prices are in minor units.

    `new_price` is for the gas of a buyer who brings no empty (the variant's deposit comes on
    top); null where the station sells no new cylinders, and for accessories, whose price is
    `refill_price`. `full` is the station's balance of full ones, kept here so that lists of
    listings need no join of their own. `average_cost` is the moving average of what one was
    bought for, unknown until the first receipt. `sold_lately` is how many went to buyers in the
    last weeks (`core.platform`), kept by the worker every hour.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="listings")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="listings")
    full = models.OneToOneField(Balance, models.PROTECT, related_name="listing")
    refill_price = models.PositiveIntegerField("price")
    new_price = models.PositiveIntegerField(null=True, blank=True)
    reorder_level = models.PositiveIntegerField(default=0)
    average_cost = models.PositiveIntegerField(null=True, blank=True)
    sold_lately = models.PositiveIntegerField(default=0)
    is_published = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "variant"], name="one_listing_per_station_and_variant"
            ),
            models.CheckConstraint(condition=Q(refill_price__gt=0), name="a_listing_has_a_price"),
            models.CheckConstraint(
                condition=Q(retired_at=None) | Q(is_published=False),
                name="a_retired_listing_is_not_published",
            ),
        ]
        indexes = [
            models.Index(
                fields=["refill_price", "id"],
                name="listing_by_price",
                condition=Q(is_published=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} at {self.station}"

    def get_absolute_url(self) -> str:
        return reverse("shop:listing", args=[self.pk])

    @property
    def is_on_sale(self) -> bool:
        """The same as `ListingQuerySet.on_sale`; needs the station at hand."""
        return self.is_published and self.station.status == StationStatus.APPROVED

    @property
    def available(self) -> int:
        """How many may still be promised."""
        return self.full.available

    @property
    def price_with_deposit(self) -> int | None:
        """What a buyer without an empty pays for one, or None where that is not offered."""
        return None if self.new_price is None else self.new_price + self.variant.deposit
