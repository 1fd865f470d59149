-- An event each hour, half of them before the day named. The first seats of each are booked, the
-- others on sale.
WITH made AS (
    INSERT INTO events_event (
        name, description, venue, start_time, end_time, timezone, status, total_seats, version,
        is_cancelling, created_at
    )
    SELECT 'Event ' || n, repeat('A fine evening. ', 20), 'Hall ' || n % 50, starts,
           starts + interval '2 hours', 'Europe/Berlin', 'published', {seats}, 1, false, now()
    FROM generate_series(1, {events}) AS n,
         LATERAL (SELECT date_trunc('day', now()) + {days} * interval '1 day'
                    + (n - {events} / 2) * interval '1 hour' AS starts)
    RETURNING id
)
INSERT INTO events_seat (event_id, seat_number, position, status)
SELECT id, 'Seat-' || position, position,
       CASE WHEN position <= {booked} THEN 'booked' ELSE 'available' END
FROM made, generate_series(1, {seats}) AS position;
