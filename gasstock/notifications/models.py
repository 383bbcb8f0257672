from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gasstock.core import clock


class NotificationQuerySet(models.QuerySet["Notification"]):
    def shown(self) -> Self:
        return self.filter(dismissed_at=None)

    def unread(self) -> Self:
        return self.shown().filter(read_at=None)


class Notification(models.Model):
    """Something a person should know, in their inbox on the site."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=240)
    url = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)
    dismissed_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-id"], name="notification_inbox"),
            models.Index(fields=["user"], name="notification_unread", condition=Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_read(self) -> bool:
        return self.read_at is not None


class Channel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")


class MessageState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")


STATE_TONES = {
    MessageState.PENDING: "wait",
    MessageState.SENT: "move",
    MessageState.DELIVERED: "ok",
    MessageState.FAILED: "bad",
}


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, moment: datetime) -> Self:
        return self.filter(state=MessageState.PENDING, next_try_at__lte=moment)


class Message(models.Model):
    """The outbox: one e-mail or SMS to send, written in the transaction of what it tells.

    A row stays PENDING until the channel took it; `next_try_at` is when a sweep tries again.
    The body of a secret message (a link that opens an account) is wiped once nobody needs it.
    `reply_to` is who reads the answer, nobody if it is empty. An SMS goes to an E.164 number,
    has the name its provider gave it, and may be reported as delivered later.
    """

    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    reply_to = models.CharField(max_length=254, blank=True)
    attachment = models.BinaryField(null=True, blank=True)
    attachment_name = models.CharField(max_length=80, blank=True)
    is_secret = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10, choices=MessageState.choices, default=MessageState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    next_try_at = models.DateTimeField(default=clock.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    provider_id = models.CharField(max_length=80, blank=True)
    segments = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="message_to_send",
                condition=Q(state="pending"),
            ),
            models.Index(fields=["state", "-id"], name="message_by_state"),
            models.Index(fields=["channel", "-id"], name="message_by_channel"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False),
                name="a_sent_message_says_when",
            ),
            models.CheckConstraint(
                condition=Q(attachment=None) | ~Q(attachment_name=""),
                name="an_attachment_has_a_name",
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(delivered_at__isnull=False),
                name="a_delivered_message_says_when",
            ),
            models.UniqueConstraint(
                fields=["channel", "provider_id"],
                condition=~Q(provider_id=""),
                name="a_provider_names_a_message_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    @property
    def status(self) -> str:
        return self.state

    def get_status_display(self) -> str:
        return self.get_state_display()

    @property
    def status_tone(self) -> str:
        return STATE_TONES[MessageState(self.state)]


class SmsNumber(models.Model):
    """A phone number that SMS went to: whether it was told how to stop them, and whether it did."""

    number = models.CharField(max_length=20, unique=True)
    told_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.number


class Preferences(models.Model):
    """How a person wants to be told; who has no row gets what every group comes with.

    `chosen` is {group: [ways]} of what the person decided. Quiet hours are of the clock at the
    stations and may go over midnight. `digest_sent_on` is the last day they had their letter.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        related_name="notice_preferences",
    )
    chosen = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    digest_hour = models.PositiveSmallIntegerField(default=7)
    digest_sent_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_begin_and_end",
            ),
            models.CheckConstraint(
                condition=Q(digest_hour__lte=23), name="the_digest_comes_at_an_hour_of_the_day"
            ),
        ]

    def __str__(self) -> str:
        return f"Preferences of {self.user_id}"
