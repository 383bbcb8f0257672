import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db import connection

from gasstock.accounts.permissions import Role
from gasstock.core.errors import DomainError
from tests.factories import make_listing, make_member, make_station


@pytest.fixture(autouse=True)
def _on_postgresql(transactional_db: None) -> None:
    """Races are run where rows are locked one by one: SQLite hides oversell and deadlock."""


@pytest.fixture
def station():
    return make_station(approval_limit=10**7)


@pytest.fixture
def manager(station):
    return make_member(None, station)


@pytest.fixture
def riders(station):
    return [make_member(None, station, Role.RIDER) for _ in range(2)]


@pytest.fixture
def gas(station):
    return make_listing(station, full=200)


def at_once(calls: Iterable[Callable[[], Any]]) -> Counter[str]:
    """Run all calls in threads of their own, started together; count how they ended.

    "done" for an answer, the name of the error otherwise.
    """
    calls = list(calls)
    barrier = threading.Barrier(len(calls))
    ends: Counter[str] = Counter()
    lock = threading.Lock()

    def run(call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=60)
            call()
            end = "done"
        except DomainError as error:
            end = type(error).__name__
        except Exception as error:
            end = f"{type(error).__name__}: {error}"
        finally:
            connection.close()
        with lock:
            ends[end] += 1

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends
