"""Bring database, demo data and static files up to date before `make run` starts serving."""

import hashlib
import io
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError


class Tee(io.StringIO):
    """Show what is written, and keep it."""

    def write(self, text: str) -> int:
        sys.stdout.write(text)
        sys.stdout.flush()
        return super().write(text)


def main() -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    collect_static()
    tell_demo(settings.DATA_DIR / "demo-sign-ins.txt")


def collect_static() -> None:
    """Collect the static files, unless none changed since the last time."""
    stamp = settings.DATA_DIR / "static.stamp"
    state = hashlib.sha256((Path(settings.BASE_DIR) / "requirements.txt").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(Path(folder).rglob("*")):
            state.update(f"{path} {path.stat().st_mtime_ns} {path.stat().st_size}\n".encode())
    if stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    print("Collecting static files", flush=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(state.hexdigest())


def tell_demo(notes: Path) -> None:
    """Tell the demo's story in an empty database; say how to sign in to it, now and later."""
    if not settings.DEMO:
        return
    if get_user_model().objects.exists():
        print(notes.read_text() if notes.exists() else "", end="", flush=True)
        return
    print("Making demo data, once", flush=True)
    said = Tee()
    call_command("demo", size="small", stdout=said)
    notes.touch(mode=0o600)
    notes.write_text(said.getvalue())


if __name__ == "__main__":
    try:
        main()
    except (ImproperlyConfigured, OperationalError) as error:
        sys.exit(f"GasStock cannot start: {error}")
