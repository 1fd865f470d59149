"""Write bookings and entries of the past, with the word and the record that they left."""

from collections.abc import Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any

from bookings.models import CANCELLATION, Booking
from evently.audit.services import record_all
from notifications.models import Notification
from notifications.services import compose, notify
from waitlists.models import WaitlistEntry


def record_bookings(bookings: list[Booking]) -> None:
    Booking.objects.bulk_create(bookings)
    _tell(word for booking in bookings for word in _of_booking(booking))
    record_all("booking_made", (_made(booking) for booking in bookings))
    cancelled = (booking for booking in bookings if booking.cancelled_at)
    record_all("booking_cancelled", (_cancelled(booking) for booking in cancelled))


def record_entries(entries: list[WaitlistEntry]) -> None:
    WaitlistEntry.objects.bulk_create(entries)
    _tell(_compose("waitlist_joined", entry, entry.created_at) for entry in entries)


def _tell(words: Iterator[Notification]) -> None:
    notify(sorted(words, key=attrgetter("created_at")))


def _of_booking(booking: Booking) -> Iterator[Notification]:
    about = {"booking_id": booking.id, "seat": booking.seat.seat_number}
    yield _compose("booking_confirmed", booking, booking.created_at, **about)
    if booking.cancelled_at:
        yield _compose("booking_cancelled", booking, booking.cancelled_at, **about)


def _made(booking: Booking) -> dict[str, Any]:
    after = booking.facts | {"status": Booking.Status.ACTIVE}
    return {"at": booking.created_at, "after": after, **_ids(booking)}


def _cancelled(booking: Booking) -> dict[str, Any]:
    return {"at": booking.cancelled_at, **CANCELLATION, **_ids(booking)}


def _ids(booking: Booking) -> dict[str, int]:
    return {
        "event_id": booking.event_id,
        "booking_id": booking.id,
        "user_id": booking.user_id,
    }


def _compose(kind: str, row: Booking | WaitlistEntry, at: datetime, **values: Any) -> Notification:
    word = compose(
        kind=kind,
        user_id=row.user_id,
        now=at,
        event_id=row.event_id,
        event=row.event.name,
        **values,
    )
    word.deliver_at = None  # nobody is mailed about what never happened
    return word
