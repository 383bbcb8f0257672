"""How a message leaves the house: one function per channel, which raises when it could not."""

from collections.abc import Callable

from gasstock.notifications.channels import email
from gasstock.notifications.models import Channel, Message

CHANNELS: dict[str, Callable[[Message], None]] = {Channel.EMAIL: email.send}
