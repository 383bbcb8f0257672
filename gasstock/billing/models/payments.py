from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gasstock.billing.models.invoices import Invoice
from gasstock.core import clock


class Method(models.TextChoices):
    CASH = "cash", "Cash"
    BANK = "bank", "Bank transfer"


class PaymentStatus(models.TextChoices):
    PENDING = "pending", "Promised"
    SUCCEEDED = "succeeded", "Received"
    REVERSED = "reversed", "Reversed"


class Payment(models.Model):
    """Money that came in for an invoice, in minor units; below zero, money paid out for it.

    A PENDING one has only been promised by the buyer; the next that comes in takes its place.
    `tendered` is the cash the buyer gave for it; what is above the amount was given back.
    `key` is chosen by whoever sends the payment: the same key is the same payment.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=10, choices=Method.choices)
    status = models.CharField(
        max_length=10, choices=PaymentStatus.choices, default=PaymentStatus.SUCCEEDED
    )
    amount = models.BigIntegerField()
    tendered = models.PositiveBigIntegerField(null=True, blank=True)
    reference = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=64, unique=True)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    reversed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=240, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="a_payment_pays_something"),
            models.CheckConstraint(
                condition=Q(tendered=None) | Q(method="cash", tendered__gte=F("amount")),
                name="cash_given_covers_the_payment",
            ),
            models.CheckConstraint(
                condition=~Q(method="bank") | ~Q(reference="") | Q(status="pending"),
                name="a_bank_transfer_has_a_reference",
            ),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status="pending"), name="one_promise_per_invoice"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="payment_by_moment"),
            models.Index(
                fields=["reversed_at"],
                name="payment_by_reversal",
                condition=Q(reversed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_method_display()} {self.amount}"

    @property
    def paid_out(self) -> int:
        """What went to the buyer, 0 where money came in."""
        return max(0, -self.amount)
