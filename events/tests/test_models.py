"""What the database itself refuses of events and seats, and what their models say."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from events.models import MAX_SEATS, Event, Seat
from tests.factories import NOW, EventFactory, make_booking

pytestmark = pytest.mark.django_db


def change(row, **values):
    """Write past every check in Python."""
    type(row).objects.filter(id=row.id).update(**values)


def test_event_that_ends_as_it_starts_is_refused(event):
    with pytest.raises(IntegrityError, match="event_ends_after_its_start"):
        change(event, end_time=event.start_time)


def test_event_with_more_seats_than_the_limit_is_refused(event):
    with pytest.raises(IntegrityError, match="event_total_seats_bounded"):
        change(event, total_seats=MAX_SEATS + 1)


def test_event_with_less_than_no_seats_is_refused(event):
    with pytest.raises(IntegrityError, match="total_seats"):
        change(event, total_seats=-1)


def test_event_of_unknown_status_is_refused(event):
    with pytest.raises(IntegrityError, match="event_status_known"):
        change(event, status="postponed")


def test_event_on_sale_that_is_being_cancelled_is_refused(event):
    with pytest.raises(IntegrityError, match="event_cancelling_is_cancelled"):
        change(event, is_cancelling=True)


def test_event_whose_sales_end_as_they_start_is_refused(event):
    with pytest.raises(IntegrityError, match="event_sales_end_after_their_start"):
        change(event, sales_start=NOW, sales_end=NOW)


@pytest.mark.parametrize("values", [{"sales_start": NOW}, {"sales_end": NOW}, {}])
def test_event_whose_sales_are_open_at_an_end_is_taken(values):
    assert EventFactory(**values).is_on_sale


def test_seat_number_twice_in_one_event_is_refused(event):
    with pytest.raises(IntegrityError, match="seat_number"):
        Seat.objects.create(event=event, seat_number="Seat-1", position=99)


def test_seat_position_twice_in_one_event_is_refused(event):
    with pytest.raises(IntegrityError, match=r"seat_position_unique|events_seat\.position"):
        Seat.objects.create(event=event, seat_number="Box 1", position=1)


def test_seat_number_and_position_of_another_event_are_no_obstacle(event):
    numbers = EventFactory().seats.order_by("position").values_list("seat_number", flat=True)

    assert list(numbers) == ["Seat-1", "Seat-2", "Seat-3"]


@pytest.mark.parametrize(
    "values",
    [
        {"status": "held"},
        {"status": "held", "held_until": NOW},
        {"status": "available", "held_until": NOW},
        {"status": "booked", "held_until": NOW},
        {"status": "blocked", "held_until": NOW},
        {"status": "sold"},
    ],
)
def test_seat_held_for_nobody_or_kept_past_its_hold_is_refused(event, values):
    with pytest.raises(IntegrityError, match="seat_held_for_somebody_until_some_time"):
        change(event.seats.first(), **values)


@pytest.mark.parametrize("values", [{"status": "available"}, {"status": "held"}])
def test_seat_kept_for_somebody_without_end_is_refused(event, holder, values):
    with pytest.raises(IntegrityError, match="seat_held_for_somebody_until_some_time"):
        change(event.seats.first(), held_for=holder, **values)


def test_seat_held_for_somebody_until_some_time_is_taken(event, holder):
    change(event.seats.first(), status="held", held_for=holder, held_until=NOW)

    assert event.seats.filter(status="held").count() == 1


@pytest.mark.parametrize("limit", [0, MAX_SEATS + 1])
def test_limit_per_user_out_of_bounds_is_refused(limit):
    with pytest.raises(IntegrityError, match="event_max_per_user_bounded"):
        EventFactory(max_per_user=limit)


def test_with_available_seats_counts_those_of_each_event(event):
    full = EventFactory(total_seats=1)
    make_booking(full)

    counts = dict(Event.objects.with_available_seats().values_list("id", "available_seats"))

    assert counts == {event.id: 3, full.id: 0}


def test_having_available_seats_tells_full_events_from_others(event):
    full = EventFactory(total_seats=1)
    make_booking(full)

    assert list(Event.objects.having_available_seats()) == [event]
    assert list(Event.objects.having_available_seats(False)) == [full]


def test_listed_leaves_out_drafts():
    EventFactory(status="draft")
    cancelled = EventFactory(status="cancelled")

    assert list(Event.objects.listed()) == [cancelled]


def test_upcoming_leaves_out_what_has_ended(event):
    EventFactory(start_time=NOW - timedelta(hours=3))  # until now

    assert list(Event.objects.upcoming(NOW)) == [event]


def test_holders_cancel_until_just_before_the_deadline():
    event = Event(cancel_until=NOW)

    assert not event.is_past_cancelling(NOW - timedelta(microseconds=1))
    assert event.is_past_cancelling(NOW)
    assert not Event().is_past_cancelling(NOW)


def test_hold_is_open_until_its_deadline_and_no_longer():
    seat = Seat(held_until=NOW)

    assert seat.hold_is_open(NOW - timedelta(microseconds=1))
    assert not seat.hold_is_open(NOW)
    assert not Seat().hold_is_open(NOW)
