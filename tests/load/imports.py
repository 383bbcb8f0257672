"""How much memory an import of 10,000 rows takes, from the upload to the last row of the ledger."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.load.figures import Figure
from tools import services

ROWS = 10_000
KINDS = ("csv", "xlsx")


def measure() -> Iterator[Figure]:
    """Each import in a process of its own, which began with nothing but its pages."""
    for name, database in (("SQLite", _file), ("PostgreSQL", services.postgresql)):
        for kind in KINDS:
            with database() as url, tempfile.TemporaryDirectory() as folder:
                megabytes, look, do = _run(url, folder, kind)
            what = f"{name}, {ROWS:,} rows of {kind.upper()}"
            yield Figure(f"{what}, memory", megabytes, "MB", most=100)
            yield Figure(f"{what}, to look at", look, "s")
            yield Figure(f"{what}, to confirm", do, "s")


def _run(url: str, folder: str, kind: str) -> list[float]:
    environ = os.environ | {"ENVIRONMENT": "test", "DEBUG": "0", "REDIS_URL": ""}
    environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "tests.load.imports_worker", kind, str(ROWS)]
    done = subprocess.run(
        command,
        env=environ | {"DATABASE_URL": url, "GASSTOCK_TEST_DIR": folder},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [float(word) for word in done.stdout.split()]


@contextmanager
def _file() -> Iterator[str]:
    yield ""


if __name__ == "__main__":
    for figure in measure():
        print(figure, flush=True)
