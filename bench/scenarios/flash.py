"""A flash sale: 2,000 people want 500 seats, over 150 connections. Nobody may be told a lie."""

import json
from dataclasses import replace

from bench.crowd import SOLD, Reply, post, rush, told_early
from bench.data import Halls
from bench.figures import Figure, percentile, ratio
from bench.outcome import Outcome
from bench.postgres import Postgres
from bench.processes import cpu_seconds, held_mb
from bench.rounds import alternate
from bench.servers import Server
from bench.sides import Sample
from bench.tutorial import data as tutorial
from bench.workplace import Workplace

PEOPLE, SEATS, CONNECTIONS = 2_000, 500, 150
EVENTS = 20
# Of the answers to a booking, beside 201: put in the line, and the tutorial's "sold out".
OURS, THEIRS = {SOLD, 202}, {SOLD, 409}

OVERSOLD = """
SELECT count(*) - count(DISTINCT seat_id) FROM {table} WHERE event_id = %s AND status = 'active'
"""
# Under the exclusive gate nobody sells, so whoever joined the line did before or after a sale.
JOINED_EARLY = """
SELECT count(*) FROM waitlists_waitlistentry
WHERE event_id = %s AND created_at < (
    SELECT max(created_at) FROM bookings_booking WHERE event_id = %s AND status = 'active'
)
"""


class Sale:
    """One service under the crowd: another event each time. What was wrong is added up."""

    def __init__(self, name: str, server: Server, postgres: Postgres, database: str) -> None:
        self.name = name
        self.event = 0
        self.last_seat_seconds: list[float] = []
        self.oversold = self.early = 0
        self._server, self._postgres, self._database = server, postgres, database
        self._is_ours = name == EVENTLY

    def run(self, seconds: float) -> Sample:
        """Hold one sale, however long it takes."""
        self.event += 1
        pids = self._server.pid, self._postgres.pid
        before = [cpu_seconds(pid) for pid in pids]
        requests = [self._wish(user) for user in range(1, PEOPLE + 1)]
        replies = rush(self._server.url, requests, connections=CONNECTIONS)
        taken = [cpu_seconds(pid) - was for pid, was in zip(pids, before, strict=True)]
        self._look_at(replies)
        return self._sample(replies, *taken)

    def _wish(self, user: int) -> bytes:
        wish = {"event_id": self.event} | ({} if self._is_ours else {"user_id": user})
        return post("/bookings", json.dumps(wish), X_User_ID=str(user))

    def _look_at(self, replies: list[Reply]) -> None:
        """Add up what was wrong, by the rows and by the answers."""
        sold = [reply for reply in replies if reply.status == SOLD]
        begin = min(reply.begin for reply in replies)
        last = max((reply.end for reply in sold), default=begin)
        self.last_seat_seconds.append(last - begin)
        with self._postgres.connect(self._database) as connection:
            table = "bookings_booking" if self._is_ours else "bookings"
            [twice] = connection.execute(OVERSOLD.format(table=table), [self.event]).fetchone()
            self.oversold += max(twice, len(sold) - SEATS)
            if self._is_ours:
                [joined] = connection.execute(JOINED_EARLY, [self.event] * 2).fetchone()
                self.early += max(joined, told_early(replies))

    def _sample(self, replies: list[Reply], python: float, postgres: float) -> Sample:
        taken = [(reply.end - reply.begin) * 1000 for reply in replies]
        seconds = max(r.end for r in replies) - min(r.begin for r in replies)
        expected = OURS if self._is_ours else THEIRS
        return Sample(
            rate=len(replies) / seconds,
            python_ms=python * 1000 / len(replies),
            postgres_ms=postgres * 1000 / len(replies),
            p50_ms=percentile(taken, 0.5),
            p99_ms=percentile(taken, 0.99),
            errors=sum(reply.status not in expected for reply in replies),
            memory_mb=held_mb(self._server.pid),
        )


EVENTLY, FASTAPI = "flash sale", "the same, FastAPI"


def run(place: Workplace) -> Outcome:
    halls = [Halls(EVENTS, SEATS)]
    place.data.create("flash", halls, users=PEOPLE)
    tutorial.create(place.postgres, "flash_tutorial", halls, users=PEOPLE)
    ours = Sale(EVENTLY, place.evently("flash"), place.postgres, "flash")
    theirs = Sale(FASTAPI, place.tutorial("flash_tutorial"), place.postgres, "flash_tutorial")
    outcome = Outcome(alternate([ours, theirs], replace(place.pace, rounds=3)))
    outcome.note("flash_oversold", ours.oversold)
    outcome.note("flash_errors", outcome.errors(EVENTLY))
    outcome.note("flash_waitlisted_early", ours.early)
    outcome.figures["flash_last_seat"] = ratio(ours.last_seat_seconds, theirs.last_seat_seconds)
    for sale in (ours, theirs):
        seconds = Figure.of(sale.last_seat_seconds)
        outcome.facts += [
            (f"{sale.name}: seconds to the last seat", f"{seconds.value:.2f}"),
            (f"{sale.name}: seats sold twice, in all sales", str(sale.oversold)),
        ]
    return outcome
