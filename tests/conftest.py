"""What every test stands on: the database and the cache."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from hypothesis import settings as hypothesis_settings

from gasstock.core import platform

hypothesis_settings.register_profile("gasstock", deadline=None, database=None)
hypothesis_settings.load_profile("gasstock")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if connection.vendor != "postgresql":
        for item in items:
            if item.get_closest_marker("postgres"):
                item.add_marker(pytest.mark.skip(reason="needs PostgreSQL"))


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_can_be_emptied() -> Iterator[None]:
    """Lift the triggers that guard ledgers while a test's rows are removed, only then."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        flush(self, _without_triggers(self, sql_list) if sql_list else sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", execute_sql_flush)
        yield


def _without_triggers(operations: BaseDatabaseOperations, sql_list: list[str]) -> list[str]:
    role = "SET LOCAL session_replication_role = "
    if operations.connection.vendor == "postgresql":
        return [f"{role}replica", *sql_list, f"{role}DEFAULT"]
    with operations.connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
    drops = [f"DROP TRIGGER {operations.quote_name(name)}" for name, _ in triggers]
    return [*drops, *sql_list, *(sql for _, sql in triggers)]


@pytest.fixture(autouse=True)
def _settings_of_the_environment() -> Iterator[None]:
    """No test reads what another one saved, and none pays for reading that nothing is saved."""
    platform.remember(None, seconds=3600)
    yield
    platform.remember(None, seconds=3600)


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    """No test inherits the sign-in limits that another one used up."""
    cache.clear()
    yield
    cache.clear()
