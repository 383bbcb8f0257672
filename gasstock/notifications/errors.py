from django.utils.translation import gettext as _

from gasstock.core.errors import DomainError


class Undeliverable(Exception):
    """A message that must not be tried again: it would be refused again, or might come twice."""


class NotFailed(DomainError):
    """Only what failed can be tried again."""

    def __init__(self) -> None:
        super().__init__(_("Only a message that failed can be tried again."))
