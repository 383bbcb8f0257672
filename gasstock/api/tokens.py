"""Access and refresh tokens: allauth's, but a refresh token works once.

A token names a session; what ends the session (signing out, a new password, deactivation,
"sign out everywhere") kills its tokens. Which refresh token is good stands in the session,
and is looked at under a lock on its row: of many refreshes at once one succeeds.
"""

import logging
from time import time
from typing import Any

from allauth.headless import app_settings
from allauth.headless.tokens.strategies.jwt import JWTTokenStrategy, internal
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction

from gasstock.audit.services import record

SPENT = "spent_refresh_tokens"
BURST = 10.0  # seconds that an app may need to notice that it sent the same token twice
logger = logging.getLogger(__name__)


class SingleUseTokens(JWTTokenStrategy):
    """Hands out tokens, and ends the session when a spent one comes back late."""

    def create_access_token_payload(self, request: Any) -> dict[str, Any] | None:
        payload = super().create_access_token_payload(request)
        return payload and payload | {"expires_in": app_settings.JWT_ACCESS_TOKEN_EXPIRES_IN}

    def refresh_token(self, refresh_token: str) -> tuple[str, str] | None:
        """Return an access token and the next refresh token; None if this one is no good."""
        payload = internal.decode_token(refresh_token, "refresh")
        if payload is None:
            return None
        was_good = _is_good(internal.get_token_session(payload), payload)
        with transaction.atomic():
            session = _locked_session(payload)
            user = internal.validate_token_user(payload, session) if session else None
            if session is None or user is None:
                return None
            if _is_good(session, payload):
                return self._exchange(user, session, payload)
            _replayed(user, session, payload["jti"], at_once=was_good)
            return None

    def _exchange(
        self, user: AbstractBaseUser, session: SessionBase, payload: dict[str, Any]
    ) -> tuple[str, str]:
        access = internal.create_access_token(user, session, self.get_claims(user))
        internal.invalidate_refresh_token(session, payload)
        fresh = internal.create_refresh_token(user, session)
        now = time()
        spent = {jti: use for jti, use in session.get(SPENT, {}).items() if use[0] > now - BURST}
        session[SPENT] = spent | {payload["jti"]: (now, False)}
        session.save()
        return access, fresh


def end_session(session: SessionBase) -> None:
    """End the session and so all its tokens."""
    UserSession.objects.filter(session_key=session.session_key).delete()
    session.flush()


def _locked_session(payload: dict[str, Any]) -> SessionBase | None:
    """Lock the session a token belongs to, then read it."""
    key = internal.session_key_from_sid(payload["sid"])
    if not list(Session.objects.select_for_update().filter(pk=key).values_list("pk")):
        return None
    return internal.get_token_session(payload)


def _is_good(session: SessionBase | None, payload: dict[str, Any]) -> bool:
    return session is not None and payload["jti"] in internal.get_refresh_token_state(session)


def _replayed(user: Any, session: SessionBase, jti: str, *, at_once: bool) -> None:
    """Take note that a spent token came again.

    One that came while the first was being answered is an app that sends twice: it and the
    rest of its burst are only refused. Any other was copied, so whoever has it loses it.
    """
    spent = session.get(SPENT, {})
    used_at, is_burst = spent.get(jti, (0.0, False))
    if at_once or (is_burst and time() < used_at + BURST):
        session[SPENT] = spent | {jti: (used_at, True)}
        session.save()
        return
    logger.warning("A spent refresh token came back; its session ends.")
    record(None, "user.token_replayed", user)
    end_session(session)
