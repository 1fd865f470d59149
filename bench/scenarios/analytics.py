"""The figures for staff, of ever more bookings: what they cost, and whether they are right."""

import json
from collections.abc import Iterator
from dataclasses import replace
from urllib.request import Request, urlopen

import psycopg

from bench.figures import Figure, growth
from bench.loads import get
from bench.outcome import Outcome
from bench.rounds import alternate, values
from bench.servers import Server
from bench.workplace import Workplace
from bench.wrk import Load

PATH = "/admin/analytics"
STAFF = {"X_User_Role": "admin"}
FEW = 5
PATIENCE_SECONDS = 60
SIZES = (100_000, 1_000_000, 10_000_000)
TOTALS = """
SELECT count(*), count(*) FILTER (WHERE status = 'active'),
       count(*) FILTER (WHERE status = 'cancelled')
FROM bookings_booking
"""
BY_DAY = "SELECT {column}::date, count(*) FROM bookings_booking GROUP BY 1"
BY_EVENT = """
SELECT event_id, count(*) FILTER (WHERE status = 'booked'),
       count(*) FILTER (WHERE status = 'available')
FROM events_seat GROUP BY 1
"""


def run(place: Workplace) -> Outcome:
    sizes = [1_000, 10_000, 100_000] if place.is_quick else SIZES
    names = {size: f"figures of {size:,} bookings" for size in sizes}
    databases = {size: place.data.ledger(size) for size in sizes}
    servers = {size: place.evently(databases[size]) for size in sizes}
    sides = [place.http(names[size], servers[size], _load()) for size in sizes]
    outcome = Outcome(alternate(sides, place.pace))

    costs = [values(outcome.samples, names[size], "cpu_ms") for size in sizes]
    outcome.figures["analytics_growth"] = Figure.of(
        [growth(sizes, round_) for round_ in zip(*costs, strict=True)]
    )
    wrong = []
    for size in sizes:
        with place.postgres.connect(databases[size]) as connection:
            differences = list(_differences(_told(servers[size]), connection))
        wrong += [(f"{names[size]}: told wrongly", words) for words in differences]
    outcome.note("analytics_wrong", len(wrong))
    outcome.facts = wrong[:FEW]
    return outcome


def _load() -> Load:
    # One asks at a time: nobody reads figures by the dozen.
    return replace(get(PATH, **STAFF), connections=1)


def _told(server: Server) -> dict:
    request = Request(server.url + PATH, headers={"X-User-Role": "admin"})
    with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return json.load(answer)


def _differences(told: dict, connection: psycopg.Connection) -> Iterator[str]:
    """Compare what staff are told with a count of the rows."""
    connection.execute(f"SET TIME ZONE '{told['timezone']}'")
    totals = told["totals"]
    counted = connection.execute(TOTALS).fetchone()
    if (found := (totals["bookings"], totals["active"], totals["cancelled"])) != counted:
        yield f"totals are told as {found}, and are {counted}"
    for member, column in (("booked", "created_at"), ("cancelled", "cancelled_at")):
        days = connection.execute(BY_DAY.format(column=column)).fetchall()
        expected = {str(day): number for day, number in days if day}
        if {day["date"]: day[member] for day in told["daily"] if day[member]} != expected:
            yield f"{member} by day"
    expected = {event: seats for event, *seats in connection.execute(BY_EVENT)}
    for event in told["events"]:
        found = [event["booked_seats"], event["available_seats"]]
        if found != expected[event["event_id"]]:
            yield f"event {event['event_id']}: {found}, and not {expected[event['event_id']]}"
