"""The clock of the outbox: a call when something was written, a sweep for calls that were lost."""

from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from gasstock.notifications import outbox


@db_task()
def send_messages() -> None:
    """Send what waits in the outbox; may run twice without harm."""
    outbox.send_due()


@db_periodic_task(crontab(minute="*"))
def sweep_messages() -> None:
    """Send what no call came for, and what failed before."""
    outbox.send_due()
