"""The sign of life of the worker: it beats each minute, and the web process listens."""

import time

from django.core.cache import cache

KEY = "worker-heartbeat"
LIFE_SECONDS = 180
started = time.monotonic()


def beat() -> None:
    cache.set(KEY, True, timeout=LIFE_SECONDS)


def is_heard() -> bool:
    """Whether the worker lives; a platform that has just started gets the time of three beats."""
    return time.monotonic() - started < LIFE_SECONDS or bool(cache.get(KEY))
