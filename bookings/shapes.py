"""Rows as the plain objects that the serializers describe."""

from collections.abc import Sequence

from bookings.models import Booking
from bookings.references import reference_of
from events.models import Hold
from events.shapes import ITS_EVENT_COLUMNS, Row, shape_its_event

_FACTS = (
    *("id", "user_id", "seat_id", "seat__seat_number", "status", "created_at", "cancelled_at"),
    *("event_id", "order_id", "seat__offered_back_by"),
)
BOOKING_COLUMNS = (*_FACTS, *ITS_EVENT_COLUMNS[1:])


def shape_booking(row: Row) -> Row:
    """Return a booking as it is listed, with its event and its seat."""
    return _shape_facts(row) | {
        "event": shape_its_event(row),
        "seat": {"id": row["seat_id"], "seat_number": row["seat__seat_number"]},
    }


def _shape_facts(row: Row) -> Row:
    cancelled_at = row["cancelled_at"]
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "event_id": row["event_id"],
        "seat_id": row["seat_id"],
        "seat_number": row["seat__seat_number"],
        "order_id": row["order_id"],
        "status": row["status"],
        "is_offered_back": cancelled_at is None and row["seat__offered_back_by"] is not None,
        "created_at": row["created_at"].isoformat(),
        "cancelled_at": cancelled_at and cancelled_at.isoformat(),
    }


def shape_made_booking(booking: Booking) -> Row:
    """Return a booking as it is answered to whoever makes it."""
    return {
        "id": booking.id,
        "user_id": booking.user_id,
        "event_id": booking.event_id,
        "seat_id": booking.seat_id,
        "seat_number": booking.seat.seat_number,
        "order_id": booking.order_id,
        "status": booking.status,
        "is_offered_back": False,
        "created_at": booking.created_at.isoformat(),
        "cancelled_at": None,
    }


# Where a booked seat is, beside the booking itself.
_WHERE = ("seat__section", "seat__row", "seat__place", "seat__position")
ORDERED_COLUMNS = (*_FACTS, *_WHERE)
ORDER_COLUMNS = ("id", "user_id", "created_at", *ITS_EVENT_COLUMNS)
HOLD_COLUMNS = (
    *("id", "user_id", "status", "created_at", "expires_at", "is_past", "is_refreshed"),
    *("ended_at", *ITS_EVENT_COLUMNS),
)
HELD_COLUMNS = ("id", "seat_number", "section", "row", "number", "place", "position")


def shape_order(row: Row, bookings: Sequence[Row]) -> Row:
    """Return an order with its bookings, and the event once for all of them."""
    seats = [
        {name.removeprefix("seat__"): booking[name] for name in _WHERE} for booking in bookings
    ]
    active = sum(booking["status"] == Booking.Status.ACTIVE for booking in bookings)
    return {
        "id": row["id"],
        "reference": reference_of(row["id"]),
        "user_id": row["user_id"],
        "event_id": row["event_id"],
        "event": shape_its_event(row),
        "status": _status_of(active, len(bookings)),
        "adjacent": are_neighbours(seats),
        "bookings": [_shape_facts(booking) for booking in bookings],
        "created_at": row["created_at"].isoformat(),
    }


def _status_of(active: int, total: int) -> str:
    if not active:
        return "cancelled"
    return "active" if active == total else "partly_cancelled"


def shape_hold(row: Row, seats: Sequence[Row]) -> Row:
    """Return a hold with its seats; one that has run out has lapsed, swept or not."""
    has_lapsed = row["status"] == Hold.Status.OPEN and row["is_past"]
    status = Hold.Status.LAPSED.value if has_lapsed else row["status"]
    is_open = status == Hold.Status.OPEN
    ended_at = row["expires_at"] if has_lapsed else row["ended_at"]
    shown = seats if is_open else []
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "event_id": row["event_id"],
        "event": shape_its_event(row),
        "status": status,
        "seats": [{name: seat[name] for name in _SHOWN_OF_SEAT} for seat in shown],
        "adjacent": are_neighbours(shown),
        "created_at": row["created_at"].isoformat(),
        "expires_at": row["expires_at"].isoformat(),
        "can_be_refreshed": is_open and not row["is_refreshed"],
        "ended_at": ended_at and ended_at.isoformat(),
    }


_SHOWN_OF_SEAT = ("id", "seat_number", "section", "row", "number")


def are_neighbours(seats: Sequence[Row]) -> bool:
    """Tell whether seats are one block of neighbours, as in `events.halls`, but without its hall.

    A list of orders is of many events, whose halls nobody would read for that.
    """
    rows = {(seat["section"], seat["row"]) for seat in seats}
    places = [seat["position"] if seat["place"] is None else seat["place"] for seat in seats]
    return len(rows) == 1 and max(places) - min(places) == len(places) - 1
