"""Booking and cancelling, one rule a test."""

import pytest

from bookings.models import Booking
from bookings.services import accept_offer, book_any_seat, book_seat, cancel_booking
from events.errors import EventNotFound, EventNotOnSale, SeatNotFound, SeatUnavailable
from events.models import Seat
from tests.factories import (
    EventFactory,
    UserFactory,
    expire_offer,
    make_booking,
    make_entry,
    make_full_event,
)
from waitlists.errors import NoOpenOffer
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db


def statuses(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


def test_book_any_seat_of_empty_event_takes_the_first(event, holder):
    booking = book_any_seat(event_id=event.id, user_id=holder.id)

    assert (booking.seat.seat_number, booking.status) == ("Seat-1", "active")
    assert statuses(event) == ["booked", "available", "available"]


def test_book_any_seat_twice_books_two_seats(event, holder):
    first = book_any_seat(event_id=event.id, user_id=holder.id)
    second = book_any_seat(event_id=event.id, user_id=holder.id)

    assert [first.seat.seat_number, second.seat.seat_number] == ["Seat-1", "Seat-2"]


def test_book_any_seat_of_full_event_joins_the_line(stranger):
    event, _ = make_full_event()

    entry = book_any_seat(event_id=event.id, user_id=stranger.id)

    assert (entry.user_id, entry.status) == (stranger.id, "waiting")


def test_book_any_seat_while_waiting_returns_the_same_entry(stranger):
    event, _ = make_full_event()
    first = book_any_seat(event_id=event.id, user_id=stranger.id)

    assert book_any_seat(event_id=event.id, user_id=stranger.id) == first
    assert WaitlistEntry.objects.count() == 1


def test_book_any_seat_with_an_open_offer_accepts_it_though_another_seat_is_on_sale(stranger):
    event, [first, second] = make_full_event(seats=2)
    make_entry(event, stranger)
    cancel_booking(booking_id=first.id)
    cancel_booking(booking_id=second.id)

    booking = book_any_seat(event_id=event.id, user_id=stranger.id)

    assert booking.seat.seat_number == "Seat-1"
    assert statuses(event) == ["booked", "available"]


def test_book_any_seat_lapses_an_expired_offer_first(stranger):
    event, [booking] = make_full_event()
    entry = make_entry(event)
    cancel_booking(booking_id=booking.id)
    expire_offer(entry)

    assert isinstance(book_any_seat(event_id=event.id, user_id=stranger.id), Booking)
    entry.refresh_from_db()
    assert entry.status == "lapsed"


@pytest.mark.parametrize(
    ("status", "refusal"), [("draft", EventNotFound), ("cancelled", EventNotOnSale)]
)
def test_book_any_seat_of_event_not_on_sale_is_refused(status, refusal, holder):
    event = EventFactory(status=status)

    with pytest.raises(refusal):
        book_any_seat(event_id=event.id, user_id=holder.id)


def test_book_seat_takes_that_very_seat(event, holder):
    assert book_seat(event_id=event.id, user_id=holder.id, seat_number="Seat-2").seat.position == 2


def test_book_seat_that_is_booked_is_refused(event, stranger):
    make_booking(event, seat_number="Seat-2")

    with pytest.raises(SeatUnavailable):
        book_seat(event_id=event.id, user_id=stranger.id, seat_number="Seat-2")


def test_book_seat_of_another_event_is_not_found(event, holder):
    foreign = Seat.objects.filter(event=EventFactory()).first()

    with pytest.raises(SeatNotFound):
        book_seat(event_id=event.id, user_id=holder.id, seat_id=foreign.id)


def test_book_seat_held_for_another_is_refused(stranger):
    event, [booking] = make_full_event()
    make_entry(event)
    cancel_booking(booking_id=booking.id)

    with pytest.raises(SeatUnavailable):
        book_seat(event_id=event.id, user_id=stranger.id, seat_number="Seat-1")


def test_book_seat_held_for_oneself_accepts_the_offer(stranger):
    event, [booking] = make_full_event()
    entry = make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)

    book_seat(event_id=event.id, user_id=stranger.id, seat_number="Seat-1")

    entry.refresh_from_db()
    assert entry.status == "accepted"


def test_book_seat_whose_offer_has_expired_is_sold(stranger):
    event, [booking] = make_full_event()
    entry = make_entry(event)
    cancel_booking(booking_id=booking.id)
    expire_offer(entry)

    assert book_seat(event_id=event.id, user_id=stranger.id, seat_number="Seat-1").is_active


def test_book_seat_whose_offer_has_expired_goes_to_the_next_in_line(stranger):
    event, [booking] = make_full_event()
    first, second = make_entry(event), make_entry(event)
    cancel_booking(booking_id=booking.id)
    expire_offer(first)

    with pytest.raises(SeatUnavailable):
        book_seat(event_id=event.id, user_id=stranger.id, seat_number="Seat-1")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("lapsed", "offered")


def test_book_another_seat_with_an_open_offer_gives_the_offer_up(stranger):
    event, [first, second] = make_full_event(seats=2)
    entry = make_entry(event, stranger)
    cancel_booking(booking_id=first.id)
    cancel_booking(booking_id=second.id)

    book_seat(event_id=event.id, user_id=stranger.id, seat_number="Seat-2")

    entry.refresh_from_db()
    assert entry.status == "left"
    assert statuses(event) == ["available", "booked"]


def test_accept_offer_books_the_kept_seat(stranger):
    event, [booking] = make_full_event()
    entry = make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)

    accepted = accept_offer(entry_id=entry.id)

    assert (accepted.user_id, accepted.seat_id) == (stranger.id, booking.seat_id)


def test_accept_expired_offer_is_refused(stranger):
    event, [booking] = make_full_event()
    entry = make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)
    expire_offer(entry)

    with pytest.raises(NoOpenOffer):
        accept_offer(entry_id=entry.id)


def test_cancel_with_nobody_waiting_puts_the_seat_on_sale(event, holder):
    booking = make_booking(event, holder)

    cancel_booking(booking_id=booking.id)

    booking.refresh_from_db()
    assert booking.status == "cancelled"
    assert statuses(event) == ["available"] * 3


def test_cancel_twice_does_nothing_twice(event, holder):
    booking = make_booking(event, holder)
    cancel_booking(booking_id=booking.id)
    another = make_booking(event, UserFactory())

    cancel_booking(booking_id=booking.id)

    another.refresh_from_db()
    assert another.is_active
    assert holder.notification_set.filter(kind="booking_cancelled").count() == 1
