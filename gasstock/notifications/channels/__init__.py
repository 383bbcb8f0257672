"""How a message leaves the house: one function per channel, which raises when it could not.

What it returns is noted on the row. `errors.Undeliverable` means that it is not tried again.
"""

from collections.abc import Callable
from typing import Any

from gasstock.notifications.channels import email, sms
from gasstock.notifications.models import Channel, Message

CHANNELS: dict[str, Callable[[Message], dict[str, Any] | None]] = {
    Channel.EMAIL: email.send,
    Channel.SMS: sms.send,
}
# Where a second copy costs money and is not taken for the first. A worker that died while it
# sent such a message leaves one that nobody sends again by itself.
AT_MOST_ONCE = frozenset({Channel.SMS})
