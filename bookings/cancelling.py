"""Cancelling an event: its sale ends at once, its bookings by and by.

First, in one transaction, the event is taken off sale, and its line is closed. Then its bookings
are cancelled in batches, a short transaction each, so that nobody waits long at the gate. Until
the last one the event is marked (`Event.is_cancelling`): whoever died on the way, the worker goes
on from there. Functions that take a `gate` run inside the caller's transaction.
"""

from collections import Counter
from typing import Any

import structlog
from django.db import DatabaseError
from django.db.models import F
from django.utils.timezone import localdate

from bookings.holds import close_holds
from bookings.models import CANCELLATION, Booking, BookingQuerySet
from evently.api.logs import log_change
from evently.audit.services import record, record_all
from events import counts
from events import gate as gates
from events import services as events
from events.gate import Gate
from events.models import Event
from notifications.services import compose, notify
from waitlists import services as waitlists

BOOKINGS_PER_BATCH = 1_000

logger = structlog.get_logger("evently.cancelling")


def begin_cancelling(*, event_id: int) -> int:
    """Take the event off sale for good, and close its line; return how many bookings are left.

    Everybody in line is told. Exclusive gate. Repeating is harmless.

    Raises: EventNotFound, StatusChangeRefused for a draft.
    """

    def begin(gate: Gate) -> int:
        changes = {"status": Event.Status.CANCELLED}
        before, after = events.apply_changes(gate, changes=changes)
        if before.status != after.status:
            end_sale(gate, event=after)
        return _left(after.id).count()

    return gates.run_exclusively(event_id, begin, is_lengthy=True)


def cancel_next_batch(*, event_id: int) -> int:
    """Cancel the next bookings of an event whose cancelling has begun; return how many are left.

    Their holders are told. Exclusive gate. Repeating is harmless: nothing is done to an event that
    isn't cancelled, or isn't there, nor to one that has no bookings left.
    """
    return gates.run_exclusively(event_id, cancel_batch)


def finish_cancelling(*, event_id: int) -> None:
    """Cancel batch after batch of an event whose cancelling has begun, until none is left."""
    while cancel_next_batch(event_id=event_id):
        pass


def finish_cancelled_events() -> int:
    """Finish what was begun and not ended, one event after the other; return how many events.

    Two at once do no harm. An event that can't be finished now is left for the next time.
    """
    event_ids = Event.objects.cancelling().order_by("id").values_list("id", flat=True)
    return sum(_finish_if_possible(event_id) for event_id in list(event_ids))


def end_sale(gate: Gate, *, event: Event) -> None:
    """Block all seats but booked ones, close line and holds, and mark what is left to be done."""
    gate.require_exclusive()
    waitlists.close_line(gate, event=event, kind="event_cancelled")
    close_holds(gate)
    events.block_unbooked_seats(gate)
    number = _left(event.id).count()
    if number:
        Event.objects.filter(id=event.id).update(is_cancelling=True)
    status = {"status": event.status}
    record("event_cancelled", at=gate.now, after=status, event_id=event.id, bookings=number)


def cancel_batch(gate: Gate) -> int:
    """Cancel the next bookings of an event that is marked, by seat; return how many are left."""
    gate.require_exclusive()
    event = Event.objects.cancelling().filter(id=gate.event_id).first()
    if event is None:
        return 0
    # In an order that no index has: to get the first few by seat, PostgreSQL would go through the
    # bookings of all events in the index of seats until it comes to this one's.
    batch = list(_left(event.id).lock().order_by(F("seat_id") + 0)[:BOOKINGS_PER_BATCH])
    if batch:
        _cancel(gate, event, batch)
    # Counted for the same reason: to find out whether there is any, it reads the whole table.
    number_left = _left(event.id).count()
    if not number_left:
        Event.objects.filter(id=event.id).update(is_cancelling=False)
    return number_left


def _left(event_id: int) -> BookingQuerySet:
    return Booking.objects.filter(event_id=event_id).active()


def _finish_if_possible(event_id: int) -> bool:
    try:
        finish_cancelling(event_id=event_id)
    # One event's trouble, such as a lock that a stranger holds, must not stop all others.
    except DatabaseError as trouble:
        logger.warning("cancelling_failed", event_id=event_id, reason=type(trouble).__name__)
        return False
    return True


def _cancel(gate: Gate, event: Event, batch: list[Booking]) -> None:
    notify(
        compose(
            kind="event_cancelled",
            user_id=booking.user_id,
            now=gate.now,
            event_id=event.id,
            booking_id=booking.id,
            event=event.name,
        )
        for booking in batch
    )
    record_all("booking_cancelled", map(_cancellation, batch), at=gate.now)
    for made_on, number in Counter(localdate(booking.created_at) for booking in batch).items():
        counts.count_change(gate, cancelled=number, made_on=made_on)
    bookings = Booking.objects.filter(event_id=event.id, id__in=[booking.id for booking in batch])
    bookings.update(status=Booking.Status.CANCELLED, cancelled_at=gate.now)
    events.block_for_good(gate, seat_ids=[booking.seat_id for booking in batch])
    log_change("bookings_cancelled", event_id=event.id, bookings=len(batch))


def _cancellation(booking: Booking) -> dict[str, Any]:
    ids = {"event_id": booking.event_id, "user_id": booking.user_id, "booking_id": booking.id}
    return CANCELLATION | ids
