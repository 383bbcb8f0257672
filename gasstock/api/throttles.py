"""How often one may ask: by person and by address, counted over all processes.

A process takes its requests out of the shared count a few at a time, so that most of them cost
no look into the cache. Where the cache is away, nobody is refused.
"""

import logging
from time import time

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.throttling import BaseThrottle

MINUTE = 60
SHARES = 20  # of a limit; a process holds one at most
KEPT = 10_000
logger = logging.getLogger(__name__)


class Budget:
    """So many requests a minute for each of `scope`."""

    def __init__(self, scope: str, setting: str) -> None:
        self.scope, self.setting = scope, setting
        self._held: dict[str, tuple[int, int]] = {}  # who → the minute, and what is left of it

    def takes(self, who: str) -> bool:
        """Whether one more request is within the limit."""
        limit = getattr(settings, self.setting)
        if not limit:
            return True
        minute = int(time()) // MINUTE
        held_in, left = self._held.get(who, (minute, 0))
        if held_in != minute or not left:
            left = self._fetch(who, minute, limit)
        if len(self._held) >= KEPT:
            self._held.clear()
        self._held[who] = (minute, max(0, left - 1))
        return left > 0

    def _fetch(self, who: str, minute: int, limit: int) -> int:
        """Take a share out of the shared count; return how much there was."""
        share = max(1, limit // SHARES)
        key = f"api:{self.scope}:{who}:{minute}"
        try:
            cache.add(key, 0, timeout=2 * MINUTE)
            return min(share, limit + share - cache.incr(key, share))
        except Exception:  # of whatever cache: better too many answers than none
            logger.warning("Requests are not counted: the cache is away.", exc_info=True)
            return share


person_budget = Budget("person", "API_PERSON_LIMIT")
address_budget = Budget("address", "API_ADDRESS_LIMIT")


def until_next_minute() -> float:
    return MINUTE - time() % MINUTE


def address_of(request: HttpRequest) -> str:
    """Whom we talk to, as sign-in counts it: behind TRUSTED_PROXY_COUNT proxies of ours."""
    try:
        return ratelimit.get_ip(request)
    except PermissionDenied:
        return "unknown"


class PersonThrottle(BaseThrottle):
    """Every signed-in request counts for its person, whichever router it goes to."""

    def allow_request(self, request: HttpRequest) -> bool:
        sign_in = getattr(request, "auth", None)
        return sign_in is None or person_budget.takes(str(sign_in.user.pk))

    def wait(self) -> float:
        return until_next_minute()
