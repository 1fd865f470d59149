"""The counts of an event's seats and bookings: written down with every change, folded later.

A row that all sellers add one to would make them wait for each other, and counting what is there
takes the longer the more there is. So every change leaves a row of its own (`SeatChange`), which
the worker adds up into the few rows that are kept (`SeatCount`, `DayCount`). Whoever reads both in
one statement, or in one snapshot, reads what is exactly so.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F
from django.utils.timezone import localdate

from evently import transactions
from evently.statements import write
from events.gate import Gate
from events.models import DayCount, Seat, SeatChange, SeatCount

logger = structlog.get_logger("evently.counts")

CHANGES_PER_FOLD = 10_000
ROWS_PER_INSERT = 1_000
# By hand, since every booking pays for it: a model's own way takes several times as long.
_INSERT_CHANGE = """
INSERT INTO events_seatchange (event_id, day, made_on, available, booked, cancelled)
VALUES (%s, %s, %s, %s, %s, %s)
"""
# What is deleted is what is returned, whatever is committed meanwhile.
_TAKE_CHANGES = """
DELETE FROM events_seatchange WHERE event_id = %s
AND id IN (SELECT id FROM events_seatchange WHERE event_id = %s LIMIT %s)
RETURNING day, made_on, available, booked, cancelled
"""
# The ORM's upsert can only put a value in another's place, not add to it.
_ADD_TO_DAY = """
INSERT INTO events_daycount (event_id, day, booked, cancelled, cancelled_since)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (event_id, day) DO UPDATE SET
    booked = events_daycount.booked + EXCLUDED.booked,
    cancelled = events_daycount.cancelled + EXCLUDED.cancelled,
    cancelled_since = events_daycount.cancelled_since + EXCLUDED.cancelled_since
"""


def count_change(
    gate: Gate,
    *,
    available: int = 0,
    booked: int = 0,
    cancelled: int = 0,
    made_on: date | None = None,
) -> None:
    """Write down, in the transaction of the change, by how many it changes the counts.

    `made_on`: the day on which the bookings that are cancelled were made, the same for all.
    """
    if available or booked or cancelled:
        numbers = available, booked, cancelled
        write(_INSERT_CHANGE, [gate.event_id, localdate(gate.now), made_on, *numbers])


def fold_all() -> int:
    """Fold the changes of all events, one after the other; return how many.

    Two at once do no harm. An event that can't be folded now is left for the next time.
    """
    events = SeatChange.objects.order_by("event_id").values_list("event_id", flat=True).distinct()
    return sum(_fold_if_possible(event_id) for event_id in list(events))


def fold_changes(*, event_id: int) -> int:
    """Add an event's changes to its counts; return how many.

    Takes the lock of its `SeatCount` and needs no gate. Counts of another time zone's days stay
    as they are: what comes in is of this one's.
    """
    folded = number = transactions.run(lambda: _fold_portion(event_id))
    while number == CHANGES_PER_FOLD:
        number = transactions.run(lambda: _fold_portion(event_id))
        folded += number
    return folded


def recount(*, event_id: int, ledger: Iterable[tuple[date, date | None, int]]) -> None:
    """Count an event anew: its available seats and, by days, the bookings that the ledger tells.

    Of the latter: when they were made, when cancelled, and how many. Runs in the transaction of a
    caller who is alone with the event, be it under the exclusive gate or before anybody sees it.
    Repeating is harmless.
    """
    seats = Seat.objects.filter(event_id=event_id).available().count()
    # The first of all that are written: whoever folds has locked it.
    SeatCount.objects.update_or_create(
        event_id=event_id,
        defaults={"zone": settings.TIME_ZONE, "available": seats, "booked": 0, "cancelled": 0},
    )
    for counted in (SeatChange, DayCount):
        counted.objects.filter(event_id=event_id).delete()
    changes = [change for line in ledger for change in _changes_of(event_id, *line)]
    SeatChange.objects.bulk_create(changes, ROWS_PER_INSERT)
    while _fold_portion(event_id):
        pass


def _fold_if_possible(event_id: int) -> int:
    try:
        return fold_changes(event_id=event_id)
    # One event's trouble, such as a lock that a stranger holds, must not stop all others.
    except DatabaseError as trouble:
        logger.warning("fold_failed", event_id=event_id, reason=type(trouble).__name__)
        return 0


def _fold_portion(event_id: int) -> int:
    counts = SeatCount.objects.filter(event_id=event_id, zone=settings.TIME_ZONE)
    # Whoever has locked it is folding these changes, counting anew, or deleting the event.
    if not counts.select_for_update(skip_locked=True):
        return 0
    changes = _take_changes(event_id)
    if changes:
        totals, days = _add_up(changes)
        counts.update(**{name: F(name) + number for name, number in totals.items()})
        _add_to_days(event_id, days)
    return len(changes)


def _take_changes(event_id: int) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_CHANGES, [event_id, event_id, CHANGES_PER_FOLD])
        return cursor.fetchall()


def _add_up(changes: list[tuple]) -> tuple[Counter, dict[date, Counter]]:
    totals: Counter[str] = Counter()
    days: dict[date, Counter] = defaultdict(Counter)
    # Most are alike: one booking made today.
    for (day, made_on, available, booked, cancelled), times in Counter(changes).items():
        totals.update(
            available=available * times, booked=booked * times, cancelled=cancelled * times
        )
        if booked or cancelled:
            days[day].update(booked=booked * times, cancelled=cancelled * times)
        if cancelled:
            days[made_on].update(cancelled_since=cancelled * times)
    return totals, days


def _add_to_days(event_id: int, days: dict[date, Counter]) -> None:
    rows = [
        (event_id, day, numbers["booked"], numbers["cancelled"], numbers["cancelled_since"])
        for day, numbers in sorted(days.items())
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_ADD_TO_DAY, rows)


def _changes_of(
    event_id: int, made_on: date, cancelled_on: date | None, number: int
) -> Iterator[SeatChange]:
    unchanged = {"event_id": event_id, "available": 0, "booked": 0, "cancelled": 0}
    yield SeatChange(**unchanged | {"day": made_on, "booked": number})
    if cancelled_on:
        cancelled = {"day": cancelled_on, "made_on": made_on, "cancelled": number}
        yield SeatChange(**unchanged | cancelled)
