from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from gasstock.core import heartbeat


@db_periodic_task(crontab(minute="*"))
def beat() -> None:
    heartbeat.beat()
