"""Great halls for trying out and measuring: many rows, the same ones for the same options."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from bookings.models import Booking
from bookings.recount import count_anew
from evently.management.records import record_bookings
from evently.users.models import User
from events.models import Event, Seat
from events.services import create_seats

T = TypeVar("T")

FIRST_NAMES = ["Aisha", "Bela", "Carla", "Dario", "Elif", "Femi", "Goran", "Hana", "Ines", "Jun"]
LAST_NAMES = ["Abe", "Blum", "Cruz", "Diaz", "Eke", "Fox", "Gil", "Horn", "Ito", "Jansen"]
MOODS = ["Silver", "Midnight", "Open-Air", "Grand", "Electric", "Quiet", "Golden", "Northern"]
KINDS = ["Concert", "Festival", "Gala", "Conference", "Premiere", "Derby", "Reading", "Ball"]
VENUES = ["City Hall", "Arena", "Opera House", "River Stage", "Old Mill", "Stadium"]

ROWS_PER_INSERT = 500
CANCELLED_SHARE = 0.1
BOOKED_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Batch:
    """How many rows, and the seed of what they look like. Users' names carry a hash of these."""

    events: int
    seats: int
    users: int
    bookings: int
    random_seed: int

    @property
    def people(self) -> int:
        """At least one, whose name says that the batch was made."""
        return max(self.users, 1)

    @property
    def size(self) -> int:
        return self.people + self.events * self.seats + self.bookings

    @property
    def is_empty(self) -> bool:
        return not (self.events or self.users)

    def username(self, number: int) -> str:
        return f"demo-{hashlib.sha256(repr(self).encode()).hexdigest()[:8]}-{number}"

    def exists(self) -> bool:
        """Tell whether the rows were made before."""
        return User.objects.filter(username=self.username(1)).exists()


def plant(batch: Batch, *, now: datetime, advance: Callable[[int], object]) -> None:
    """Insert the batch in portions, so that memory stays flat; tell `advance` of each's size."""
    _Planting(batch, now, advance, Random(batch.random_seed)).run()


@dataclass
class _Planting:
    """A batch being inserted, `now` the last moment of its history."""

    batch: Batch
    now: datetime
    advance: Callable[[int], object]
    random: Random
    user_ids: list[int] = field(default_factory=list)

    def run(self) -> None:
        for users in _portions(self._users()):
            User.objects.bulk_create(users)
            self.user_ids += [user.id for user in users]
            self.advance(len(users))
        for number in range(self.batch.events):
            # As evenly as it goes: the first events take what is left over.
            share, left_over = divmod(self.batch.bookings, self.batch.events)
            self._plant_event(number, bookings=share + (number < left_over))

    def _plant_event(self, number: int, *, bookings: int) -> None:
        event = self._event(number)
        create_seats(event=event)
        self.advance(event.total_seats)
        made = 0
        for positions in _portions(self._positions(event.total_seats, bookings)):
            self._plant_bookings(event, positions, made, bookings)
            made += len(positions)
            self.advance(len(positions))
        seats = Seat.objects.filter(event=event, booking__status=Booking.Status.ACTIVE)
        seats.update(status=Seat.Status.BOOKED)
        count_anew(event_id=event.id)

    def _plant_bookings(self, event: Event, positions: list[int], made: int, total: int) -> None:
        seats = Seat.objects.filter(event=event, position__in=positions).order_by("position")
        record_bookings(
            [
                self._booking(
                    event, seat, BOOKED_FOR * (1 - (number + self.random.random()) / total)
                )
                for number, seat in enumerate(seats, made)
            ]
        )

    def _users(self) -> Iterator[User]:
        for number in range(1, self.batch.people + 1):
            username = self.batch.username(number)
            yield User(
                username=username,
                email=f"{username}@example.org",
                first_name=self.random.choice(FIRST_NAMES),
                last_name=self.random.choice(LAST_NAMES),
                password=make_password(None),
                date_joined=self.now - BOOKED_FOR,
            )

    def _event(self, number: int) -> Event:
        start = timezone.localtime(self.now).replace(minute=0, second=0, microsecond=0)
        start = start.replace(hour=self.random.randint(10, 20))
        start += timedelta(days=self.random.randint(1, 180))
        return Event.objects.create(
            name=f"{self.random.choice(MOODS)} {self.random.choice(KINDS)} {number + 1}",
            venue=self.random.choice(VENUES),
            start_time=start,
            end_time=start + timedelta(hours=self.random.randint(1, 8)),
            timezone=settings.TIME_ZONE,
            total_seats=self.batch.seats,
        )

    def _positions(self, seats: int, bookings: int) -> Iterator[int]:
        """Yield as many positions as there are bookings, in order, chosen at random on the way.

        (Selection sampling: Knuth, The Art of Computer Programming, volume 2, algorithm 3.4.2 S.)
        """
        for position in range(1, seats + 1):
            if not bookings:
                return
            if self.random.random() * (seats - position + 1) < bookings:
                bookings -= 1
                yield position

    def _booking(self, event: Event, seat: Seat, until_now: timedelta) -> Booking:
        booking = Booking(
            event=event,
            seat=seat,
            user_id=self.random.choice(self.user_ids),
            created_at=self.now - until_now,
        )
        if self.random.random() < CANCELLED_SHARE:
            booking.status = Booking.Status.CANCELLED
            booking.cancelled_at = self.now - until_now * self.random.random()
        return booking


def _portions(rows: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(rows)
    while portion := list(islice(remaining, ROWS_PER_INSERT)):
        yield portion
