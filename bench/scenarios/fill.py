"""Pages that the search for the next seat touches, by how large and how full the hall is."""

import json
from statistics import median

from bench.buffers import touched
from bench.data import Halls
from bench.outcome import Outcome
from bench.workplace import Workplace

USERS = 100
TRIES = 5
SMALL, LARGE = 1_000, 100_000
LARGE_PER_LEFT = 1_000  # so 99.9 % are sold
# Ids of the events, in the order in which they are made.
EMPTY, SOLD, JUST_SOLD = 1, 2, 3
SELL = """
UPDATE events_seat SET status = 'booked' WHERE event_id = %s AND position <= %s
"""


def run(place: Workplace) -> Outcome:
    large = place.size(LARGE, quick=10_000)
    last = large // LARGE_PER_LEFT
    halls = [
        Halls(1, SMALL),
        Halls(1, large, booked=large - last),
        Halls(1, large),
    ]
    place.data.create("fill", halls, users=USERS)
    with place.postgres.connect("fill") as connection:
        connection.execute(SELL, [JUST_SOLD, large - last])

    url = place.postgres.url("fill")
    pages = {event: _pages(url, event) for event in (EMPTY, SOLD, JUST_SOLD)}
    outcome = Outcome()
    outcome.note("fill_buffers", median(pages[SOLD]) / median(pages[EMPTY]))
    outcome.facts = [
        (f"pages for the next seat, {words}", " ".join(str(number) for number in pages[event]))
        for event, words in (
            (EMPTY, f"{SMALL:,} seats, none sold"),
            (SOLD, f"{large:,} seats, {last:,} left"),
            (JUST_SOLD, f"{large:,} seats, {last:,} left, sold just now and not vacuumed"),
        )
    ]
    return outcome


def _pages(url: str, event: int) -> list[int]:
    """Book some seats, one after the other; return what the search for each touched."""
    wish = json.dumps({"event_id": event})
    calls = touched(url, "POST", "/bookings", users=range(1, TRIES + 1), body=wish)
    return [_of_search(queries) for queries in calls]


def _of_search(queries: list[dict]) -> int:
    found = [q for q in queries if "events_seat" in q["sql"] and "FOR UPDATE" in q["sql"]]
    if not found:
        raise RuntimeError("The booking sent no search for a seat.")
    return sum(query["pages"] for query in found)
