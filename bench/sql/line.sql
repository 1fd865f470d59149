-- The line of each of the events made last.
INSERT INTO waitlists_waitlistentry (event_id, user_id, status, created_at)
SELECT event_id, user_id, 'waiting', now()
FROM generate_series(1, {waiting}) AS user_id,
     (SELECT id AS event_id FROM events_event ORDER BY id DESC LIMIT {events}) AS event;
