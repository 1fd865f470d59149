"""One person at two counters: the limit per user holds, though the seats are different ones."""

import pytest

from bookings.errors import LimitReached
from bookings.models import Booking
from bookings.services import book_any_seat, book_seat
from events.gate import Gate
from tests.factories import EventFactory
from tests.races.cues import BOOKING_MADE
from tests.races.promises import broken_promises

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def buy_twice(stage, event, buyer):
    """The second seat is asked for when the first is booked but for the commit."""
    first = stage.start(
        book_any_seat, event_id=event.id, user_id=buyer.id, pause_after=BOOKING_MADE
    )
    second = stage.start(book_seat, event_id=event.id, user_id=buyer.id, seat_number="Seat-3")
    first.resume()
    return first.outcome, second.outcome


def test_two_seats_at_once_for_one_person_are_one_too_many(stage, holder):
    event = EventFactory(max_per_user=1)

    booking, refusal = buy_twice(stage, event, holder)

    assert [booking] == list(Booking.objects.all())
    assert isinstance(refusal, LimitReached)
    assert broken_promises() == set()


def test_two_seats_at_once_without_the_users_lock_are_both_sold(stage, holder, monkeypatch):
    monkeypatch.setattr(Gate, "lock_user", lambda gate, user_id: None)

    buy_twice(stage, EventFactory(max_per_user=1), holder)

    assert Booking.objects.filter(user=holder).count() == 2


def test_another_person_isnt_kept_waiting(stage, holder, stranger):
    event = EventFactory(max_per_user=1)
    first = stage.start(
        book_any_seat, event_id=event.id, user_id=holder.id, pause_after=BOOKING_MADE
    )

    assert book_any_seat(event_id=event.id, user_id=stranger.id).user_id == stranger.id
    first.resume()
    assert first.outcome.user_id == holder.id
