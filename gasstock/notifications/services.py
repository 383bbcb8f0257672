"""Telling people: a line in their inbox on the site, and a letter where it matters."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from gasstock.audit.services import record
from gasstock.core import clock
from gasstock.notifications import preferences, tasks
from gasstock.notifications.errors import NotFailed
from gasstock.notifications.kinds import BY_KEY, Way, group_of
from gasstock.notifications.models import (
    Channel,
    Message,
    MessageState,
    Notification,
    Preferences,
    SmsNumber,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from gasstock.accounts.models import User

_is_quiet: ContextVar[bool] = ContextVar("is_quiet", default=False)


@dataclass(frozen=True)
class Attachment:
    """A file that goes out with an e-mail; the end of its name says what it is."""

    name: str
    content: bytes


@dataclass(frozen=True)
class News:
    """What is told. Lazy texts are read in the language of each person (`format_lazy`)."""

    kind: str
    text: "StrOrPromise"
    url: str
    subject: "StrOrPromise"
    body: "StrOrPromise"
    sms: "StrOrPromise"


@transaction.atomic(savepoint=False)
def notify(
    users: Iterable["User"],
    *,
    kind: str,
    text: "StrOrPromise",
    url: str = "",
    subject: "StrOrPromise" = "",
    body: "StrOrPromise" = "",
    sms: "StrOrPromise" = "",
) -> None:
    """Tell every active one of `users`, once each, in the ways they chose for this kind.

    `url` is a path of this site. With a `subject` and a `body` (plain text, no greeting) it may
    be an e-mail too, and an SMS of `sms` or else `text`, which leave after the transaction they
    are written in, or after the person's quiet hours. One query and two inserts at most.
    """
    if url and not is_local(url):
        raise ValueError(f"{url!r} does not lead to a page of this site.")
    people = {user.pk: user for user in users if user.is_active}.values()
    if not people:
        return
    news = News(kind, text, url, subject, body, sms or text)
    wishes = preferences.of([user.pk for user in people])
    notices: list[Notification] = []
    messages: list[Message] = []
    for user in people:
        ways = preferences.ways_of(wishes.get(user.pk), group_of(kind))
        with translation.override(user.language):
            if Way.APP in ways:
                notices.append(Notification(user=user, kind=kind, text=str(text)[:240], url=url))
            messages += _messages(user, news, ways, wishes.get(user.pk))
    Notification.objects.bulk_create(notices)
    if messages:
        Message.objects.bulk_create(messages)
        wake()


def _messages(
    user: "User", news: News, ways: Collection[str], wishes: Preferences | None
) -> Iterator[Message]:
    """The letter and the SMS to one person."""
    if not (news.subject and news.body):
        return
    now = clock.now()
    due = now if group_of(news.kind).is_urgent else preferences.quiet_until(wishes, now)
    if Way.EMAIL in ways:
        letter = _letter(user.first_name, str(news.body), news.url)
        yield Message(
            to=user.email, subject=_one_line(str(news.subject)), body=letter, next_try_at=due
        )
    if Way.SMS in ways and (number := sms_number(user)):
        yield Message(
            channel=Channel.SMS,
            to=number,
            subject=_one_line(str(news.subject)),
            body=f"GasStock: {news.sms}",
            next_try_at=due,
        )


def sms_number(user: "User") -> str:
    """The number for SMS to the person, in E.164; empty where there is none, or no SMS at all."""
    if not settings.SMS.is_on or not user.phone or not user.phone.is_valid():
        return ""
    return str(user.phone.as_e164)


def _one_line(subject: str) -> str:
    return " ".join(subject.split())[:200]


def post_mail(
    letters: Collection[tuple[str, str]],
    *,
    subject: str,
    is_secret: bool = False,
    attachment: Attachment | None = None,
    reply_to: str = "",
) -> None:
    """Put one e-mail per (address, text) into the outbox, and call the worker on commit."""
    Message.objects.bulk_create(
        Message(
            to=to,
            subject=_one_line(subject),
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
        + "\n"
        + _("Choose what you get: %(page)s") % {"page": site_link(reverse("notices:preferences"))}
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


def dismiss_read(user: "User", *, up_to: int) -> int:
    """Take what the person has read out of the inbox; what came in since stays."""
    read = Notification.objects.shown().filter(user=user, pk__lte=up_to, read_at__isnull=False)
    return read.update(dismissed_at=clock.now())


def dismiss(user: "User", *, notification: Notification) -> None:
    """Take it out of the inbox; it stays in the database."""
    Notification.objects.filter(pk=notification.pk, user=user, dismissed_at=None).update(
        dismissed_at=clock.now()
    )


# --- How a person wants to be told ------------------------------------------------------------


@transaction.atomic
def choose_ways(
    actor: "User",
    *,
    chosen: Mapping[str, Collection[str]],
    quiet: tuple[time, time] | None,
    digest_hour: int,
) -> Preferences:
    """Note how the person wants to be told: {group: ways}, quiet hours, the hour of the letter.

    Groups that are not named stay as they are.
    """
    row, _created = Preferences.objects.get_or_create(user=actor)
    row = Preferences.objects.select_for_update().get(pk=row.pk)
    known = {key: sorted(ways) for key, ways in chosen.items() if key in BY_KEY}
    row.chosen = row.chosen | known
    row.quiet_from, row.quiet_until = quiet or (None, None)
    row.digest_hour = digest_hour
    row.save(update_fields=["chosen", "quiet_from", "quiet_until", "digest_hour"])
    return row


def claim_digest(user: "User", *, day: date) -> bool:
    """Take the person's letter of `day`: True for one caller a day, in whose transaction it is."""
    row, _created = Preferences.objects.get_or_create(user=user)
    waits = Q(digest_sent_on=None) | Q(digest_sent_on__lt=day)
    return bool(Preferences.objects.filter(waits, pk=row.pk).update(digest_sent_on=day))


# --- SMS: what the provider and the people say back -------------------------------------------


def stop_sms(number: str) -> None:
    """No SMS to this number (E.164) any more, from the one that waits on."""
    row, _created = SmsNumber.objects.get_or_create(number=number)
    SmsNumber.objects.filter(pk=row.pk, stopped_at=None).update(stopped_at=clock.now())


def resume_sms(number: str) -> None:
    SmsNumber.objects.filter(number=number).update(stopped_at=None)


def has_stopped(number: str) -> bool:
    return SmsNumber.objects.filter(number=number, stopped_at__isnull=False).exists()


def note_delivery(*, provider_id: str, is_delivered: bool, reason: str = "") -> bool:
    """Note what became of an SMS that left; the first final report counts. False: not ours."""
    ours = Message.objects.filter(channel=Channel.SMS, provider_id=provider_id)
    left = ours.filter(state=MessageState.SENT)
    if is_delivered:
        left.update(state=MessageState.DELIVERED, delivered_at=clock.now())
    else:
        left.update(state=MessageState.FAILED, last_error=reason[:300])
    return ours.exists()


@transaction.atomic
def try_again(actor: "User", *, message: Message) -> None:
    """Send once more what failed. Raises NotFailed, also for a secret that is wiped."""
    failed = Message.objects.filter(pk=message.pk, state=MessageState.FAILED).exclude(body="")
    changed = failed.update(
        state=MessageState.PENDING,
        attempts=0,
        next_try_at=clock.now(),
        last_error="",
        provider_id="",
        sent_at=None,
    )
    if not changed:
        raise NotFailed
    record(actor, "message.tried_again", message, channel=message.channel, to=message.to)
    wake()
