"""What is written beside the ledger's rows: word to their holders, the record, the counts."""

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.timezone import localdate

from bookings.errors import BookingNotFound
from bookings.models import CANCELLATION, Booking
from evently.api.logs import log_change
from evently.audit.services import record_all
from evently.statements import IdOf
from events import counts
from events import gate as gates
from events.gate import Gate
from events.models import Event
from events.services import keep_for_line
from notifications.models import Notification
from notifications.services import compose, notify
from waitlists import services as waitlists
from waitlists.models import WaitlistEntry


def give_back(rows: QuerySet, work: Callable[[Gate], None]) -> bool:
    """Do work that gives seats back, at the gate of the row that is found; tell if there is one.

    Shared gate while nobody waits, else exclusive.
    """
    # Read before the gate, so only a hint; `release` looks again and asks for more if it must.
    line = WaitlistEntry.objects.filter(event=OuterRef("event")).waiting()
    found = rows.annotate(has_line=Exists(line)).values_list("event_id", "has_line").first()
    if found is None:
        return False
    event_id, has_line = found
    run = gates.run_exclusively if has_line else gates.run
    run(event_id, work)
    return True


def lock_booking(gate: Gate, booking_id: int) -> Booking:
    """Lock and return a booking of the event, with its event and seat. Raises: BookingNotFound."""
    bookings = Booking.objects.filter(event_id=gate.event_id, id=booking_id)
    booking = bookings.lock().select_related("event", "seat").first()
    if booking is None:
        raise BookingNotFound
    return booking


def cancel_bookings(gate: Gate, event: Event, bookings: list[Booking]) -> None:
    """Cancel locked bookings that were made at one time, and release their seats.

    One that was put up, and is on offer to somebody in line, stays kept for them. The statements
    are as many for one as for fifty.
    """
    write_cancellations(gate, event, bookings)
    seats = sorted([booking.seat for booking in bookings], key=lambda seat: seat.position)
    keep_for_line(gate, seats=[seat for seat in seats if seat.held_for_id])
    loose = [seat for seat in seats if not seat.held_for_id]
    for seat in loose:
        seat.offered_back_by = None
    on_sale = waitlists.release(gate, event=event, seats=loose)
    made_on = localdate(bookings[0].created_at)
    counts.count_change(gate, available=on_sale, cancelled=len(bookings), made_on=made_on)


def write_cancellations(gate: Gate, event: Event, bookings: list[Booking]) -> None:
    """Write that locked bookings are cancelled, and tell their holders; not of their seats."""
    rows = Booking.objects.filter(event_id=event.id, id__in=[booking.id for booking in bookings])
    rows.update(status=Booking.Status.CANCELLED, cancelled_at=gate.now)
    notify(compose_word("booking_cancelled", gate, event, booking) for booking in bookings)
    changes = [CANCELLATION | ids_of(booking) for booking in bookings]
    record_all("booking_cancelled", changes, at=gate.now)
    for booking in bookings:
        log_change("booking_cancelled", **ids_of(booking))


def compose_word(kind: str, gate: Gate, event: Event, booking: Booking) -> Notification:
    """Make the notification of what became of a booking."""
    return compose(
        kind=kind,
        user_id=booking.user_id,
        now=gate.now,
        event_id=booking.event_id,
        booking_id=_id_of(booking),
        event=event.name,
        seat=booking.seat.seat_number,
    )


def ids_of(booking: Booking) -> dict[str, Any]:
    """Return what the record and the log name a booking by."""
    return {
        "booking_id": _id_of(booking),
        "event_id": booking.event_id,
        "seat_id": booking.seat_id,
        "user_id": booking.user_id,
    }


def _id_of(booking: Booking) -> int | IdOf:
    return booking.id or IdOf(booking)
