from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from gasstock.notifications.models import Message


def send(message: Message) -> None:
    """Hand one e-mail to the mail server.

    The id is the row's own, so that a mail sent twice (the worker died before it could
    note the first) shows up once in most mailboxes.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mail = EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.to],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={
            "Message-ID": f"<{message.pk}.{message.created_at:%Y%m%d%H%M%S%f}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    if message.attachment is not None:
        mail.attach(message.attachment_name, bytes(message.attachment))
    mail.send()
