"""The rows that a writing call is made on, and the call itself."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from bookings import cancelling
from bookings.models import Booking
from bookings.services import book_any_seat, cancel_booking
from evently.users.models import User
from evently.users.services import create_user
from events.models import Event, Seat
from events.services import create_event
from reliability.crash.points import Request
from waitlists.models import WaitlistEntry
from waitlists.services import join

START = datetime(2031, 7, 1, 19, tzinfo=UTC)


@dataclass(frozen=True)
class Write:
    """A writing call: its name, and what makes its rows and says what is sent."""

    name: str
    prepare: Callable[[], Request]
    again: int | None = None  # what the same call answers once it is done, where that differs
    bookings_per_batch: int = cancelling.BOOKINGS_PER_BATCH  # as an event is cancelled


def by(user: User, method: str, path: str, body: Any = None) -> Request:
    return _request({"X-User-ID": str(user.id)}, method, path, body)


def by_staff(method: str, path: str, body: Any = None) -> Request:
    admin = create_user(username="admin", email="admin@example.org", role="admin")
    headers = {"X-User-ID": str(admin.id), "X-User-Role": "admin"}
    return _request(headers, method, path, body)


def _request(headers: dict[str, str], method: str, path: str, body: Any) -> Request:
    always = {"X-Request-ID": "the-one-request"}
    if method == "POST":
        always["Idempotency-Key"] = "the-one-key"
    return Request(method, path, "" if body is None else json.dumps(body), headers | always)


def make_person() -> User:
    name = f"person-{User.objects.count()}"
    return create_user(username=name, email=f"{name}@example.org", role="user")


def make_event(seats: int, status: str = Event.Status.PUBLISHED) -> Event:
    return create_event(
        name="Concert",
        venue="City Hall",
        start_time=START,
        end_time=START + timedelta(hours=3),
        total_seats=seats,
        status=status,
    )


def make_full_event(seats: int = 1) -> tuple[Event, list[Booking]]:
    event = make_event(seats)
    sell = partial(book_any_seat, event_id=event.id)
    return event, [sell(user_id=make_person().id) for _ in range(seats)]


def wait(event: Event, **party: Any) -> WaitlistEntry:
    entry, _ = join(event_id=event.id, user_id=make_person().id, **party)
    return entry


def make_offer() -> tuple[WaitlistEntry, Event]:
    """Return an entry that the only seat of an event is kept for."""
    event, [booking] = make_full_event()
    entry = wait(event)
    cancel_booking(booking_id=booking.id)
    return entry, event


def expire(entry: WaitlistEntry) -> None:
    Seat.objects.filter(waitlistentry=entry).update(held_until=datetime.now(UTC))


def make_busy_event() -> Event:
    """An event of three seats with a holder, an open offer, and somebody in line."""
    event, bookings = make_full_event(seats=3)
    wait(event)
    wait(event)
    cancel_booking(booking_id=bookings[0].id)
    return event
