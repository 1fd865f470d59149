"""One event and the people who crowd it: what a seed makes them do, and what is written down."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple, TypeVar
from uuid import uuid4

import psycopg

from events.gate import NAMESPACE
from reliability.client import STAFF, Door, Person
from reliability.history import NEVER, Answer, Call, History
from reliability.postgres import Postgres

T = TypeVar("T")

KINDS = [
    "book", "book_seat", "cancel", "staff_cancel", "join", "leave", "accept", "expire",
    "see_event", "see_seats", "see_bookings", "see_line", "delete", "cancel_event",
]  # fmt: skip
# How often each kind is chosen, by what the crowd is after.
TEMPERS = {
    "rush": [8, 5, 3, 1, 2, 1, 2, 0.3, 1, 1, 1, 1, 0, 0],
    "churn": [6, 3, 9, 2, 2, 1, 2, 0.5, 1, 1, 1, 1, 0.1, 0],
    "line": [5, 1, 5, 1, 5, 3, 5, 2, 0.5, 1, 1, 2, 0.1, 0],
    "lapse": [5, 2, 5, 1, 3, 1, 4, 4, 0.5, 1, 1, 2, 0, 0],
    "ending": [4, 1, 7, 3, 2, 2, 2, 0.5, 1, 1, 1, 1, 3, 0],
    "called_off": [5, 2, 4, 1, 3, 2, 3, 1, 1, 1, 1, 1, 0.3, 0.3],
}
RECENT = 6
GATE = "SELECT pg_advisory_xact_lock(%s, hashint8(%s))"
PATIENCE_SECONDS = 60
PAUSE_WHEN_LOST_SECONDS = 0.05


class Plan(NamedTuple):
    seed: str
    seats: int
    people: int
    calls: int
    temper: str
    # The share of people who send idempotency keys.
    careful: float
    # How many seats a person may have booked at a time; 0: any number.
    limit: int


def plan_for(seed: str) -> Plan:
    """Return what a seed stands for; the same always."""
    rng = random.Random(seed)
    return Plan(
        seed=seed,
        seats=rng.choice([1, 1, 2, 2, 3, 4]),
        people=rng.randint(4, 8),
        calls=rng.randint(56, 80),
        temper=rng.choice(list(TEMPERS)),
        careful=rng.choice([0, 0, 0.5, 1]),
        limit=rng.choice([0, 0, 0, 1, 2]),
    )


class Hall:
    """An event of a plan's size, and what its people have heard of."""

    def __init__(self, plan: Plan, *, port: int, postgres: Postgres, users: list[int]) -> None:
        self.plan = plan
        self._port = port
        self._postgres = postgres
        self._users = users[: plan.people]
        self.event = 0
        self._calls: list[Call] = []
        self._bookings: dict[int, int] = {}
        self._entries: dict[int, int] = {}
        self._notes: list[str] = []

    def play(self) -> History:
        """Let the crowd in, wait until everybody is through, and read the rows."""
        self.event = create_event(self._port, seats=self.plan.seats)
        _patiently(self._limit_each_person)
        with ThreadPoolExecutor(len(self._users)) as crowd:
            together = threading.Barrier(len(self._users))
            visits = [crowd.submit(self._visit, user, together) for user in self._users]
        for visit in visits:
            visit.result()
        calls = (*self._calls, self._look_at_rows())
        return History(self.plan.seed, self.plan.seats, calls, tuple(self._notes), self.plan.limit)

    def _visit(self, user: int, together: threading.Barrier) -> None:
        rng = random.Random(f"{self.plan.seed}/{self._users.index(user)}")
        door = Door(self._port)
        is_careful = rng.random() < self.plan.careful
        person = Person(door, user=user, event=self.event, is_careful=is_careful, notes=self._notes)
        together.wait(PATIENCE_SECONDS)
        try:
            for _ in range(self.plan.calls // self.plan.people):
                call = self._act(person, rng)
                self._calls.append(call)
                self._learn(call)
                if not call.is_known:
                    time.sleep(PAUSE_WHEN_LOST_SECONDS)
        finally:
            door.close()

    def _act(self, person: Person, rng: random.Random) -> Call:
        [kind] = rng.choices(KINDS, TEMPERS[self.plan.temper])
        match kind:
            case "expire":
                return self._expire()
            case "book_seat":
                return person.call(kind, place=rng.randrange(self.plan.seats))
            case "cancel":
                return self._act_on(person, rng, kind, self._bookings, person.user)
            case "staff_cancel":
                return self._act_on(person, rng, "cancel", self._bookings, None)
            case "leave" | "accept":
                return self._act_on(person, rng, kind, self._entries, person.user)
            case "delete" | "cancel_event":
                return person.call(kind, as_staff=True)
        return person.call(kind)

    def _act_on(
        self, person: Person, rng: random.Random, kind: str, rows: dict[int, int], owner: int | None
    ) -> Call:
        """Do something with a row that is the person's own, or, as staff, with anybody's."""
        known = [row for row, user in list(rows.items()) if owner in (None, user)]
        if not known:
            return person.call("book")
        return person.call(kind, row=rng.choice(known[-RECENT:]), as_staff=owner is None)

    def _learn(self, call: Call) -> None:
        if not call.answer:
            return
        match call.answer.word, call.kind:
            case "booked", _:
                self._bookings[call.answer.row] = call.user
            case "waitlisted" | "joined" | "waiting", _:
                self._entries[call.answer.row] = call.user
            case "seen", "see_bookings":
                self._bookings |= {row: user for row, user, *_ in call.answer.value}
            case "seen", "see_line":
                self._entries |= {row: call.user for row, *_ in call.answer.value}

    def _limit_each_person(self) -> None:
        with self._at_gate() as connection:
            connection.execute(
                "UPDATE events_event SET max_per_user = %s WHERE id = %s",
                [self.plan.limit or None, self.event],
            )

    def _expire(self) -> Call:
        """Move all deadlines of the event into the past, as time would."""
        begin = time.monotonic()
        try:
            with self._at_gate() as connection:
                connection.execute(
                    "UPDATE events_seat SET held_until = clock_timestamp() - interval '1 second'"
                    " WHERE event_id = %s AND status = 'held'",
                    [self.event],
                )
        except psycopg.Error:
            return Call("expire", begin)
        return Call("expire", begin, time.monotonic(), Answer("done"))

    def _look_at_rows(self) -> Call:
        """Read all rows of the event at one moment."""
        begin = time.monotonic()
        value = _patiently(self._read_rows)
        return Call("see_rows", begin, NEVER, Answer("seen", value=value))

    def _read_rows(self) -> tuple:
        with self._at_gate() as connection:
            return _rows(connection, self.event)

    @contextmanager
    def _at_gate(self) -> Iterator[psycopg.Connection]:
        """Open a transaction that sees no half-done change of the event."""
        with self._postgres.connect() as connection, connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '5s'")
            connection.execute(GATE, [NAMESPACE, self.event])
            yield connection


def _patiently(work: Callable[[], T]) -> T:
    """Do it again until the database lets us, for a bounded time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return work()
        except psycopg.Error:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_WHEN_LOST_SECONDS)


def create_event(port: int, *, seats: int) -> int:
    """Make an event by the API, which may be in trouble just now; return its id."""
    body = {
        "name": "Crowded", "venue": "Small Stage", "total_seats": seats,
        "start_time": "2030-06-01T19:00:00Z", "end_time": "2030-06-01T22:00:00Z",
    }  # fmt: skip
    return _insist(port, "/admin/events", body)


def create_people(port: int, *, number: int) -> list[int]:
    """Make users by the API and return their ids."""
    names = [f"visitor-{uuid4().hex}" for _ in range(number)]
    people = [{"username": name, "email": f"{name}@example.org"} for name in names]
    return [_insist(port, "/admin/users", person) for person in people]


def _insist(port: int, path: str, body: dict) -> int:
    deadline = time.monotonic() + PATIENCE_SECONDS
    door = Door(port)
    try:
        while True:
            reply = door.ask("POST", path, STAFF, body)
            if reply is not None and reply.status == 201:
                return reply.body["id"]
            if time.monotonic() > deadline:
                raise TimeoutError(f"POST {path} doesn't succeed; the last answer: {reply}")
            time.sleep(PAUSE_WHEN_LOST_SECONDS)
    finally:
        door.close()


def _rows(connection: psycopg.Connection, event: int) -> tuple:
    """Return the rows as `machine.rows_of` describes them, and what people were told."""
    place = "(SELECT position - 1 FROM events_seat WHERE id = {})"
    found = connection.execute("SELECT status FROM events_event WHERE id = %s", [event]).fetchone()
    tables = [
        "SELECT status, held_for_id FROM events_seat WHERE event_id = %s ORDER BY position",
        f"SELECT id, user_id, {place.format('seat_id')}, status FROM bookings_booking"
        " WHERE event_id = %s ORDER BY id",
        f"SELECT id, user_id, status, {place.format('offered_seat_id')}"
        " FROM waitlists_waitlistentry WHERE event_id = %s ORDER BY id",
        "SELECT kind, user_id, booking_id FROM notifications_notification WHERE event_id = %s"
        " AND kind IN ('booking_confirmed', 'booking_cancelled', 'event_cancelled',"
        " 'waitlist_joined') ORDER BY id",
    ]
    rows = [tuple(connection.execute(table, [event]).fetchall()) for table in tables]
    return (found[0] if found else "deleted", *rows)
