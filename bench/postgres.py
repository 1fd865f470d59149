"""The run's own PostgreSQL: its settings, its databases, and what it costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from urllib.parse import urlsplit

import psycopg

from bench.processes import parent_of
from tests import postgres as launcher

# Without a disk's wait, which would hide what is measured: nothing here is to survive anything.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "512MB",
    "maintenance_work_mem": "512MB",
    "max_connections": "200",
    "deadlock_timeout": "1s",  # PostgreSQL's own; the tests' is shorter
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
    "log_min_messages": "fatal",
}


class Postgres:
    """One server; each side of a comparison has a database of its own there."""

    def __init__(self, url: str) -> None:
        self._url = url

    def url(self, database: str = "postgres") -> str:
        return urlsplit(self._url)._replace(path=f"/{database}").geturl()

    @contextmanager
    def connect(self, database: str = "postgres") -> Iterator[psycopg.Connection]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            yield connection

    def create(self, database: str, *, like: str = "template0") -> None:
        """Make a database anew, as a copy of another one."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            # Copied file by file: by way of the log a large one takes several times as long.
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{like}" STRATEGY file_copy')

    def drop(self, database: str) -> None:
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)')

    def settle(self, database: str) -> None:
        """Leave nothing for later that a measurement would pay for."""
        with self.connect(database) as connection:
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")

    @cached_property
    def pid(self) -> int:
        """The postmaster's, whose descendants are all that this server consists of."""
        with self.connect() as connection:
            return parent_of(connection.info.backend_pid)


@contextmanager
def started() -> Iterator[Postgres]:
    with launcher.server(**SETTINGS) as url:
        yield Postgres(url)
