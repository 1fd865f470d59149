"""Everything that may be asked of one hall, by many people at once."""

from functools import partial

import pytest
from django.db import IntegrityError

from bookings.choosing import Wish
from bookings.holds import make_hold, release_hold
from bookings.models import Booking, Order
from bookings.offering_back import offer_back
from bookings.orders import cancel_order, make_order, order_hold
from bookings.services import accept_offer, book_any_seat, cancel_booking
from evently.api.errors import DomainRefusal
from events.models import Hold, Seat
from tests.factories import UserFactory, make_booking, make_entry, make_hall
from tests.races.cues import BOOKING_READ, SEAT_READ
from tests.races.promises import broken_promises
from waitlists.models import WaitlistEntry
from waitlists.services import join

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROUNDS = 2
TRIES = 8
PAIR = Wish(quantity=2)
PARTY = {"party_size": 2, "adjacent": "required"}


# Each person does one of these, and returns a list of what they have been told is theirs.


def attempt(service, **asked):
    try:
        return [service(**asked)]
    except DomainRefusal:
        return []


def hold_and_order(event_id, user_id):
    holds = attempt(make_hold, event_id=event_id, user_id=user_id, wish=PAIR)
    return [order_hold(hold_id=hold.id, user_id=user_id) for hold in holds]


def hold_and_release(event_id, user_id):
    for hold in attempt(make_hold, event_id=event_id, user_id=user_id, wish=PAIR):
        release_hold(hold_id=hold.id)
    return []


def order_and_cancel(event_id, user_id):
    for order in attempt(make_order, event_id=event_id, user_id=user_id, wish=PAIR):
        cancel_order(order_id=order.id)
    return []


def join_and_accept(event_id, user_id):
    joined = attempt(join, event_id=event_id, user_id=user_id, **PARTY)
    return [booking for entry, _ in joined for booking in accept_one_by_one(entry.id)]


def accept_one_by_one(entry_id):
    tries = [attempt(accept_offer, entry_id=entry_id, quantity=1) for _ in range(TRIES)]
    return [booking for accepted in tries for booking in accepted]


def give_up(booking_id):
    cancel_booking(booking_id=booking_id)
    return []


def put_up(booking_id):
    offer_back(booking_id=booking_id)
    return []


NEWCOMERS = [
    *[partial(attempt, book_any_seat)] * 4,
    *[partial(attempt, make_order, wish=PAIR)] * 2,
    *[partial(attempt, make_hold, wish=PAIR)] * 2,
    *[hold_and_order, hold_and_release, order_and_cancel, join_and_accept] * 2,
]


def crowd(stage, **pause):
    """Holders give up seats, parties wait for neighbours and newcomers come, all at one moment.

    Before that every third seat is on sale.
    """
    event = make_hall(*({"name": name, "seats": 8} for name in "ABC"))
    numbers = event.seats.order_by("position").values_list("seat_number", flat=True)
    sold = [number for place, number in enumerate(numbers) if place % 3]
    bookings = [make_booking(event, seat_number=number) for number in sold]
    parties = [make_entry(event, **PARTY) for _ in range(3)]
    plays = [
        *(partial(give_up, booking.id) for booking in bookings[:5]),
        *(partial(put_up, booking.id) for booking in bookings[5:8]),
        *(partial(accept_one_by_one, party.id) for party in parties),
        *(partial(ask, event_id=event.id, user_id=UserFactory().id) for ask in NEWCOMERS),
    ]
    return bookings, stage.start_together(plays, **pause)


def is_there(thing):
    """Tell whether what somebody was told is theirs is so."""
    match thing:
        case Booking():
            return Booking.objects.active().filter(id=thing.id).exists()
        case Order():
            return Booking.objects.active().filter(order=thing).count() == 2
        case Hold():
            return Seat.objects.filter(hold=thing, held_for=thing.user_id).count() == 2
        case WaitlistEntry():
            return WaitlistEntry.objects.live().filter(id=thing.id).exists()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_everything_at_once_breaks_no_promise_and_loses_nothing(stage, round_):
    bookings, actors = crowd(stage)

    told = [thing for actor in actors for thing in actor.outcome]
    assert [thing for thing in told if not is_there(thing)] == []
    given_up = [booking.id for booking in bookings[:5]]
    assert not Booking.objects.active().filter(id__in=given_up).exists()
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate", "without_seat_locks")
def test_everything_at_once_without_gate_and_locks_gives_one_seat_to_several(stage):
    """All have read what there is before anybody writes."""
    _, actors = crowd(stage, pause_after=f"{SEAT_READ}, |{BOOKING_READ}")
    for actor in actors:
        actor.until_still()
    for actor in actors:
        actor.let_go()

    outcomes = [actor.outcome for actor in actors]

    assert any(isinstance(outcome, IntegrityError) for outcome in outcomes)
    assert "2" in broken_promises()
