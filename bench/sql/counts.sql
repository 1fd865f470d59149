-- What `manage.py analytics --rebuild` does event by event, for all at once: days are of UTC.
INSERT INTO events_seatcount (event_id, zone, available, booked, cancelled)
SELECT event_id, 'UTC', seats.available, coalesce(ledger.booked, 0), coalesce(ledger.cancelled, 0)
FROM (
    SELECT event_id, count(*) FILTER (WHERE status = 'available') AS available
    FROM events_seat GROUP BY event_id
) AS seats LEFT JOIN (
    SELECT event_id, count(*) AS booked, count(cancelled_at) AS cancelled
    FROM bookings_booking GROUP BY event_id
) AS ledger USING (event_id);

INSERT INTO events_daycount (event_id, day, booked, cancelled, cancelled_since)
SELECT event_id, day, sum(booked), sum(cancelled), sum(cancelled_since)
FROM (
    SELECT event_id, (created_at AT TIME ZONE 'UTC')::date AS day, count(*) AS booked,
           0 AS cancelled, count(cancelled_at) AS cancelled_since
    FROM bookings_booking GROUP BY 1, 2
    UNION ALL
    SELECT event_id, (cancelled_at AT TIME ZONE 'UTC')::date, 0, count(*), 0
    FROM bookings_booking WHERE cancelled_at IS NOT NULL GROUP BY 1, 2
) AS by_day
GROUP BY event_id, day;
