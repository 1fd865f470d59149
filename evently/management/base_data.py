"""The first rows of a fresh database: the people, events, bookings and line of the walkthrough.

A row's id is its place in the list here, counted from 1.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone

from bookings.models import Booking, Order
from bookings.recount import count_anew
from evently.management.records import record_bookings, record_entries
from evently.users.models import User
from events.layout import Layout, size_of
from events.models import Event, Hold, Seat
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


def _row(name: str, seats: int, **marked: list[int]) -> dict[str, Any]:
    return {"name": name, "seats": seats} | marked


PHILHARMONIC: Layout = {
    "sections": [
        {
            "name": "Stalls",
            "rows": [
                _row("A", 12, gaps_after=[6], accessible=[1, 2, 11, 12]),
                *(_row(name, 14, gaps_after=[7]) for name in "BCDE"),
            ],
        },
        {"name": "Balcony", "rows": [_row("A", 10), _row("B", 10, blocked=[1, 10])]},
    ]
}
STUDIO: Layout = {"sections": [{"name": "", "rows": [_row("A", 4), _row("B", 4)]}]}
# Name, venue, days from today, seats: how many, or the layout of the hall.
EVENTS: list[tuple[str, str, int, int | Layout]] = [
    ("Summer Concert", "City Hall", 30, 50),
    ("Chamber Evening", "Small Stage", 14, 2),
    ("Bookbinding Workshop", "Studio 3", 60, 20),
    ("Winter Gala", "Opera House", -7, 12),
    ("Philharmonic Night", "Philharmonic Hall", 45, PHILHARMONIC),
    ("Quartet by Candlelight", "Studio 1", 21, STUDIO),
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
    *((3, 5, position, 40, None) for position in (17, 18, 19)),
    *((user, 6, position, 30, None) for position, user in enumerate((3, 4, 5, 6) * 2, 1)),
]
# User, event, hours ago; and the bookings that are one.
ORDERS = [(3, 5, 40, (11, 12, 13))]
# User, event, hours ago, how many they wait for, and whether side by side.
LINE = [(1, 2, 120, 1, "no"), (6, 2, 60, 1, "no"), (5, 6, 20, 2, "required")]
# User, event, positions of the seats; until the time of a hold has passed.
HOLDS = [(4, 5, (31, 32))]

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
            WaitlistEntry(
                id=id,
                user_id=user,
                event_id=event,
                created_at=_ago(now, hours),
                party_size=party_size,
                adjacent=adjacent,
            )
            for id, (user, event, hours, party_size, adjacent) in enumerate(LINE, 1)
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
    for id, (name, venue, days, seats) in enumerate(EVENTS, 1):
        layout = seats if isinstance(seats, dict) else None
        start = today + timedelta(days=days)
        event = Event.objects.create(
            id=id,
            name=name,
            venue=venue,
            start_time=start,
            end_time=start + DURATION,
            timezone=settings.TIME_ZONE,
            total_seats=size_of(layout) if layout else seats,
        )
        create_seats(event=event, layout=layout)


def _plant_bookings(now: datetime) -> None:
    orders = {}
    for id, (user, event, hours, booking_ids) in enumerate(ORDERS, 1):
        Order.objects.create(id=id, user_id=user, event_id=event, created_at=_ago(now, hours))
        orders |= dict.fromkeys(booking_ids, id)
    seats = {(seat.event_id, seat.position): seat for seat in Seat.objects.select_related("event")}
    record_bookings(
        [
            Booking(
                id=id,
                user_id=user,
                event_id=event,
                seat=seats[event, position],
                order_id=orders.get(id),
                status="cancelled" if cancelled else "active",
                created_at=_ago(now, made),
                cancelled_at=_ago(now, cancelled) if cancelled else None,
            )
            for id, (user, event, position, made, cancelled) in enumerate(BOOKINGS, 1)
        ]
    )
    Seat.objects.filter(booking__status="active").update(status=Seat.Status.BOOKED)
    _plant_holds(now)
    for id in range(1, len(EVENTS) + 1):
        count_anew(event_id=id)


def _plant_holds(now: datetime) -> None:
    until = now + timedelta(minutes=settings.EVENTLY_HOLD_MINUTES)
    for id, (user, event, positions) in enumerate(HOLDS, 1):
        facts = {"user_id": user, "event_id": event, "created_at": now, "expires_at": until}
        hold = Hold.objects.create(id=id, **facts)
        seats = Seat.objects.filter(event_id=event, position__in=positions)
        seats.update(status=Seat.Status.HELD, held_for=user, held_until=until, hold=hold)


def _ago(now: datetime, hours: int) -> datetime:
    return now - timedelta(hours=hours)


def _advance_sequences() -> None:
    # PostgreSQL doesn't count the ids that were given here; the next row would clash with them.
    models = [User, Event, Order, Booking, WaitlistEntry, Hold]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
