"""`deploy/run`, which `make run` calls: it serves, and leaves no process behind however it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
LONGEST_START_SECONDS = 60
LONGEST_STOP_SECONDS = 30
PASS_DONE = 'evently_worker_passes_total{outcome="done"} 1.0'


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@pytest.fixture
def temporary(tmp_path_factory):
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture
def environment(port, tmp_path, temporary):
    """A database, a key and a port of its own, so that the checkout stays as it is."""
    return os.environ | {
        "TMPDIR": str(temporary),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PORT": str(port),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'evently.sqlite3'}",
        "SECRET_KEY": "of-this-test",
        "WEB_CONCURRENCY": "1",
        "EVENTLY_WORKER_SECONDS": "3600",
        "GUNICORN_CMD_ARGS": f"--pid {tmp_path / 'server.pid'}",
    }


@contextmanager
def running(environment, log):
    """Start it as the head of a process group, as a terminal does, and wait until it is ready."""
    with log.open("w") as output:
        run = subprocess.Popen(
            ["deploy/run"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=hear_interrupts,
        )
    try:
        wait_until(
            lambda: answers(environment["PORT"], "/readyz") or run.poll() is not None,
            LONGEST_START_SECONDS,
        )
        assert run.poll() is None, log.read_text()
        yield run
    finally:
        for process in processes_of(run.pid):
            os.kill(process, signal.SIGKILL)
        run.wait()


def hear_interrupts():
    # A shell can't trap a signal that was ignored when it began, as in a job in the background.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)


def answers(port, path):
    with suppress(OSError), urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def text_at(port, path):
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def processes_of(session):
    """Return the ids of the session's processes that are left."""
    processes = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return [process for process in processes if session_of(process) == session]


def session_of(process):
    with suppress(ProcessLookupError):
        return os.getsid(process)


def test_run_serves_the_seeded_events_until_it_is_interrupted(environment, tmp_path):
    with running(environment, tmp_path / "log") as run:
        events = answers(environment["PORT"], "/events")
        health = subprocess.run(
            [sys.executable, ROOT / "deploy/healthcheck", "/readyz"],
            env=environment,
            capture_output=True,
        )

        os.killpg(run.pid, signal.SIGINT)

        assert run.wait(LONGEST_STOP_SECONDS) == 0
        assert processes_of(run.pid) == []
    assert {event["id"] for event in events} >= {1, 2, 3}
    assert health.returncode == 0


def test_run_counts_what_the_worker_does_and_leaves_no_folder(environment, tmp_path, temporary):
    with running(environment, tmp_path / "log") as run:
        wait_until(lambda: PASS_DONE in text_at(environment["PORT"], "/metrics"), 10)
        text = text_at(environment["PORT"], "/metrics")
        folders = list(temporary.iterdir())

        os.killpg(run.pid, signal.SIGINT)
        run.wait(LONGEST_STOP_SECONDS)

    assert PASS_DONE in text
    assert len(folders) == 1
    assert list(temporary.iterdir()) == []


def test_run_fails_and_stops_the_worker_when_the_server_ends(environment, tmp_path):
    with running(environment, tmp_path / "log") as run:
        server = int((tmp_path / "server.pid").read_text())

        os.kill(server, signal.SIGTERM)

        assert run.wait(LONGEST_STOP_SECONDS) == 1
        assert processes_of(run.pid) == []


def test_run_on_a_taken_port_says_so_and_touches_nothing(environment, port, tmp_path):
    with socket.create_server(("127.0.0.1", port)):
        done = subprocess.run(
            ["deploy/run"], cwd=ROOT, env=environment, capture_output=True, text=True
        )

    assert done.returncode == 1
    assert done.stderr == (
        f"Can't serve on port {port}: Address already in use. "
        "Choose another, as in: PORT=8001 make run\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_healthcheck_fails_where_nobody_answers(environment):
    done = subprocess.run(
        [sys.executable, ROOT / "deploy/healthcheck", "/readyz"],
        env=environment,
        capture_output=True,
    )

    assert done.returncode == 1
