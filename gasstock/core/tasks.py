from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from gasstock.core import books, heartbeat

NIGHT = {"hour": "2", "minute": "20"}  # of the worker's clock


@db_periodic_task(crontab(minute="*"))
def beat() -> None:
    heartbeat.beat()


@db_periodic_task(crontab(**NIGHT))
def check_books_nightly() -> None:
    check_books()


@db_task()
def check_books() -> None:
    """Prove the books; an admin asks for it, and the night does. Once at a time is enough."""
    if not books.is_running():
        books.check_books()
