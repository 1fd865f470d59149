"""A PostgreSQL that keeps what it acknowledged, made to be killed and started again."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg

from reliability.disk import SmallDisk
from reliability.processes import PATIENCE_SECONDS, is_running, kill_family, until
from tests import postgres as launcher

DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # One call for the whole file system, instead of one for each file, before a recovery.
    "recovery_init_sync_method": "syncfs",
    "max_connections": "40",
    "shared_buffers": "64MB",
    "deadlock_timeout": "100ms",
    "log_min_messages": "warning",
}
# The log in small files: a full disk is felt soon.
INITDB = [
    "-U", "evently", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
    "--wal-segsize=1",
]  # fmt: skip
STOPS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class Postgres:
    """One server on one folder. It listens on a unix socket there, and on a port of 127.0.0.1."""

    def __init__(self, folder: Path, *, has_small_disk: bool = False, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = unused_port()
        self.settings = DURABLE | settings
        self._user = launcher.prepare(folder)
        self._binaries = launcher.find_binaries(folder, self._user)
        self._process: subprocess.Popen | None = None
        self.disk = SmallDisk(self.data, self._user) if has_small_disk else None
        try:
            self._initialize()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The postmaster's."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start on the same data, and return as soon as it lets us in."""
        self.launch()
        until(self._lets_us_in)

    def launch(self) -> None:
        """Start without waiting."""
        options = self.settings | {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(
                self._command("postgres", *arguments),
                stdout=log,
                stderr=log,
                cwd="/",
                **launcher.identity(self._user),
            )

    def stop(self, mode: str = "fast") -> None:
        """Stop as `pg_ctl stop -m` does; `immediate` leaves the next start to recover."""
        self._process.send_signal(STOPS[mode])
        self._process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        """SIGKILL the server and everything it started, at once."""
        kill_family(self._process)

    def close(self) -> None:
        """Stop it, if it runs, and give the disk back."""
        if self.is_running:
            self.stop("immediate")
        if self.disk:
            self.disk.close()

    def backends(self) -> list[int]:
        """Return the processes that serve clients of the application."""
        with self.connect() as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid() AND application_name <> 'reliability'"
            )
            return [pid for (pid,) in rows]

    def url(self, port: int | None = None) -> str:
        """Return the address: of the port that is named (a proxy's), else of the unix socket."""
        if port:
            return f"postgresql://evently@127.0.0.1:{port}/postgres"
        host = quote(str(self.folder), safe="")
        return f"postgresql://evently@/postgres?host={host}&port={self.port}"

    @contextmanager
    def connect(self, **options: str) -> Iterator[psycopg.Connection]:
        """Connect past everything that stands in the application's way."""
        options = {"connect_timeout": "5", "application_name": "reliability"} | options
        with psycopg.connect(self.url(), autocommit=True, **options) as connection:
            yield connection

    def _lets_us_in(self) -> bool:
        if not is_running(self.pid):
            raise RuntimeError("PostgreSQL ended:\n" + (self.folder / "log").read_text()[-2000:])
        try:
            with self.connect():
                return True
        except psycopg.OperationalError:
            return False

    def _initialize(self) -> None:
        launcher.run(*self._command("initdb", *INITDB), user=self._user)

    def _command(self, program: str, *arguments: str) -> list[str]:
        prefix = self.disk.prefix if self.disk else []
        return [*prefix, str(self._binaries / program), "-D", str(self.data), *arguments]


def unused_port() -> int:
    """Return a port that was free a moment ago; PostgreSQL can't be handed a bound socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
