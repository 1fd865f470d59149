"""Parties in the line, while seats come free beside each other."""

import pytest

from bookings.errors import SeatOnOffer
from bookings.models import Booking
from bookings.offering_back import offer_back, take_back
from bookings.services import accept_offer, book_any_seat, cancel_booking
from evently.transactions import database_now
from events.models import Seat
from notifications.models import Notification
from tests.factories import UserFactory, make_entry, make_full_event
from tests.races.cues import BOOKING_READ, GATE_PASSED, LINE_READ, LINE_SERVED, SEAT_READ
from tests.races.promises import broken_promises
from waitlists.lapsing import lapse_all
from waitlists.models import WaitlistEntry
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


def buy_beside_an_offer(stage):
    """A buyer has the seat on sale in hand as one comes free: both together would fit the party."""
    event, bookings = make_full_event(seats=2)
    party = wait_for_two(event)
    cancel_booking(booking_id=bookings[0].id)
    buyer = stage.start(
        book_any_seat, event_id=event.id, user_id=UserFactory().id, pause_after=SEAT_READ
    )
    cancel = stage.start(cancel_booking, booking_id=bookings[1].id)
    buyer.resume()
    assert cancel.outcome is None
    party.refresh_from_db()
    return party, buyer.outcome


def test_a_buyer_beside_an_offer_has_the_seat_and_the_party_goes_on_waiting(stage):
    party, booking = buy_beside_an_offer(stage)

    assert (booking.seat.seat_number, party.status) == ("Seat-1", "waiting")
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate", "without_seat_locks")
def test_a_buyer_beside_an_offer_without_gate_and_locks_has_a_seat_of_the_offer(stage):
    party, booking = buy_beside_an_offer(stage)

    assert (booking.seat_id, party.status) == (party.offered_seat_id, "offered")
    assert "2" in broken_promises()


def accept_a_part_as_the_offer_runs_out(stage):
    """The deadline passes when the party has come through the gate; a worker finds it."""
    event, bookings = make_full_event(seats=2)
    party = wait_for_two(event)
    for booking in bookings:
        cancel_booking(booking_id=booking.id)
    behind = make_entry(event)
    owner = stage.start(accept_offer, entry_id=party.id, quantity=1, pause_after=GATE_PASSED)
    Seat.objects.filter(held_for=party.user).update(held_until=database_now())
    worker = stage.start(lapse_all, pause_after=LINE_READ)
    owner.resume()
    worker.resume()
    assert worker.outcome == 1
    for entry in (party, behind):
        entry.refresh_from_db()
    return party, behind, owner.outcome


def test_a_part_that_was_accepted_stays_and_the_rest_lapses(stage):
    party, behind, booking = accept_a_part_as_the_offer_runs_out(stage)

    assert [booking] == list(Booking.objects.active())
    assert (party.status, party.party_size) == ("lapsed", 1)
    assert behind.offered_seat.seat_number == "Seat-2"
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_part_that_was_accepted_without_the_gate_is_offered_to_the_next(stage):
    _, behind, booking = accept_a_part_as_the_offer_runs_out(stage)

    assert behind.offered_seat == booking.seat
    assert "2" in broken_promises()


# --- Seats that are offered back ----------------------------------------------------------------


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


def take_an_offered_back_seat_twice(stage):
    """The second newcomer comes when the first has found the seat and not booked it yet."""
    event, [booking] = make_full_event()
    offer_back(booking_id=booking.id)
    first = stage.start(
        book_any_seat, event_id=event.id, user_id=UserFactory().id, pause_after=BOOKING_READ
    )
    second = stage.start(book_any_seat, event_id=event.id, user_id=UserFactory().id)
    first.resume()
    return first.outcome, second.outcome


def test_two_newcomers_take_an_offered_back_seat_once(stage):
    booking, entry = take_an_offered_back_seat_twice(stage)

    assert [booking] == list(Booking.objects.active())
    assert [entry] == list(WaitlistEntry.objects.waiting())
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate", "without_booking_locks")
def test_two_newcomers_without_gate_and_lock_take_the_seat_from_each_other(stage):
    booking, overtaken = take_an_offered_back_seat_twice(stage)

    assert [booking] == list(Booking.objects.active())
    assert list(Booking.objects.filter(status="cancelled", id=overtaken.id)) == [overtaken]


def cancel_while_it_is_taken(stage):
    """The seat is taken when its holder, who cancels, has found the booking active."""
    event, [booking] = make_full_event()
    offer_back(booking_id=booking.id)
    holder = stage.start(cancel_booking, booking_id=booking.id, pause_after=BOOKING_READ)
    taker = stage.start(book_any_seat, event_id=event.id, user_id=UserFactory().id)
    holder.resume()
    assert holder.outcome is None
    return booking, taker.outcome


def test_a_seat_whose_holder_cancels_as_it_is_taken_is_the_takers(stage):
    booking, taken = cancel_while_it_is_taken(stage)

    assert [taken] == list(Booking.objects.active())
    told = Notification.objects.filter(user=booking.user, kind="booking_cancelled")
    assert told.count() == 1
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate", "without_booking_locks")
def test_a_seat_whose_holder_cancels_without_gate_and_lock_is_put_on_sale_under_the_taker(stage):
    _, taken = cancel_while_it_is_taken(stage)

    assert [taken] == list(Booking.objects.active())
    assert broken_promises() == {"2", "12"}
