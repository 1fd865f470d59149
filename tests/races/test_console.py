"""Staff at the console and customers at the API, after one seat."""

from functools import partial

import pytest
from django.test import Client

from bookings.models import Booking
from bookings.services import book_seat
from tests.factories import EventFactory, UserFactory, make_booking
from tests.races.cues import SEAT_READ
from tests.races.promises import broken_promises
from tests.staff import superuser

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROUNDS = 4


def block(staff, seat):
    """Press the button of the seat map; return how it answers."""
    return staff.post(
        f"/staff/events/event/{seat.event_id}/seats/",
        {"action": "block", "seats": [seat.id]},
        content_type="application/json",
    ).json()["message"]


def book(user, seat):
    wish = {"event_id": seat.event_id, "user_id": user.id, "seat_id": seat.id}
    return Client().post("/bookings", wish, content_type="application/json").status_code


def block_beside_a_buyer(stage, event):
    """Staff block a seat when a buyer has read it and not written yet."""
    seat = event.seats.first()
    wish = {"event_id": event.id, "seat_id": seat.id, "user_id": UserFactory().id}
    buyer = stage.start(book_seat, **wish, pause_after=SEAT_READ)
    staff = stage.start(block, staff=superuser(), seat=seat)
    buyer.resume()
    return buyer.outcome, staff.outcome


def test_a_block_beside_a_buyer_comes_too_late(stage, event):
    booking, told = block_beside_a_buyer(stage, event)

    assert [booking] == list(Booking.objects.active())
    assert told == "0 blocked. 1 left as it is."
    assert broken_promises() == set()


@pytest.mark.usefixtures("without_gate", "without_seat_locks")
def test_a_block_without_gate_and_lock_takes_a_seat_that_is_being_sold(stage, event):
    booking, told = block_beside_a_buyer(stage, event)

    assert [booking] == list(Booking.objects.active())
    assert told == "1 blocked."
    assert broken_promises() == {"12"}


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_two_staff_and_three_customers_at_once_break_no_promise(stage, round_, holder):
    event = EventFactory(total_seats=1)
    booking = make_booking(event, holder)
    blocker, canceller = superuser(), superuser()
    customers = UserFactory.create_batch(3)

    told, _, *answers = (
        actor.outcome
        for actor in stage.start_together(
            [
                partial(block, blocker, booking.seat),
                partial(canceller.run, "cancel", booking),
                *(partial(book, user, booking.seat) for user in customers),
            ]
        )
    )

    booking.refresh_from_db()
    seat = event.seats.get()
    assert not booking.is_active
    assert set(answers) <= {201, 409}
    assert answers.count(201) == Booking.objects.active().count() == (seat.status == "booked")
    assert (told == "1 blocked.") is (seat.status == "blocked")
    assert broken_promises() == set()
