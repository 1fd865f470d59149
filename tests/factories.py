"""Rows that are valid by default; a test passes every value that it cares about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory

from bookings import holds, orders
from bookings.choosing import Wish
from bookings.models import Booking, Order
from bookings.services import book_seat
from evently.users.models import User
from events.models import Event, Hold, Seat
from events.services import create_event, create_seats
from notifications.models import Notification
from waitlists.models import WaitlistEntry
from waitlists.services import join

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"person-{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")


class AdminFactory(UserFactory):
    username = factory.Sequence(lambda n: f"admin-{n}")
    is_staff = True


class EventFactory(factory.django.DjangoModelFactory):
    """An event with its seats, all available."""

    class Meta:
        model = Event
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Concert {n}")
    venue = "City Hall"
    start_time = datetime(2030, 6, 1, 19, tzinfo=UTC)
    end_time = factory.LazyAttribute(lambda event: event.start_time + timedelta(hours=3))
    total_seats = 3

    @factory.post_generation
    def seats(event, create, extracted, **kwargs):  # noqa: N805  factory-boy passes the event
        create_seats(event=event)


def make_hall(*rows: dict[str, Any], **facts: Any) -> Event:
    """Make an event in a hall of these rows, such as `{"name": "A", "seats": 4}`."""
    start = datetime(2030, 6, 1, 19, tzinfo=UTC)
    times = {"start_time": start, "end_time": start + timedelta(hours=3)}
    layout = {"sections": [{"name": "", "rows": rows}]}
    return create_event(name="Ball", venue="City Hall", layout=layout, **times | facts)


class NotificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Notification

    user = factory.SubFactory(UserFactory)
    kind = "booking_confirmed"
    message = "Seat-1 at Concert is yours."
    created_at = NOW
    deliver_at = NOW


def make_booking(event: Event, user: User | None = None, seat_number: str = "Seat-1") -> Booking:
    user = user or UserFactory()
    return book_seat(event_id=event.id, user_id=user.id, seat_number=seat_number)


def make_hold(event: Event, user: User | None = None, seat_numbers=("Seat-1", "Seat-2")) -> Hold:
    wish = Wish(seat_numbers=seat_numbers)
    return holds.make_hold(event_id=event.id, user_id=(user or UserFactory()).id, wish=wish)


def make_order(event: Event, user: User | None = None, seat_numbers=("Seat-1", "Seat-2")) -> Order:
    wish = Wish(seat_numbers=seat_numbers)
    return orders.make_order(event_id=event.id, user_id=(user or UserFactory()).id, wish=wish)


def make_entry(event: Event, user: User | None = None, **party: Any) -> WaitlistEntry:
    """Put somebody in the line of a full event."""
    entry, _ = join(event_id=event.id, user_id=(user or UserFactory()).id, **party)
    return entry


def make_full_event(seats: int = 1, **values) -> tuple[Event, list[Booking]]:
    event = EventFactory(total_seats=seats, **values)
    return event, [make_booking(event, seat_number=f"Seat-{n + 1}") for n in range(seats)]


def expire_offer(entry: WaitlistEntry) -> None:
    """Move an offer's deadline into the past."""
    Seat.objects.filter(waitlistentry=entry).update(held_until=NOW)


def expire_hold(hold: Hold) -> None:
    """Move a hold's deadline, and its beginning, into the past."""
    Hold.objects.filter(id=hold.id).update(created_at=NOW - timedelta(minutes=10), expires_at=NOW)
    Seat.objects.filter(hold=hold).update(held_until=NOW)
