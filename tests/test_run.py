"""`make run` starts what it says, and leaves nothing behind."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(not settings.SQLITE, reason="told once is enough")
TOO_LONG = 60  # seconds


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(tmp_path, port, **more: str) -> Iterator[subprocess.Popen]:
    environ = {
        "PATH": os.defpath,
        "DATA_DIR": str(tmp_path),
        "PORT": str(port),
        "GASSTOCK_DEMO": "0",
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.run"],
        cwd=settings.BASE_DIR,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=TOO_LONG)


def wait_for(sentence: str, process: subprocess.Popen) -> None:
    said = []
    for line in process.stdout:  # ends when the process does
        said.append(line)
        if sentence in line:
            return
    raise AssertionError("".join(said))


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TOO_LONG)
    connection.request("GET", path)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_serves_until_it_is_stopped_and_then_ends_well(tmp_path, port):
    with running(tmp_path, port) as process:
        wait_for(f"http://localhost:{port}", process)
        assert status(port, "/healthz") == 200
        assert status(port, "/static/js/no-such-file.js") == 404

        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=TOO_LONG)

    assert process.returncode == 0, said
    assert "Traceback" not in said
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_it_says_when_the_port_is_taken(tmp_path, port):
    with socket.create_server(("127.0.0.1", port)), running(tmp_path, port) as process:
        said, _ = process.communicate(timeout=TOO_LONG)

    assert process.returncode == 1
    assert f"Port {port} is in use" in said


def test_it_says_when_a_setting_is_wrong(tmp_path, port):
    with running(tmp_path, port, DATABASE_URL="mysql://localhost/gas") as process:
        said, _ = process.communicate(timeout=TOO_LONG)

    assert process.returncode == 1
    assert "DATABASE_URL must look like" in said
    assert "Traceback" not in said
