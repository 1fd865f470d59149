"""Fill the tutorial's tables with what Evently's are filled with."""

from collections.abc import Sequence

from sqlalchemy import create_engine, text

from bench.data import Halls
from bench.postgres import Postgres
from bench.tutorial.models import Base

EVENTS = """
INSERT INTO events (name, description, venue, starts_at, total_seats)
SELECT 'Event ' || n, repeat('A fine evening. ', 20), 'Hall ' || n % 50,
       date_trunc('day', now()) + :days * interval '1 day' + (n - :events / 2) * interval '1 hour',
       :seats
FROM generate_series(1, :events) AS n
"""
# Both of the events made last.
SEATS = """
INSERT INTO seats (event_id, number)
SELECT event.id, number
FROM (SELECT id FROM events ORDER BY id DESC LIMIT :events) AS event,
     generate_series(1, :seats) AS number
"""
BOOKINGS = """
INSERT INTO bookings (event_id, seat_id, user_id, status)
SELECT event_id, id, 1 + id % :users, 'active' FROM seats
WHERE event_id IN (SELECT id FROM events ORDER BY id DESC LIMIT :events) AND number <= :booked
"""


def create(postgres: Postgres, database: str, halls: Sequence[Halls], *, users: int) -> str:
    """Make a database of the tutorial's; return its name."""
    postgres.create(database)
    engine = create_engine(postgres.url(database).replace("postgresql:", "postgresql+psycopg:"))
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        for hall in halls:
            for statement in (EVENTS, SEATS, BOOKINGS):
                connection.execute(text(statement), hall._asdict() | {"users": users})
    engine.dispose()
    postgres.settle(database)
    return database
