from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gasstock.accounts.models import Station, User
from gasstock.core import clock
from gasstock.core.models import AppendOnlyModel
from gasstock.core.money import format_rate


class InvoiceStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Submitted"
    APPROVED = "approved", "Approved"
    PAID = "paid", "Paid"
    REJECTED = "rejected", "Rejected"
    VOID = "void", "Void"


RECEIPTS = "RCT"  # the number series of counter sales
CHANGEABLE = (InvoiceStatus.DRAFT, InvoiceStatus.SUBMITTED, InvoiceStatus.REJECTED)
FINAL = (InvoiceStatus.APPROVED, InvoiceStatus.PAID)


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def at(self, station: Station) -> Self:
        return self.filter(station=station)

    def of(self, buyer: User) -> Self:
        return self.filter(buyer=buyer)

    def to_approve(self) -> Self:
        return self.filter(status=InvoiceStatus.SUBMITTED)

    def overdue(self, today: date) -> Self:
        return self.filter(status=InvoiceStatus.APPROVED, due_on__lt=today)


class Invoice(models.Model):
    """What is owed for an order. Money in minor units of `currency`.

    A draft may change and has no number. The station's submission gives it the next number of
    its year, without gaps. Once approved it never changes: credit notes lower what is owed
    (`credited`), a further invoice that names it in `corrects` raises it. The total is below
    zero where a counter sale gave more deposit back than it sold.

    The tax is kept when it gets its number: what it is called, its rate in hundredths of a
    percent, and how much of the total it is. Without a number, or a tax, all of them are empty.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="invoices")
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="invoices"
    )
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    number = models.CharField(max_length=24, unique=True, null=True)  # noqa: DJ001 unique, so null
    status = models.CharField(
        max_length=10, choices=InvoiceStatus.choices, default=InvoiceStatus.DRAFT
    )
    reference = models.CharField(max_length=40, help_text="The number of the order.")
    buyer_name = models.CharField(max_length=80)
    buyer_phone = models.CharField(max_length=20, blank=True)
    buyer_address = models.CharField(max_length=220, blank=True)
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    paid = models.BigIntegerField(default=0)
    credited = models.PositiveBigIntegerField(default=0)
    tax_name = models.CharField(max_length=12, blank=True, default="")
    tax_rate = models.PositiveSmallIntegerField(default=0)
    tax = models.PositiveBigIntegerField(default=0)
    reason = models.CharField(max_length=240, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    paid_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(credited=0) | Q(credited__lte=F("total")),
                name="no_more_is_credited_than_billed",
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0) | Q(status__in=["paid", "void"]),
                name="an_invoice_below_zero_is_settled",
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0) | Q(total__lt=0),
                name="money_goes_out_only_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "void"]) | Q(number__isnull=False),
                name="a_submitted_invoice_has_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(paid__gte=F("total") - F("credited")),
                name="a_paid_invoice_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(tax=0) | Q(tax_rate__gt=0), name="no_tax_without_a_rate"
            ),
        ]
        indexes = [
            models.Index(fields=["station", "-id"], name="invoice_by_station"),
            models.Index(fields=["buyer", "-id"], name="invoice_by_buyer"),
            models.Index(fields=["status", "submitted_at"], name="invoice_by_status"),
            models.Index(fields=["reference"], name="invoice_by_reference"),
            models.Index(fields=["approved_at"], name="invoice_by_approval"),
            models.Index(
                fields=["station", "due_on"],
                name="invoice_to_be_paid",
                condition=Q(status="approved"),
            ),
            models.Index(
                fields=["buyer"], name="invoice_owed_by_buyer", condition=Q(status="approved")
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"Draft for {self.reference}"

    @property
    def is_receipt(self) -> bool:
        """Whether it was written at the counter, final at once, and not for an order."""
        return f"-{RECEIPTS}-" in (self.number or "")

    @property
    def tax_label(self) -> str:
        """The tax and its rate, "VAT 18 %"; empty where there is none."""
        return f"{self.tax_name} {format_rate(self.tax_rate)}" if self.tax_rate else ""

    @property
    def owed(self) -> int:
        """What there is to pay in all, after credit notes."""
        return self.total - self.credited

    @property
    def due(self) -> int:
        """What is still to be paid."""
        if self.status == InvoiceStatus.VOID:
            return 0
        return max(0, self.owed - self.paid)

    @property
    def credit(self) -> int:
        """What was paid too much and belongs to the buyer."""
        owed = 0 if self.status == InvoiceStatus.VOID else self.owed
        return max(0, self.paid - owed)

    @property
    def is_overdue(self) -> bool:
        return (
            self.status == InvoiceStatus.APPROVED
            and self.due_on is not None
            and self.due_on < clock.today()
        )


class LineKind(models.TextChoices):
    GOODS = "goods", "Goods"
    DEPOSIT = "deposit", "Deposit"
    DELIVERY = "delivery", "Delivery"


class InvoiceLine(models.Model):
    """One line of an invoice; `unit_price` in minor units, below zero for a deposit given back."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=10, choices=LineKind.choices)
    description = models.CharField(max_length=120)
    quantity = models.PositiveIntegerField()
    unit_price = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="an_invoice_line_bills_something"
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0) | Q(kind="deposit"),
                name="only_deposits_are_given_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.description}"

    @property
    def total(self) -> int:
        return self.quantity * self.unit_price


class CreditNote(AppendOnlyModel):
    """Takes `amount` (minor units) off an approved invoice, with a number of its own.

    `tax` is how much of the amount was tax, at the rate of the invoice.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="credit_notes")
    number = models.CharField(max_length=24, unique=True)
    amount = models.PositiveBigIntegerField()
    tax = models.PositiveBigIntegerField(default=0)
    lines = models.JSONField(default=list)
    reason = models.CharField(max_length=240)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="a_credit_note_credits_something"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="credit_note_by_moment")]

    def __str__(self) -> str:
        return self.number


class NumberSeries(models.Model):
    """The last number given to a station's documents of a kind in a year."""

    station = models.ForeignKey(Station, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "number series"
        constraints = [
            models.UniqueConstraint(
                fields=["station", "kind", "year"], name="one_series_per_station_kind_and_year"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year}: {self.last}"
