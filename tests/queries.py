from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def cost(client: Client, url: str) -> int:
    """How many queries a page takes, sign-in and frame included."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)
