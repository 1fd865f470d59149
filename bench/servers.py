"""The servers that are measured, each on a free port and in a session of its own."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from bench.processes import cpu_seconds
from evently.environment import cores
from reliability.processes import children_of, until

ROOT = Path(__file__).resolve().parent.parent
# As many as Evently would take by itself; the tutorial's service gets the same.
PROCESSES = min(cores(), 8) + 1
PATIENCE_SECONDS = 60
INHERITED = ("PATH", "HOME", "LANG")
# Calls are counted as in production, and none is refused.
THROTTLES = dict.fromkeys(
    [
        "EVENTLY_THROTTLE_USER_WRITES_PER_MINUTE",
        "EVENTLY_THROTTLE_ADDRESS_WRITES_PER_MINUTE",
        "EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE",
    ],
    str(10**8),
)


class Server:
    """A master and its workers on a socket of ours. What they log goes to a file."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self._log = log
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
        # Connections inherit it. uvicorn takes a socket that it is handed for another kind and
        # doesn't ask for it; then every answer waits 40 ms for the client's acknowledgement.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        descriptor = self._listener.fileno()
        begun = time.monotonic()
        with log.open("a") as output:
            self._process = subprocess.Popen(
                [part.format(fd=descriptor) for part in command],
                pass_fds=[descriptor], cwd=ROOT, env=environment,
                stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        try:
            until(self._answers, seconds=PATIENCE_SECONDS)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.monotonic() - begun

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def workers(self) -> list[int]:
        return children_of(self.pid)

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def stop(self) -> None:
        """End it and whatever it has started; insist when it doesn't."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()
        self._listener.close()

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError("The server ended:\n" + self._log.read_text()[-3000:])
        try:
            urlopen(f"{self.url}/healthz", timeout=PATIENCE_SECONDS).close()
        except HTTPError:
            return True
        except (URLError, OSError):
            return False
        return True


@contextmanager
def evently(
    database_url: str, folder: Path, *, application: str = "evently.wsgi", **environment: str
) -> Iterator[Server]:
    """Serve Evently as production does, with the demo's open headers."""
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    command += ["--bind", "fd://{fd}", application]
    with _served(command, evently_environment(database_url) | environment, folder) as server:
        yield server


@contextmanager
def tutorial(database_url: str, folder: Path) -> Iterator[Server]:
    """Serve the FastAPI service, by uvicorn with as many processes."""
    command = [sys.executable, "-m", "uvicorn", "bench.tutorial.app:app", "--fd", "{fd}"]
    command += ["--workers", str(PROCESSES)]
    url = database_url.replace("postgresql://", "postgresql+psycopg://")
    with _served(command, _inherited() | {"TUTORIAL_DATABASE_URL": url}, folder) as server:
        yield server


def evently_environment(database_url: str) -> dict[str, str]:
    return _inherited() | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "EVENTLY_DEMO": "1",
        "WEB_CONCURRENCY": str(PROCESSES),
        "EMAIL_URL": "dummymail://",
        "LOG_FORMAT": "json",
        **THROTTLES,
    }


def run(database_url: str, *command: str) -> str:
    """Run a Python program to its end, with Evently's environment; return what it printed."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT, env=evently_environment(database_url), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}")
    return done.stdout


def manage(database_url: str, *command: str) -> str:
    return run(database_url, "manage.py", *command)


@contextmanager
def _served(command: list[str], environment: dict[str, str], folder: Path) -> Iterator[Server]:
    server = Server(command, environment, folder / f"server-{secrets.token_hex(4)}.log")
    try:
        yield server
    finally:
        server.stop()


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ}
