from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gasstock.accounts.models import Station, User
from gasstock.billing.models.payments import Method, Payment
from gasstock.core import clock
from gasstock.core.models import AppendOnlyModel


class ShiftStatus(models.TextChoices):
    OPEN = "open", "Open"
    COUNTED = "counted", "Counted"
    CLOSED = "closed", "Closed"


class ShiftQuerySet(models.QuerySet["Shift"]):
    def at(self, station: Station) -> Self:
        return self.filter(station=station)

    def of(self, cashier: User) -> Self:
        return self.filter(cashier=cashier)

    def open(self) -> Self:
        return self.filter(status=ShiftStatus.OPEN)


class Shift(models.Model):
    """A cashier's session at the counter, from the float to the count that somebody accepts.

    What should be in the drawer is the sum of its entries, never a figure of its own.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="shifts")
    cashier = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="shifts")
    status = models.CharField(max_length=8, choices=ShiftStatus.choices, default=ShiftStatus.OPEN)
    number = models.CharField(max_length=24, unique=True, null=True)  # noqa: DJ001 unique, so null
    opened_at = models.DateTimeField(default=clock.now, editable=False)
    counted_at = models.DateTimeField(null=True, blank=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    explanation = models.CharField(max_length=240, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    objects = ShiftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "cashier"],
                condition=Q(status="open"),
                name="one_open_shift_per_cashier_and_station",
            ),
            models.CheckConstraint(
                condition=Q(status="open") | Q(counted_at__isnull=False, counted_by__isnull=False),
                name="a_counted_shift_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed")
                | Q(closed_at__isnull=False, accepted_by__isnull=False, number__isnull=False),
                name="a_closed_shift_was_accepted",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None)
                | ~Q(accepted_by=F("cashier")) & ~Q(accepted_by=F("counted_by")),
                name="nobody_accepts_their_own_count",
            ),
        ]
        indexes = [
            models.Index(fields=["station", "-id"], name="shift_by_station"),
            models.Index(
                fields=["counted_at", "station"],
                name="shift_by_count",
                condition=Q(counted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"Shift {self.pk}"

    @property
    def status_tone(self) -> str:
        return {"open": "move", "counted": "wait", "closed": "ok"}[self.status]


class EntryKind(models.TextChoices):
    FLOAT = "float", "Float"
    SALE = "sale", "Taken"
    REFUND = "refund", "Given back"
    PAY_IN = "pay_in", "Paid in"
    PAY_OUT = "pay_out", "Paid out"
    DROP = "drop", "Taken to the safe"


class DrawerEntry(AppendOnlyModel):
    """Money into (above zero) or out of a cashier's hands during a shift, in minor units.

    `is_late`: it belongs to an earlier shift, or was written after the drawer was counted.
    """

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=7, choices=EntryKind.choices)
    method = models.CharField(max_length=10, choices=Method.choices)
    amount = models.BigIntegerField()
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="entries")
    note = models.CharField(max_length=240, blank=True)
    is_late = models.BooleanField(default=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["float", "sale", "pay_in"], amount__gte=0)
                | Q(kind__in=["refund", "pay_out", "drop"], amount__lt=0),
                name="money_goes_the_way_its_kind_says",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["pay_in", "pay_out", "drop"]) | ~Q(note=""),
                name="money_without_a_sale_says_why",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["sale", "refund"], payment__isnull=False)
                | Q(kind__in=["float", "pay_in", "pay_out", "drop"], payment=None),
                name="a_sale_names_its_payment",
            ),
            models.UniqueConstraint(
                fields=["payment", "kind"], name="a_payment_is_in_the_drawer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class ShiftCount(AppendOnlyModel):
    """What the cashier counted: so many notes of a `denomination`, or a wallet's sum.

    `denomination` is in minor units; without one, `quantity` is the sum itself.
    """

    shift = models.ForeignKey(Shift, models.PROTECT, related_name="counts")
    method = models.CharField(max_length=10, choices=Method.choices)
    denomination = models.PositiveIntegerField(null=True, blank=True)
    quantity = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "method", "denomination"], name="each_note_is_counted_once"
            ),
            models.UniqueConstraint(
                fields=["shift", "method"],
                condition=Q(denomination=None),
                name="each_wallet_is_counted_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method}: {self.quantity} × {self.denomination or 1}"

    @property
    def amount(self) -> int:
        return self.quantity * (self.denomination or 1)
