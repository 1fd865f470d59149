"""Any seat while a transaction stays open elsewhere, which keeps what was sold in the index."""

from contextlib import contextmanager

import psycopg

from bench.data import Halls
from bench.loads import any_seat
from bench.outcome import Outcome
from bench.postgres import Postgres
from bench.rounds import alternate
from bench.workplace import Workplace

USERS = 10_000
PER_TRANSACTION = 1_000
OPEN, CLOSED = "any seat, a transaction open elsewhere", "the same, without it"
SELL = """
WITH sold AS (
    UPDATE events_seat SET status = 'booked'
    WHERE event_id = 1 AND position > %(from)s AND position <= %(to)s
    RETURNING id, position
)
INSERT INTO bookings_booking (event_id, seat_id, user_id, status, created_at)
SELECT 1, id, 1 + position %% %(users)s, 'active', now() FROM sold
"""


def run(place: Workplace) -> Outcome:
    hall = Halls(1, place.size(60_000, quick=5_000))
    sold = place.size(20_000, quick=2_000)
    place.data.create("longtx", [hall], users=USERS)
    place.data.copy("longtx", "longtx_open")
    with transaction_open(place.postgres, "longtx_open"):
        for database in ("longtx", "longtx_open"):
            with place.postgres.connect(database) as connection:
                sell(connection, sold)
        load = {"users": USERS}
        sides = [
            place.http(OPEN, place.evently("longtx_open"), any_seat(**load)),
            place.http(CLOSED, place.evently("longtx"), any_seat(**load)),
        ]
        outcome = Outcome(alternate(sides, place.pace))
    outcome.compare("longtx_rate", OPEN, CLOSED)
    return outcome


@contextmanager
def transaction_open(postgres: Postgres, database: str):
    with postgres.connect(database) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        connection.execute("SELECT count(*) FROM events_event")  # takes the snapshot
        yield


def sell(connection: psycopg.Connection, seats: int) -> None:
    """Sell the first seats, so many with each transaction."""
    for sold in range(0, seats, PER_TRANSACTION):
        connection.execute(SELL, {"from": sold, "to": sold + PER_TRANSACTION, "users": USERS})
