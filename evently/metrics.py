"""What is counted and timed, for `/metrics`: every figure is defined here, and counted elsewhere.

Labels have few values, and none of them is an id or tells of a person.
"""

import os
import time
from threading import Lock

from django.db import connection
from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

NOTED_EVERY_SECONDS = 1

disable_created_metrics()  # the processes of a server can't share them
# They do share a folder; if somebody tidied it away, no process shall fail for it.
if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    os.makedirs(folder, exist_ok=True)

requests = Histogram(
    "evently_request_duration_seconds",
    "Requests, and how long Evently took to answer.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
throttled = Counter("evently_throttled", "Requests refused as too many.", ["scope"])
replayed = Counter("evently_idempotent_replays", "Answers given again for the same key.")

bookings_made = Counter("evently_bookings_made", "Seats booked, offers accepted included.")
bookings_cancelled = Counter("evently_bookings_cancelled", "Bookings cancelled.")
waitlisted = Counter("evently_waitlisted", "Entries made in lines.")
offers_made = Counter("evently_offers_made", "Freed seats offered to the head of a line.")
offers_accepted = Counter("evently_offers_accepted", "Offers that were booked in time.")
offers_lapsed = Counter("evently_offers_lapsed", "Offers that ran out.")
# By the name under which a change is logged.
BY_CHANGE = {
    "booking_made": bookings_made,
    "booking_cancelled": bookings_cancelled,
    "bookings_cancelled": bookings_cancelled,
    "waitlist_joined": waitlisted,
    "seat_offered": offers_made,
    "offer_accepted": offers_accepted,
    "offer_lapsed": offers_lapsed,
}

retried = Counter("evently_transaction_retries", "Transactions done again.", ["reason"])
gate_waits = Histogram(
    "evently_gate_wait_seconds",
    "How long it took to pass an event's gate on PostgreSQL, or to give up.",
    ["kind"],
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5),
)
lock_waits_ran_out = Counter("evently_lock_waits_ran_out", "Gates and rows not had in time.")
database_refusals = Counter(
    "evently_database_refusals", "Requests that the database's state answered with 503.", ["reason"]
)
pool = Gauge(
    "evently_pool_connections",
    "Connections of a process: open ones, available ones among them, and how many are waited for.",
    ["state"],
    multiprocess_mode="liveall",
)

worker_passes = Counter("evently_worker_passes", "The worker's passes.", ["outcome"])
deliveries = Counter("evently_deliveries", "Attempts to deliver notifications.", ["outcome"])

# A figure that may long stay at zero is there from the start, so that its first rise can be seen.
for kind in ("shared", "exclusive"):
    gate_waits.labels(kind)
for outcome in ("done", "failed"):
    worker_passes.labels(outcome)
for outcome in ("delivered", "failed"):
    deliveries.labels(outcome)


_noting = Lock()
_noted_at = -NOTED_EVERY_SECONDS


def count_change(name: str, number: int = 1) -> None:
    """Count a change that was committed, if it is one of those that have a figure."""
    if name in BY_CHANGE:
        BY_CHANGE[name].inc(number)


def note_pool(**kwargs: object) -> None:
    """Note how this process's pool of connections stands; harmless where there is none."""
    global _noted_at
    if time.monotonic() - _noted_at < NOTED_EVERY_SECONDS:
        return
    _noted_at = time.monotonic()
    if connections := getattr(connection, "pool", None):
        with _noting:  # else one that looked earlier may write later
            stands = connections.get_stats()
            pool.labels("open").set(stands["pool_size"])
            pool.labels("available").set(stands["pool_available"])
            pool.labels("awaited").set(stands["requests_waiting"])
