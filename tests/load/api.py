"""What a page of `gas/` costs among 10,000 listings, beside 25 bare rows of one query as JSON.

Both are asked for in one process through the whole application, in turns, on either database;
on SQLite also as it is before anybody let it ANALYZE its tables.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.load.figures import Figure
from tools import services

LISTINGS = 10_000
MOST = 2.0  # times the bare rows


def measure() -> Iterator[Figure]:
    for name, database in (("SQLite", _file), ("PostgreSQL", services.postgresql)):
        with database() as url:
            yield from _figures(name, url)


def _figures(name: str, url: str) -> Iterator[Figure]:
    """Read what the other side measured: lines of a name, a unit and a number."""
    for line in _run(url).splitlines():
        what, unit, value = line.rsplit(maxsplit=2)
        most = {"x": MOST, "": None, "queries": 4}.get(unit)
        yield Figure(f"{name}, {what}", float(value), unit, most=most)


def _run(url: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | {"ENVIRONMENT": "test", "DEBUG": "0", "REDIS_URL": ""}
        environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "ERROR"}
        done = subprocess.run(
            [sys.executable, "-m", "tests.load.api_reader", str(LISTINGS)],
            env=environ | {"DATABASE_URL": url, "GASSTOCK_TEST_DIR": folder},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return done.stdout


@contextmanager
def _file() -> Iterator[str]:
    yield ""


if __name__ == "__main__":
    for figure in measure():
        print(figure, flush=True)
