from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast

from gasstock.accounts.models import Station
from gasstock.catalog.models import Variant
from gasstock.core.models import AppendOnlyModel

# What an entry comes to, in 64 bits: a few shells of a dear deposit are more than 32 bits hold.
DEPOSIT = Cast("quantity", models.BigIntegerField()) * F("unit_amount")


class DepositEntry(AppendOnlyModel):
    """Deposits taken for shells (quantity above zero) or given back (below).

    `unit_amount` in minor units is what was paid for one. Without a buyer: walk-in buyers.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="+")
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="deposits"
    )
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    unit_amount = models.PositiveIntegerField()
    document = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(quantity=0), name="a_deposit_is_for_something"),
        ]
        indexes = [
            models.Index(fields=["buyer", "station", "variant"], name="deposit_by_buyer"),
            models.Index(fields=["station", "variant"], name="deposit_by_station"),
            models.Index(fields=["created_at", "station"], name="deposit_by_moment"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.unit_amount}"
