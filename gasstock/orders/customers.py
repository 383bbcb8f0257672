"""Who buys on GasStock, as admins read it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Max, OuterRef, Q, Sum

from gasstock.accounts.models import User, UserQuerySet
from gasstock.billing.models import Invoice, InvoiceStatus
from gasstock.orders.models import Order, OrderStatus


@dataclass(frozen=True)
class Habit:
    """What somebody ordered and paid in all; money in minor units."""

    orders: int = 0
    last_order_at: datetime | None = None
    paid: int = 0


def customers() -> UserQuerySet:
    """Everybody who bought something, and who has an account for nothing else."""
    bought = Order.objects.filter(buyer=OuterRef("pk"))
    only_buys = User.objects.in_role("buyer").filter(pk=OuterRef("pk"))
    return User.objects.filter(Q(Exists(bought)) | Q(Exists(only_buys)))


def habits_of(people: Collection[User]) -> dict[int, Habit]:
    """What each of `people` did so far, by pk; two queries. Undone sales do not count."""
    orders = Order.objects.filter(buyer__in=people).exclude(status=OrderStatus.VOIDED)
    rows = orders.order_by().values("buyer").annotate(n=Count("pk"), last=Max("placed_at"))
    bills = Invoice.objects.filter(buyer__in=people).exclude(status=InvoiceStatus.VOID)
    paid = dict(bills.order_by().values_list("buyer").annotate(Sum("paid")))
    return {
        row["buyer"]: Habit(row["n"], row["last"], int(paid.get(row["buyer"], 0))) for row in rows
    }
