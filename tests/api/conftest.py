from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from gasstock.accounts.models import User
from tests.api.client import Client
from tests.factories import PASSWORD


class InProcess(httpx.WSGITransport):
    """The application in this process, on the connection of the test."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request_started.disconnect(close_old_connections)
        request_finished.disconnect(close_old_connections)
        try:
            answer = super().handle_request(request)
            answer.read()
            answer.close()
            answer.elapsed = timedelta()  # read already: the client of httpx does not set it
        finally:
            request_started.connect(close_old_connections)
            request_finished.connect(close_old_connections)
        return answer


def connect() -> Client:
    """A client of the application; an error in it is a 500, as on a server."""
    application = get_wsgi_application()

    def served(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # A server keeps to PEP 3333; httpx hands paths over as text.
        environ["PATH_INFO"] = environ["PATH_INFO"].encode().decode("latin-1")
        return application(environ, start_response)

    return Client(InProcess(served, raise_app_exceptions=False))


def signed_in(user: User) -> Client:
    return connect().sign_in(user.email, PASSWORD)


@pytest.fixture
def api(db: None) -> Client:
    """A client that nobody signed in with."""
    return connect()
