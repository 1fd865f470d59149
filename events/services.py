"""Changes to events and seats. Those that touch a booking or a line belong to floors above."""

from collections.abc import Collection
from copy import copy
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection

from evently import transactions
from evently.api.logs import log_change
from evently.audit.services import record, record_all
from evently.statements import insert, write
from events import counts
from events import gate as gates
from events.errors import (
    EventNotFound,
    EventNotOnSale,
    SalesEnded,
    SalesNotStarted,
    StaleVersion,
    StatusChangeRefused,
    TooManyRows,
    TotalSeatsImmutable,
)
from events.gate import Gate
from events.layout import Layout, seats_of, size_of
from events.models import Event, Seat, SeatCount

FACTS = [
    "name", "description", "venue", "start_time", "end_time", "timezone", "status", "total_seats",
    "max_per_user", "sales_start", "sales_end", "cancel_until",
]  # fmt: skip
# Made inside the database, in SQL that both of ours know: a great hall takes a second and no
# memory, where a row at a time through Python takes several.
_INSERT_SEATS = """
WITH RECURSIVE places (position, total, in_row) AS (
    SELECT 0, %s, %s
    UNION ALL
    SELECT position + 1, total, in_row FROM places WHERE position < total
)
INSERT INTO events_seat (event_id, position, status, {columns})
SELECT %s, position, 'available', {values} FROM places WHERE position > 0
"""
_ONE_BY_ONE = _INSERT_SEATS.format(columns="seat_number", values="'Seat-' || position")
_LETTERS = "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"
_ROW = "(position - 1) / in_row"
# Rows A to Z, then AA to ZZ; before the first letter of an alphabet there is nothing.
_ROW_NAME = f"substr({_LETTERS}, {_ROW} / 26, 1) || substr({_LETTERS}, {_ROW} %% 26 + 1, 1)"
_NUMBER = "(position - 1) %% in_row + 1"
_IN_ROWS = _INSERT_SEATS.format(
    columns='seat_number, "row", number, place',
    values=f"{_ROW_NAME} || '-' || ({_NUMBER}), {_ROW_NAME}, {_NUMBER}, {_NUMBER}",
)
MAX_ROWS = 26 + 26 * 26
SEATS_PER_INSERT = 1_000
# A seat that isn't kept any more.
FOR_NOBODY: dict[str, Any] = {
    "held_for": None, "held_until": None, "hold": None, "offered_back_by": None,
}  # fmt: skip


def create_event(
    *,
    name: str,
    venue: str,
    start_time: datetime,
    end_time: datetime,
    total_seats: int | None = None,
    description: str = "",
    timezone: str | None = None,
    status: str = Event.Status.PUBLISHED,
    max_per_user: int | None = None,
    sales_start: datetime | None = None,
    sales_end: datetime | None = None,
    cancel_until: datetime | None = None,
    seats_per_row: int | None = None,
    layout: Layout | None = None,
) -> Event:
    """Make an event and its seats, all on sale but those that a layout blocks.

    They are named Seat-1 to Seat-N or, given how many make a row, A-1, A-2 … B-1 and so on, at
    most 702 rows; or the hall has a `layout`, which tells their number too. `timezone` is the
    server's unless given; `max_per_user` None sets no limit, None leaves the sales open at that
    end, and lets holders cancel at any time.

    Raises: TooManyRows.
    """
    total_seats = size_of(layout) if layout else total_seats or 0
    if seats_per_row and total_seats > seats_per_row * MAX_ROWS:
        raise TooManyRows

    def create() -> Event:
        transactions.limit(statement_timeout=transactions.LENGTHY_STATEMENT_TIMEOUT)
        event = Event.objects.create(
            name=name,
            venue=venue,
            start_time=start_time,
            end_time=end_time,
            total_seats=total_seats,
            description=description,
            timezone=timezone or settings.TIME_ZONE,
            status=status,
            max_per_user=max_per_user,
            sales_start=sales_start,
            sales_end=sales_end,
            cancel_until=cancel_until,
        )
        create_seats(event=event, seats_per_row=seats_per_row, layout=layout)
        facts = facts_of(event)
        record("event_created", after=facts, event_id=event.id, total_seats=total_seats)
        return event

    return transactions.run(create)


def create_seats(
    *, event: Event, seats_per_row: int | None = None, layout: Layout | None = None
) -> None:
    """Insert the event's seats, as by `create_event`, and count them.

    (The caller's transaction.)
    """
    if layout:
        _create_hall(event, layout)
        return
    statement = _IN_ROWS if seats_per_row else _ONE_BY_ONE
    with connection.cursor() as cursor:
        cursor.execute(statement, [event.total_seats, seats_per_row or 0, event.id])
    SeatCount.objects.create(event=event, zone=settings.TIME_ZONE, available=event.total_seats)


def _create_hall(event: Event, layout: Layout) -> None:
    seats = seats_of(layout, event)
    available = 0
    while batch := list(islice(seats, SEATS_PER_INSERT)):
        insert(batch, needs_ids=False)
        available += sum(seat.is_available for seat in batch)
    SeatCount.objects.create(event=event, zone=settings.TIME_ZONE, available=available)


def apply_changes(
    gate: Gate, *, changes: dict[str, Any], expected_versions: Collection[int] | None = None
) -> tuple[Event, Event]:
    """Write new values for some of the event's fields; return the event before and after.

    Called under the exclusive gate by whoever tells the people concerned. What changes anything
    makes a new version.

    Raises: EventNotFound, StaleVersion, TotalSeatsImmutable, StatusChangeRefused.
    """
    gate.require_exclusive()
    before = find_event(gate.event_id)
    require_version(before, expected_versions)
    after = copy(before)
    for field, value in changes.items():
        setattr(after, field, value)
    if after.total_seats != before.total_seats:
        raise TotalSeatsImmutable
    _refuse_other_ways(before.status, after.status)

    changed = [field for field in changes if getattr(before, field) != getattr(after, field)]
    if changed:
        after.version += 1
        after.save(update_fields=[*changed, "version"])
        states = _changed(before, after)
        names = " ".join(sorted(changed))
        record("event_changed", at=gate.now, **states, event_id=after.id, fields=names)
    return before, after


def require_version(event: Event, expected: Collection[int] | None) -> None:
    """Go on only if the event, read under its exclusive gate, is a version that is expected.

    None expects any. Before the gate, two who expect the same version would both go on.

    Raises: StaleVersion.
    """
    if expected is not None and event.version not in expected:
        raise StaleVersion


def facts_of(event: Event) -> dict[str, Any]:
    """Return what an event is, for the record of changes."""
    return {name: getattr(event, name) for name in FACTS}


def seat_change(event_id: int, seat_id: int, before: str, after: str) -> dict[str, Any]:
    """Tell from which state to which a seat goes, for the record of changes."""
    states = {"before": {"status": before}, "after": {"status": after}}
    return states | {"event_id": event_id, "seat_id": seat_id}


def find_event(event_id: int) -> Event:
    """Return an event of any status. Raises: EventNotFound."""
    event = Event.objects.filter(id=event_id).first()
    if event is None:
        raise EventNotFound
    return event


def require_on_sale(event: Event | None) -> Event:
    """Return the event if it is published. Raises: EventNotFound, EventNotOnSale."""
    if event is None or event.status == Event.Status.DRAFT:
        raise EventNotFound
    if not event.is_on_sale:
        raise EventNotOnSale
    return event


def require_open_sales(event: Event, now: datetime) -> None:
    """Go on only from the start of the event's sales on, and before their end.

    A seat that is being kept for somebody is no sale: it was promised.

    Raises: SalesNotStarted, SalesEnded.
    """
    if event.sales_start is not None and now < event.sales_start:
        raise SalesNotStarted
    if event.sales_end is not None and now >= event.sales_end:
        raise SalesEnded


# Names the event as well as the seat: a sharded database is told where to go.
_MARK_BOOKED = """
UPDATE "events_seat" SET status = 'booked', held_for_id = NULL, held_until = NULL, hold_id = NULL,
offered_back_by_id = NULL
WHERE event_id = %s AND id = %s
"""


def mark_booked(seat: Seat) -> None:
    """Write that a seat, which this transaction has locked, is booked."""
    write(_MARK_BOOKED, [seat.event_id, seat.id])
    seat.status = Seat.Status.BOOKED
    seat.held_for = seat.held_until = seat.hold = seat.offered_back_by = None


def mark_all_booked(gate: Gate, *, seat_ids: list[int]) -> None:
    """Write that seats, which this transaction has locked, are booked: one statement."""
    seats = Seat.objects.filter(event_id=gate.event_id, id__in=seat_ids)
    seats.update(status=Seat.Status.BOOKED, **FOR_NOBODY)


def mark_offered_back(seat: Seat, *, by: int | None) -> None:
    """Write which user gives a locked seat back as soon as somebody takes it; None: nobody does."""
    seat.offered_back_by_id = by
    Seat.objects.filter(event_id=seat.event_id, id=seat.id).update(offered_back_by=by)


def keep_for_line(gate: Gate, *, seats: list[Seat]) -> None:
    """Hold seats that are on offer to somebody in line, and that are nobody else's any more."""
    if seats:
        kept = Seat.objects.filter(event_id=gate.event_id, id__in=[seat.id for seat in seats])
        kept.update(status=Seat.Status.HELD, offered_back_by=None)


def put_on_sale(gate: Gate, *, seat_ids: list[int]) -> int:
    """Make seats available; return how many, for the caller to count.

    For `waitlists.services.release` only, which saw that nobody waits.
    """
    seats = Seat.objects.filter(event_id=gate.event_id, id__in=seat_ids)
    seats.update(status=Seat.Status.AVAILABLE, **FOR_NOBODY)
    log_change("seats_released", event_id=gate.event_id, seats=len(seat_ids))
    return len(seat_ids)


def block_seats(*, event_id: int, seat_ids: list[int]) -> int:
    """Take available seats out of the sale; return how many. Others stay as they are."""

    def block(gate: Gate) -> int:
        seats = Seat.objects.filter(event_id=event_id, id__in=seat_ids)
        blocked = list(seats.available().lock().values_list("id", flat=True))
        seats.filter(id__in=blocked).update(status=Seat.Status.BLOCKED)
        counts.count_change(gate, available=-len(blocked))
        log_change("seats_blocked", event_id=event_id, seats=len(blocked))
        statuses = Seat.Status.AVAILABLE, Seat.Status.BLOCKED
        changes = (seat_change(event_id, seat_id, *statuses) for seat_id in blocked)
        record_all("seats_blocked", changes, at=gate.now)
        return len(blocked)

    return gates.run_exclusively(event_id, block)


def block_unbooked_seats(gate: Gate) -> None:
    """Take a cancelled event's seats out of the sale, held ones too; booked ones go later."""
    gate.require_exclusive()
    seats = Seat.objects.filter(event_id=gate.event_id)
    blocked = seats.available().update(status=Seat.Status.BLOCKED)
    held = seats.filter(status=Seat.Status.HELD)
    held.update(status=Seat.Status.BLOCKED, **FOR_NOBODY)
    seats.filter(offered_back_by__isnull=False).update(**FOR_NOBODY)
    counts.count_change(gate, available=-blocked)


def block_for_good(gate: Gate, *, seat_ids: list[int]) -> None:
    """Block seats of a cancelled event that come back; none of them is counted as available."""
    seats = Seat.objects.filter(event_id=gate.event_id, id__in=seat_ids)
    seats.update(status=Seat.Status.BLOCKED, **FOR_NOBODY)


def _changed(before: Event, after: Event) -> dict[str, Any]:
    old, new = facts_of(before), facts_of(after)
    names = [name for name in FACTS if old[name] != new[name]]
    return {
        "before": {name: old[name] for name in names},
        "after": {name: new[name] for name in names},
    }


def _refuse_other_ways(before: str, after: str) -> None:
    order = [Event.Status.DRAFT, Event.Status.PUBLISHED, Event.Status.CANCELLED]
    if order.index(Event.Status(after)) - order.index(Event.Status(before)) not in (0, 1):
        raise StatusChangeRefused
