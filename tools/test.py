"""Run the stages of `make test`: python -m tools.test STAGE… [-- arguments for pytest]."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from tools import services

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# The stories that are told on PostgreSQL too.
ON_BOTH = (
    "tests/browser/test_station_day.py",
    "tests/browser/test_run_story.py",
    "tests/browser/test_admin_morning.py",
)
WORKERS = str(min(os.cpu_count() or 1, 4))


def lint(_: list[str]) -> None:
    """Let every tool speak before the stage fails."""
    commands = (
        ("ruff", "check", "--quiet", "."),
        ("ruff", "format", "--quiet", "--check", "."),
        ("djlint", "templates", "--lint", "--quiet"),
        ("lint-imports",),
    )
    errors = []
    for command in commands:
        try:
            run(*command)
        except subprocess.CalledProcessError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def types(_: list[str]) -> None:
    run("mypy", "gasstock", "tools")


def checks(_: list[str]) -> None:
    """The migrations are complete, and a production is safe."""
    with tempfile.TemporaryDirectory(prefix="gasstock-") as folder:
        production = {
            "ENVIRONMENT": "production",
            "DATA_DIR": folder,
            "SECRET_KEY": secrets.token_urlsafe(64),
            "ALLOWED_HOSTS": "gas.example.org",
            "EMAIL_URL": "smtp://mail.example.org",
            "DEBUG": "",
            "GASSTOCK_DEMO": "",
        }
        run("python", "manage.py", "makemigrations", "--check", "--dry-run", env=production)
        run("python", "manage.py", "check", "--deploy", "--fail-level=WARNING", env=production)


def test_sqlite(arguments: list[str]) -> None:
    pytest(arguments, DATABASE_URL="", REDIS_URL="")


def test_postgres(arguments: list[str]) -> None:
    with services.postgresql() as database, services.redis() as redis:
        pytest(arguments, DATABASE_URL=database, REDIS_URL=redis)


def test_browser(arguments: list[str]) -> None:
    command = ["pytest", "-q", "-m", "browser", "tests/browser", *arguments]
    chromium = services.chromium()
    env = {"CHROMIUM": chromium, "DJANGO_ALLOW_ASYNC_UNSAFE": "true", "REDIS_URL": ""}
    run(*command, env={**env, "DATABASE_URL": ""})
    if not arguments:
        with services.postgresql() as database:
            run("pytest", "-q", "-m", "browser", *ON_BOTH, env={**env, "DATABASE_URL": database})


STAGES: dict[str, Callable[[list[str]], None]] = {
    "lint": lint,
    "types": types,
    "checks": checks,
    "test-sqlite": test_sqlite,
    "test-postgres": test_postgres,
    "test-browser": test_browser,
}


def pytest(arguments: list[str], **env: str) -> None:
    run("pytest", "-q", *(arguments or ["-n", WORKERS]), env=env)


def run(program: str, *arguments: str, env: dict[str, str] | None = None) -> None:
    environment = {"ENVIRONMENT": "test", **os.environ, **(env or {})}
    subprocess.run([BIN / program, *arguments], cwd=ROOT, env=environment, check=True)


def run_stage(name: str, arguments: list[str]) -> bool:
    print(f"\n== {name}", flush=True)
    start = time.monotonic()
    try:
        STAGES[name](arguments)
    except subprocess.CalledProcessError as error:
        print(f"{Path(error.cmd[0]).name} failed with exit code {error.returncode}", flush=True)
        passed = False
    else:
        passed = True
    word = "passed" if passed else "FAILED"
    print(f"== {name} {word} in {time.monotonic() - start:.1f} s", flush=True)
    return passed


def stop(signum: int, _: FrameType | None) -> None:
    """End as after an exception, so that every server we started is stopped."""
    raise SystemExit(128 + signum)


def main(words: list[str]) -> int:
    signal.signal(signal.SIGTERM, stop)
    divider = words.index("--") if "--" in words else len(words)
    names, arguments = words[:divider], words[divider + 1 :]
    if unknown := set(names) - set(STAGES):
        print(f"No such stage: {', '.join(sorted(unknown))}. There are: {', '.join(STAGES)}.")
        return 2
    failed = [name for name in names or STAGES if not run_stage(name, arguments)]
    if failed:
        print(f"\nFAILED: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
