"""The other server that the documents name: it starts, serves, and ends when it is told to."""

import os
import socket
import subprocess
from http.client import HTTPConnection

import pytest
from django.conf import settings

from reliability.processes import until

pytestmark = pytest.mark.once

SECONDS_TO_START = 60


class UnixConnection(HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.host)


def ask(path, where):
    """Return the status and the body, or None while nobody answers."""
    connection = UnixConnection(str(where))
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return None
    finally:
        connection.close()


@pytest.fixture
def served(tmp_path):
    """Serve an empty database of its own on a socket, and stop."""
    where = tmp_path / "granian.sock"
    environment = os.environ | {
        "EVENTLY_DEMO": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/evently.sqlite3",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
        "WEB_CONCURRENCY": "1",
    }
    subprocess.run(["deploy/migrate"], check=True, cwd=settings.BASE_DIR, env=environment)
    server = subprocess.Popen(
        ["deploy/granian", "--uds", str(where)], cwd=settings.BASE_DIR, env=environment
    )
    try:
        until(lambda: ask("/readyz", where), seconds=SECONDS_TO_START)
        yield where
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_granian_serves_evently(served):
    assert ask("/readyz", served) == (200, b'{"status":"ready"}')
    status, body = ask("/events", served)
    assert (status, body[:2]) == (200, b"[{")
    assert ask("/nowhere", served)[0] == 404
