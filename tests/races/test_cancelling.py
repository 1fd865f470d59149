"""An event is cancelled, batch by batch, while its holders cancel themselves."""

import pytest

from bookings.cancelling import begin_cancelling, cancel_next_batch, finish_cancelled_events
from bookings.models import Booking
from bookings.services import book_any_seat, cancel_booking
from events.errors import EventNotOnSale
from notifications.models import Notification
from tests.factories import make_full_event
from tests.races.cues import BOOKING_READ
from tests.races.promises import broken_promises

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def told_of_the_end(user):
    words = Notification.objects.filter(user=user).exclude(kind="booking_confirmed")
    return sorted(words.values_list("kind", flat=True))


def seats_of(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


def begin_beside_a_cancel(stage, event, booking):
    """The holder's cancel has read that the event is on sale when staff cancel it."""
    holder = stage.start(cancel_booking, booking_id=booking.id, pause_after=BOOKING_READ)
    staff = stage.start(begin_cancelling, event_id=event.id)
    holder.resume()
    assert holder.outcome is None
    return staff.outcome


def test_a_seat_given_back_as_its_event_is_cancelled_is_blocked(stage):
    event, [booking, _] = make_full_event(seats=2)

    assert begin_beside_a_cancel(stage, event, booking) == 1

    assert seats_of(event) == ["blocked", "booked"]
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate")
def test_a_seat_given_back_without_the_gate_is_on_sale_in_a_cancelled_event(stage):
    event, [booking, _] = make_full_event(seats=2)

    begin_beside_a_cancel(stage, event, booking)

    assert seats_of(event) == ["available", "booked"]
    assert broken_promises() == {"a cancelled event's seat is available or held (seat)"}


def act_beside_a_batch(stage, event, service, **arguments):
    """The batch has read which bookings are active, and written nothing yet."""
    begin_cancelling(event_id=event.id)
    batch = stage.start(cancel_next_batch, event_id=event.id, pause_after=BOOKING_READ)
    other = stage.start(service, **arguments)
    batch.resume()
    assert batch.outcome == 0
    return other.outcome


def test_a_holder_who_cancels_beside_a_batch_is_told_once(stage):
    event, [booking, _] = make_full_event(seats=2)

    act_beside_a_batch(stage, event, cancel_booking, booking_id=booking.id)

    assert told_of_the_end(booking.user) == ["event_cancelled"]
    assert (Booking.objects.active().count(), seats_of(event)) == (0, ["blocked"] * 2)
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate", "without_booking_locks")
def test_a_holder_who_cancels_beside_a_batch_without_locks_is_told_and_counted_twice(stage):
    event, [booking, _] = make_full_event(seats=2)

    act_beside_a_batch(stage, event, cancel_booking, booking_id=booking.id)

    assert told_of_the_end(booking.user) == ["booking_cancelled", "event_cancelled"]
    assert broken_promises() == {"12"}


def test_a_worker_that_goes_on_beside_a_batch_cancels_nothing_twice(stage):
    event, [booking, _] = make_full_event(seats=2)

    act_beside_a_batch(stage, event, finish_cancelled_events)

    assert told_of_the_end(booking.user) == ["event_cancelled"]
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate", "without_booking_locks")
def test_a_worker_that_goes_on_without_locks_cancels_everything_twice(stage):
    event, [booking, _] = make_full_event(seats=2)

    act_beside_a_batch(stage, event, finish_cancelled_events)

    assert told_of_the_end(booking.user) == ["event_cancelled"] * 2
    assert broken_promises() == {"12"}


def test_a_buyer_beside_a_batch_waits_for_no_more_than_that_batch(stage, monkeypatch, holder):
    monkeypatch.setattr("bookings.cancelling.BOOKINGS_PER_BATCH", 1)
    event, _ = make_full_event(seats=3)
    begin_cancelling(event_id=event.id)
    worker = stage.start(finish_cancelled_events, pause_after=BOOKING_READ)
    buyer = stage.start(book_any_seat, event_id=event.id, user_id=holder.id)
    is_kept_waiting = buyer.waits_for_a_lock

    worker.resume()

    assert is_kept_waiting
    assert isinstance(buyer.outcome, EventNotOnSale)
    assert worker.outcome == 1
