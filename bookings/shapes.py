"""Rows as the plain objects that the serializers describe."""

from bookings.models import Booking
from events.shapes import ITS_EVENT_COLUMNS, Row, shape_its_event

BOOKING_COLUMNS = (
    *("id", "user_id", "seat_id", "seat__seat_number", "status", "created_at", "cancelled_at"),
    *ITS_EVENT_COLUMNS,
)


def shape_booking(row: Row) -> Row:
    """Return a booking as it is listed, with its event and its seat."""
    cancelled_at = row["cancelled_at"]
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "event_id": row["event_id"],
        "seat_id": row["seat_id"],
        "seat_number": row["seat__seat_number"],
        "status": row["status"],
        "created_at": row["created_at"].isoformat(),
        "cancelled_at": cancelled_at and cancelled_at.isoformat(),
        "event": shape_its_event(row),
        "seat": {"id": row["seat_id"], "seat_number": row["seat__seat_number"]},
    }


def shape_made_booking(booking: Booking) -> Row:
    """Return a booking as it is answered to whoever makes it."""
    return {
        "id": booking.id,
        "user_id": booking.user_id,
        "event_id": booking.event_id,
        "seat_id": booking.seat_id,
        "seat_number": booking.seat.seat_number,
        "status": booking.status,
        "created_at": booking.created_at.isoformat(),
        "cancelled_at": None,
    }
