"""Parties in the line, while seats come free beside each other."""

import pytest

from bookings.errors import SeatOnOffer
from bookings.models import Booking
from bookings.offering_back import offer_back, take_back
from bookings.services import accept_offer, cancel_booking
from tests.factories import UserFactory, make_entry, make_full_event
from tests.races.cues import LINE_READ, LINE_SERVED
from tests.races.promises import broken_promises
from waitlists.services import join

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def wait_for_two(event):
    entry, _ = join(event_id=event.id, user_id=UserFactory().id, party_size=2)
    return entry


def cancel_two_at_once(stage, bookings):
    """The second cancels when the first has looked at the line and not committed yet."""
    first, second = bookings
    slow = stage.start(cancel_booking, booking_id=first.id, pause_after=LINE_SERVED)
    quick = stage.start(cancel_booking, booking_id=second.id)
    slow.resume()
    assert (slow.outcome, quick.outcome) == (None, None)


def test_two_who_cancel_at_once_seat_the_party_that_waits(stage):
    event, bookings = make_full_event(seats=2)
    party = wait_for_two(event)

    cancel_two_at_once(stage, bookings)

    party.refresh_from_db()
    assert party.status == "offered"
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_two_who_cancel_at_once_without_the_gate_leave_the_party_waiting(stage):
    event, bookings = make_full_event(seats=2)
    party = wait_for_two(event)

    cancel_two_at_once(stage, bookings)

    party.refresh_from_db()
    assert party.status == "waiting"
    assert broken_promises() == {"4 and 5"}


def join_while_two_seats_come_free(stage, event, bookings):
    """Both cancel when the party has seen that nothing is on sale and isn't in line yet."""
    joiner = stage.start(
        join, event_id=event.id, user_id=UserFactory().id, party_size=2, pause_after=LINE_READ
    )
    cancels = [stage.start(cancel_booking, booking_id=booking.id) for booking in bookings]
    joiner.resume()
    assert [cancel.outcome for cancel in cancels] == [None, None]
    entry, _ = joiner.outcome
    entry.refresh_from_db()
    return entry.status


def test_a_party_that_joins_while_its_seats_come_free_is_offered_them(stage):
    event, bookings = make_full_event(seats=2)

    assert join_while_two_seats_come_free(stage, event, bookings) == "offered"
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_party_that_joins_without_the_gate_waits_for_what_is_on_sale(stage):
    event, bookings = make_full_event(seats=2)

    assert join_while_two_seats_come_free(stage, event, bookings) == "waiting"
    assert broken_promises() == {"4 and 5"}


def take_back_while_it_is_taken(stage):
    """The holder wants the seat back when whom it was offered to has begun to accept it."""
    event, [booking] = make_full_event()
    entry = make_entry(event)
    offer_back(booking_id=booking.id)
    taker = stage.start(accept_offer, entry_id=entry.id, pause_after=LINE_READ)
    holder = stage.start(take_back, booking_id=booking.id)
    taker.resume()
    return booking, taker.outcome, holder.outcome


def test_a_seat_that_was_taken_is_not_taken_back(stage):
    booking, taken, refusal = take_back_while_it_is_taken(stage)

    booking.refresh_from_db()
    assert (booking.status, taken.seat_id) == ("cancelled", booking.seat_id)
    assert refusal.code == "booking_cancelled"
    assert list(Booking.objects.active()) == [taken]
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_seat_without_the_gate_is_judged_by_a_booking_that_is_over(stage):
    _, _, refusal = take_back_while_it_is_taken(stage)

    assert isinstance(refusal, SeatOnOffer)
