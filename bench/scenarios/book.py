"""Booking: any seat over many events and in a hot one, a chosen seat; cancelling."""

from bench.data import Halls
from bench.loads import any_seat, cancel, chosen_seat, tutorial_seat
from bench.outcome import Outcome
from bench.processes import cpu_seconds
from bench.rounds import alternate, values
from bench.servers import run as run_program
from bench.sides import Side, Sql
from bench.tutorial import data as tutorial
from bench.workplace import Workplace

USERS = 10_000
MANY, FASTAPI = "any seat, many events", "any seat, FastAPI"
LIMIT, LEAN = "any seat, pgbench", "any seat, neither record nor counts, pgbench"
HOT, UNCOUNTED = "any seat, hot event", "any seat, hot event, uncounted"
CHOSEN, CANCEL, PASS_ON = "a chosen seat", "cancel", "cancel, people wait"

LIMITS = "book_limit", "book_lean"
FULL = """
SELECT count(*) FROM events_event AS event WHERE NOT EXISTS (
    SELECT FROM events_seat WHERE event_id = event.id AND status = 'available'
)
"""


def run(place: Workplace) -> Outcome:
    outcome = Outcome(alternate([*_bookings(place), *_cancellations(place)], place.pace))
    _require_seats_left(place)
    outcome.compare("book_tutorial", MANY, FASTAPI)
    outcome.compare("book_limit", MANY, LIMIT)
    outcome.compare("book_lean", MANY, LEAN)
    outcome.note("book_python", *values(outcome.samples, MANY, "python_ms"))
    outcome.compare("book_hot", HOT, MANY)
    outcome.compare("book_figures", HOT, UNCOUNTED)
    outcome.facts = [_folding(place)]
    return outcome


def _bookings(place: Workplace) -> list[Side]:
    """Of many events every side has the same, half of their seats sold: the average of a sale."""
    seats = place.size(2_000, quick=200)
    many = Halls(400, seats, booked=seats // 2)
    hot = Halls(3, place.size(100_000, quick=1_000))
    first_hot = many.events + 1
    database = place.data.create("book", [many, hot], users=USERS)
    for copy in LIMITS:
        place.data.copy(database, copy)
    tutorial.create(place.postgres, "book_tutorial", [many], users=USERS)
    server = place.evently(database)
    careless = place.evently(database, application="bench.uncounted")
    in_turn = {"events": many.events, "users": USERS}
    # Those that are compared stand beside each other.
    return [
        place.http(UNCOUNTED, careless, any_seat(first=first_hot + 2, users=USERS)),
        place.http(HOT, server, any_seat(first=first_hot + 1, users=USERS)),
        place.http(MANY, server, any_seat(**in_turn)),
        place.http(FASTAPI, place.tutorial("book_tutorial"), tutorial_seat(**in_turn)),
        Sql(LIMIT, place.postgres, LIMITS[0], "book.sql", **in_turn),
        Sql(LEAN, place.postgres, LIMITS[1], "book_lean.sql", **in_turn),
        place.http(CHOSEN, server, chosen_seat(event=first_hot, seats=hot.seats, users=USERS)),
    ]


def _cancellations(place: Workplace) -> list[Side]:
    seats = place.size(2_000, quick=100)
    halls = Halls(50, seats, booked=seats)
    place.data.create("cancel", [halls], users=USERS)
    place.data.create("cancel_line", [halls._replace(waiting=seats)], users=USERS)
    load = {"bookings": halls.events * seats, "users": USERS}
    return [
        place.http(CANCEL, place.evently("cancel"), cancel(**load)),
        place.http(PASS_ON, place.evently("cancel_line"), cancel(**load)),
    ]


def _require_seats_left(place: Workplace) -> None:
    """Refuse what pgbench tells if it ran out of work; a server would have said so itself."""
    for database in LIMITS:
        with place.postgres.connect(database) as connection:
            [number] = connection.execute(FULL).fetchone()
        if number:
            raise RuntimeError(f"pgbench sold {number} events out: make more seats.")


def _folding(place: Workplace) -> tuple[str, str]:
    """Fold what the counted bookings left for the worker; tell what that cost."""
    before = cpu_seconds(place.postgres.pid)
    printed = run_program(place.postgres.url("book"), "-m", "bench.fold")
    postgres = cpu_seconds(place.postgres.pid) - before
    changes, python = printed.splitlines()[-1].split()
    each = (postgres + float(python)) * 1000 / max(int(changes), 1)
    return f"folding {int(changes):,} changes, ms of CPU each", f"{each:.3f}"
