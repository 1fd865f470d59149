"""Giving a seat back if somebody takes it."""

from datetime import timedelta

import pytest

from bookings.errors import BookingEnded, CancellationClosed, SeatOnOffer
from bookings.integrity import breaches, repair
from bookings.models import Booking
from bookings.offering_back import offer_back, take_back
from bookings.services import accept_offer, book_any_seat, cancel_booking
from evently.transactions import database_now
from events.models import Event, Seat
from notifications.models import Notification
from tests.factories import NOW, UserFactory, expire_offer, make_entry, make_full_event
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


def test_take_back_of_what_is_no_longer_on_offer_waits_for_no_worker(booking):
    entry = make_entry(booking.event)
    offer_back(booking_id=booking.id)
    expire_offer(reread(entry))

    take_back(booking_id=booking.id)

    assert (reread(booking.seat).is_offered_back, reread(entry).status) == (False, "lapsed")


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


# --- Nobody's own seat --------------------------------------------------------------------------


def test_who_waits_beside_their_own_seat_leaves_it_to_those_behind(booking):
    holder, behind = make_entry(booking.event, booking.user), make_entry(booking.event)

    offer_back(booking_id=booking.id)

    assert (reread(holder).status, reread(behind).offered_seat) == ("waiting", booking.seat)


def test_an_offer_that_lapses_passes_the_seats_holder_in_line(booking):
    first, holder = make_entry(booking.event), make_entry(booking.event, booking.user)
    offer_back(booking_id=booking.id)
    expire_offer(reread(first))
    lapse_all()
    nobody_else = reread(booking.seat).held_for
    last = make_entry(booking.event)

    assert (nobody_else, reread(holder).status) == (None, "waiting")
    assert reread(last).offered_seat == booking.seat


def test_a_party_isnt_seated_on_a_seat_of_its_own():
    event, bookings = make_full_event(seats=3)
    party = make_entry(event, bookings[0].user, party_size=2, adjacent="required")
    offer_back(booking_id=bookings[0].id)

    cancel_booking(booking_id=bookings[1].id)
    with_its_own = reread(party).status
    cancel_booking(booking_id=bookings[2].id)

    assert (with_its_own, reread(party).offered_seat) == ("waiting", bookings[1].seat)
    assert reread(bookings[0]).is_active


# --- Gathered for a party -----------------------------------------------------------------------


@pytest.fixture
def party(settings):
    """Two who want neighbours in a full event of three seats, and lose patience after one time."""
    settings.EVENTLY_PARTY_PATIENCE = 1
    event, _ = make_full_event(seats=3)
    return make_entry(event, party_size=2, adjacent="required")


def put_up(party, number):
    booking = Booking.objects.active().get(event=party.event, seat__seat_number=number)
    offer_back(booking_id=booking.id)
    return reread(booking)


@pytest.fixture
def gathered(party):
    """The booking of a seat that is gathered for the party."""
    put_up(party, "Seat-1")
    return put_up(party, "Seat-3")


def test_a_seat_offered_back_that_fits_nobody_passes_a_party_over(party):
    booking = put_up(party, "Seat-1")

    assert (reread(party).passed_over, booking.seat.held_for) == (1, None)


def test_a_seat_offered_back_is_gathered_for_a_party_without_patience(party, gathered):
    seat = gathered.seat

    assert (seat.held_for, seat.status, gathered.status) == (party.user, "booked", "active")
    assert reread(party).status == "waiting"


def test_newcomers_get_no_seat_that_is_gathered(party, gathered):
    taken, entry = (
        book_any_seat(event_id=party.event_id, user_id=UserFactory().id) for _ in range(2)
    )

    assert (taken.seat.seat_number, entry.status) == ("Seat-1", "waiting")
    assert (reread(gathered).is_active, gathered.seat.held_for) == (True, party.user)


def test_take_back_of_what_is_gathered_is_refused(gathered):
    with pytest.raises(SeatOnOffer):
        take_back(booking_id=gathered.id)


def test_a_gathered_seat_that_runs_out_is_its_holders_as_before(party, gathered):
    Seat.objects.filter(held_for=party.user).update(held_until=NOW)

    assert lapse_all() == 1

    seat = reread(gathered.seat)
    assert (seat.status, seat.held_for, seat.is_offered_back) == ("booked", None, True)
    take_back(booking_id=gathered.id)
    assert reread(gathered).is_active


# --- As the integrity check sees it -------------------------------------------------------------


def test_breaches_name_who_waits_for_what_another_offers_back_and_repair_mends_it(booking):
    holder, stranger = make_entry(booking.event, booking.user), make_entry(booking.event)
    Seat.objects.filter(id=booking.seat_id).update(offered_back_by=booking.user_id)
    found = [(breach.promise[:7], breach.row_id) for breach in breaches()]

    repair(event_id=booking.event_id)

    assert found == [("4 and 5", stranger.id)]
    assert (reread(stranger).offered_seat, reread(holder).status) == (booking.seat, "waiting")


def test_breaches_after_a_holder_who_waits_has_cancelled_what_another_was_offered_are_none(booking):
    holder, behind = make_entry(booking.event, booking.user), make_entry(booking.event)
    offer_back(booking_id=booking.id)

    cancel_booking(booking_id=booking.id)

    assert (reread(holder).status, reread(behind).status) == ("waiting", "offered")
    assert breaches() == []
