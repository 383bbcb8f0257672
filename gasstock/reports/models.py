"""What the reports keep of their own: sums of days that are over, and what people saved."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.inventory.models import Condition, LocationKind, Reason
from gasstock.orders.models import Channel, LineKind


class DaySale(models.Model):
    """What a station sold on a day, by who handed it over. Money in minor units.

    `goods` is what was charged without deposits, `deposits` what was taken for shells less what
    was paid back, `cost` the average cost of what went out, of `costed` pieces that were charged
    `costed_goods`: the others had none. A day is one of the stations' calendar; its sums are read
    once it is summed up (RolledDay) and while it is not dirty.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="+")
    day = models.DateField()
    channel = models.CharField(max_length=7, choices=Channel.choices)
    clerk = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=LineKind.choices)
    quantity = models.BigIntegerField()
    empties = models.BigIntegerField()
    goods = models.BigIntegerField()
    deposits = models.BigIntegerField()
    cost = models.BigIntegerField()
    costed = models.BigIntegerField()
    costed_goods = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["day", "station"], name="sale_sum_by_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.quantity} × {self.kind}"


class DayTill(models.Model):
    """How many orders were handed over on a day, by whom, and the fees for bringing them."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="+")
    day = models.DateField()
    channel = models.CharField(max_length=7, choices=Channel.choices)
    clerk = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    orders = models.BigIntegerField()
    fees = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["day", "station"], name="till_sum_by_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.orders} orders"


class DayMove(models.Model):
    """What was moved on a day in a station's books, from one kind of place to another."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="+")
    day = models.DateField()
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    condition = models.CharField(max_length=6, choices=Condition.choices)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    source = models.CharField(max_length=10, choices=LocationKind.choices)
    destination = models.CharField(max_length=10, choices=LocationKind.choices)
    quantity = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("station", "day", "variant", "condition"),
                    *("reason", "source", "destination"),
                ],
                name="one_sum_of_moves_per_day_and_all_else",
            ),
        ]
        indexes = [models.Index(fields=["day", "station"], name="move_sum_by_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.quantity} × {self.condition}"


class DirtyDay(models.Model):
    """A station's day whose sums of sales are no longer true: it is read live.

    Written in the transaction of whatever changes a day that is over, as a sale that is undone.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="+")
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "station"], name="a_day_is_dirty_once"),
        ]

    def __str__(self) -> str:
        return f"{self.station_id} {self.day}"


class RolledDay(models.Model):
    """A day that is summed up, at every station. Its moves stay, its sales may change: DirtyDay."""

    day = models.DateField(primary_key=True)

    def __str__(self) -> str:
        return str(self.day)


class Frequency(models.TextChoices):
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every Monday"
    MONTHLY = "monthly", "On the first of the month"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def scheduled(self) -> Self:
        return self.exclude(frequency="")


class SavedView(models.Model):
    """A report with the filters that somebody set, under a name; sent by e-mail if they want.

    Without a `station` it is of the whole platform. `query` is the page's query string.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    station = models.ForeignKey(Station, models.CASCADE, null=True, blank=True, related_name="+")
    report = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=400, blank=True)
    frequency = models.CharField(max_length=7, choices=Frequency.choices, blank=True)
    sent_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "station", "report", "name"],
                name="one_saved_view_per_owner_station_report_and_name",
                condition=Q(station__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["owner", "report", "name"],
                name="one_saved_view_per_owner_report_and_name",
                condition=Q(station=None),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_saved_view_has_a_name"),
        ]
        indexes = [
            models.Index(
                fields=["frequency", "sent_on"], name="view_to_send", condition=~Q(frequency="")
            ),
        ]

    def __str__(self) -> str:
        return self.name
