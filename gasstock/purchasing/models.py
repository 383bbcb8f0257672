from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Lower
from django.urls import reverse
from django.utils.translation import gettext as _
from phonenumber_field.modelfields import PhoneNumberField

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.core.models import AppendOnlyModel
from gasstock.core.sums import big


class SupplierQuerySet(models.QuerySet["Supplier"]):
    def at(self, station: Station) -> Self:
        return self.filter(station=station)

    def kept(self) -> Self:
        return self.filter(retired_at=None)


class Supplier(models.Model):
    """A depot or importer that a station buys from."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="suppliers")
    name = models.CharField(max_length=80)
    contact = models.CharField("person to ask for", max_length=80, blank=True)
    phone = PhoneNumberField(blank=True)
    email = models.EmailField("e-mail", blank=True)
    address = models.CharField(max_length=160, blank=True)
    note = models.CharField(max_length=240, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = SupplierQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "station", Lower("name"), name="one_supplier_per_station_and_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("purchasing:supplier", args=[self.station.slug, self.pk])


class PurchaseStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Sent"
    PART_RECEIVED = "part_received", "Part received"
    RECEIVED = "received", "Received"
    CANCELLED = "cancelled", "Cancelled"
    CLOSED_SHORT = "closed_short", "Closed short"


EXPECTED = (PurchaseStatus.SUBMITTED, PurchaseStatus.PART_RECEIVED)
OPEN = (PurchaseStatus.DRAFT, *EXPECTED)
TONES = {"draft": "wait", "submitted": "move", "part_received": "move", "received": "ok"}


class PurchaseOrderQuerySet(models.QuerySet["PurchaseOrder"]):
    def at(self, station: Station) -> Self:
        return self.filter(station=station)

    def expected(self) -> Self:
        """Those of which something is still to come."""
        return self.filter(status__in=EXPECTED)

    def open(self) -> Self:
        """Those that somebody still has to do something about."""
        return self.filter(status__in=OPEN)

    def for_list(self) -> Self:
        """With all that a row shows, in the same query; `sum` is in minor units."""
        lines = PurchaseLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
        return self.select_related("station", "supplier").annotate(
            sum=Coalesce(Subquery(lines.annotate(sum=Sum(LINE_TOTAL)).values("sum")), Value(0))
        )


class PurchaseOrder(models.Model):
    """What a station asks of a supplier. It has a number once it was sent."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="purchases")
    supplier = models.ForeignKey(Supplier, models.PROTECT, related_name="orders")
    number = models.CharField(max_length=24, unique=True, null=True)  # noqa: DJ001 unique, so null
    status = models.CharField(
        max_length=13, choices=PurchaseStatus.choices, default=PurchaseStatus.DRAFT
    )
    currency = models.CharField(max_length=3)
    expected_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=240, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=240, blank=True)

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["draft", "cancelled"]) | Q(number__isnull=False),
                name="a_sent_purchase_order_has_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed_short") | ~Q(reason=""),
                name="an_order_closed_short_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["station", "-id"], name="purchase_by_station"),
            models.Index(fields=["supplier", "-id"], name="purchase_by_supplier"),
            models.Index(
                fields=["submitted_at", "station"],
                name="purchase_by_submission",
                condition=Q(submitted_at__isnull=False),
            ),
            models.Index(
                fields=["ended_at", "station"],
                name="purchase_by_end",
                condition=Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"Draft {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("purchasing:order", args=[self.station.slug, self.pk])

    @property
    def status_tone(self) -> str:
        return TONES.get(self.status, "off")

    @property
    def is_expected(self) -> bool:
        return self.status in EXPECTED

    @property
    def is_late(self) -> bool:
        return (
            self.is_expected and self.expected_on is not None and self.expected_on < clock.today()
        )


# In 64 bits: a hundred thousand of something dear is more than 32 bits hold.
LINE_TOTAL = big("quantity") * (big("unit_cost") + big("unit_shell_cost"))
# The same of a receipt's line.
TAKEN_TOTAL = big("accepted") * (big("unit_cost") + big("line__unit_shell_cost"))


class PurchaseKind(models.TextChoices):
    REFILL = "refill", "Refill of empties"
    NEW = "new", "With new cylinder"
    GOODS = "goods", "Accessory"


def name_of(variant: Variant, kind: str) -> str:
    """Return what is bought as a person reads it: "SP 12 kg, refill"."""
    how = {"refill": _("refill"), "new": _("with new cylinder")}.get(kind)
    return f"{variant.name}, {how}" if how else variant.name


class PurchaseLine(models.Model):
    """`quantity` of a variant at `unit_cost` (minor units; 0 on a draft: not known yet).

    `unit_shell_cost` is paid on top for a cylinder that comes along. `empties` are to be sent to
    the supplier; `received`, `rejected` and `empties_sent` add up the receipts.
    """

    order = models.ForeignKey(PurchaseOrder, models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=PurchaseKind.choices)
    quantity = models.PositiveIntegerField()
    unit_cost = models.PositiveIntegerField()
    unit_shell_cost = models.PositiveIntegerField(default=0)
    empties = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    empties_sent = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "variant", "kind"],
                name="one_line_per_purchase_variant_and_kind",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_purchase_asks_for_some"),
            models.CheckConstraint(
                condition=Q(unit_shell_cost=0) | Q(kind="new"),
                name="shells_are_paid_for_where_they_come_along",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.kind}"

    @property
    def name(self) -> str:
        """As a person reads it; needs the variant at hand."""
        return name_of(self.variant, self.kind)

    @property
    def total(self) -> int:
        return self.quantity * (self.unit_cost + self.unit_shell_cost)

    @property
    def to_come(self) -> int:
        """How many are still expected."""
        return max(0, self.quantity - self.received)


class Receipt(AppendOnlyModel):
    """One delivery by the supplier. The same `key` again is the same receipt."""

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="receipts")
    number = models.CharField(max_length=24, unique=True)
    key = models.CharField(max_length=64, unique=True)
    delivery_note = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=240, blank=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(fields=["order", "-id"], name="receipt_by_order"),
            models.Index(fields=["-created_at", "-id"], name="receipt_by_moment"),
        ]

    def __str__(self) -> str:
        return self.number


class ReceiptLine(AppendOnlyModel):
    """What came of one line: `accepted` went into stock, `rejected` back with the driver."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines")
    line = models.ForeignKey(PurchaseLine, models.PROTECT, related_name="receipts")
    accepted = models.PositiveIntegerField(default=0)
    rejected = models.PositiveIntegerField(default=0)
    reason = models.CharField(max_length=160, blank=True)
    empties_out = models.PositiveIntegerField(default=0)
    unit_cost = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "line"], name="one_receipt_line_per_receipt_and_line"
            ),
            models.CheckConstraint(
                condition=Q(rejected=0) | ~Q(reason=""), name="what_is_rejected_says_why"
            ),
            models.CheckConstraint(
                condition=Q(accepted__gt=0) | Q(rejected__gt=0) | Q(empties_out__gt=0),
                name="a_receipt_line_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.accepted} accepted, {self.rejected} rejected"
