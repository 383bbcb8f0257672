"""The clock of the inventory: what is counted and who is told without anybody asking."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from gasstock.accounts.models import Station
from gasstock.inventory.services import alerts


@db_periodic_task(crontab(minute="5"))
def check_stock() -> None:
    """Count the sales of the last weeks anew, then look at every reorder level."""
    alerts.refresh_sales()
    alerts.check_levels()


@db_task()
def check_station(pk: int) -> None:
    """Look at one station's reorder levels now rather than at the next hour."""
    if station := Station.objects.filter(pk=pk).first():
        alerts.check_levels(station)
