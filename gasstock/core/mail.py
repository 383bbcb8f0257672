import logging
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

logger = logging.getLogger(__name__)


class FolderBackend(EmailBackend):
    """Keep every mail as a readable text file in EMAIL_FILE_PATH, for development."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the messages to a new file, and say in the log where it is."""
        sent = super().send_messages(email_messages) or 0
        for message in email_messages:
            logger.info("Mail “%s” is in %s", message.subject, settings.EMAIL_FILE_PATH)
        return sent
