"""Great halls: as many rows as asked for, the same ones for the same options."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count

from bookings.integrity import breaches
from bookings.models import Booking
from evently.audit.models import AuditRecord
from evently.audit.services import record
from evently.management.bulk_data import Batch, plant
from evently.users.models import User
from events.models import Event, Seat
from notifications.models import Notification
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db

SMALL = {"events": 2, "seats": 7, "users": 3, "bookings": 9, "random_seed": 1}


def plant_small(now=NOW, **other):
    """Plant a small batch; return how far its progress went and its events."""
    advanced = []
    before = set(Event.objects.values_list("id", flat=True))
    plant(Batch(**(SMALL | other)), now=now, advance=advanced.append)
    return sum(advanced), Event.objects.exclude(id__in=before).order_by("id")


def look_of(events):
    """Return what bookings of these events look like, ids aside."""
    names = [(event.name, event.venue, event.start_time, event.end_time) for event in events]
    bookings = Booking.objects.filter(event__in=events).order_by("id")
    fields = ("seat__position", "status", "created_at", "cancelled_at", "user__first_name")
    return names, list(bookings.values_list(*fields))


def test_batch_makes_as_many_rows_as_asked_for():
    _, events = plant_small()

    assert [event.total_seats for event in events] == [7, 7]
    assert [event.seats.count() for event in events] == [7, 7]
    assert User.objects.count() == 3
    assert [Booking.objects.filter(event=event).count() for event in events] == [5, 4]


def test_batch_books_no_seat_twice():
    _, events = plant_small(bookings=14)

    per_seat = Seat.objects.filter(event__in=events).annotate(bookings=Count("booking"))
    assert set(per_seat.values_list("bookings", flat=True)) == {1}


def test_batch_marks_exactly_the_seats_with_an_active_booking():
    plant_small(seats=40, bookings=60)

    active = Booking.objects.active().values_list("seat", flat=True)
    booked = Seat.objects.filter(status="booked").values_list("id", flat=True)
    assert 0 < len(active) < 60
    assert sorted(active) == sorted(booked)


def test_batch_spreads_bookings_over_thirty_days_and_cancels_later():
    plant_small(seats=40, bookings=60)

    bookings = Booking.objects.order_by("event", "id")
    times = [booking.created_at for booking in bookings.filter(event=bookings[0].event)]
    assert times == sorted(times)
    assert NOW - timedelta(days=30) <= times[0] < NOW - timedelta(days=28)
    assert NOW - timedelta(days=2) < times[-1] <= NOW
    cancelled = bookings.filter(status="cancelled")
    assert all(each.created_at <= each.cancelled_at <= NOW for each in cancelled)


def test_batch_tells_of_every_booking_and_cancellation():
    plant_small(seats=40, bookings=60)

    told = Notification.objects.values_list("kind").annotate(number=Count("id"))
    cancelled = Booking.objects.filter(status="cancelled").count()
    assert dict(told) == {"booking_confirmed": 60, "booking_cancelled": cancelled}


@pytest.mark.django_db(transaction=True)
def test_batch_leaves_a_record_of_every_booking_and_cancellation():
    with transaction.atomic():
        record("event_created", at=NOW - timedelta(days=60), event_id=1)
        plant_small(seats=40, bookings=60)

    recorded = AuditRecord.objects.values_list("action").annotate(number=Count("id")).order_by()
    cancelled = Booking.objects.filter(status="cancelled").count()
    made = {"event_created": 1, "booking_made": 60, "booking_cancelled": cancelled}
    assert dict(recorded) == made
    assert [breach for breach in breaches() if "recorded" in breach.promise] == []


def test_batch_advances_to_its_size():
    advanced, _ = plant_small()

    assert advanced == Batch(**SMALL).size == 3 + 2 * 7 + 9


def test_batch_of_the_same_options_looks_the_same():
    _, events = plant_small()
    first = look_of(events)
    for model in (Notification, Booking, Seat, Event, User):
        model.objects.all().delete()

    _, again = plant_small()

    assert look_of(again) == first


def test_batch_of_another_random_seed_looks_different():
    _, events = plant_small()
    first = look_of(events)

    _, others = plant_small(random_seed=2)

    assert look_of(others) != first


def test_seed_with_the_same_options_again_adds_nothing():
    UserFactory()
    options = ["--events=2", "--seats=7", "--users=3", "--bookings=9"]
    call_command("seed", *options)
    call_command("seed", *options)

    assert (Event.objects.count(), User.objects.count()) == (2, 4)


def test_seed_with_other_options_adds_another_batch():
    UserFactory()
    call_command("seed", "--events=2", "--seats=7")
    call_command("seed", "--events=2", "--seats=8")

    assert list(Event.objects.order_by("id").values_list("total_seats", flat=True)) == [7, 7, 8, 8]


def test_seed_of_events_without_people_makes_somebody_to_know_them_by():
    UserFactory(username="somebody")
    call_command("seed", "--events=1", "--seats=2", "--bookings=2")

    assert Booking.objects.values("user").distinct().count() == 1
    assert User.objects.exclude(username="somebody").get().username.startswith("demo-")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--events=-1"], "--events can't be negative."),
        (["--seats=-1"], "--seats can't be negative."),
        (["--users=-1"], "--users can't be negative."),
        (["--bookings=-1"], "--bookings can't be negative."),
        (["--seats=100001"], "--seats can't be more than 100,000."),
        (
            ["--events=2", "--seats=3", "--bookings=7"],
            "--bookings can't be more than there are seats: --events times --seats.",
        ),
        (
            ["--bookings=1"],
            "--bookings can't be more than there are seats: --events times --seats.",
        ),
    ],
)
def test_seed_with_senseless_numbers_is_refused_and_makes_nothing(arguments, complaint):
    with pytest.raises(CommandError) as refusal:
        call_command("seed", *arguments)

    assert str(refusal.value) == complaint
    assert not User.objects.exists()
