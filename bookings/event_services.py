"""The life of an event with everything that hangs on it: changing, cancelling, deleting."""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.db.models import QuerySet

from bookings import cancelling
from bookings.errors import EventHasActiveBookings
from bookings.models import Booking, Order
from evently.audit.services import record
from evently.idempotency.services import AnsweredBefore
from evently.transactions import accompanied
from events import gate as gates
from events import services as events
from events.gate import Gate
from events.models import DayCount, Event, Hold, Seat, SeatChange, SeatCount
from notifications.models import Notification
from notifications.services import compose, notify
from waitlists import lapsing
from waitlists import services as waitlists
from waitlists.models import WaitlistEntry


def change_event(
    *, event_id: int, changes: dict[str, Any], expected_versions: Collection[int] | None = None
) -> Event:
    """Change an event's fields; tell its people of another time or venue. Exclusive gate.

    `changes["status"]` may publish a draft, or cancel the event with its bookings and its line:
    the first batch in the same transaction, the others each in one of its own. Any change to an
    event whose bookings aren't all cancelled yet goes on with them.

    Raises: EventNotFound, StaleVersion, TotalSeatsImmutable, StatusChangeRefused.
    """
    work = partial(_change, changes=changes, expected_versions=expected_versions)
    event, number_left = gates.run_exclusively(event_id, work, is_lengthy=True)
    if number_left:
        _finish_cancelling(event_id)
    return event


def publish_event(*, event_id: int, expected_versions: Collection[int] | None = None) -> Event:
    """Put a draft on sale. Exclusive gate. Repeating is harmless.

    Raises: EventNotFound, StaleVersion, StatusChangeRefused for a cancelled event.
    """
    published = {"status": Event.Status.PUBLISHED}
    return change_event(event_id=event_id, changes=published, expected_versions=expected_versions)


def cancel_event(*, event_id: int, expected_versions: Collection[int] | None = None) -> Event:
    """Cancel a published event with its bookings and its line, and return when all is done.

    The answer that a request's key stands for is committed with the first batch. Whoever was
    answered may have died before the last one, so whoever asks again goes on from there, too.

    Raises: EventNotFound, StaleVersion, StatusChangeRefused for a draft.
    """
    cancelled = {"status": Event.Status.CANCELLED}
    try:
        return change_event(
            event_id=event_id, changes=cancelled, expected_versions=expected_versions
        )
    except AnsweredBefore:
        _finish_cancelling(event_id)
        raise


def delete_event(*, event_id: int, expected_versions: Collection[int] | None = None) -> None:
    """Delete an event with its seats, holds, cancelled bookings and line; whoever waited is told.

    Exclusive gate.

    Raises: EventNotFound, StaleVersion, EventHasActiveBookings.
    """
    work = partial(_delete, expected_versions=expected_versions)
    gates.run_exclusively(event_id, work, is_lengthy=True)


def _change(
    gate: Gate, changes: dict[str, Any], expected_versions: Collection[int] | None
) -> tuple[Event, int]:
    """Return the event, and how many bookings are left to cancel."""
    before, after = events.apply_changes(gate, changes=changes, expected_versions=expected_versions)
    if after.status == Event.Status.CANCELLED:
        if after.status != before.status:
            cancelling.end_sale(gate, event=after)
        return after, cancelling.cancel_batch(gate)
    if news := _what_people_hear(before, after):
        lapsing.shorten_deadlines(gate, event=after)
        notify(
            _compose("event_changed", gate, after, user_id=user_id, changes=news)
            for user_id in _people_of(after)
        )
    return after, 0


def _finish_cancelling(event_id: int) -> None:
    with accompanied(None):  # the key has its answer
        cancelling.finish_cancelling(event_id=event_id)


def _delete(gate: Gate, expected_versions: Collection[int] | None) -> None:
    event = events.find_event(gate.event_id)
    events.require_version(event, expected_versions)
    if Booking.objects.filter(event_id=event.id).active().exists():
        raise EventHasActiveBookings
    waitlists.close_line(gate, event=event, kind="event_deleted")

    # The counts first, whose row a worker may have locked; the others wait for nobody then.
    of_event = (SeatCount, DayCount, SeatChange, Booking, Order, WaitlistEntry, Seat, Hold)
    for model in of_event:
        _delete_in_bulk(model.objects.filter(event_id=event.id))
    _delete_in_bulk(Event.objects.filter(id=event.id))
    record("event_deleted", at=gate.now, before=events.facts_of(event), event_id=gate.event_id)


def _people_of(event: Event) -> QuerySet:
    holders = Booking.objects.filter(event_id=event.id).active().order_by()
    line = WaitlistEntry.objects.filter(event_id=event.id).live().order_by()
    return holders.values_list("user_id", flat=True).union(line.values_list("user_id", flat=True))


def _what_people_hear(before: Event, after: Event) -> str:
    """Describe a new venue or time, with the old one; empty where people need hear of nothing."""
    changes = []
    if before.venue != after.venue:
        changes.append(f"the venue is {after.venue} (was {before.venue})")
    for field, verb in (("start_time", "starts"), ("end_time", "ends")):
        was, will_be = getattr(before, field), getattr(after, field)
        if was != will_be:
            shown = f"{after.local_time(will_be)} (was {before.local_time(was)})"
            changes.append(f"it {verb} {shown}")
    return ", ".join(changes)


def _compose(kind: str, gate: Gate, event: Event, **values: Any) -> Notification:
    return compose(kind=kind, now=gate.now, event_id=event.id, event=event.name, **values)


def _delete_in_bulk(rows: QuerySet) -> None:
    # delete() would fetch a great hall's seats to look for what refers to them; everything that
    # does goes in this transaction, and the database's foreign keys check that at its end.
    rows._raw_delete(rows.db)
