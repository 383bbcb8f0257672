"""Where what is done right now comes from: an address, and the door it came in by."""

from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
LONGEST_DOOR = 80


@dataclass(frozen=True)
class Origin:
    """Both empty for what the worker or a command does; `door` is the name of the address."""

    address: str | None = None
    door: str | None = None


def current_origin() -> Origin:
    request = _request.get()
    if request is None:
        return Origin()
    match = request.resolver_match
    return Origin(address_of(request), match.view_name[:LONGEST_DOOR] if match else None)


def address_of(request: HttpRequest) -> str | None:
    """Return the address that asks: what the last proxy of ours saw, not what anybody claims."""
    found = request.META.get("REMOTE_ADDR", "")
    if count := settings.TRUSTED_PROXY_COUNT:
        seen = request.headers.get("X-Forwarded-For", "").split(",")
        found = seen[-min(count, len(seen))].strip() or found
    try:
        return str(ip_address(found))
    except ValueError:
        return None


def set_origin(request: HttpRequest | None) -> None:
    _request.set(request)
