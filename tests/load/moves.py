"""Whether a movement log of a million moves is as quick to read as one of a thousand.

Two databases of each kind, each with a station and a process of its own that opens the log's
pages; we ask them in turns, so that both see the same noise.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from urllib.parse import urlencode

import psycopg2

from tests.load.figures import Figure
from tools import services

FEW, MANY = 1_000, 1_000_000
VISITS = 15  # of each page; the middle one counts
MOST = 1.5  # times as long as the first page of a log of FEW
FILTERS = {
    "of one thing": {"variant": "{variant}"},
    "empties": {"condition": "empty"},
    "in a state that none is in": {"condition": "defect"},
    "for a reason": {"reason": "count"},
    "for a reason that never was": {"reason": "loss"},
    "by one person": {"actor": "{actor}"},
    "by nobody": {"actor": "0"},
    "of a document": {"document": "KGP-2000100"},
    "of documents that begin alike": {"document": "KGP-200010"},
    "of a day": {"first": "{day}", "last": "{day}"},
    "from a day on": {"first": "{day}"},
    "until a day": {"last": "{day}"},
    "of one thing until a day": {"variant": "{variant}", "last": "{day}"},
    "oldest first": {"order": "oldest"},
}


def measure() -> Iterator[Figure]:
    for name, databases in (("SQLite", two_files), ("PostgreSQL", two_databases)):
        with databases(FEW, MANY) as (small, large), ExitStack() as stack:
            few, many = (stack.enter_context(reader("moves", *each)) for each in (small, large))
            base = _first_pages(few, many, {})
            yield Figure(f"{name}, a log of {FEW:,}", base[0] * 1000, "ms")
            yield Figure(f"{name}, of {MANY:,}, first page", base[1] / base[0], "x", most=MOST)
            deep = many.find_cursor(99)
            pages = in_turns((few, {}), (many, {"cursor": deep}))
            yield Figure(f"{name}, its hundredth page", pages[1] / pages[0], "x", most=MOST)
            for what, query in FILTERS.items():
                times = _first_pages(few, many, query)
                yield Figure(f"{name}, {what}", times[1] / times[0], "x", most=MOST)


class Reader:
    """Somebody who reads the pages of a station in another process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.names = dict(word.split("=") for word in self._answer().split())

    def seconds(self, query: dict[str, str]) -> float:
        filled = {key: value.format(**self.names) for key, value in query.items()}
        return float(self._ask(f"time {urlencode(filled)}"))

    def find_cursor(self, pages: int) -> str:
        """The cursor of the page after so many, found by going there."""
        return self._ask(f"walk {pages}")

    def _ask(self, line: str) -> str:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout
        answer = self._process.stdout.readline().strip()
        assert answer, "the reader died"
        return answer


def _first_pages(few: Reader, many: Reader, query: dict[str, str]) -> list[float]:
    return in_turns((few, query), (many, query))


def in_turns(*asked: tuple[Reader, dict[str, str]]) -> list[float]:
    rounds = [[reader.seconds(query) for reader, query in asked] for _ in range(VISITS + 2)]
    return [median(times) for times in zip(*rounds[2:], strict=True)]


@contextmanager
def two_files(few: int, many: int) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    with tempfile.TemporaryDirectory() as folder:
        yield (f"sqlite:///{folder}/few", few), (f"sqlite:///{folder}/many", many)


@contextmanager
def two_databases(few: int, many: int) -> Iterator[tuple[tuple[str, int], tuple[str, int]]]:
    with services.postgresql() as url:
        urls = [url.replace("/postgres?", f"/{name}?") for name in ("few", "many")]
        connection = psycopg2.connect(url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name in ("few", "many"):
                cursor.execute(f"CREATE DATABASE {name}")
        connection.close()
        yield (urls[0], few), (urls[1], many)


@contextmanager
def reader(of: str, url: str, moves: int) -> Iterator[Reader]:
    """Somebody who reads in `tests.load.<of>_reader`, in a database filled with so many."""
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | {"ENVIRONMENT": "test", "DEBUG": "0", "REDIS_URL": ""}
        environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LOG_LEVEL": "ERROR"}
        process = subprocess.Popen(
            [sys.executable, "-m", f"tests.load.{of}_reader", str(moves)],
            env=environ | {"DATABASE_URL": url, "GASSTOCK_TEST_DIR": folder},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield Reader(process)
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    for figure in measure():
        print(figure, flush=True)
