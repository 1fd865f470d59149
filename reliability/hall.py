"""One event and the people who crowd it: what a seed makes them do, and what is written down."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

import psycopg

from events.gate import NAMESPACE
from reliability.client import STAFF, Door, Person
from reliability.history import NEVER, Answer, Call, History
from reliability.plans import Plan
from reliability.postgres import Postgres
from reliability.tables import rows_in

T = TypeVar("T")

RECENT = 6
# One moment for a hold and its seats: that at which the transaction began.
EXPIRE = (
    "UPDATE events_hold SET created_at = now() - interval '10 minutes',"
    " expires_at = now() - interval '1 second' WHERE event_id = %s AND status = 'open'",
    "UPDATE events_seat SET held_until = now() - interval '1 second'"
    " WHERE event_id = %s AND held_until IS NOT NULL",
)
GATE = "SELECT pg_advisory_xact_lock(%s, hashint8(%s))"
PATIENCE_SECONDS = 60
PAUSE_WHEN_LOST_SECONDS = 0.05


class Hall:
    """An event of a plan's size, and what its people have heard of."""

    def __init__(self, plan: Plan, *, port: int, postgres: Postgres, users: list[int]) -> None:
        self.plan = plan
        self._port = port
        self._postgres = postgres
        self._users = users[: plan.people]
        self.event = 0
        self._seat_ids: tuple[int, ...] = ()
        self._calls: list[Call] = []
        # Whose each row is.
        self._bookings: dict[int, int] = {}
        self._entries: dict[int, int] = {}
        self._holds: dict[int, int] = {}
        self._orders: dict[int, int] = {}
        self._notes: list[str] = []

    def play(self) -> History:
        """Let the crowd in, wait until everybody is through, and read the rows."""
        self.event = create_event(self._port, seats=self.plan.seats)
        _patiently(self._limit_each_person)
        self._seat_ids = _patiently(self._read_seat_ids)
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
        person = Person(
            door,
            user=user,
            event=self.event,
            seat_ids=self._seat_ids,
            is_careful=is_careful,
            notes=self._notes,
        )
        together.wait(PATIENCE_SECONDS)
        try:
            call = None
            for _ in range(self.plan.calls // self.plan.people):
                call = self._act(person, rng, self._choose(rng, call))
                self._calls.append(call)
                self._learn(call)
                if not call.is_known:
                    time.sleep(PAUSE_WHEN_LOST_SECONDS)
        finally:
            door.close()

    def _choose(self, rng: random.Random, last: Call | None) -> str:
        """Choose the next kind of call; who saw a deadline pass may try to be faster."""
        [kind] = rng.choices(*zip(*self.plan.often.items(), strict=True))
        if last and last.kind == "expire" and rng.random() < 0.7:
            return rng.choice(["order_hold", "accept"] if self._holds else ["accept"])
        return kind

    def _act(self, person: Person, rng: random.Random, kind: str) -> Call:
        """Make a call of this kind, or another one where there is nothing to make it about."""
        on_row = partial(self._act_on, person, rng)
        match kind:
            case "expire":
                return self._expire()
            case "book_seat":
                return person.call(kind, place=rng.randrange(self.plan.seats))
            case "cancel" | "offer_back" | "take_back":
                return on_row(kind, self._bookings)
            case "staff_cancel":
                return on_row("cancel", self._bookings, as_staff=True)
            case "leave" | "accept":
                return on_row(kind, self._entries)
            case "accept_part":
                return on_row("accept", self._entries, **self._part(rng))
            case "refresh" | "release" | "order_hold":
                return on_row(kind, self._holds, instead="hold")
            case "cancel_order":
                return on_row(kind, self._orders, as_staff=rng.random() < 0.5)
            case "hold" | "order":
                return person.call(kind, **self._wish(rng))
            case "join_as_party":
                return person.call("join", **_so_many(rng, 4))
            case "meddle":
                return self._meddle(person, rng)
            case "delete" | "cancel_event":
                return person.call(kind, as_staff=True)
        return person.call(kind)

    def _wish(self, rng: random.Random) -> dict[str, Any]:
        """Return which seats somebody wants, or how many."""
        return self._chosen(rng, 3) if rng.random() < 0.5 else _so_many(rng, 3)

    def _part(self, rng: random.Random) -> dict[str, Any]:
        """Return which of the seats that are kept somebody takes, or how many."""
        return self._chosen(rng, 2) if rng.random() < 0.3 else {"size": rng.randint(1, 2)}

    def _chosen(self, rng: random.Random, at_most: int) -> dict[str, Any]:
        size = rng.randint(1, min(at_most, self.plan.seats))
        return {"places": tuple(sorted(rng.sample(range(self.plan.seats), size)))}

    def _act_on(
        self,
        person: Person,
        rng: random.Random,
        kind: str,
        rows: dict[int, int],
        *,
        as_staff: bool = False,
        instead: str = "",
        **about: Any,
    ) -> Call:
        """Do something with a row that is the person's own, or, as staff, with anybody's."""
        known = [row for row, user in list(rows.items()) if as_staff or user == person.user]
        if not known:
            return self._come(person, rng, instead)
        row = rng.choice([known[-1], rng.choice(known[-RECENT:])])
        return person.call(kind, row=row, as_staff=as_staff, **about)

    def _meddle(self, person: Person, rng: random.Random) -> Call:
        """Ask for something of another's."""
        rows = {
            "meddle_with_booking": self._bookings,
            "meddle_with_hold": self._holds,
            "meddle_with_order": self._orders,
            "meddle_with_entry": self._entries,
        }
        others = [
            (kind, row)
            for kind, known in rows.items()
            for row, user in list(known.items())
            if user != person.user
        ]
        if not others:
            return self._come(person, rng)
        kind, row = rng.choice(others)
        return person.call(kind, row=row)

    def _come(self, person: Person, rng: random.Random, how: str = "") -> Call:
        """Ask for a first seat, or for several."""
        if not self.plan.is_of_groups:
            return person.call("book")
        kind = how or rng.choice(["hold", "order", "join"])
        return person.call(kind, **self._wish(rng) if kind != "join" else _so_many(rng, 3))

    def _learn(self, call: Call) -> None:
        if not call.answer:
            return
        match call.answer.word, call.kind:
            case "booked", _:
                self._bookings[call.answer.row] = call.user
            case "ordered", _:
                self._orders[call.answer.row] = call.user
                self._bookings |= {row: call.user for row, _ in call.answer.value}
            case "held", _:
                self._holds[call.answer.row] = call.user
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

    def _read_seat_ids(self) -> tuple[int, ...]:
        with self._at_gate() as connection:
            ids = "SELECT id FROM events_seat WHERE event_id = %s ORDER BY position"
            return tuple(id for (id,) in connection.execute(ids, [self.event]))

    def _expire(self) -> Call:
        """Move all deadlines of the event into the past, as time would."""
        begin = time.monotonic()
        try:
            with self._at_gate() as connection:
                for statement in EXPIRE:
                    connection.execute(statement, [self.event])
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
            return rows_in(connection, self.event)

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


def _so_many(rng: random.Random, at_most: int) -> dict[str, Any]:
    return {"size": rng.randint(2, at_most), "is_adjacent": rng.random() < 0.5}
