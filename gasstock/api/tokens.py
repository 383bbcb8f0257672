"""Access and refresh tokens: allauth's, but a refresh token works once.

A token names a session; what ends the session (signing out, a new password, deactivation,
"sign out everywhere") kills its tokens. Which refresh token is good stands in a row beside the
session, and is claimed by one UPDATE: of many refreshes at once one succeeds.
"""

import logging
from datetime import timedelta
from typing import Any

from allauth.account.internal.userkit import user_id_to_str
from allauth.headless import app_settings
from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction

from gasstock.accounts.models import User
from gasstock.api.models import RefreshToken
from gasstock.audit.services import record
from gasstock.core import clock

# In which the requests of an app that asked several times at once arrive.
BURST = timedelta(seconds=2)
logger = logging.getLogger(__name__)


class SingleUseTokens(JWTTokenStrategy):
    """Hands out tokens, and ends the session when a spent one comes back late."""

    def create_access_token_payload(self, request: Any) -> dict[str, Any] | None:
        payload = super().create_access_token_payload(request)
        if payload is None:
            return None
        given = internal.decode_token(payload["refresh_token"], "refresh")
        RefreshToken.objects.update_or_create(
            session_key=request.session.session_key, defaults={"good": given["jti"]}
        )
        return payload | {"expires_in": app_settings.JWT_ACCESS_TOKEN_EXPIRES_IN}

    @transaction.atomic
    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """Return an access token and the next refresh token; None if this one is no good."""
        payload = internal.decode_token(refresh_token, "refresh")
        session = internal.get_token_session(payload) if payload else None
        user = internal.validate_token_user(payload, session) if payload and session else None
        if payload is None or session is None or user is None:
            return None
        fresh, its = internal.create_token(
            "refresh",
            sub=user_id_to_str(user),
            sid=internal.session_key_to_sid(session.session_key),
            expires_in=app_settings.JWT_REFRESH_TOKEN_EXPIRES_IN,
        )
        if not _claim(session, payload["jti"], its["jti"]):
            _replayed(user, session, payload["jti"])
            return None
        Session.objects.filter(pk=session.session_key).update(expire_date=session.get_expiry_date())
        return internal.create_access_token(user, session, self.get_claims(user)), fresh


def end_session(session: SessionBase) -> None:
    """End the session and so all its tokens."""
    UserSession.objects.filter(session_key=session.session_key).delete()
    RefreshToken.objects.filter(pk=session.session_key).delete()
    session.flush()


def forget_ended() -> None:
    """Delete what is kept of sessions that are no more."""
    RefreshToken.objects.exclude(pk__in=Session.objects.values("pk")).delete()


def _claim(session: SessionBase, used: str, fresh: str) -> bool:
    """Put `fresh` in the place of `used`, if that was the good one until now."""
    tokens = RefreshToken.objects.filter(pk=session.session_key, good=used)
    return bool(tokens.update(good=fresh, spent=used, spent_at=clock.now()))


def _replayed(user: User, session: SessionBase, jti: str) -> None:
    """Take note that a spent token came again.

    One that was spent just now is of an app that asks several times at once: it is only
    refused. Any other was copied, so whoever has it loses it.
    """
    just_spent = RefreshToken.objects.filter(
        pk=session.session_key, spent=jti, spent_at__gt=clock.now() - BURST
    )
    if just_spent.exists():
        return
    logger.warning("A spent refresh token came back; its session ends.")
    record(None, "user.token_replayed", user)
    end_session(session)
