"""Where an actor can be told to pause: patterns of the statements that mark a step."""

GATE_PASSED = r"clock_timestamp\(\)"
SALE_READ = r'^SELECT "events_event"'
SEAT_READ = r'^SELECT "events_seat"\."id"'
# The rows of seats that are being taken.
SEATS_READ = r'^SELECT "events_seat"\."id", "events_seat"\."event_id"'
HOLD_READ = r'^SELECT "events_hold"\."id"'
LINE_READ = r'^SELECT "waitlists_waitlistentry"\."id"'
LINE_COUNTED = r'^SELECT COUNT.* FROM "waitlists_waitlistentry"'
LINE_SERVED = r"has_lost_patience"
ENTRY_MADE = r'^INSERT INTO "waitlists_waitlistentry"'
# What a cancel reads before it comes to the gate.
BOOKING_GLANCED_AT = r'^SELECT "bookings_booking"\."event_id"'
BOOKING_READ = r'^SELECT "bookings_booking"\."id"'
BOOKINGS_LOOKED_FOR = r'^SELECT %s AS "a" FROM "bookings_booking"'
BOOKING_MADE = r'INSERT INTO "bookings_booking"'
DUE_READ = r'^SELECT "notifications_notification"\."id"'
KEY_TAKEN = r"^\s*INSERT INTO idempotency_storedanswer"
CHANGES_TAKEN = r"DELETE FROM events_seatchange"
COUNTS_WRITTEN = r'^UPDATE "events_seatcount"'
EXPIRED_LOOKED_FOR = r'(?s)^SELECT .*FROM "events_seat".*"held_until" <= '
