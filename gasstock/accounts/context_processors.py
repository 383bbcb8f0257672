"""What the frame around every page shows about the person and where they are."""

from functools import cached_property

from django.http import HttpRequest

from gasstock.accounts.models import Membership, Station
from gasstock.accounts.permissions import Permission


class Shell:
    """Asked lazily by the templates, so that a page without a frame costs nothing."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def station(self) -> Station | None:
        """The station whose pages we are on."""
        return getattr(self._request, "station", None)

    @cached_property
    def memberships(self) -> list[Membership]:
        user = self._request.user
        if not user.is_authenticated:
            return []
        return list(user.memberships.select_related("station").order_by("station__name"))

    @cached_property
    def can(self) -> frozenset[Permission]:
        """What the person may do at the station we are at."""
        return getattr(self.station, "granted", frozenset())

    @cached_property
    def unread(self) -> int:
        user = self._request.user
        return user.unread if user.is_authenticated else 0


def shell(request: HttpRequest) -> dict[str, Shell]:
    return {"shell": Shell(request)}
