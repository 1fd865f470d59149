"""Rows by the million, made inside PostgreSQL: people, events, seats, bookings."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.postgres import Postgres
from bench.servers import manage

EMPTY = "empty"
LEDGER_EVENTS, LEDGER_TURNS, LEDGER_EACH = 100, 10, 100
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
WHERE indrelid = %s::regclass
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
SQL = Path(__file__).parent / "sql"


class Halls(NamedTuple):
    """So many events of so many seats, around a day so far ahead.

    The first seats of each are booked, after they were given back so many times, and people wait.
    """

    events: int
    seats: int
    booked: int = 0
    given_back: int = 0
    waiting: int = 0
    days: int = 0


class Data:
    """The databases of a run, filled on demand."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._ledgers: set[str] = set()
        postgres.create(EMPTY)
        manage(postgres.url(EMPTY), "migrate", "--no-input", "--verbosity", "0")

    def create(self, database: str, halls: Sequence[Halls], *, users: int) -> str:
        """Make a database of Evently's; return its name.

        Ids are given from 1 on, to people and events, in the order of `halls`.
        """
        self._postgres.create(database, like=EMPTY)
        with self._postgres.connect(database) as connection:
            fill(connection, halls, users=users)
        self._postgres.settle(database)
        return database

    def copy(self, original: str, database: str) -> str:
        self._postgres.create(database, like=original)
        return database

    def ledger(self, bookings: int) -> str:
        """Return a database of so many bookings, a hundred for each of its people.

        Each of the seats was booked ten times, and given back nine times: a tenth as many seats
        take a tenth of the time to make. The run keeps it: two scenarios want the largest.
        """
        database = f"ledger_{bookings}"
        if database not in self._ledgers:
            seats = bookings // (LEDGER_EVENTS * LEDGER_TURNS)
            halls = Halls(LEDGER_EVENTS, seats, booked=seats, given_back=LEDGER_TURNS - 1)
            self.create(database, [halls], users=bookings // LEDGER_EACH)
            self._ledgers.add(database)
        return database


def fill(connection: psycopg.Connection, halls: Sequence[Halls], *, users: int) -> None:
    # Nothing that is made here breaks a foreign key; checking every row takes most of the time.
    connection.execute("SET session_replication_role = replica; SET work_mem = '512MB'")
    _run(connection, "people.sql", users=users)
    for hall in halls:
        _run(connection, "events.sql", **hall._asdict())
        with _unindexed(connection, "bookings_booking"):
            _run(connection, "bookings.sql", **hall._asdict(), users=users)
        if hall.waiting:
            _run(connection, "line.sql", **hall._asdict())
    _run(connection, "counts.sql")


@contextmanager
def _unindexed(connection: psycopg.Connection, table: str) -> Iterator[None]:
    """Drop a table's indexes, save those of constraints, and build them when it is filled."""
    indexes = connection.execute(INDEXES, [table]).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, definition in indexes:
        connection.execute(definition)


def _run(connection: psycopg.Connection, script: str, **values: int) -> None:
    # Numbers of ours, written into the text: a script of several statements takes no parameters.
    connection.execute((SQL / script).read_text().format(**values))
