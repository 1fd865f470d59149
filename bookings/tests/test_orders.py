"""Several bookings at once: services."""

from datetime import UTC, datetime

import pytest

from bookings.cancelling import finish_cancelled_events
from bookings.choosing import Wish
from bookings.errors import (
    CancellationClosed,
    HoldEnded,
    HoldNotFound,
    LimitReached,
    OrderNotFound,
    SeatsTaken,
)
from bookings.event_services import cancel_event, delete_event
from bookings.integrity import breaches
from bookings.models import Booking, Order
from bookings.orders import cancel_order, make_order, order_hold
from bookings.services import cancel_booking
from evently.audit.models import AuditRecord
from events.errors import EventNotOnSale
from events.models import Event, Hold
from notifications.models import Notification
from tests import factories
from tests.factories import EventFactory, expire_hold, make_booking, make_entry, make_hold

pytestmark = pytest.mark.django_db(transaction=True)


def order(event, user, **wish):
    return make_order(event_id=event.id, user_id=user.id, wish=Wish(**wish))


def seats_of(made):
    return [booking.seat.seat_number for booking in made.bookings.order_by("id")]


def counts(event):
    found = Event.objects.with_available_seats().get(id=event.id)
    statuses = found.seats.order_by("position").values_list("status", flat=True)
    return found.available_seats, list(statuses)


def kinds_told(user):
    notes = Notification.objects.filter(user=user).order_by("id")
    return list(notes.values_list("kind", flat=True))


def test_order_books_all_its_seats_and_tells_of_each(event, holder):
    made = order(event, holder, seat_numbers=["Seat-1", "Seat-2"])

    assert (made.event_id, made.user_id, seats_of(made)) == (
        event.id,
        holder.id,
        ["Seat-1", "Seat-2"],
    )
    assert counts(event) == (1, ["booked", "booked", "available"])
    assert kinds_told(holder) == ["booking_confirmed"] * 2
    told_of = set(Notification.objects.values_list("booking_id", flat=True))
    assert told_of == set(made.bookings.values_list("id", flat=True))
    assert breaches() == []


def test_order_is_recorded_beside_its_bookings(event, holder):
    made = order(event, holder, quantity=2)

    assert AuditRecord.objects.filter(action="booking_made").count() == 2
    record = AuditRecord.objects.get(action="order_made")
    assert (record.subject, record.subject_id, record.after) == ("order", made.id, {"seats": 2})


def test_order_with_a_taken_seat_books_none(event, holder):
    make_booking(event)

    with pytest.raises(SeatsTaken):
        order(event, holder, seat_numbers=["Seat-1", "Seat-2"])

    assert (Order.objects.count(), Booking.objects.count()) == (0, 1)


def test_order_beyond_the_limit_is_refused(holder):
    event = EventFactory(max_per_user=2)
    make_hold(event, holder, ["Seat-1"])

    with pytest.raises(LimitReached):
        order(event, holder, quantity=2)


def test_order_of_a_hold_books_its_seats_and_ends_it(holder):
    event = EventFactory(max_per_user=2)
    held = make_hold(event, holder)
    made = order_hold(hold_id=held.id, user_id=holder.id)

    held.refresh_from_db()
    assert (held.status, held.ended_at, held.seats.count()) == ("ordered", made.created_at, 0)
    assert seats_of(made) == ["Seat-1", "Seat-2"]
    assert counts(event) == (1, ["booked", "booked", "available"])
    assert breaches() == []


def test_order_of_a_hold_after_the_end_of_the_sales_is_kept_to(event, holder):
    held = make_hold(event, holder)
    Event.objects.update(sales_end=datetime(2020, 1, 1, tzinfo=UTC))

    assert order_hold(hold_id=held.id, user_id=holder.id).bookings.count() == 2


def test_order_of_a_hold_past_its_deadline_is_refused(event, holder):
    held = make_hold(event, holder)
    expire_hold(held)

    with pytest.raises(HoldEnded):
        order_hold(hold_id=held.id, user_id=holder.id)


def test_order_of_a_hold_twice_is_refused(event, holder):
    held = make_hold(event, holder)
    order_hold(hold_id=held.id, user_id=holder.id)

    with pytest.raises(HoldEnded):
        order_hold(hold_id=held.id, user_id=holder.id)


def test_order_of_anothers_hold_is_refused(event, holder, stranger):
    held = make_hold(event, holder)

    with pytest.raises(HoldNotFound):
        order_hold(hold_id=held.id, user_id=stranger.id)


def test_order_of_a_hold_of_a_cancelled_event_is_refused(event, holder):
    held = make_hold(event, holder)
    cancel_event(event_id=event.id)

    with pytest.raises(EventNotOnSale):
        order_hold(hold_id=held.id, user_id=holder.id)


def test_order_beyond_a_limit_that_was_lowered_is_refused_and_the_seats_stay_kept(event, holder):
    held = make_hold(event, holder)
    Event.objects.update(max_per_user=1)

    with pytest.raises(LimitReached):
        order_hold(hold_id=held.id, user_id=holder.id)

    assert Hold.objects.get().status == "open"


@pytest.mark.parametrize("is_from_hold", [True, False])
def test_order_of_other_seats_than_offered_gives_the_offer_up(holder, stranger, is_from_hold):
    event = EventFactory(total_seats=3)
    bookings = [make_booking(event, seat_number=f"Seat-{n}") for n in (1, 2, 3)]
    entry = make_entry(event, holder)
    for booking in bookings:
        cancel_booking(booking_id=booking.id)
    wanted = ["Seat-2", "Seat-3"]
    if is_from_hold:
        order_hold(hold_id=make_hold(event, holder, wanted).id, user_id=holder.id)
    else:
        order(event, holder, seat_numbers=wanted)

    entry.refresh_from_db()
    assert entry.status == "left"
    assert counts(event) == (1, ["available", "booked", "booked"])
    assert breaches() == []


def test_cancelling_an_order_cancels_what_is_left_and_repeating_is_harmless(event, holder):
    made = order(event, holder, quantity=3)
    first = made.bookings.order_by("id").first()
    cancel_booking(booking_id=first.id)
    cancel_order(order_id=made.id)
    cancel_order(order_id=made.id)

    assert not made.bookings.active().exists()
    assert counts(event) == (3, ["available"] * 3)
    assert kinds_told(holder) == ["booking_confirmed"] * 3 + ["booking_cancelled"] * 3
    record = AuditRecord.objects.get(action="order_cancelled")
    assert record.after == {"seats": 2}
    assert breaches() == []


def test_cancelling_an_order_gives_its_seats_to_the_line(holder, stranger):
    event = EventFactory(total_seats=2)
    made = order(event, holder, quantity=2)
    entry = make_entry(event, stranger)
    cancel_order(order_id=made.id)

    entry.refresh_from_db()
    assert entry.status == "offered"
    assert counts(event) == (1, ["held", "available"])
    assert breaches() == []


def test_cancelling_an_order_after_the_deadline_is_for_staff(holder):
    event = EventFactory(cancel_until=datetime(2020, 1, 1, tzinfo=UTC))
    made = order(event, holder, quantity=2)

    with pytest.raises(CancellationClosed):
        cancel_order(order_id=made.id)
    cancel_order(order_id=made.id, by_staff=True)

    assert not made.bookings.active().exists()


def test_cancelling_an_order_that_isnt_there_is_refused():
    with pytest.raises(OrderNotFound):
        cancel_order(order_id=1)


def test_deleting_an_event_deletes_its_cancelled_orders(event, holder):
    cancel_order(order_id=factories.make_order(event, holder).id)
    delete_event(event_id=event.id)

    assert (Order.objects.count(), Booking.objects.count()) == (0, 0)


def test_cancelling_an_event_cancels_orders_too(event, holder):
    made = order(event, holder, quantity=2)
    cancel_event(event_id=event.id)

    assert finish_cancelled_events() == 0
    assert not made.bookings.active().exists()
