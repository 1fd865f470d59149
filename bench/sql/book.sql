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
), record AS (
    INSERT INTO audit_auditrecord (
        event_id, at, actor_kind, actor_id, action, subject, subject_id, user_id, after
    )
    SELECT :event, now(), 'user', :user, 'booking_made', 'booking', booking.id, :user,
           jsonb_build_object('status', 'active', 'seat_number', seat_number)
    FROM booking, seat
), change AS (
    INSERT INTO events_seatchange (event_id, day, available, booked, cancelled)
    SELECT :event, current_date, -1, 1, 0 FROM booking
)
INSERT INTO notifications_notification (
    user_id, kind, message, is_read, created_at, event_id, booking_id, deliver_at, attempts
)
SELECT :user, 'booking_confirmed', 'Your booking of ' || seat_number || ' is confirmed.', false,
       now(), :event, booking.id, now(), 0
FROM booking, seat;
