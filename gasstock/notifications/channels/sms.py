"""SMS by the HTTP interface of Africa's Talking, or into files where there is no provider.

An SMS goes out at most once. What the provider surely did not take is tried again; where
nobody knows (the line broke after the request had left) it is not.
"""

import json
import logging
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from gasstock.core import clock
from gasstock.notifications.channels.texts import fit, segments
from gasstock.notifications.errors import Undeliverable
from gasstock.notifications.models import Message, SmsNumber

logger = logging.getLogger(__name__)

TIMEOUT = 10  # seconds
PATH = "/version1/messaging"
ANSWER_BYTES = 100_000
TAKEN = {100, 101, 102}  # processed, sent, queued
PASSING = {405, 500, 501}  # no credit left, and errors of theirs: worth another try


def send(message: Message) -> dict[str, Any]:
    """Hand one SMS to the provider; return what it said of it. Raises Undeliverable.

    The first SMS to a number says how to get no more. Any other exception: it surely did not
    leave, and may be tried again.
    """
    number, _created = SmsNumber.objects.get_or_create(number=message.to)
    if number.stopped_at:
        raise Undeliverable("The number asked for no more SMS.")
    text = fit(message.body, "" if number.told_at else _("Reply STOP to end these SMS."))
    said = _simulate(message, text) if settings.SMS.folder else _post(message, text)
    SmsNumber.objects.filter(pk=number.pk, told_at=None).update(told_at=clock.now())
    return {"provider_id": said, "segments": segments(text)}


def _simulate(message: Message, text: str) -> str:
    folder = Path(settings.SMS.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{message.created_at:%Y%m%d-%H%M%S}-{message.pk}-{message.attempts}.txt"
    (folder / name).write_text(f"To: {message.to}\nFrom: {settings.SMS.sender}\n\n{text}\n")
    logger.info("SMS %s is in %s", message.pk, folder)
    return f"simulated-{message.pk}-{message.attempts}"


def _post(message: Message, text: str) -> str:
    """Send it and return the provider's name of it."""
    if not settings.SMS.url:
        raise Undeliverable("SMS are switched off.")
    fields = {"username": settings.SMS.user, "to": message.to, "message": text}
    if settings.SMS.sender:
        fields["from"] = settings.SMS.sender
    status, answer = _call(urlencode(fields))
    if status in (401, 403, 404, 429):
        raise ConnectionRefusedError(f"The provider answered {status}.")
    if status not in (200, 201):
        raise Undeliverable(f"The provider answered {status}; it is not known whether it left.")
    return _read(answer)


def _call(body: str) -> tuple[int, bytes]:
    """One request. Only connecting may fail with an OSError: then nothing has left."""
    place = urlsplit(settings.SMS.url)
    secure = place.scheme == "https"
    connection = (HTTPSConnection if secure else HTTPConnection)(place.netloc, timeout=TIMEOUT)
    headers = {
        "apiKey": settings.SMS.key,
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    try:
        connection.connect()
        try:
            connection.request("POST", PATH, body, headers)
            response = connection.getresponse()
            return response.status, response.read(ANSWER_BYTES)
        except (OSError, HTTPException) as error:
            raise Undeliverable(f"{type(error).__name__}: not known whether it left.") from error
    finally:
        connection.close()


def _read(answer: bytes) -> str:
    """Return the name of the one message in the answer."""
    try:
        (recipient,) = json.loads(answer)["SMSMessageData"]["Recipients"]
        code, name = int(recipient["statusCode"]), str(recipient["messageId"])[:80]
        status = str(recipient["status"])[:80]
    except (ValueError, KeyError, TypeError) as error:
        raise Undeliverable("The provider's answer names no message.") from error
    if code in TAKEN:
        return "" if name == "None" else name
    if code in PASSING:
        raise ConnectionRefusedError(f"{code} {status}")
    raise Undeliverable(f"{code} {status}")
