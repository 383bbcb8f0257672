"""The clock of the orders app: what happens by itself, and when."""

from contextlib import suppress

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from gasstock.core import clock
from gasstock.core.errors import DomainError
from gasstock.orders.models import Order
from gasstock.orders.services.life import expire_order


@db_periodic_task(crontab(minute="*"))
def expire_orders() -> None:
    """Give back the stock of orders nobody answered, each in a transaction of its own."""
    late = Order.objects.to_approve().filter(expires_at__lt=clock.now(), invoice__paid=0)
    for order in late.select_related("station", "buyer", "invoice").order_by("pk")[:200]:
        with suppress(DomainError):  # answered or paid since we looked
            expire_order(order=order)
