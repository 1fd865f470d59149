"""The first rows of a fresh database: the people, events, bookings and line of the walkthrough.

A row's id is its place in the list here, counted from 1.
"""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from bookings.models import Booking
from bookings.recount import count_anew
from evently.management.records import record_bookings, record_entries
from evently.users.models import User
from events.models import Event, Seat
from events.services import create_seats
from waitlists.models import WaitlistEntry

ADMIN = "admin"
PEOPLE = [
    ("ada", "Ada", "Berg"),
    (ADMIN, "Admin", ""),
    ("bruno", "Bruno", "Costa"),
    ("chidi", "Chidi", "Okafor"),
    ("dana", "Dana", "Levi"),
    ("emil", "Emil", "Novak"),
]
# Name, venue, days from today, seats.
EVENTS = [
    ("Summer Concert", "City Hall", 30, 50),
    ("Chamber Evening", "Small Stage", 14, 2),
    ("Bookbinding Workshop", "Studio 3", 60, 20),
    ("Winter Gala", "Opera House", -7, 12),
]
# User, event, position of the seat, hours ago when it was made and when it was cancelled.
BOOKINGS = [
    (1, 1, 1, 300, None),
    (3, 4, 1, 290, None),
    (4, 4, 2, 270, 250),
    (5, 4, 2, 240, None),
    (3, 2, 1, 200, None),
    (4, 2, 2, 190, None),
    (5, 1, 2, 150, 100),
    (6, 1, 3, 80, None),
    (3, 1, 4, 50, 30),
    (4, 1, 5, 5, None),
]
# User, event, hours ago.
LINE = [(1, 2, 120), (6, 2, 60)]

START_HOUR = 19
DURATION = timedelta(hours=3)


def is_fresh() -> bool:
    """Tell whether nobody has begun: whatever was deleted since is not to come back."""
    return not (User.objects.exists() or Event.objects.exists())


def plant(*, now: datetime) -> str:
    """Insert the first rows; return the admin's password, which is kept nowhere else."""
    password = secrets.token_urlsafe(12)
    _plant_people(password)
    _plant_events(now)
    _plant_bookings(now)
    record_entries(
        [
            WaitlistEntry(id=id, user_id=user, event_id=event, created_at=_ago(now, hours))
            for id, (user, event, hours) in enumerate(LINE, 1)
        ]
    )
    _advance_sequences()
    return password


def _plant_people(password: str) -> None:
    for id, (username, first_name, last_name) in enumerate(PEOPLE, 1):
        is_admin = username == ADMIN
        user = User(
            id=id,
            username=username,
            first_name=first_name,
            last_name=last_name,
            email=f"{username}@example.org",
            is_staff=is_admin,
            is_superuser=is_admin,
        )
        user.set_password(password if is_admin else None)
        user.save(force_insert=True)


def _plant_events(now: datetime) -> None:
    today = timezone.localtime(now).replace(hour=START_HOUR, minute=0, second=0, microsecond=0)
    for id, (name, venue, days, total_seats) in enumerate(EVENTS, 1):
        start = today + timedelta(days=days)
        event = Event.objects.create(
            id=id,
            name=name,
            venue=venue,
            start_time=start,
            end_time=start + DURATION,
            timezone=settings.TIME_ZONE,
            total_seats=total_seats,
        )
        create_seats(event=event)


def _plant_bookings(now: datetime) -> None:
    seats = {(seat.event_id, seat.position): seat for seat in Seat.objects.select_related("event")}
    record_bookings(
        [
            Booking(
                id=id,
                user_id=user,
                event_id=event,
                seat=seats[event, position],
                status="cancelled" if cancelled else "active",
                created_at=_ago(now, made),
                cancelled_at=_ago(now, cancelled) if cancelled else None,
            )
            for id, (user, event, position, made, cancelled) in enumerate(BOOKINGS, 1)
        ]
    )
    Seat.objects.filter(booking__status="active").update(status=Seat.Status.BOOKED)
    for id in range(1, len(EVENTS) + 1):
        count_anew(event_id=id)


def _ago(now: datetime, hours: int) -> datetime:
    return now - timedelta(hours=hours)


def _advance_sequences() -> None:
    # PostgreSQL doesn't count the ids that were given here; the next row would clash with them.
    models = [User, Event, Booking, WaitlistEntry]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
