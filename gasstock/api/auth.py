"""Who asks, and what they may do: by their access token, never by a cookie.

Every operation of the API wears exactly one of `public`, `signed_in`, `requires(Permission.X)`
(or `requires_somewhere`), `admin_only` and `admins_act`, below `@router.get(…)`; a test finds the
one that does not.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from allauth.core.internal.httpkit import get_authorization_credential
from allauth.headless.tokens.strategies.jwt import internal
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from ninja import Query
from ninja.operation import Operation
from ninja.security.base import AuthBase
from ninja.utils import contribute_operation_args, contribute_operation_callback

from gasstock.accounts.access import authorize
from gasstock.accounts.middleware import SECOND_FACTORS
from gasstock.accounts.models import Station, User
from gasstock.accounts.permissions import Permission
from gasstock.api.errors import Invalid, Problem
from gasstock.api.http import ApiRequest, SignIn

View = TypeVar("View", bound=Callable[..., Any])
ONE_OF_THEM = "Slug of a station; without it, all that you may see."
STATION = "Slug of the station; may be left out by who works at one only."


class Bearer(AuthBase):
    """`Authorization: Bearer <access>`; an admin also needs a second factor where that is so."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, *, asks_second_factor: bool = True) -> None:
        self.asks_second_factor = asks_second_factor
        super().__init__()

    def __call__(self, request: HttpRequest) -> SignIn | None:
        token = get_authorization_credential(request, "Bearer")
        payload = internal.decode_token(token, "access") if token else None
        session = internal.get_token_session(payload) if payload else None
        user = internal.validate_token_user(payload, session) if payload and session else None
        if session is None or not isinstance(user, User):
            return None
        if self.asks_second_factor and lacks_second_factor(user):
            raise Problem(403, "second-factor-needed", "Admins need a second factor. Set one up.")
        request.user = user
        return SignIn(user, session)


def lacks_second_factor(user: User) -> bool:
    """Whether this is an admin who has to set one up first."""
    asked = settings.REQUIRE_ADMIN_MFA and user.is_admin
    return bool(asked and not is_mfa_enabled(user, SECOND_FACTORS))


# --- What every operation wears one of ----------------------------------------------------------


def public(view: View) -> View:
    """Open the operation to the whole world; a token is not even looked at."""
    contribute_operation_callback(view, _ask_no_token)
    return _mark(view, "public")


def signed_in(view: View) -> View:
    """Open the operation to anybody with an account; it must show only what is theirs."""
    return _mark(view, "signed in")


def admin_only(view: View) -> View:
    """Open the operation to those who run the platform; to others it is not there."""

    @wraps(view)
    def guarded(request: ApiRequest, **kwargs: Any) -> Any:
        if not request.user.is_admin:
            raise Http404
        return view(request, **kwargs)

    return _mark(guarded, "admin")  # type: ignore[return-value]


def admins_act(view: View) -> View:
    """Open the operation to those who run the platform; others may look, so to them it is a 403."""

    @wraps(view)
    def guarded(request: ApiRequest, **kwargs: Any) -> Any:
        if not request.user.is_admin:
            raise PermissionDenied
        return view(request, **kwargs)

    return _mark(guarded, "admins act")  # type: ignore[return-value]


def requires(permission: Permission) -> Callable[[View], View]:
    """Open the operation to staff who hold `permission` at the station of `?station=`.

    The station is in `request.station` then. What belongs to a station by itself, as an order
    does, is `signed_in` and asks `authorize(request.user, order.station.slug, permission)`.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def guarded(request: ApiRequest, station_slug: str | None, **kwargs: Any) -> Any:
            request.station = station_of(request.user, station_slug, permission)
            return view(request, **kwargs)

        parameter = Query(None, alias="station", max_length=60, description=STATION)
        contribute_operation_args(guarded, "station_slug", str | None, parameter)  # type: ignore[arg-type]
        return _mark(guarded, permission)  # type: ignore[return-value]

    return decorator


def requires_somewhere(permission: Permission) -> Callable[[View], View]:
    """As `requires`, but without `?station=` it is every station where they hold `permission`.

    Their keys are in `request.stations` then; None are all there are.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def guarded(request: ApiRequest, station_slug: str | None, **kwargs: Any) -> Any:
            request.stations = stations_of(request.user, station_slug, permission)
            return view(request, **kwargs)

        parameter = Query(None, alias="station", max_length=60, description=ONE_OF_THEM)
        contribute_operation_args(guarded, "station_slug", str | None, parameter)  # type: ignore[arg-type]
        return _mark(guarded, permission)  # type: ignore[return-value]

    return decorator


def stations_of(user: User, slug: str | None, permission: Permission) -> list[int] | None:
    """Return the keys of the stations that are meant; None for all, which admins see.

    Outsiders get a 404, and who holds `permission` at none of their stations a 403.
    """
    if slug is not None:
        return [authorize(user, slug, permission).pk]
    if user.is_admin:
        return None
    found = list(Station.objects.granting(user, permission).values_list("pk", flat=True))
    if found:
        return found
    raise PermissionDenied if user.memberships.exists() else Http404


def station_of(user: User, slug: str | None, permission: Permission) -> Station:
    """Return the station that is meant, provided that `user` holds `permission` there.

    Without a slug it is the one where they work. Outsiders get a 404, colleagues whose role
    falls short a 403, and who works at several without saying which a 422.
    """
    if slug is None:
        slugs = list(user.memberships.values_list("station__slug", flat=True)[:2])
        if not slugs and not user.is_admin:
            raise Http404
        if len(slugs) != 1:
            raise Invalid({"station": "Say which station."})
        slug = slugs[0]
    return authorize(user, slug, permission)


def _mark(view: View, access: str) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def _ask_no_token(operation: Operation) -> None:
    operation.auth_param, operation.auth_callbacks = None, []
