"""The outbox's exit: every row is sent once, by whichever worker claims it first."""

import logging
from datetime import timedelta

from django.db.models import F

from gasstock.core import clock
from gasstock.notifications.channels import AT_MOST_ONCE, CHANNELS
from gasstock.notifications.errors import Undeliverable
from gasstock.notifications.models import Message, MessageState

logger = logging.getLogger(__name__)

# How long to wait after the first, second … failure; a day's breakdown is survived.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 360, 1080))
MAX_ATTEMPTS = len(PAUSES) + 1
BATCH = 200
LOST = "The worker stopped while it sent this; it is not known whether it left."
GIVE_UP_AFTER = 3  # failures in a row: the server is down, the next sweep tries again


def send_due() -> int:
    """Send what is due, oldest first; return how many messages left."""
    due = Message.objects.due(clock.now()).order_by("next_try_at", "pk")
    sent = failed_in_a_row = 0
    for message_id in list(due.values_list("pk", flat=True)[:BATCH]):
        left = send_message(message_id)
        sent += left is True
        failed_in_a_row = failed_in_a_row + 1 if left is False else 0
        if failed_in_a_row == GIVE_UP_AFTER:
            break
    return sent


def send_message(message_id: int) -> bool | None:
    """Send one message outside any transaction: True if it left, False if it could not.

    None: it was not due, another worker has it, or it is given up. The claim is one UPDATE that
    counts the attempt and sets the time of the next, so a worker that dies leaves a row to try
    again; of a channel where twice is worse than never, one to look at.
    """
    message = Message.objects.due(clock.now()).filter(pk=message_id).first()
    if message is None or not _claim(message):
        return None
    if message.attempts > 1 and not message.last_error and message.channel in AT_MOST_ONCE:
        _close(message, state=MessageState.FAILED, last_error=LOST)
        return None
    try:
        noted = CHANNELS[message.channel](message) or {}
    except Undeliverable as error:
        logger.warning("message %s is not sent again: %s", message.pk, error)
        _close(message, state=MessageState.FAILED, last_error=str(error)[:300])
        return None
    except Exception as error:  # whatever a mail server does, the row must say so
        logger.warning("message %s was not sent: %s", message.pk, type(error).__name__)
        _note_failure(message, error)
        return False
    _close(message, state=MessageState.SENT, sent_at=clock.now(), last_error="", **noted)
    return True


def _claim(message: Message) -> bool:
    """Take it; until the attempt ends, nothing is known of how it ended."""
    pause = PAUSES[min(message.attempts, len(PAUSES) - 1)]
    claimed = (
        Message.objects.due(clock.now())
        .filter(pk=message.pk, attempts=message.attempts)
        .update(attempts=F("attempts") + 1, next_try_at=clock.now() + pause, last_error="")
    )
    message.attempts += 1
    return bool(claimed)


def _note_failure(message: Message, error: Exception) -> None:
    reason = f"{type(error).__name__}: {error}"[:300]
    if message.attempts < MAX_ATTEMPTS:
        Message.objects.filter(pk=message.pk).update(last_error=reason)
    else:
        _close(message, state=MessageState.FAILED, last_error=reason)


def _close(message: Message, **changes: object) -> None:
    if message.is_secret:
        changes["body"] = ""
    Message.objects.filter(pk=message.pk, state=MessageState.PENDING).update(**changes)
