"""Signing in and new passwords through allauth, which keeps the limits and the second factor.

What allauth does to `request.session` and `request.user` is done to a session of the token's,
never to a browser's.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from time import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import is_login_rate_limited, perform_password_login
from allauth.account.internal.flows.password_change import (
    change_password,
    finalize_password_change,
)
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from allauth.headless import app_settings
from allauth.headless.base.response import AuthenticationResponse
from allauth.headless.constants import Client
from allauth.headless.internal import sessionkit
from allauth.headless.internal.decorators import mark_request_as_headless
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from gasstock.accounts.models import User
from gasstock.accounts.services import sign_out_everywhere
from gasstock.api.errors import FieldError, Invalid, Problem, too_many
from gasstock.api.http import SignIn

LIMITED = "allauth.account"
# Where a sign-in stopped → what the app is told.
PENDING = {
    "mfa_authenticate": (
        "mfa-required",
        "This account has a second factor. Send the session_token as X-Session-Token to "
        "/_allauth/app/v1/auth/2fa/authenticate with a code.",
    ),
    "verify_email": (
        "email-unconfirmed",
        "Confirm your e-mail address first: we sent you a letter.",
    ),
}


@contextmanager
def headless(request: HttpRequest, session: SessionBase | None = None) -> Iterator[None]:
    """Let allauth act for an app on `session`, or on a new one."""
    mark_request_as_headless(request, Client.APP)
    # So it hands out tokens:
    request.allauth.headless._pre_user = AnonymousUser()  # type: ignore[attr-defined]
    before = request.session, request.user
    request.session = session or sessionkit.new_session()
    if hasattr(request, "_cached_user"):
        del request._cached_user
    request.user = SimpleLazyObject(lambda: get_user(request))  # type: ignore[assignment]
    bool(request.user.is_authenticated)  # it is lazy, and the password may be another one soon
    try:
        yield
    finally:
        if request.session.modified and not request.session.is_empty():
            request.session.save()
        request.session, request.user = before
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False


def sign_in(request: HttpRequest, *, email: str, password: str) -> tuple[User, dict[str, Any]]:
    """Return who it is, and the tokens.

    Raises Problem: 401 for wrong ones and for what is missing still, 429 for too many tries.
    """
    consume(request, "login")
    with headless(request):
        login = Login(user=_user_of(request, email, password), email=email)
        if is_login_rate_limited(request, login):
            raise too_many(60)
        response = perform_password_login(request, {"email": email}, login)
        said = json.loads(AuthenticationResponse.from_response(request, response).content)
        if not request.user.is_authenticated:
            raise _pending(said)
    return login.user, said["meta"]


def refresh(token: str) -> tuple[str, str] | None:
    """Return an access and a refresh token for one that was never used; else None."""
    return app_settings.TOKEN_STRATEGY.refresh_token(token)


def access_seconds() -> int:
    """How long an access token is good for."""
    return app_settings.JWT_ACCESS_TOKEN_EXPIRES_IN


def set_password(request: HttpRequest, sign_in: SignIn, *, current: str, new: str) -> None:
    """Give a new password, and end all sessions. Raises Problem."""
    user = sign_in.user
    with headless(request, sign_in.session):
        try:
            known = get_adapter().authenticate(request, email=user.email, password=current)
        except ValidationError as error:
            raise _too_many_tries(request, user.email) from error
        if known is None or known.pk != user.pk:
            raise Invalid({"current_password": "That is not your password."})
        try:
            get_adapter().clean_password(new, user=user)
        except ValidationError as error:
            raise Invalid(FieldError("new_password", text) for text in error.messages) from error
        change_password(user, new)
        finalize_password_change(request, user)
        request.session.flush()
    sign_out_everywhere(user, user=user)


def consume(request: HttpRequest, action: str) -> None:
    """Count a try of what is limited on the pages too. Raises Problem 429."""
    if not ratelimit.consume(request, app=LIMITED, action=action):
        raise too_many(_wait(request, action))


def _user_of(request: HttpRequest, email: str, password: str) -> User:
    try:
        user = get_adapter().authenticate(request, email=email, password=password)
    except ValidationError as error:
        raise _too_many_tries(request, email) from error
    if user is None or not user.is_active:
        raise Problem(401, "wrong-credentials", "E-mail or password is wrong.")
    return user


def _too_many_tries(request: HttpRequest, email: str) -> Problem:
    key = get_adapter()._get_login_attempts_cache_key(request, email=email)
    return too_many(_wait(request, "login_failed", key))


def _pending(said: dict[str, Any]) -> Problem:
    """Tell where the sign-in stopped, and with which token it goes on."""
    stopped = [flow["id"] for flow in said["data"]["flows"] if flow.get("is_pending")]
    kind, detail = PENDING.get(stopped[0] if stopped else "", ("wrong-credentials", ""))
    token = said["meta"].get("session_token")
    more = {"session_token": token} if kind == "mfa-required" else {}
    return Problem(401, kind, detail, **more)


def _wait(request: HttpRequest, action: str, key: str = "") -> float:
    """How many seconds until the next try counts as one of few enough."""
    waits = [1.0]
    for rate in ratelimit.get_rates(app=LIMITED, action=action):
        where = ratelimit.get_cache_key(request, app=LIMITED, action=action, rate=rate, key=key)
        tries = ratelimit.cache.get(where, [])
        if len(tries) >= rate.amount:
            waits.append(tries[-1] + rate.duration - time())
    return max(waits)
