"""The crowd at the real door: HTTP, gunicorn with its workers and threads. PostgreSQL only."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from itertools import chain
from secrets import token_hex
from socket import socket
from time import sleep
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection

from gasstock.accounts.models import User
from gasstock.billing.services import verify as bills
from gasstock.inventory.models import Balance, Listing
from gasstock.inventory.services import verify as stock
from gasstock.orders.models import Cart, CartLine, LineKind, Order
from gasstock.orders.services import verify as orders
from tests.factories import make_listing
from tools import run

pytestmark = pytest.mark.postgres

HOST = "127.0.0.1"
STARTING = 300  # tenths of a second, at most
CLIENTS = 32  # as many as gunicorn has threads
CSRF = token_hex(16)  # a browser has it from any page before
FORM = {
    "csrfmiddlewaretoken": CSRF,
    "fulfilment": "pickup",
    "phone": "0788 412 906",
    "payment_method": "cash",
    "collected_total": "20000",
}


@pytest.fixture(scope="module")
def port(django_db_setup: None) -> Iterator[int]:
    """Where gunicorn serves the database of the tests."""
    with socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_SETTINGS_MODULE", "gasstock.settings")
        patch.setenv("SECRET_KEY", settings.SECRET_KEY)  # sessions are signed with it
        patch.setenv("DATABASE_URL", _url_of_the_tests())
        patch.setenv("LOG_LEVEL", "ERROR")
        with _served(port):
            yield port


def _url_of_the_tests() -> str:
    server, name = os.environ["DATABASE_URL"], connection.settings_dict["NAME"]
    path, *query = server.split("?", 1)
    return "?".join([f"{path.rpartition('/')[0]}/{name}", *query])


@contextmanager
def _served(port: int) -> Iterator[None]:
    command = ("-m", "gunicorn", "gasstock.wsgi", "--bind", f"{HOST}:{port}", *run.GUNICORN)
    server = run.start(run.PYTHON, *command, "--threads", str(CLIENTS // 2))
    try:
        for _ in range(STARTING):
            if run.answers(HOST, port) or server.poll() is not None:
                break
            sleep(0.1)
        assert run.answers(HOST, port)
        yield
    finally:
        run.stop_all({"server": server})


def buyers_with_a_cart(listing: Listing, count: int) -> list[str]:
    """Their session keys; each has one of the listing in the cart."""
    people = User.objects.bulk_create(
        User(email=f"{token_hex(8)}@example.com", name=f"Buyer {n}", password="!")
        for n in range(count)
    )
    carts = Cart.objects.bulk_create(Cart(user=person, token=token_hex(16)) for person in people)
    CartLine.objects.bulk_create(
        CartLine(cart=cart, listing=listing, kind=LineKind.EXCHANGE, quantity=1) for cart in carts
    )
    return [session.pk for session in Session.objects.bulk_create(map(_session_of, people))]


def _session_of(person: User) -> Session:
    store = SessionStore(token_hex(16))
    session = {
        SESSION_KEY: str(person.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: person.get_session_auth_hash(),
    }
    return store.create_model_instance(session)


def place_order(port: int, session: str) -> str:
    """Press the button of the checkout; tell how it ended."""
    door = HTTPConnection(HOST, port, timeout=60)
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}"
    kind = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    door.request("POST", "/checkout/", urlencode(FORM), kind)
    answer = door.getresponse()
    page = answer.read().decode()
    door.close()
    to = (answer.getheader("Location") or "").rpartition("-")[0]
    said = "none left" if "None left of Gas" in page else ""
    return " ".join(filter(None, [str(answer.status), to, said]))


@pytest.mark.parametrize("round_", range(5))
def test_200_buyers_at_the_door_and_stock_for_10(port, round_):
    listing = make_listing(full=10)
    buyers = buyers_with_a_cart(listing, 200)

    with ThreadPoolExecutor(CLIENTS) as crowd:
        ends = Counter(crowd.map(partial(place_order, port), buyers))

    assert ends == {f"302 /orders/{listing.station.code}": 10, "422 none left": 190}
    assert Order.objects.filter(station=listing.station, status="placed").count() == 10
    balance = Balance.objects.get(pk=listing.full_id)
    assert (balance.on_hand, balance.reserved) == (10, 10)
    assert list(chain(stock.differences(), orders.differences(), bills.differences())) == []
