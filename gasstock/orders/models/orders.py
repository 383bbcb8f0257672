from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from gasstock.accounts.models import Station, User
from gasstock.billing.models import Invoice, Method, Shift
from gasstock.catalog.models import Variant
from gasstock.core import clock
from gasstock.core.models import AppendOnlyModel
from gasstock.inventory.models import Listing
from gasstock.orders.models.carts import LineKind


class OrderStatus(models.TextChoices):
    PLACED = "placed", "Placed"
    APPROVED = "approved", "Approved"
    DISPATCHED = "dispatched", "On the way"
    DELIVERED = "delivered", "Delivered"
    CLOSED = "closed", "Closed"
    REJECTED = "rejected", "Rejected"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    VOIDED = "voided", "Void"


OPEN = (OrderStatus.PLACED, OrderStatus.APPROVED, OrderStatus.DISPATCHED)
HANDED_OVER = (OrderStatus.DELIVERED, OrderStatus.CLOSED)
DEAD = (
    OrderStatus.REJECTED,
    OrderStatus.CANCELLED,
    OrderStatus.EXPIRED,
    OrderStatus.VOIDED,
)


class Channel(models.TextChoices):
    ONLINE = "online", "Storefront"
    COUNTER = "counter", "Counter"


class Fulfilment(models.TextChoices):
    DELIVERY = "delivery", "Delivery"
    PICKUP = "pickup", "Pick-up"


class OrderQuerySet(models.QuerySet["Order"]):
    def at(self, station: Station) -> Self:
        return self.filter(station=station)

    def of(self, buyer: User) -> Self:
        return self.filter(buyer=buyer)

    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def online(self) -> Self:
        return self.filter(channel=Channel.ONLINE)

    def counter(self) -> Self:
        """Counter sales."""
        return self.filter(channel=Channel.COUNTER)

    def to_approve(self) -> Self:
        return self.filter(status=OrderStatus.PLACED)

    def for_cards(self) -> Self:
        """With who and what a row shows, in two queries."""
        return self.select_related("station", "buyer", "invoice", "rider").prefetch_related(
            models.Prefetch(
                "lines",
                OrderLine.objects.select_related("variant__product__brand").order_by("pk"),
            )
        )

    def for_details(self) -> Self:
        """With what became of it too, and all its bills, in four queries."""
        events = OrderEvent.objects.select_related("actor").order_by("pk")
        bills = Invoice.objects.order_by("pk")
        return self.for_cards().prefetch_related(
            models.Prefetch("events", events), models.Prefetch("invoice__corrections", bills)
        )


class Order(models.Model):
    """What a buyer asked one station for. Money in minor units of `currency`.

    `number` is drawn at random, so that orders of a station need not wait for each other and
    nobody learns from it how many there are. `code` is what the buyer says at the door.

    A delivery is promised between two moments; without the first, as soon as possible.

    A counter sale is an order that was handed over as it was made: it may have no buyer, names
    the `shift` it was sold in, and its `sale_key` (chosen by the till) makes a sale that is sent
    twice one sale.
    """

    station = models.ForeignKey(Station, models.PROTECT, related_name="orders")
    channel = models.CharField(max_length=7, choices=Channel.choices, default=Channel.ONLINE)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="orders"
    )
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, related_name="sales")
    sale_key = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 unique
    number = models.CharField(max_length=16, unique=True)
    invoice = models.OneToOneField(Invoice, models.PROTECT, related_name="order")
    status = models.CharField(
        max_length=10, choices=OrderStatus.choices, default=OrderStatus.PLACED
    )
    fulfilment = models.CharField(max_length=8, choices=Fulfilment.choices)
    district = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=160, blank=True)
    phone = models.CharField(max_length=20)
    note = models.CharField(max_length=240, blank=True)
    payment_method = models.CharField(max_length=10, choices=Method.choices)
    delivery_fee = models.PositiveIntegerField(default=0)
    total = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    code = models.CharField(max_length=4)
    code_misses = models.PositiveSmallIntegerField(default=0)
    rider = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="runs"
    )
    promised_from = models.DateTimeField(null=True, blank=True)
    promised_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=240, blank=True)
    placed_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fulfilment="pickup") | ~Q(address=""),
                name="a_delivery_has_an_address",
            ),
            models.CheckConstraint(
                condition=~Q(status="dispatched") | Q(rider__isnull=False),
                name="an_order_on_the_way_is_with_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["delivered", "closed"]) | Q(delivered_at__isnull=False),
                name="a_delivered_order_says_when",
            ),
            models.CheckConstraint(
                condition=Q(channel="online", buyer__isnull=False, total__gte=0, shift=None)
                | Q(channel="counter", shift__isnull=False, sale_key__isnull=False),
                name="an_order_has_a_buyer_a_sale_a_shift",
            ),
        ]
        indexes = [
            models.Index(fields=["station", "status", "-id"], name="order_by_station_status"),
            models.Index(fields=["buyer", "-id"], name="order_by_buyer"),
            models.Index(fields=["status", "placed_at"], name="order_by_status"),
            models.Index(
                fields=["station", "-id"], name="sale_by_station", condition=Q(channel="counter")
            ),
            models.Index(
                fields=["-delivered_at", "-id"],
                name="order_by_handover",
                condition=Q(delivered_at__isnull=False),
            ),
            models.Index(
                fields=["station", "-delivered_at", "-id"],
                name="order_by_station_handover",
                condition=Q(delivered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("shop:order", args=[self.number])

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_sale(self) -> bool:
        """Whether it was sold over the counter."""
        return self.channel == Channel.COUNTER

    @property
    def is_dead(self) -> bool:
        return self.status in DEAD

    @property
    def is_delivery(self) -> bool:
        return self.fulfilment == Fulfilment.DELIVERY

    @property
    def is_late(self) -> bool:
        """Whether it comes, or came, later than promised."""
        if self.promised_until is None or self.is_dead:
            return False
        return (self.delivered_at or clock.now()) > self.promised_until

    @property
    def goods_total(self) -> int:
        return self.total - self.delivery_fee


class OrderLine(models.Model):
    """What was ordered, at the prices of that day, and what became of it.

    `unit_price` is for one as ordered. `new_price` and `deposit` are what one costs if the buyer
    has no empty to give; `empties` came back, `missing` should have and were charged so. The
    empties are of `empty_variant` where the buyer brought another brand's. A line that gives a
    cylinder back only takes empties; `refunded` is the deposit paid out for them. `unit_cost` is
    the listing's average cost in the moment of handing over. All money in minor units.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    listing = models.ForeignKey(Listing, models.PROTECT, related_name="+")
    variant = models.ForeignKey(Variant, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=LineKind.choices)
    quantity = models.PositiveIntegerField()
    unit_price = models.PositiveIntegerField()
    new_price = models.PositiveIntegerField()
    deposit = models.PositiveIntegerField(default=0)
    delivered = models.PositiveIntegerField(default=0)
    empties = models.PositiveIntegerField(default=0)
    empty_variant = models.ForeignKey(Variant, models.PROTECT, null=True, related_name="+")
    refunded = models.PositiveBigIntegerField(default=0)
    unit_cost = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="a_line_orders_something"),
            models.CheckConstraint(
                condition=Q(delivered__lte=F("quantity")),
                name="no_more_is_delivered_than_ordered",
            ),
            models.CheckConstraint(
                condition=Q(empties=0)
                | Q(kind="exchange", empties__lte=F("delivered"))
                | Q(kind="return", delivered=0),
                name="empties_come_back_for_refills_only",
            ),
            models.CheckConstraint(
                condition=Q(refunded=0) | Q(kind="return"), name="a_refund_is_for_a_return"
            ),
            models.UniqueConstraint(
                fields=["order", "listing", "kind"], name="one_order_line_per_listing_and_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.kind}"

    @property
    def unit_total(self) -> int:
        """What one costs as ordered, deposit included."""
        return self.unit_price + (self.deposit if self.kind == LineKind.NEW else 0)

    @property
    def total(self) -> int:
        if self.kind == LineKind.RETURN:
            return -self.refunded
        return self.quantity * self.unit_total

    @property
    def refill_charge(self) -> int:
        """What the refills cost for which an empty came back."""
        return self.empties * self.unit_price

    @property
    def missing_charge(self) -> int:
        """What the refills cost for which none did."""
        return self.missing * (self.new_price + self.deposit)

    @property
    def charged(self) -> int:
        """What the line came to as it was handed over; below zero where a deposit was paid out."""
        if self.kind == LineKind.EXCHANGE:
            return self.refill_charge + self.missing_charge
        return -self.refunded if self.kind == LineKind.RETURN else self.delivered * self.unit_total

    @property
    def missing(self) -> int:
        """Delivered refills for which no empty came back."""
        return self.delivered - self.empties if self.kind == LineKind.EXCHANGE else 0


class EventKind(models.TextChoices):
    PLACED = "placed", "Placed"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    DISPATCHED = "dispatched", "On the way"
    FAILED = "failed", "Not delivered"
    TRIED_AGAIN = "tried_again", "On the way again"
    BROUGHT_BACK = "brought_back", "Back at the station"
    DELIVERED = "delivered", "Delivered"
    CANCELLED = "cancelled", "Cancelled"
    EXPIRED = "expired", "Expired"
    CLOSED = "closed", "Closed"
    INVOICE_SUBMITTED = "inv_submitted", "Invoice sent to be approved"
    INVOICE_APPROVED = "inv_approved", "Invoice approved"
    INVOICE_REJECTED = "inv_rejected", "Invoice sent back"
    PAYMENT = "payment", "Payment received"
    RATED = "rated", "Rated"
    SOLD = "sold", "Sold at the counter"
    VOIDED = "voided", "Sale undone"


class OrderEvent(AppendOnlyModel):
    """One entry of an order's timeline: who did what, when and why."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=14, choices=EventKind.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=240, blank=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.order_id})"
