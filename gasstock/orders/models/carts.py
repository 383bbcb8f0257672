from django.conf import settings
from django.db import models
from django.db.models import Q

from gasstock.core import clock
from gasstock.inventory.models import Listing


class LineKind(models.TextChoices):
    EXCHANGE = "exchange", "Refill"
    NEW = "new", "New cylinder"
    ACCESSORY = "accessory", "Accessory"
    RETURN = "return", "Cylinder given back"


class Cart(models.Model):
    """What somebody is about to order, from any stations. A visitor's is known by its token."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="cart"
    )
    token = models.CharField(max_length=32, unique=True)
    updated_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"Cart {self.pk}"


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines")
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=LineKind.choices)
    quantity = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cart", "listing", "kind"], name="one_cart_line_per_listing_and_kind"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_cart_line_wants_something"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.kind}"
