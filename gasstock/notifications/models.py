from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

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
        return self.text

    @property
    def is_read(self) -> bool:
        return self.read_at is not None


class Channel(models.TextChoices):
    EMAIL = "email", "E-mail"
    SMS = "sms", "SMS"


class MessageState(models.TextChoices):
    PENDING = "pending", "Waiting"
    SENT = "sent", "Sent"
    FAILED = "failed", "Failed"


class MessageQuerySet(models.QuerySet["Message"]):
    def due(self, moment: datetime) -> Self:
        return self.filter(state=MessageState.PENDING, next_try_at__lte=moment)


class Message(models.Model):
    """The outbox: one e-mail to send, written in the transaction of what it tells.

    A row stays PENDING until the channel took it; `next_try_at` is when a sweep tries again.
    The body of a secret message (a link that opens an account) is wiped once nobody needs it.
    `reply_to` is who reads the answer, nobody if it is empty.
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

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="message_to_send",
                condition=Q(state="pending"),
            ),
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
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
