"""Behind PgBouncer: the time-outs hold, and crowds are told what can be explained."""

import argparse
import time
from pathlib import Path

from events.gate import NAMESPACE
from reliability import figures, histories
from reliability.bouncer import PgBouncer
from reliability.client import STAFF, Door
from reliability.cluster import Cluster, cluster
from reliability.hall import create_event

HISTORIES = 40
ROLE_LIMITS = {"statement_timeout": "3s", "lock_timeout": "1s"}
# What waits for what, and for how long at least and at most.
BOUNDS_SECONDS = {"a locked row": (0.9, 2.5), "a closed gate": (4.9, 7.0), "a read": (0.9, 3.5)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--number", type=int, default=HISTORIES, help="of histories")
    parser.add_argument("--seed", default="pgbouncer", help="to run the same plans again")


def main(options: argparse.Namespace) -> int:
    bouncer = PgBouncer()
    try:
        with cluster(proxy=bouncer, EVENTLY_PGBOUNCER="1", EVENTLY_DATABASE_POOL="4") as evently:
            _limit_role(evently)
            waits = _measure_waits(evently)
            tally = histories.run(
                evently, seed=options.seed, number=options.number, save=Path("data")
            )
            tally.integrity = evently.manage("check_integrity").strip()
    finally:
        bouncer.close()
    figures.show("Waits behind PgBouncer", [(what, f"{s:.1f} s") for what, s in waits.items()])
    figures.show("Histories behind PgBouncer", tally.rows())
    are_bounded = all(low < waits[what] < high for what, (low, high) in BOUNDS_SECONDS.items())
    return tally.is_bad or not are_bounded


def _limit_role(evently: Cluster) -> None:
    """Give the role what no connection can ask PgBouncer for, as the README has it."""
    with evently.postgres.connect() as session:
        for name, value in ROLE_LIMITS.items():
            session.execute(f"ALTER ROLE evently SET {name} = '{value}'")
    evently.postgres.stop()
    evently.postgres.start()


def _measure_waits(evently: Cluster) -> dict[str, float]:
    """Return how long the server waits for what a stranger holds until it refuses."""
    port = evently.web.port
    event = create_event(port, seats=1)
    door = Door(port)
    person = {"username": "waiter", "email": "waiter@example.org"}
    user = door.ask("POST", "/admin/users", STAFF, person).body["id"]
    wish = {"user_id": user, "event_id": event, "seat_number": "Seat-1"}
    held = {
        "a locked row": ("SELECT id FROM events_seat WHERE event_id = %s FOR UPDATE", [event]),
        "a closed gate": ("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", [NAMESPACE, event]),
        "a read": ("LOCK TABLE events_event IN ACCESS EXCLUSIVE MODE", None),
    }
    waits = {}
    with evently.postgres.connect() as stranger:
        for what, (statement, values) in held.items():
            with stranger.transaction():
                stranger.execute(statement, values)
                call = ("GET", "/events") if what == "a read" else ("POST", "/bookings")
                begun = time.monotonic()
                reply = door.ask(*call, STAFF, None if what == "a read" else wish)
                waits[what] = time.monotonic() - begun
                if reply is None or reply.status != 503:
                    raise RuntimeError(f"{what} held by a stranger is answered by {reply}")
    return waits
