"""How many seats of an event one person may have."""

import pytest

from bookings.errors import LimitReached
from bookings.event_services import change_event
from bookings.models import Booking
from bookings.services import accept_offer, book_any_seat, book_seat, cancel_booking
from tests.factories import EventFactory, make_booking, make_entry, make_full_event
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited():
    return EventFactory(total_seats=3, max_per_user=1)


def make_offer_beyond_the_limit(holder):
    """Keep a seat for somebody who has booked another one while they waited."""
    event, [first, _] = make_full_event(seats=2)
    make_booking_of(event, holder)
    entry = make_entry(event, holder)
    cancel_booking(booking_id=first.id)
    return event, entry


def make_booking_of(event, holder):
    Booking.objects.filter(event=event, seat__seat_number="Seat-2").update(user=holder)
    event.max_per_user = 1
    event.save()


def test_book_any_seat_at_the_limit_is_refused(limited, holder):
    make_booking(limited, holder)

    with pytest.raises(LimitReached):
        book_any_seat(event_id=limited.id, user_id=holder.id)


def test_book_seat_at_the_limit_is_refused(limited, holder):
    make_booking(limited, holder)

    with pytest.raises(LimitReached):
        book_seat(event_id=limited.id, user_id=holder.id, seat_number="Seat-2")


def test_book_any_seat_of_a_full_event_at_the_limit_is_refused_instead_of_the_line(holder):
    event, _ = make_full_event(max_per_user=1)
    Booking.objects.update(user=holder)

    with pytest.raises(LimitReached):
        book_any_seat(event_id=event.id, user_id=holder.id)

    assert not WaitlistEntry.objects.exists()


def test_cancelled_bookings_and_other_peoples_dont_count(limited, holder):
    cancel_booking(booking_id=make_booking(limited, holder).id)
    make_booking(limited)

    assert book_any_seat(event_id=limited.id, user_id=holder.id).user_id == holder.id


def test_bookings_of_other_events_dont_count(limited, holder):
    make_booking(EventFactory(), holder)

    assert book_any_seat(event_id=limited.id, user_id=holder.id).user_id == holder.id


def test_event_without_a_limit_sells_everything_to_one_person(event, holder):
    for _ in range(3):
        book_any_seat(event_id=event.id, user_id=holder.id)

    assert Booking.objects.filter(user=holder).count() == 3


def test_accepting_beyond_the_limit_is_refused_and_the_seat_stays_kept(holder):
    _, entry = make_offer_beyond_the_limit(holder)

    with pytest.raises(LimitReached):
        accept_offer(entry_id=entry.id)

    assert WaitlistEntry.objects.get(id=entry.id).status == "offered"


def test_limit_reached_is_409(limited, as_holder, holder):
    make_booking(limited, holder)

    response = as_holder.post("/bookings", {"event_id": limited.id})

    assert response.status_code == 409
    assert response.json() == {
        "type": "urn:evently:problem:limit_reached",
        "title": "Limit reached",
        "status": 409,
        "detail": "You have as many seats of this event as one person may.",
        "code": "limit_reached",
    }


def test_limit_that_is_set_between_two_sales_holds_for_the_second(holder, stranger):
    event = EventFactory(total_seats=3)
    book_any_seat(event_id=event.id, user_id=holder.id)
    change_event(event_id=event.id, changes={"max_per_user": 1})

    with pytest.raises(LimitReached):
        book_any_seat(event_id=event.id, user_id=holder.id)
    booking = book_any_seat(event_id=event.id, user_id=stranger.id)
    assert booking.seat.seat_number == "Seat-2"
