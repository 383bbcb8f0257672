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
        finally:
            request_started.connect(close_old_connections)
            request_finished.connect(close_old_connections)
        return answer


def connect() -> Client:
    """A client of the application; an error in it is a 500, as on a server."""
    return Client(InProcess(get_wsgi_application(), raise_app_exceptions=False))


def signed_in(user: User) -> Client:
    return connect().sign_in(user.email, PASSWORD)


@pytest.fixture
def api(db: None) -> Client:
    """A client that nobody signed in with."""
    return connect()
