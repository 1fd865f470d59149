\set user random(1, :users)
\set event random(1, :events)
WITH next AS (
    SELECT id FROM events_seat
    WHERE event_id = :event AND status = 'available'
    ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED
), seat AS (
    UPDATE events_seat SET status = 'booked' FROM next WHERE events_seat.id = next.id
    RETURNING events_seat.id, seat_number
), booking AS (
    INSERT INTO bookings_booking (event_id, seat_id, user_id, status, created_at)
    SELECT :event, id, :user, 'active', now() FROM seat
    RETURNING id
)
INSERT INTO notifications_notification (
    user_id, kind, message, is_read, created_at, event_id, booking_id, deliver_at, attempts
)
SELECT :user, 'booking_confirmed', 'Your booking of ' || seat_number || ' is confirmed.', false,
       now(), :event, booking.id, now(), 0
FROM booking, seat;
