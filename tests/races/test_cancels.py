"""Seats that come back while others cancel them too, join the line, or want to be quicker."""

import pytest

from bookings.models import Booking
from bookings.services import book_any_seat, book_seat, cancel_booking
from events.errors import SeatUnavailable
from notifications.models import Notification
from tests.factories import UserFactory, make_booking, make_entry, make_full_event
from tests.races.cues import BOOKING_GLANCED_AT, BOOKING_READ, ENTRY_MADE, LINE_READ
from tests.races.promises import broken_promises
from waitlists.models import WaitlistEntry

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def told_of_cancel(user):
    return Notification.objects.filter(user=user, kind="booking_cancelled").count()


def cancel_twice_around_a_new_booking(stage, event, booking):
    """The first cancel ends and the seat is sold again before the second goes on."""
    first = stage.start(cancel_booking, booking_id=booking.id, pause_after=BOOKING_READ)
    second = stage.start(cancel_booking, booking_id=booking.id, pause_after=BOOKING_READ)
    first.resume()
    new = make_booking(event)
    second.resume()
    assert (first.outcome, second.outcome) == (None, None)
    return new


def test_two_cancels_of_one_booking_release_its_seat_once(stage):
    event, [booking] = make_full_event()

    new = cancel_twice_around_a_new_booking(stage, event, booking)

    assert [new] == list(Booking.objects.active())
    assert told_of_cancel(booking.user) == 1
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_booking_locks")
def test_two_cancels_without_the_booking_lock_put_a_sold_seat_on_sale(stage):
    event, [booking] = make_full_event()

    cancel_twice_around_a_new_booking(stage, event, booking)

    assert event.seats.get().status == "available"
    assert told_of_cancel(booking.user) == 2
    assert broken_promises() == {"2", "12"}


def join_beside_a_cancel(stage, event, booking):
    """Somebody asks for a seat when a cancel has seen the empty line and not released yet."""
    canceller = stage.start(cancel_booking, booking_id=booking.id, pause_after=LINE_READ)
    buyer = stage.start(book_any_seat, event_id=event.id, user_id=UserFactory().id)
    canceller.resume()
    return buyer.outcome


def test_a_buyer_beside_a_cancel_gets_the_seat(stage):
    event, [booking] = make_full_event()

    outcome = join_beside_a_cancel(stage, event, booking)

    assert [outcome] == list(Booking.objects.active())
    assert WaitlistEntry.objects.count() == 0
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_buyer_beside_a_cancel_without_the_gate_waits_beside_a_seat_on_sale(stage):
    event, [booking] = make_full_event()

    outcome = join_beside_a_cancel(stage, event, booking)

    assert [outcome] == list(WaitlistEntry.objects.waiting())
    assert broken_promises() == {"4 and 5"}


def cancel_beside_somebody_who_joins(stage, event, booking):
    """The cancel comes when somebody is in the line but for the commit."""
    joiner = stage.start(
        book_any_seat, event_id=event.id, user_id=UserFactory().id, pause_after=ENTRY_MADE
    )
    canceller = stage.start(cancel_booking, booking_id=booking.id)
    joiner.resume()
    assert canceller.outcome is None
    return WaitlistEntry.objects.get(id=joiner.outcome.id)


def test_a_cancel_beside_somebody_who_joins_offers_them_the_seat(stage):
    event, [booking] = make_full_event()

    entry = cancel_beside_somebody_who_joins(stage, event, booking)

    assert (entry.status, entry.offered_seat) == ("offered", booking.seat)
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_cancel_beside_somebody_who_joins_without_the_gate_passes_them_by(stage):
    event, [booking] = make_full_event()

    entry = cancel_beside_somebody_who_joins(stage, event, booking)

    assert (entry.status, event.seats.get().status) == ("waiting", "available")
    assert broken_promises() == {"4 and 5"}


def join_after_a_cancel_looked(stage, event, booking):
    """The cancel's glance before the gate found nobody in line; then somebody joins for good."""
    canceller = stage.start(cancel_booking, booking_id=booking.id, pause_after=BOOKING_GLANCED_AT)
    entry = make_entry(event)
    canceller.resume()
    assert canceller.outcome is None
    entry.refresh_from_db()
    return entry


def test_a_cancel_that_saw_an_empty_line_offers_the_seat_to_who_joined_since(stage):
    event, [booking] = make_full_event()

    entry = join_after_a_cancel_looked(stage, event, booking)

    assert (entry.status, entry.offered_seat) == ("offered", booking.seat)
    assert broken_promises() == set()


@pytest.mark.usefixtures("trusting_the_hint")
def test_a_cancel_that_trusts_its_glance_passes_by_who_joined_since(stage):
    event, [booking] = make_full_event()

    entry = join_after_a_cancel_looked(stage, event, booking)

    assert (entry.status, event.seats.get().status) == ("waiting", "available")
    assert broken_promises() == {"4 and 5"}


def snipe(stage, event, booking):
    """Two who aren't in line ask for the seat at the instant in which it is given back."""
    canceller = stage.start(cancel_booking, booking_id=booking.id, pause_after=BOOKING_READ)
    wish = {"event_id": event.id, "seat_number": booking.seat.seat_number}
    chooser = stage.start(book_seat, user_id=UserFactory().id, **wish)
    sniper = stage.start(book_any_seat, event_id=event.id, user_id=UserFactory().id)
    canceller.resume()
    return chooser.outcome, sniper.outcome


def test_a_cancel_with_snipers_offers_the_seat_to_the_head_of_the_line(stage):
    event, [booking] = make_full_event()
    head = make_entry(event)

    chooser, sniper = snipe(stage, event, booking)

    head.refresh_from_db()
    assert (head.status, head.offered_seat) == ("offered", booking.seat)
    assert isinstance(chooser, SeatUnavailable)
    assert [sniper] == list(WaitlistEntry.objects.waiting())
    assert broken_promises() == set()


@pytest.mark.usefixtures("releasing_to_the_sale")
def test_a_cancel_that_releases_to_the_sale_first_lets_a_sniper_overtake_the_line(stage):
    event, [booking] = make_full_event()
    head = make_entry(event)

    snipers = snipe(stage, event, booking)

    head.refresh_from_db()
    assert head.status == "waiting"
    sold = [outcome for outcome in snipers if isinstance(outcome, Booking)]
    assert sold == list(Booking.objects.active())
    assert len(sold) == 1
