"""Telling people: a line in their inbox on the site, and a letter where it matters."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from gasstock.core import clock
from gasstock.notifications import tasks
from gasstock.notifications.models import Message, Notification

if TYPE_CHECKING:
    from gasstock.accounts.models import User

_is_quiet: ContextVar[bool] = ContextVar("is_quiet", default=False)


@dataclass(frozen=True)
class Attachment:
    """A file that goes out with an e-mail; the end of its name says what it is."""

    name: str
    content: bytes


@transaction.atomic(savepoint=False)
def notify(
    users: Iterable["User"],
    *,
    kind: str,
    text: str,
    url: str = "",
    subject: str = "",
    body: str = "",
) -> None:
    """Tell every active one of `users`, once each; two inserts at most.

    `url` is a path of this site. With a `subject` and a `body` (plain text, no greeting)
    an e-mail goes out too, after the transaction it is written in.
    """
    if url and not is_local(url):
        raise ValueError(f"{url!r} does not lead to a page of this site.")
    people = {user.pk: user for user in users if user.is_active}.values()
    if not people:
        return
    Notification.objects.bulk_create(
        Notification(user=user, kind=kind, text=text[:240], url=url) for user in people
    )
    if subject and body:
        post_mail(
            [(user.email, _letter(user.first_name, body, url)) for user in people], subject=subject
        )


def post_mail(
    letters: Collection[tuple[str, str]],
    *,
    subject: str,
    is_secret: bool = False,
    attachment: Attachment | None = None,
    reply_to: str = "",
) -> None:
    """Put one e-mail per (address, text) into the outbox, and call the worker on commit."""
    one_line = " ".join(subject.split())[:200]
    Message.objects.bulk_create(
        Message(
            to=to,
            subject=one_line,
            body=body,
            is_secret=is_secret,
            attachment=attachment and attachment.content,
            attachment_name=attachment.name if attachment else "",
            reply_to=reply_to,
        )
        for to, body in letters
    )
    wake()


def wake() -> None:
    """Call the worker once this transaction is committed; the sweep makes up for a lost call."""
    if not _is_quiet.get():
        transaction.on_commit(_call_worker, robust=True)


@contextmanager
def no_calls() -> Iterator[None]:
    """Leave what is written in this block to the sweep: thousands of rows need no call each."""
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)


def _call_worker() -> None:
    tasks.send_messages()


def is_local(url: str) -> bool:
    """Tell whether `url` is a path of this site, and nothing a browser takes for another."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)


def site_link(path: str) -> str:
    """Return `path` as a link that works from a mailbox."""
    return f"{settings.SITE_URL}{path}"


def _letter(first_name: str, body: str, url: str) -> str:
    parts = [_("Hello %(name)s,") % {"name": first_name}, body]
    if url:
        parts.append(site_link(url))
    parts.append(
        "-- \n"
        + _("GasStock, %(site)s") % {"site": settings.SITE_URL}
        + "\n"
        + _("You get this mail because of what you do on GasStock.")
    )
    return "\n\n".join(parts) + "\n"


def mark_read(user: "User", *, notification: Notification) -> Notification:
    """Note that the person has seen it; the first time counts."""
    Notification.objects.filter(pk=notification.pk, user=user, read_at=None).update(
        read_at=clock.now()
    )
    return notification


def mark_all_read(user: "User", *, up_to: int) -> int:
    """Mark what the person has on the page they look at, not what came in since."""
    return (
        Notification.objects.unread().filter(user=user, pk__lte=up_to).update(read_at=clock.now())
    )


def dismiss(user: "User", *, notification: Notification) -> None:
    """Take it out of the inbox; it stays in the database."""
    Notification.objects.filter(pk=notification.pk, user=user, dismissed_at=None).update(
        dismissed_at=clock.now()
    )
