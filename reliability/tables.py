"""What the database's tables hold of an event."""

import psycopg

from reliability.history import frozen


def rows_in(connection: psycopg.Connection, event: int) -> tuple:
    """Return the rows as `state.rows_of` describes them, and what people were told."""
    place = "(SELECT position - 1 FROM events_seat WHERE id = {})"
    found = connection.execute("SELECT status FROM events_event WHERE id = %s", [event]).fetchone()
    tables = [
        "SELECT status, held_for_id, hold_id, offered_back_by_id IS NOT NULL FROM events_seat"
        " WHERE event_id = %s ORDER BY position",
        f"SELECT id, user_id, {place.format('seat_id')}, status FROM bookings_booking"
        " WHERE event_id = %s ORDER BY id",
        f"SELECT id, user_id, status, {place.format('offered_seat_id')},"
        " CASE WHEN ended_at IS NULL THEN party_size END"
        " FROM waitlists_waitlistentry WHERE event_id = %s ORDER BY id",
        "SELECT id, user_id, status, is_refreshed FROM events_hold WHERE event_id = %s ORDER BY id",
        "SELECT bookings_order.id, bookings_order.user_id,"
        " array_agg(bookings_booking.id ORDER BY bookings_booking.id)"
        " FROM bookings_order JOIN bookings_booking ON order_id = bookings_order.id"
        " WHERE bookings_order.event_id = %s GROUP BY bookings_order.id ORDER BY bookings_order.id",
        "SELECT kind, user_id, booking_id FROM notifications_notification WHERE event_id = %s"
        " AND kind IN ('booking_confirmed', 'booking_cancelled', 'event_cancelled',"
        " 'waitlist_joined') ORDER BY id",
    ]
    rows = [frozen(connection.execute(table, [event]).fetchall()) for table in tables]
    return (found[0] if found else "deleted", *rows)
