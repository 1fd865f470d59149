"""Deleting, while somebody books: an event, and a person."""

import pytest

from bookings.errors import EventHasActiveBookings
from bookings.event_services import delete_event
from bookings.models import Booking
from bookings.services import book_any_seat
from evently.api.exceptions import ChangedMeanwhile
from events.errors import EventNotFound
from events.models import Event, Seat
from tests.factories import make_booking
from tests.races.cues import BOOKING_MADE, BOOKING_READ, BOOKINGS_LOOKED_FOR
from tests.races.promises import broken_promises
from tests.staff import superuser, told

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def test_a_delete_beside_a_booking_is_refused(stage, event, holder):
    buyer = stage.start(
        book_any_seat, event_id=event.id, user_id=holder.id, pause_after=BOOKING_MADE
    )
    deleter = stage.start(delete_event, event_id=event.id)
    buyer.resume()

    assert isinstance(deleter.outcome, EventHasActiveBookings)
    assert [buyer.outcome] == list(Booking.objects.active())
    assert (Event.objects.count(), Seat.objects.count()) == (1, 3)
    assert broken_promises() == set()


def book_beside_a_delete(stage, event, holder):
    """A seat is booked when the delete has found no booking and deleted nothing yet."""
    deleter = stage.start(delete_event, event_id=event.id, pause_after=BOOKINGS_LOOKED_FOR)
    buyer = stage.start(book_any_seat, event_id=event.id, user_id=holder.id)
    deleter.resume()
    assert deleter.outcome is None
    return buyer.outcome


def test_a_booking_beside_a_delete_finds_no_event(stage, event, holder):
    outcome = book_beside_a_delete(stage, event, holder)

    assert isinstance(outcome, EventNotFound)
    assert (Event.objects.count(), Seat.objects.count(), Booking.objects.count()) == (0, 0, 0)


@pytest.mark.usefixtures("without_gate")
def test_a_booking_beside_a_delete_without_the_gate_is_acknowledged_and_lost(stage, event, holder):
    outcome = book_beside_a_delete(stage, event, holder)

    assert isinstance(outcome, Booking)
    assert Booking.objects.count() == 0


def test_a_user_who_books_while_staff_delete_them_stays(stage, event, holder):
    """The page has looked for bookings, and found none, when one is made."""
    deletion = stage.start(superuser().delete_row, row=holder, pause_after=BOOKING_READ)
    booking = make_booking(event, holder)
    deletion.resume()

    assert told(deletion.outcome) == [ChangedMeanwhile.default_detail]
    assert list(holder.booking_set.all()) == [booking]
