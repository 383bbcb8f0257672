from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from gasstock.accounts.models import Station, User


@dataclass(frozen=True)
class SignIn:
    """Who asks, and the session that their token belongs to."""

    user: User
    session: SessionBase


class ApiRequest(HttpRequest):
    """A request as our routers know it: signed in by its token."""

    user: User
    auth: SignIn
    station: Station  # where `requires` let them in
    stations: list[int] | None  # where `requires_somewhere` did; None for everywhere
