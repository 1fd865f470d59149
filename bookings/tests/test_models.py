"""What the database itself refuses of bookings."""

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError

from bookings.models import Booking
from bookings.services import cancel_booking
from tests.factories import NOW, make_booking

pytestmark = pytest.mark.django_db


def test_second_active_booking_of_a_seat_is_refused(event, stranger):
    booking = make_booking(event)

    with pytest.raises(IntegrityError, match=r"booking_active_once_per_seat|seat_id"):
        Booking.objects.create(event=event, seat=booking.seat, user=stranger, created_at=NOW)


def test_active_booking_of_a_seat_beside_cancelled_ones_is_taken(event):
    for _ in range(2):
        cancel_booking(booking_id=make_booking(event).id)
    booking = make_booking(event)

    assert list(Booking.objects.filter(seat=booking.seat).active()) == [booking]


@pytest.mark.parametrize(
    "values",
    [
        {"status": "cancelled", "cancelled_at": None},
        {"status": "active", "cancelled_at": NOW},
        {"status": "paid", "cancelled_at": None},
    ],
)
def test_booking_cancelled_at_no_time_or_active_with_one_is_refused(event, values):
    booking = make_booking(event)

    with pytest.raises(IntegrityError, match="booking_cancelled_at_some_time"):
        Booking.objects.filter(id=booking.id).update(**values)


def test_user_with_a_booking_is_protected_from_deletion(event, holder):
    make_booking(event, holder)

    with pytest.raises(ProtectedError):
        holder.delete()
