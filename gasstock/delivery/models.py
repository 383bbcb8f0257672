from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gasstock.accounts.models import Station, User
from gasstock.billing.models import DrawerEntry, Payment
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.core.models import AppendOnlyModel
from gasstock.inventory.models import Condition
from gasstock.orders.models import Order


class DeliveryStatus(models.TextChoices):
    ASSIGNED = "assigned", "Assigned"
    ON_THE_WAY = "on_the_way", "On the way"
    FAILED = "failed", "Not delivered"
    DELIVERED = "delivered", "Delivered"
    BROUGHT_BACK = "brought_back", "Brought back"
    ENDED = "ended", "Called off"


WAITING = (DeliveryStatus.ASSIGNED, DeliveryStatus.ON_THE_WAY, DeliveryStatus.FAILED)
OUT = (DeliveryStatus.ON_THE_WAY, DeliveryStatus.FAILED)


class Wish(models.TextChoices):
    """What the buyer answers to a failed attempt."""

    NONE = "", "No answer yet"
    TRY_AGAIN = "again", "Come again"
    LATER = "later", "Come at another time"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def at(self, station: Station) -> Self:
        return self.filter(station=station)

    def of(self, rider: User) -> Self:
        return self.filter(rider=rider)

    def waiting(self) -> Self:
        """Assigned or out, and not over."""
        return self.filter(status__in=WAITING)

    def out(self) -> Self:
        return self.filter(status__in=OUT)


class Delivery(models.Model):
    """A rider's trip for one order. The gas is with the rider from `departed_at` on.

    `position` is its place on the rider's list. A failed one waits to be tried again, or
    (`goes_back`) for the station to take it in.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="deliveries")
    station = models.ForeignKey(Station, models.PROTECT, related_name="deliveries")
    rider = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="deliveries")
    status = models.CharField(
        max_length=12, choices=DeliveryStatus.choices, default=DeliveryStatus.ASSIGNED
    )
    position = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=240, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField(default=clock.now, editable=False)
    estimated_at = models.DateTimeField(null=True, blank=True)
    departed_at = models.DateTimeField(null=True, blank=True)
    goes_back = models.BooleanField(default=False)
    wish = models.CharField(max_length=5, choices=Wish.choices, blank=True)
    wished_from = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(status__in=["assigned", "on_the_way", "failed", "delivered"]),
                name="one_running_delivery_per_order",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["assigned", "ended"]) | Q(departed_at__isnull=False),
                name="a_delivery_that_left_says_when",
            ),
            models.CheckConstraint(
                condition=Q(goes_back=False) | Q(status__in=["failed", "brought_back", "ended"]),
                name="only_what_failed_goes_back",
            ),
        ]
        indexes = [
            models.Index(fields=["station", "status", "position"], name="delivery_by_station"),
            models.Index(fields=["rider", "status", "position"], name="delivery_by_rider"),
            models.Index(fields=["rider", "-id"], name="delivery_of_rider_latest"),
            models.Index(fields=["station", "-id"], name="delivery_at_station_latest"),
            models.Index(
                fields=["departed_at", "station"],
                name="delivery_by_departure",
                condition=Q(departed_at__isnull=False),
            ),
            models.Index(
                fields=["ended_at", "station"],
                name="delivery_by_end",
                condition=Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} with {self.rider}"


class Failure(models.TextChoices):
    ABSENT = "absent", "Nobody at home"
    ADDRESS = "address", "Wrong address"
    REFUSED = "refused", "Not taken at the door"
    VEHICLE = "vehicle", "Trouble with the bike"
    UNSAFE = "unsafe", "Not safe here"


class Attempt(AppendOnlyModel):
    """A rider stood at the door and could not deliver."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="attempts")
    rider = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    failure = models.CharField(max_length=8, choices=Failure.choices)
    note = models.CharField(max_length=240, blank=True)
    goes_back = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="attempt_by_moment")]

    def __str__(self) -> str:
        return self.get_failure_display()


class Photo(AppendOnlyModel):
    """What the rider photographed at the door, a small WebP."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="photos")
    image = models.BinaryField()
    rider = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"Photo {self.pk}"


class Homecoming(models.Model):
    """What a station counted of a rider's load and cash, without seeing what it should be.

    Money in minor units. A difference is posted to a name, with a reason; the cash went into a
    drawer with `entry`.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="homecomings")
    rider = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="homecomings")
    counted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    counted_at = models.DateTimeField(default=clock.now, editable=False)
    cash_expected = models.BigIntegerField()
    cash_counted = models.PositiveBigIntegerField()
    answers = models.CharField("who answers for it", max_length=80, blank=True)
    reason = models.CharField(max_length=240, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    entry = models.OneToOneField(DrawerEntry, models.PROTECT, null=True, related_name="homecoming")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "rider"],
                condition=Q(posted_at=None),
                name="one_open_count_per_rider",
            ),
            models.CheckConstraint(
                condition=~Q(counted_by=F("rider")) & ~Q(posted_by=F("rider")),
                name="nobody_counts_their_own_load",
            ),
            models.CheckConstraint(
                condition=Q(posted_at=None) | Q(posted_by__isnull=False),
                name="a_posted_count_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(posted_at=None)
                | Q(cash_expected=F("cash_counted"))
                | (~Q(answers="") & ~Q(reason="")),
                name="missing_cash_has_a_name_and_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["station", "-id"], name="homecoming_by_station")]

    def __str__(self) -> str:
        return f"HOME-{self.pk}"

    @property
    def cash_difference(self) -> int:
        """Below zero, some is missing."""
        return self.cash_counted - self.cash_expected

    @property
    def cash_short(self) -> int:
        return max(0, -self.cash_difference)

    @property
    def cash_over(self) -> int:
        return max(0, self.cash_difference)

    @cached_property
    def differs(self) -> bool:
        """Whether load or cash is not what it should be; costs a query."""
        return bool(self.cash_difference) or self.lines.exclude(counted=F("expected")).exists()


class HomecomingLine(models.Model):
    homecoming = models.ForeignKey(Homecoming, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    condition = models.CharField(max_length=6, choices=Condition.choices)
    expected = models.IntegerField()
    counted = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["homecoming", "variant", "condition"],
                name="one_line_per_homecoming_variant_and_condition",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.counted} × {self.condition}"

    @property
    def difference(self) -> int:
        """Below zero, some are missing."""
        return self.counted - self.expected


class CollectedCash(models.Model):
    """A payment in cash that a rider took at the door, until the station has counted it."""

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="collected")
    station = models.ForeignKey(Station, models.PROTECT, related_name="+")
    rider = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="cash")
    homecoming = models.ForeignKey(Homecoming, models.PROTECT, null=True, related_name="cash")

    class Meta:
        indexes = [
            models.Index(
                fields=["rider", "station"], name="cash_on_the_road", condition=Q(homecoming=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment} with {self.rider}"
