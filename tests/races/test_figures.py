"""What the figures say of sessions that stand in each other's way."""

import pytest

from bookings.services import book_any_seat, cancel_booking
from tests.factories import EventFactory, make_booking, make_entry, make_full_event
from tests.races.test_deadlocks import cancel_in_a_deadlock

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

PASSED = "evently_gate_wait_seconds_count"


def test_transaction_that_a_deadlock_undid_is_counted_as_retried(stage, risen):
    _, [booking] = make_full_event()

    cancel_in_a_deadlock(stage, booking)

    assert risen("evently_transaction_retries_total", reason="DeadlockDetected") == 1
    assert risen("evently_bookings_cancelled_total") == 1


def test_lock_that_is_not_had_in_time_is_counted(outsider, as_holder, risen):
    event = EventFactory(total_seats=1)
    outsider.execute("SELECT id FROM events_seat WHERE event_id = %s FOR UPDATE", [event.id])

    as_holder.post("/bookings", {"event_id": event.id})

    assert risen("evently_lock_waits_ran_out_total") == 1
    assert risen("evently_database_refusals_total", reason="LockNotAvailable") == 1


def test_gates_are_timed_by_kind(event, holder, risen):
    make_booking(event, holder)
    assert (risen(PASSED, kind="shared"), risen(PASSED, kind="exclusive")) == (1, 0)

    full, [booking] = make_full_event()
    make_entry(full)
    before = risen(PASSED, kind="exclusive")
    book_any_seat(event_id=full.id, user_id=holder.id)
    cancel_booking(booking_id=booking.id)
    assert risen(PASSED, kind="exclusive") == before + 2
