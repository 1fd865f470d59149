"""Rows as they are answered, to be compared with whole answers."""


def shown_event(event):
    """Return an event as others show it, of one that the factory made."""
    return {
        "id": event.id,
        "name": event.name,
        "venue": "City Hall",
        "start_time": "2030-06-01T19:00:00+00:00",
        "end_time": "2030-06-01T22:00:00+00:00",
    }


def shown_booking(booking):
    return {
        "id": booking.id,
        "user_id": booking.user_id,
        "event_id": booking.event_id,
        "seat_id": booking.seat_id,
        "seat_number": booking.seat.seat_number,
        "order_id": booking.order_id,
        "status": booking.status,
        "is_offered_back": booking.is_offered_back,
        "created_at": booking.created_at.isoformat(),
        "cancelled_at": booking.cancelled_at and booking.cancelled_at.isoformat(),
    }
