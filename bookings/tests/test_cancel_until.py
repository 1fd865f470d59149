"""Until when holders cancel by themselves; staff do so at any time."""

from datetime import timedelta

import pytest

from bookings.errors import CancellationClosed
from bookings.event_services import cancel_event, change_event
from bookings.models import Booking
from bookings.services import cancel_booking
from conftest import Client
from evently.transactions import database_now
from tests.factories import EventFactory, make_booking, make_entry
from tests.staff import superuser
from waitlists.services import leave

pytestmark = pytest.mark.django_db

CLOSED = {
    "type": "urn:evently:problem:cancellation_closed",
    "title": "Cancellation closed",
    "status": 409,
    "detail": "It is too late to cancel this booking; ask the organisers.",
    "code": "cancellation_closed",
}
HOUR = timedelta(hours=1)


def close_cancelling(event):
    change_event(event_id=event.id, changes={"cancel_until": database_now()})


def status_of(booking):
    return Booking.objects.get(id=booking.id).status


@pytest.fixture
def late(holder):
    """The holder's booking of an event whose deadline for cancelling has passed."""
    booking = make_booking(EventFactory(total_seats=1), holder)
    close_cancelling(booking.event)
    return booking


# --- The service --------------------------------------------------------------------------------


def test_cancel_after_the_deadline_is_refused_and_changes_nothing(late):
    with pytest.raises(CancellationClosed):
        cancel_booking(booking_id=late.id)

    assert (status_of(late), late.event.seats.get().status) == ("active", "booked")


def test_cancel_after_the_deadline_is_refused_while_somebody_waits(late):
    make_entry(late.event)

    with pytest.raises(CancellationClosed):
        cancel_booking(booking_id=late.id)


def test_cancel_before_the_deadline_is_done(holder):
    booking = make_booking(EventFactory(cancel_until=database_now() + HOUR), holder)

    cancel_booking(booking_id=booking.id)

    assert status_of(booking) == "cancelled"


def test_cancel_by_staff_after_the_deadline_is_done(late):
    cancel_booking(booking_id=late.id, by_staff=True)

    assert status_of(late) == "cancelled"


def test_cancel_again_after_the_deadline_is_harmless(event, holder):
    booking = make_booking(event, holder)
    cancel_booking(booking_id=booking.id)
    close_cancelling(event)

    cancel_booking(booking_id=booking.id)

    assert status_of(booking) == "cancelled"


def test_event_is_cancelled_with_its_bookings_after_the_deadline(late):
    cancel_event(event_id=late.event_id)

    assert status_of(late) == "cancelled"


def test_line_is_left_after_the_deadline(late):
    entry = make_entry(late.event)

    leave(entry_id=entry.id)

    entry.refresh_from_db()
    assert entry.status == "left"


# --- The call -----------------------------------------------------------------------------------


def test_late_cancelling_is_for_staff_only(late, as_holder, as_stranger, as_admin):
    callers = [Client(), as_stranger, as_holder, as_admin]

    answers = [caller.delete(f"/bookings/{late.id}").status_code for caller in callers]

    assert answers == [401, 404, 409, 204]
    assert status_of(late) == "cancelled"


def test_late_cancelling_by_the_owner_is_409(late, as_holder):
    response = as_holder.delete(f"/bookings/{late.id}")

    assert (response.status_code, response.json()) == (409, CLOSED)
    assert status_of(late) == "active"


def test_admin_cancels_a_late_booking_of_their_own(as_admin, admin, event):
    booking = make_booking(event, admin)
    close_cancelling(event)

    assert as_admin.delete(f"/bookings/{booking.id}").status_code == 204


def test_booking_that_was_cancelled_in_time_is_204_again(as_holder, holder, event):
    booking = make_booking(event, holder)
    in_time = as_holder.delete(f"/bookings/{booking.id}")
    close_cancelling(event)

    again = as_holder.delete(f"/bookings/{booking.id}")

    assert (in_time.status_code, again.status_code) == (204, 204)


# --- The console --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_staff_cancel_a_late_booking_in_the_console(late):
    superuser().run("cancel", late)

    assert status_of(late) == "cancelled"
