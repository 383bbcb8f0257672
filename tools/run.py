"""`make run`: prepare the database, then keep the web server and the worker running."""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
DEFAULTS = {
    "DJANGO_SETTINGS_MODULE": "gasstock.settings",
    "ENVIRONMENT": "development",
    "GASSTOCK_DEMO": "1",
    "DEBUG": "0",  # real error pages, and static files under their hashed names
    "HOST": "127.0.0.1",
    "PORT": "8000",
}
GUNICORN = (
    *("--worker-class", "gthread", "--workers", "2", "--threads", "4", "--keep-alive", "2"),
    *("--graceful-timeout", "10", "--no-control-socket", "--log-level", "warning"),
)
GRACE = 15  # seconds a child may take to finish what it is doing
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux's prctl

Child = subprocess.Popen[bytes]


class Stopped(BaseException):
    """Somebody asked us to stop."""


def main() -> int:
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, stop)
    os.environ.update({name: os.environ.get(name) or value for name, value in DEFAULTS.items()})
    host, port = os.environ["HOST"], os.environ["PORT"]
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65535:
        return complain(f"PORT must be a number from 1 to 65534, not {port!r}.")
    if not is_free(host, int(port)):
        other = f"make run PORT={int(port) + 1}"
        return complain(f"Port {port} is in use. Stop what listens there, or choose: {other}")
    children: dict[str, Child] = {}
    try:
        children["preparation"] = start(PYTHON, "-m", "tools.prepare")
        if code := children["preparation"].wait():
            return complain("GasStock was not started.", code)
        del children["preparation"]
        bind = f"{host}:{port}"
        children["web server"] = start(
            PYTHON, "-m", "gunicorn", "gasstock.wsgi", "--bind", bind, *GUNICORN
        )
        children["worker"] = start(PYTHON, "manage.py", "run_huey")
        return watch(children, host, int(port))
    except Stopped:
        print("\nStopping", flush=True)
        return 0
    finally:
        stop_all(children)


def complain(sentence: str, code: int = 1) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return code


def stop(_: int, __: FrameType | None) -> None:
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(signum, signal.SIG_IGN)  # asked once is enough
    raise Stopped


def is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def start(*command: str) -> Child:
    """Start a child that gets signals from us alone, and does not outlive us."""
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=die_with_parent)


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)


def watch(children: dict[str, Child], host: str, port: int) -> int:
    """Say when the web server answers; return an error as soon as a child ends."""
    told = False
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                return complain(f"The {name} ended with exit code {child.returncode}.")
        if not told and answers(host, port):
            shown = "localhost" if host in {"127.0.0.1", "0.0.0.0"} else host  # noqa: S104
            print(f"\nGasStock is at http://{shown}:{port}  (Ctrl-C stops it)\n", flush=True)
            told = True
        time.sleep(0.5 if told else 0.1)


def answers(host: str, port: int) -> bool:
    """Tell whether the web server gives an answer, whatever it is."""
    reached = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104
    connection = http.client.HTTPConnection(reached, port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def stop_all(children: dict[str, Child]) -> None:
    """Let every child finish what it is doing, and end those that do not."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


if __name__ == "__main__":
    sys.exit(main())
