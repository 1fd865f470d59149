"""Offers: made while their owner asks, lapsing while they accept, expired and wanted by others."""

import pytest
from django.db import IntegrityError

from bookings.models import Booking
from bookings.services import accept_offer, book_any_seat, book_seat, cancel_booking
from evently.audit.models import AuditRecord
from evently.transactions import database_now
from events.errors import SeatUnavailable
from events.models import Seat
from events.services import block_seats
from notifications.models import Notification
from tests.factories import EventFactory, UserFactory, expire_offer, make_entry, make_full_event
from tests.races.cues import (
    EXPIRED_LOOKED_FOR,
    GATE_PASSED,
    LINE_READ,
    SALE_READ,
)
from tests.races.promises import broken_promises
from waitlists.errors import NoOpenOffer, SeatsAvailable
from waitlists.lapsing import lapse_all
from waitlists.releasing import offer_seats, unblock_seats
from waitlists.services import join, leave

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def offer(transactional_db):
    """The only seat of an event, kept for the head of its line."""
    event, [booking] = make_full_event()
    entry = make_entry(event)
    cancel_booking(booking_id=booking.id)
    entry.refresh_from_db()
    return entry


@pytest.fixture
def next_in_line(offer):
    return make_entry(offer.event)


def join_as_the_offer_runs_out(stage, offer):
    """The offer's deadline passes when somebody who joins has just looked for such offers."""
    joiner = stage.start(
        join, event_id=offer.event_id, user_id=UserFactory().id, pause_after=EXPIRED_LOOKED_FOR
    )
    expire_offer(offer)
    joiner.resume()
    return joiner.outcome


def test_a_join_as_an_offer_runs_out_is_no_refusal_beside_a_seat_that_isnt_on_sale(stage, offer):
    entry, is_new = join_as_the_offer_runs_out(stage, offer)

    assert (entry.status, is_new, statuses(offer.event)) == ("waiting", True, ["held"])
    assert lapse_all() == 1
    assert status_now(entry) == "offered"
    assert broken_promises() == set()


def test_a_refused_join_leaves_the_seat_on_sale_that_it_was_refused_for(offer):
    expire_offer(offer)

    with pytest.raises(SeatsAvailable):
        join(event_id=offer.event_id, user_id=UserFactory().id)

    assert (status_now(offer), statuses(offer.event)) == ("lapsed", ["available"])


def statuses(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


def status_now(entry):
    entry.refresh_from_db()
    return entry.status


def told_of_lapse(user):
    return Notification.objects.filter(user=user, kind="offer_lapsed").count()


def book_while_the_offer_is_made(stage, event, entry):
    """Its owner books, seeing no offer yet, when two seats come back: one for them, one more."""
    owner = stage.start(
        book_any_seat, event_id=event.id, user_id=entry.user_id, pause_after=SALE_READ
    )
    seat_ids = list(event.seats.values_list("id", flat=True))
    stage.start(unblock_seats, event_id=event.id, seat_ids=seat_ids)
    owner.resume()
    return owner.outcome


@pytest.fixture
def blocked_event(transactional_db):
    event = EventFactory(total_seats=2)
    block_seats(event_id=event.id, seat_ids=list(event.seats.values_list("id", flat=True)))
    return event


def test_the_owner_of_an_offer_that_is_being_made_gets_the_kept_seat(stage, blocked_event):
    entry = make_entry(blocked_event)

    booking = book_while_the_offer_is_made(stage, blocked_event, entry)

    assert booking.seat.seat_number == "Seat-1"
    assert status_now(entry) == "accepted"
    assert statuses(blocked_event) == ["booked", "available"]
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_the_owner_of_an_offer_without_the_gate_gets_a_second_seat_beside_it(stage, blocked_event):
    entry = make_entry(blocked_event)

    booking = book_while_the_offer_is_made(stage, blocked_event, entry)

    assert booking.seat.seat_number == "Seat-2"
    assert status_now(entry) == "offered"
    assert statuses(blocked_event) == ["held", "booked"]


def leave_while_blocked_seats_are_offered(stage, event, entry):
    """The only one in line leaves when staff's offer has found them."""
    staff = stage.start(
        offer_seats, event_id=event.id, seat_ids=[event.seats.first().id], pause_after=LINE_READ
    )
    leaver = stage.start(leave, entry_id=entry.id)
    staff.resume()
    assert leaver.outcome is None
    return staff.outcome


def test_a_blocked_seat_is_offered_to_who_leaves_meanwhile(stage, blocked_event):
    entry = make_entry(blocked_event)

    offered = leave_while_blocked_seats_are_offered(stage, blocked_event, entry)

    assert offered == 1
    assert AuditRecord.objects.get(action="seats_unblocked").after == {"status": "held"}
    assert status_now(entry) == "left"
    assert statuses(blocked_event) == ["available", "blocked"]  # given back by who had the offer
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_blocked_seat_without_the_gate_is_offered_to_who_has_left(stage, blocked_event):
    entry = make_entry(blocked_event)

    outcome = leave_while_blocked_seats_are_offered(stage, blocked_event, entry)

    assert isinstance(outcome, IntegrityError)  # the entry's own constraint is the last guard
    assert statuses(blocked_event) == ["blocked", "blocked"]


def lapse_while_the_owner_accepts(stage, offer):
    """The deadline passes after its owner has come through the gate; a worker finds it."""
    owner = stage.start(accept_offer, entry_id=offer.id, pause_after=GATE_PASSED)
    Seat.objects.filter(waitlistentry=offer).update(held_until=database_now())
    worker = stage.start(lapse_all, pause_after=LINE_READ)
    owner.resume()
    worker.let_go()  # it may be through: where the gate holds, it finds nothing that has run out
    return owner.outcome, worker.outcome


def test_an_offer_lapsing_while_its_owner_accepts_is_accepted(stage, offer, next_in_line):
    booking, lapsed = lapse_while_the_owner_accepts(stage, offer)

    assert [booking] == list(Booking.objects.active())
    assert lapsed == 0
    assert (status_now(offer), status_now(next_in_line)) == ("accepted", "waiting")
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_an_offer_lapsing_without_the_gate_is_taken_from_who_booked_it(stage, offer, next_in_line):
    booking, lapsed = lapse_while_the_owner_accepts(stage, offer)

    assert [booking] == list(Booking.objects.active())
    assert lapsed == 1
    assert (status_now(offer), status_now(next_in_line)) == ("lapsed", "offered")
    assert broken_promises() == {"2"}


def test_an_owner_accepting_while_the_offer_lapses_is_refused(stage, offer, next_in_line):
    expire_offer(offer)
    worker = stage.start(lapse_all, pause_after=LINE_READ)
    owner = stage.start(accept_offer, entry_id=offer.id)
    worker.resume()

    assert isinstance(owner.outcome, NoOpenOffer)
    assert worker.outcome == 1
    assert (status_now(offer), status_now(next_in_line)) == ("lapsed", "offered")
    assert broken_promises() == set()


def choose_a_seat_whose_offer_has_expired(stage, offer):
    """The second buyer asks when the first has found the expired offer and not ended it yet."""
    expire_offer(offer)
    wish = {"event_id": offer.event_id, "seat_number": "Seat-1"}
    first = stage.start(book_seat, user_id=UserFactory().id, **wish, pause_after=LINE_READ)
    second = stage.start(book_seat, user_id=UserFactory().id, **wish)
    first.resume()
    return {type(first.outcome), type(second.outcome)}


def test_two_buyers_of_a_seat_whose_offer_has_expired_sell_it_once(stage, offer):
    outcomes = choose_a_seat_whose_offer_has_expired(stage, offer)

    assert outcomes == {Booking, SeatUnavailable}
    assert statuses(offer.event) == ["booked"]
    assert (status_now(offer), told_of_lapse(offer.user)) == ("lapsed", 1)
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_two_buyers_of_an_expired_offer_without_the_gate_put_a_sold_seat_on_sale(stage, offer):
    outcomes = choose_a_seat_whose_offer_has_expired(stage, offer)

    assert outcomes == {Booking, IntegrityError}
    assert statuses(offer.event) == ["available"]
    assert told_of_lapse(offer.user) == 2
    assert broken_promises() == {"2"}
