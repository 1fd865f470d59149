"""The same bookings on SQLite and on PostgreSQL, in rows made by the same command."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.data import EMPTY
from bench.loads import any_seat
from bench.outcome import Outcome
from bench.rounds import alternate
from bench.servers import manage
from bench.workplace import Workplace

EVENTS, SEATS, USERS = 200, 2_000, 1_000
SQLITE, POSTGRES = "any seat, SQLite", "the same, PostgreSQL"
MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own is made there
FIRST = "SELECT min(id) FROM events_event WHERE total_seats = {seats}"


def run(place: Workplace) -> Outcome:
    """Neither waits for a disk: PostgreSQL doesn't ask for it, and SQLite's file is in memory."""
    seats = place.size(SEATS, quick=200)
    with _folder_in_memory() as folder:
        file, database = folder / "evently.sqlite3", place.data.copy(EMPTY, "beside_sqlite")
        manage(f"sqlite:///{file}", "migrate", "--no-input", "--verbosity", "0")
        urls = {SQLITE: f"sqlite:///{file}", POSTGRES: place.postgres.url(database)}
        for url in urls.values():
            manage(url, "seed", f"--events={EVENTS}", f"--seats={seats}", f"--users={USERS}")
        place.postgres.settle(database)

        first = _first_event(file, seats)
        sides = [
            place.http(
                name, place.evently_at(url), any_seat(first=first, events=EVENTS, users=USERS)
            )
            for name, url in urls.items()
        ]
        outcome = Outcome(alternate(sides, place.pace))
        place.close()
    outcome.compare("sqlite_rate", SQLITE, POSTGRES)
    outcome.note("sqlite_errors", outcome.errors(SQLITE))
    return outcome


def _first_event(file: Path, seats: int) -> int:
    """Return the id of the first of the events; in both databases it is the same."""
    connection = sqlite3.connect(file)
    try:
        [first] = connection.execute(FIRST.format(seats=seats)).fetchone()
    finally:
        connection.close()
    return first


@contextmanager
def _folder_in_memory() -> Iterator[Path]:
    home = str(MEMORY) if MEMORY.is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="evently-bench-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
