"""Giving a seat back if somebody takes it."""

from datetime import timedelta

import pytest

from bookings.errors import BookingEnded, CancellationClosed, SeatOnOffer
from bookings.integrity import breaches
from bookings.models import Booking
from bookings.offering_back import offer_back, take_back
from bookings.services import accept_offer, book_any_seat, cancel_booking
from evently.transactions import database_now
from events.models import Event, Seat
from notifications.models import Notification
from tests.factories import NOW, UserFactory, make_entry, make_full_event
from waitlists.lapsing import lapse_all
from waitlists.services import join

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def promises_kept():
    yield
    assert breaches() == []


@pytest.fixture
def booking():
    """The only booking of a full event with one seat."""
    _, [booking] = make_full_event()
    return booking


def reread(row):
    row.refresh_from_db()
    return row


def test_a_seat_offered_back_stays_its_holders_while_nobody_takes_it(booking):
    offer_back(booking_id=booking.id)

    assert reread(booking).is_active
    assert booking.seat.status == "booked"


def test_a_seat_offered_back_is_offered_to_the_first_in_line_who_takes_it(booking):
    entry = make_entry(booking.event)
    offer_back(booking_id=booking.id)
    assert (reread(entry).status, entry.offered_seat) == ("offered", booking.seat)
    assert reread(booking).is_active

    taken = accept_offer(entry_id=entry.id)

    assert (taken.seat, taken.user) == (booking.seat, entry.user)
    assert reread(booking).status == "cancelled"
    kinds = Notification.objects.filter(user=booking.user).order_by("id")
    assert list(kinds.values_list("kind", flat=True))[-1] == "booking_cancelled"
    assert reread(booking.seat).is_offered_back is False


def test_whoever_joins_later_is_offered_a_seat_that_is_offered_back(booking):
    offer_back(booking_id=booking.id)

    entry, is_new = join(event_id=booking.event_id, user_id=UserFactory().id)

    assert (entry.status, entry.offered_seat, is_new) == ("offered", booking.seat, True)


def test_whoever_books_a_full_event_takes_a_seat_that_is_offered_back_at_once(booking):
    offer_back(booking_id=booking.id)

    taken = book_any_seat(event_id=booking.event_id, user_id=UserFactory().id)

    assert isinstance(taken, Booking)
    assert (taken.seat, reread(booking).status) == (booking.seat, "cancelled")


def test_the_holder_doesnt_take_their_own_seat(booking):
    offer_back(booking_id=booking.id)

    entry = book_any_seat(event_id=booking.event_id, user_id=booking.user_id)

    assert (entry.status, reread(booking).status) == ("waiting", "active")


def test_an_offer_of_it_that_lapses_leaves_the_seat_its_holders(booking):
    entry = make_entry(booking.event)
    offer_back(booking_id=booking.id)
    Seat.objects.filter(id=booking.seat_id).update(held_until=NOW)

    assert lapse_all() == 1

    assert (reread(entry).status, reread(booking).status) == ("lapsed", "active")
    seat = reread(booking.seat)
    assert (seat.status, seat.held_for, seat.is_offered_back) == ("booked", None, True)


def test_cancelling_while_it_is_on_offer_keeps_the_offer(booking):
    entry = make_entry(booking.event)
    offer_back(booking_id=booking.id)

    cancel_booking(booking_id=booking.id)

    assert (reread(booking.seat).status, reread(entry).status) == ("held", "offered")


def test_cancelling_what_nobody_was_offered_puts_it_on_sale(booking):
    offer_back(booking_id=booking.id)

    cancel_booking(booking_id=booking.id)

    seat = reread(booking.seat)
    assert (seat.status, seat.is_offered_back) == ("available", False)


def test_take_back_keeps_the_seat_after_all(booking):
    offer_back(booking_id=booking.id)

    take_back(booking_id=booking.id)
    take_back(booking_id=booking.id)

    entry = make_entry(booking.event)
    assert (reread(booking.seat).is_offered_back, entry.status) == (False, "waiting")


def test_take_back_of_what_is_on_offer_is_refused(booking):
    make_entry(booking.event)
    offer_back(booking_id=booking.id)

    with pytest.raises(SeatOnOffer):
        take_back(booking_id=booking.id)


def test_offer_back_of_a_cancelled_booking_is_refused(booking):
    cancel_booking(booking_id=booking.id)

    with pytest.raises(BookingEnded):
        offer_back(booking_id=booking.id)


def test_offer_back_after_the_events_deadline_is_refused(booking):
    deadline = database_now() - timedelta(seconds=1)
    Event.objects.filter(id=booking.event_id).update(cancel_until=deadline)

    with pytest.raises(CancellationClosed):
        offer_back(booking_id=booking.id)


def test_a_party_gets_freed_and_offered_back_seats_together():
    event, bookings = make_full_event(seats=3)
    entry, _ = join(event_id=event.id, user_id=UserFactory().id, party_size=2, adjacent="required")
    offer_back(booking_id=bookings[1].id)

    cancel_booking(booking_id=bookings[0].id)
    order = accept_offer(entry_id=entry.id)

    numbers = order.bookings.order_by("id").values_list("seat__seat_number", flat=True)
    assert list(numbers) == ["Seat-1", "Seat-2"]
    assert [reread(booking).status for booking in bookings] == ["cancelled", "cancelled", "active"]


def test_breaches_after_a_holder_who_waits_has_cancelled_what_another_was_offered_are_none(booking):
    holder, behind = make_entry(booking.event, booking.user), make_entry(booking.event)
    offer_back(booking_id=booking.id)

    cancel_booking(booking_id=booking.id)

    assert (reread(holder).status, reread(behind).status) == ("waiting", "offered")
    assert breaches() == []
