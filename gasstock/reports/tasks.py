"""The clock of the reports: days that are over are summed up, and letters are written."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from gasstock.reports import digest, rollups, schedules


@db_periodic_task(crontab(minute="*/10"))
def sum_up() -> None:
    """Sum up what is over; what is left waits for the next time."""
    rollups.sum_up()


@db_periodic_task(crontab(minute="5"))
def send_reports() -> None:
    """Send the saved reports that are due; may run twice without harm."""
    schedules.send_due()


@db_periodic_task(crontab(minute="*/10"))
def send_digests() -> None:
    """Write the morning letters of this hour, and those that a worker at rest left out."""
    digest.send_due()
