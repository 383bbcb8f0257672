"""What the machine says of itself: for the admins' page, when something seems wrong."""

import platform
import re
import shutil
import sqlite3
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import django
from django.conf import settings
from django.core.cache import cache as shared
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from huey.contrib.djhuey import HUEY

from gasstock.core import heartbeat

RELEASE = re.compile(r"^## \[(?P<name>[^\]]+)\]", re.MULTILINE)
LITTLE_SPACE = 1024**3


@dataclass(frozen=True)
class Machine:
    """Sizes in bytes; what cannot be asked now is None."""

    version: str
    commit: str
    python: str
    django: str
    database: str
    database_size: int | None
    missing_migrations: list[str]
    is_worker_heard: bool
    queued: int | None
    disk_free: int
    disk_size: int

    @property
    def is_disk_short(self) -> bool:
        return self.disk_free < max(LITTLE_SPACE, self.disk_size // 20)


def look() -> Machine:
    disk = shutil.disk_usage(settings.DATA_DIR)
    return Machine(
        version=version(),
        commit=commit(),
        python=platform.python_version(),
        django=django.get_version(),
        database=_database(),
        database_size=_database_size(),
        missing_migrations=_missing_migrations(),
        is_worker_heard=bool(shared.get(heartbeat.KEY)),
        queued=_queued(),
        disk_free=disk.free,
        disk_size=disk.total,
    )


@cache
def version() -> str:
    """Return the newest heading of the changelog: a number, or “Unreleased”."""
    changelog = Path(settings.BASE_DIR, "CHANGELOG.md")
    found = RELEASE.search(changelog.read_text()) if changelog.is_file() else None
    return found["name"] if found else ""


@cache
def commit() -> str:
    """Return the commit that this process was started from; "" outside of a checkout."""
    try:
        folder = _git_folder(Path(settings.BASE_DIR, ".git"))
        head = (folder / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head[:10]
        name = head.removeprefix("ref: ")
        shared_folder = folder / "commondir"
        home = folder / shared_folder.read_text().strip() if shared_folder.is_file() else folder
        if (home / name).is_file():
            return (home / name).read_text().strip()[:10]
        packed = re.search(rf"^(\w+) {re.escape(name)}$", (home / "packed-refs").read_text(), re.M)
        return packed[1][:10] if packed else ""
    except OSError:
        return ""


def _git_folder(path: Path) -> Path:
    """A work tree of its own only says where its folder is."""
    return Path(path.read_text().strip().removeprefix("gitdir: ")) if path.is_file() else path


def _database() -> str:
    if connection.vendor == "postgresql":
        major, minor = divmod(connection.pg_version, 10_000)  # type: ignore[attr-defined]
        return f"PostgreSQL {major}.{minor}"
    return f"SQLite {sqlite3.sqlite_version}"


def _database_size() -> int | None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
    file = Path(connection.settings_dict["NAME"])
    return file.stat().st_size if file.is_file() else None


def _missing_migrations() -> list[str]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label} {migration.name}" for migration, _back in plan]


def _queued() -> int | None:
    try:
        return int(HUEY.pending_count() + HUEY.scheduled_count())
    except Exception:  # of whatever holds the queue: the page must say so, not fail with it
        return None
