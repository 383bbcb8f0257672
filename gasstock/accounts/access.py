"""Who may open which page. Every view wears exactly one of these decorators, or `public`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from gasstock.accounts.http import Request
from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import GRANTS, Permission, Role
from gasstock.core.access import admin_only, mark, public, signed_in

__all__ = ["admin_only", "authorize", "public", "requires", "signed_in"]

View = Callable[..., HttpResponseBase]


def authorize(user: User, slug: str, permission: Permission) -> Station:
    """Return the station called `slug`, provided that `user` holds `permission` there.

    Outsiders get a 404, for the station is none of their business; colleagues whose
    role falls short get a 403. The station brings along what the user may do there.
    """
    if user.is_admin:
        station = get_object_or_404(Station, slug=slug)
        station.granted = frozenset(Permission)
    else:
        work = get_object_or_404(user.memberships.select_related("station"), station__slug=slug)
        station = work.station
        station.granted = GRANTS[Role(work.role)]
    if permission not in station.granted:
        raise PermissionDenied
    return station


def requires(permission: Permission) -> Callable[[View], View]:
    """Open the view to staff who hold `permission` at the station in the URL."""

    def decorator(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, station: str, **kwargs: Any) -> HttpResponseBase:
            request.station = authorize(request.user, station, permission)
            return view(request, request.station, **kwargs)

        return mark(guarded, permission)

    return decorator
