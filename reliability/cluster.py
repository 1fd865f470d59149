"""A whole Evently of a run's own: PostgreSQL, gunicorn, `manage.py worker`.

As in `with cluster() as evently: evently.url …`. Everything is started and ended by its process
id, works for root and for an ordinary user, and leaves neither process nor file.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from reliability.bouncer import PgBouncer
from reliability.postgres import Postgres
from reliability.processes import children_of, end, kill_family, send, until
from reliability.proxy import Proxy

ROOT = Path(__file__).resolve().parent.parent
CLOCK = ROOT / "reliability" / "clock"
UNLIMITED = [
    "EVENTLY_THROTTLE_USER_WRITES_PER_MINUTE",
    "EVENTLY_THROTTLE_ADDRESS_WRITES_PER_MINUTE",
    "EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE",
]
# What `clock/sitecustomize.py` listens to.
JUMP = signal.SIGRTMIN + 1
WORKER_INTERVAL_SECONDS = "0.3"
PROCESSES = 2
# The last two carry a bug that is made on purpose (see `sensitivity`).
INHERITED = ("PATH", "HOME", "LANG", "DJANGO_SETTINGS_MODULE", "EVENTLY_SABOTAGE")


class Web:
    """gunicorn on a socket that stays ours, so that it survives whoever serves it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._log = folder / "web.log"
        self._environment = environment
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._process: subprocess.Popen | None = None

    @property
    def port(self) -> int:
        return self._listener.getsockname()[1]

    @property
    def master(self) -> int:
        return self._process.pid

    def workers(self) -> list[int]:
        return children_of(self.master)

    def start(self) -> None:
        """Start a master and its workers; return when they serve."""
        self.launch()
        until(self._is_ready)

    def launch(self) -> None:
        """Start without waiting."""
        self._process = self._launch()

    def replace(self) -> None:
        """Deploy: a new master beside the old one on the same socket, then SIGTERM to the old."""
        old, self._process = self._process, self._launch()
        until(lambda: len(self.workers()) >= PROCESSES)
        end(old)

    def kill(self) -> None:
        """SIGKILL the master and its workers at once."""
        kill_family(self._process)

    def stop(self) -> None:
        if self._process is not None:
            end(self._process)

    def close(self) -> None:
        self.stop()
        self._listener.close()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def log(self) -> str:
        return self._log.read_text()

    def _launch(self) -> subprocess.Popen:
        with self._log.open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py",
                 "--bind", f"fd://{self._listener.fileno()}", "evently.wsgi"],
                pass_fds=[self._listener.fileno()],
                cwd=ROOT, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip

    def _is_ready(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError("gunicorn ended:\n" + self.log()[-3000:])
        try:
            urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).close()
        except (URLError, OSError):
            return False
        return True


class Cluster:
    """The servers of one run, and what they share."""

    def __init__(self, folder: Path, postgres: Postgres, environment: dict[str, str]) -> None:
        self.folder = folder
        self.postgres = postgres
        self.environment = environment
        self.web = Web(folder, environment)
        self.workers: list[subprocess.Popen] = []
        self._clock = folder / "clock"
        self._clock.write_text("0")
        environment["EVENTLY_CLOCK"] = str(self._clock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web.port}"

    def manage(self, *command: str) -> str:
        """Run a command of `manage.py` to its end, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=self.environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"manage.py {' '.join(command)} failed:\n{done.stdout}")
        return done.stdout

    def start_worker(self) -> subprocess.Popen:
        with (self.folder / "worker.log").open("a") as log:
            worker = subprocess.Popen(
                [sys.executable, "manage.py", "worker", "--interval", WORKER_INTERVAL_SECONDS],
                cwd=ROOT, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def stop_worker(self, worker: subprocess.Popen, *, kill: bool = False) -> None:
        self.workers.remove(worker)
        if kill:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        else:
            end(worker)

    def casualties(self) -> list[str]:
        """Return who should serve and has ended."""
        workers = [worker for worker in self.workers if worker.poll() is not None]
        names = [f"worker {worker.pid}" for worker in workers]
        return names if self.web.is_running else [*names, "gunicorn"]

    def set_clock(self, *, ahead_seconds: float) -> None:
        """Let the clock of all that serves jump (the database's stays right)."""
        self._clock.write_text(str(ahead_seconds))
        workers = [worker.pid for worker in self.workers]
        for pid in [self.web.master, *self.web.workers(), *workers]:
            send(pid, JUMP)

    def close(self) -> None:
        for worker in list(self.workers):
            self.stop_worker(worker)
        self.web.close()


@contextmanager
def cluster(
    *,
    proxy: Proxy | PgBouncer | None = None,
    has_small_disk: bool = False,
    workers: int = 1,
    settings: dict[str, str] | None = None,
    **environment: str,
) -> Iterator[Cluster]:
    """Start everything on an empty, migrated database, and remove all of it at the end.

    `settings` are PostgreSQL's, `environment` is the application's beside the demo's. The
    application reaches PostgreSQL by its socket, or by way of a proxy.
    """
    folder = Path(tempfile.mkdtemp(prefix="evently-reliability-"))
    try:
        postgres = Postgres(folder, has_small_disk=has_small_disk, **(settings or {}))
        try:
            postgres.start()
            if proxy:
                proxy.lead_to(postgres)
            database = postgres.url(proxy.port if proxy else None)
            evently = Cluster(folder, postgres, _environment(database) | environment)
            try:
                evently.manage("migrate", "--no-input", "--verbosity", "0")
                evently.web.start()
                for _ in range(workers):
                    evently.start_worker()
                yield evently
            finally:
                evently.close()
        finally:
            postgres.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(database_url: str) -> dict[str, str]:
    """Return the environment of a demo with open headers, whatever this process's own is."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        "DATABASE_URL": database_url,
        "EVENTLY_DEMO": "1",
        "WEB_CONCURRENCY": str(PROCESSES),
        "EMAIL_URL": "dummymail://",
        **dict.fromkeys(UNLIMITED, "0"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LOG_FORMAT": "json",
        "PYTHONPATH": str(CLOCK),
    }
