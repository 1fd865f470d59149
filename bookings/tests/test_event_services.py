"""Changing, cancelling and deleting an event with everything that hangs on it."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.errors import EventHasActiveBookings
from bookings.event_services import change_event, delete_event
from bookings.models import Booking
from bookings.services import cancel_booking
from evently.transactions import database_now
from events.errors import EventNotFound, StatusChangeRefused, TotalSeatsImmutable
from events.models import Event, Seat
from notifications.models import Notification
from tests.factories import EventFactory, make_booking, make_entry, make_full_event
from waitlists.models import WaitlistEntry

pytestmark = pytest.mark.django_db

NOBODYS_ID = 2**40


def told(*users):
    """Return what these people were told about events as a whole, in order."""
    words = Notification.objects.filter(user__in=users, kind__startswith="event_").order_by("id")
    return [(word.user_id, word.kind, word.message) for word in words]


def seats_of(event):
    return list(event.seats.order_by("position").values_list("status", flat=True))


def test_change_of_the_name_tells_nobody(event, holder):
    make_booking(event, holder)

    changed = change_event(event_id=event.id, changes={"name": "Recital"})

    assert (changed.name, Event.objects.get(id=event.id).name) == ("Recital", "Recital")
    assert told(holder) == []


def test_change_of_the_venue_tells_holders_and_the_line_the_old_and_the_new(holder, stranger):
    event = EventFactory(name="Concert", venue="City Hall", total_seats=1)
    make_booking(event, holder)
    make_entry(event, stranger)

    change_event(event_id=event.id, changes={"venue": "Park"})

    message = "Concert has changed: the venue is Park (was City Hall)."
    assert sorted(told(holder, stranger)) == [
        (holder.id, "event_changed", message),
        (stranger.id, "event_changed", message),
    ]


def test_change_of_the_time_tells_it_in_the_events_time_zone(holder):
    event = EventFactory(name="Concert", timezone="Europe/Berlin")
    make_booking(event, holder)
    times = {
        "start_time": datetime(2030, 6, 1, 18, tzinfo=UTC),
        "end_time": datetime(2030, 6, 1, 23, tzinfo=UTC),
    }

    change_event(event_id=event.id, changes=times)

    [(_, _, message)] = told(holder)
    assert message == (
        "Concert has changed: it starts 2030-06-01 20:00 CEST (was 2030-06-01 21:00 CEST), "
        "it ends 2030-06-02 01:00 CEST (was 2030-06-02 00:00 CEST)."
    )


def test_change_to_the_same_values_tells_nobody(event, holder):
    make_booking(event, holder)

    change_event(event_id=event.id, changes={"venue": event.venue, "start_time": event.start_time})

    assert told(holder) == []


def test_change_tells_somebody_with_two_seats_once(event, holder):
    make_booking(event, holder, "Seat-1")
    make_booking(event, holder, "Seat-2")

    change_event(event_id=event.id, changes={"venue": "Park"})

    assert len(told(holder)) == 1


def test_change_tells_nobody_whose_booking_is_cancelled(event, holder):
    cancel_booking(booking_id=make_booking(event, holder).id)

    change_event(event_id=event.id, changes={"venue": "Park"})

    assert told(holder) == []


def test_change_of_the_start_moves_offers_up_with_it():
    event, [booking] = make_full_event()
    entry = make_entry(event)
    cancel_booking(booking_id=booking.id)
    soon = database_now() + timedelta(minutes=5)

    change_event(event_id=event.id, changes={"start_time": soon})

    assert Seat.objects.get(waitlistentry=entry).held_until == soon


def test_change_of_the_number_of_seats_is_refused_and_changes_nothing(event):
    with pytest.raises(TotalSeatsImmutable):
        change_event(event_id=event.id, changes={"name": "Recital", "total_seats": 4})

    assert Event.objects.get(id=event.id).name == event.name


def test_change_to_the_same_number_of_seats_is_no_change(event):
    assert change_event(event_id=event.id, changes={"total_seats": 3}).total_seats == 3


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("published", "draft"),
        ("cancelled", "published"),
        ("cancelled", "draft"),
        ("draft", "cancelled"),
    ],
)
def test_change_of_the_status_by_another_way_is_refused(before, after):
    event = EventFactory(status=before)

    with pytest.raises(StatusChangeRefused):
        change_event(event_id=event.id, changes={"status": after})

    assert Event.objects.get(id=event.id).status == before


@pytest.mark.parametrize(
    ("before", "after"),
    [("draft", "published"), ("published", "cancelled")],
)
def test_change_of_the_status_forwards_is_made(before, after):
    event = EventFactory(status=before)

    change_event(event_id=event.id, changes={"status": after})

    assert Event.objects.get(id=event.id).status == after


def test_change_of_unknown_event_is_not_found():
    with pytest.raises(EventNotFound):
        change_event(event_id=NOBODYS_ID, changes={"name": "Recital"})


def test_cancel_ends_bookings_line_and_sale():
    event, [booking, offered] = make_full_event(seats=2)
    entries = [make_entry(event), make_entry(event)]
    cancel_booking(booking_id=offered.id)

    change_event(event_id=event.id, changes={"status": "cancelled"})

    booking.refresh_from_db()
    assert booking.status == "cancelled"
    assert booking.cancelled_at is not None
    ended = WaitlistEntry.objects.filter(id__in=[entry.id for entry in entries])
    assert [entry.status for entry in ended] == ["closed", "closed"]
    assert seats_of(event) == ["blocked", "blocked"]
    assert not Seat.objects.filter(event=event, held_for__isnull=False).exists()


def test_cancel_tells_everybody(holder, stranger):
    event = EventFactory(name="Concert", total_seats=1)
    booking = make_booking(event, holder)
    make_entry(event, stranger)

    change_event(event_id=event.id, changes={"status": "cancelled"})

    assert sorted(told(holder, stranger)) == [
        (holder.id, "event_cancelled", "Concert is cancelled."),
        (stranger.id, "event_cancelled", "Concert is cancelled."),
    ]
    word = Notification.objects.get(user=holder, kind="event_cancelled")
    assert (word.event_id, word.booking_id) == (event.id, booking.id)


def test_cancel_twice_does_nothing_twice(event, holder):
    booking = make_booking(event, holder)
    change_event(event_id=event.id, changes={"status": "cancelled"})
    booking.refresh_from_db()

    change_event(event_id=event.id, changes={"status": "cancelled"})

    assert Booking.objects.get(id=booking.id).cancelled_at == booking.cancelled_at
    assert len(told(holder)) == 1


def test_cancel_of_a_booking_of_a_cancelled_event_leaves_its_seat_blocked(event, holder):
    booking = make_booking(event, holder)
    change_event(event_id=event.id, changes={"status": "cancelled"})

    cancel_booking(booking_id=booking.id)

    assert seats_of(event) == ["blocked"] * 3


def test_delete_with_an_active_booking_is_refused_and_changes_nothing():
    event, [booking, cancelled] = make_full_event(seats=2)
    entry = make_entry(event)
    cancel_booking(booking_id=cancelled.id)

    with pytest.raises(EventHasActiveBookings):
        delete_event(event_id=event.id)

    assert Booking.objects.filter(event=event).count() == 2
    assert WaitlistEntry.objects.get(id=entry.id).status == "offered"
    assert seats_of(event) == ["booked", "held"]
    assert told(booking.user, entry.user) == []


def test_delete_removes_the_event_with_its_seats_past_bookings_and_line():
    event, [booking] = make_full_event()
    make_entry(event)
    cancel_booking(booking_id=booking.id)
    kept = make_booking(EventFactory())

    delete_event(event_id=event.id)

    assert list(Event.objects.all()) == [kept.event]
    assert list(Booking.objects.all()) == [kept]
    assert not WaitlistEntry.objects.exists()
    assert set(Seat.objects.values_list("event", flat=True)) == {kept.event_id}


def test_delete_tells_the_line_and_keeps_what_was_said(holder, stranger):
    event = EventFactory(name="Concert", total_seats=1)
    booking = make_booking(event, holder)
    make_entry(event, stranger)
    cancel_booking(booking_id=booking.id)

    delete_event(event_id=event.id)

    message = "Concert no longer takes place; you were in its line."
    assert told(holder, stranger) == [(stranger.id, "event_deleted", message)]
    kinds = holder.notification_set.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["booking_confirmed", "booking_cancelled"]


def test_delete_twice_finds_nothing_the_second_time(event):
    delete_event(event_id=event.id)

    with pytest.raises(EventNotFound):
        delete_event(event_id=event.id)
