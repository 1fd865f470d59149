"""Buyers after the same seats."""

from functools import partial

import pytest
from django.db import IntegrityError

from bookings.models import Booking
from bookings.services import book_any_seat, book_seat
from events.errors import SeatUnavailable
from tests.factories import EventFactory, UserFactory
from tests.races.cues import BOOKING_MADE, SEAT_READ
from tests.races.promises import broken_promises
from tests.races.stage import ConnectionLost
from waitlists.models import WaitlistEntry

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def numbers_sold(event):
    active = Booking.objects.active().filter(event=event)
    return sorted(active.values_list("seat__seat_number", flat=True))


def choose_one_seat_twice(stage, event):
    """The second buyer asks when the first has read the seat and not written yet."""
    wish = {"event_id": event.id, "seat_number": "Seat-2"}
    first = stage.start(book_seat, user_id=UserFactory().id, **wish, pause_after=SEAT_READ)
    second = stage.start(book_seat, user_id=UserFactory().id, **wish, pause_after=SEAT_READ)
    first.resume()
    second.resume()
    return first.outcome, second.outcome


def test_two_buyers_of_one_chosen_seat_sell_it_once(stage, event):
    winner, loser = choose_one_seat_twice(stage, event)

    assert [winner] == list(Booking.objects.all())
    assert isinstance(loser, SeatUnavailable)
    assert numbers_sold(event) == ["Seat-2"]
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_seat_locks")
def test_two_buyers_without_the_seat_lock_are_told_apart_by_the_ledger(stage, event):
    winner, loser = choose_one_seat_twice(stage, event)

    assert [winner] == list(Booking.objects.all())
    assert isinstance(loser, IntegrityError)
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_seat_locks", "without_unique_bookings")
def test_two_buyers_without_both_guards_are_sold_the_same_seat(stage, event):
    choose_one_seat_twice(stage, event)

    assert numbers_sold(event) == ["Seat-2", "Seat-2"]
    assert broken_promises() == {"1", "12"}


def sell_to_a_crowd(stage, event, *, pause_after=None):
    plays = [
        partial(book_any_seat, event_id=event.id, user_id=buyer.id)
        for buyer in UserFactory.create_batch(60)
    ]
    return stage.start_together(plays, pause_after=pause_after)


def test_60_buyers_of_10_seats_get_10_seats_and_50_places_in_line(stage):
    event = EventFactory(total_seats=10)

    outcomes = [buyer.outcome for buyer in sell_to_a_crowd(stage, event)]

    sold = {outcome for outcome in outcomes if isinstance(outcome, Booking)}
    in_line = {outcome for outcome in outcomes if isinstance(outcome, WaitlistEntry)}
    assert (len(sold), len(in_line)) == (10, 50)
    assert sold == set(Booking.objects.active())
    assert in_line == set(WaitlistEntry.objects.waiting())
    assert numbers_sold(event) == sorted(f"Seat-{n}" for n in range(1, 11))
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_seat_locks")
def test_60_buyers_without_seat_locks_meet_at_one_seat_and_59_fail(stage):
    crowd = sell_to_a_crowd(stage, EventFactory(total_seats=10), pause_after=SEAT_READ)
    for buyer in crowd:
        buyer.until_still()
    for buyer in crowd:
        buyer.let_go()

    outcomes = [type(buyer.outcome) for buyer in crowd]

    assert (outcomes.count(Booking), outcomes.count(IntegrityError)) == (1, 59)


def ask_beside_a_sale_that_fails(stage, event):
    """The second buyer asks when the last seat is sold but for the commit, which never comes."""
    first = stage.start(
        book_any_seat, event_id=event.id, user_id=UserFactory().id, pause_after=BOOKING_MADE
    )
    second = stage.start(book_any_seat, event_id=event.id, user_id=UserFactory().id)
    first.fail()
    assert isinstance(first.outcome, ConnectionLost)
    return second.outcome


def test_a_sale_of_the_last_seat_that_fails_leaves_it_to_whoever_asked_meanwhile(stage):
    event = EventFactory(total_seats=1)

    outcome = ask_beside_a_sale_that_fails(stage, event)

    assert [outcome] == list(Booking.objects.active())
    assert WaitlistEntry.objects.count() == 0
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate", "skipping_locked_seats")
def test_a_failing_sale_without_the_gate_puts_somebody_in_line_beside_a_seat_on_sale(stage):
    event = EventFactory(total_seats=1)

    outcome = ask_beside_a_sale_that_fails(stage, event)

    assert [outcome] == list(WaitlistEntry.objects.waiting())
    assert broken_promises() == {"4 and 5"}
