"""A session that PostgreSQL ends a deadlock with: its service is done again as a whole."""

import pytest
from django.db import OperationalError, connection, transaction

from bookings.models import Booking
from bookings.services import cancel_booking
from evently import transactions
from events.models import Seat
from tests.factories import make_full_event
from tests.races.cues import BOOKING_READ, SEAT_READ
from tests.races.promises import broken_promises

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def lock_in_the_wrong_order(booking):
    """Lock a seat, then its booking, as a stranger might; never be the one who is ended."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL deadlock_timeout = '1h'")
        Seat.objects.lock().get(id=booking.seat_id)
        Booking.objects.lock().get(id=booking.id)


def cancel_in_a_deadlock(stage, booking):
    """Each holds what the other wants; the canceller, who wants last, is ended."""
    stranger = stage.start(lock_in_the_wrong_order, booking=booking, pause_after=SEAT_READ)
    canceller = stage.start(cancel_booking, booking_id=booking.id, pause_after=BOOKING_READ)
    stranger.resume()
    canceller.resume()
    assert stranger.outcome is None
    return canceller.outcome


def test_cancel_that_a_deadlock_undid_is_done_again(stage):
    _, [booking] = make_full_event()

    assert cancel_in_a_deadlock(stage, booking) is None

    booking.refresh_from_db()
    assert (booking.status, booking.seat.status) == ("cancelled", "available")
    assert broken_promises() == set()


def test_cancel_that_a_deadlock_undid_and_nobody_retries_fails(stage, monkeypatch):
    monkeypatch.setattr(transactions, "PAUSES_SECONDS", ())
    _, [booking] = make_full_event()

    outcome = cancel_in_a_deadlock(stage, booking)

    assert isinstance(outcome, OperationalError)
    assert outcome.__cause__.sqlstate == "40P01"
    booking.refresh_from_db()
    assert booking.status == "active"
