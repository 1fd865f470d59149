-- A booking of each booked seat that has none yet, over the last 30 days, by everybody in turn; and
-- before that, so many times, one that was cancelled.
-- Ids follow positions: neighbours in the ledger belong to different events.
INSERT INTO bookings_booking (event_id, seat_id, user_id, status, created_at, cancelled_at)
SELECT event_id, seat_id, 1 + (row_number() OVER by_turn - 1) % {users},
       CASE WHEN turn = 0 THEN 'active' ELSE 'cancelled' END, made_at,
       CASE WHEN turn = 0 THEN NULL ELSE made_at + interval '30 hours' END
FROM (
    SELECT seat.event_id, seat.id AS seat_id, seat.position, turn,
           now() - (seat.position % 30) * interval '1 day' - turn * interval '31 hours' AS made_at
    FROM events_seat AS seat, generate_series(0, {given_back}) AS turn
    WHERE seat.status = 'booked' AND NOT EXISTS (
        SELECT FROM bookings_booking AS booking
        WHERE booking.event_id = seat.event_id AND booking.seat_id = seat.id
          AND booking.status = 'active'
    )
) AS wish
WINDOW by_turn AS (ORDER BY turn DESC, position, event_id)
ORDER BY turn DESC, position, event_id;
