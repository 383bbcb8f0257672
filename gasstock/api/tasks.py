from huey import crontab
from huey.contrib.djhuey import db_periodic_task

from gasstock.api import idempotency, tokens


@db_periodic_task(crontab(hour="3", minute="40"))
def purge() -> None:
    """Forget the answers of the day before yesterday, and tokens; may run twice without harm."""
    idempotency.purge()
    tokens.forget_ended()
