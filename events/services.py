"""Changes to events and seats. Those that touch a booking or a line belong to floors above."""

from collections.abc import Iterator
from copy import copy
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from evently.api.logs import log_change
from events import gate
from events.errors import (
    EventNotFound,
    EventNotOnSale,
    StatusChangeRefused,
    TotalSeatsImmutable,
)
from events.gate import Gate
from events.models import Event, Seat

SEATS_PER_INSERT = 5_000


def create_event(
    *,
    name: str,
    venue: str,
    start_time: datetime,
    end_time: datetime,
    total_seats: int,
    description: str = "",
    timezone: str = "UTC",
    status: str = Event.Status.PUBLISHED,
) -> Event:
    """Make an event and its seats, named Seat-1 to Seat-N, all on sale."""
    with transaction.atomic(durable=True):
        event = Event.objects.create(
            name=name,
            venue=venue,
            start_time=start_time,
            end_time=end_time,
            total_seats=total_seats,
            description=description,
            timezone=timezone,
            status=status,
        )
        create_seats(event=event)
        log_change("event_created", event_id=event.id, total_seats=total_seats)
    return event


def create_seats(*, event: Event) -> None:
    """Insert the event's seats in batches, so that memory stays flat for a great hall."""
    seats = _numbered_seats(event)
    while batch := list(islice(seats, SEATS_PER_INSERT)):
        Seat.objects.bulk_create(batch)


def apply_changes(gate: Gate, *, changes: dict[str, Any]) -> tuple[Event, Event]:
    """Write new values for some of the event's fields; return the event before and after.

    Called under the exclusive gate by whoever tells the people concerned.

    Raises: EventNotFound, TotalSeatsImmutable, StatusChangeRefused.
    """
    gate.require_exclusive()
    before = find_event(gate.event_id)
    after = copy(before)
    for field, value in changes.items():
        setattr(after, field, value)
    if after.total_seats != before.total_seats:
        raise TotalSeatsImmutable
    _refuse_going_back(before.status, after.status)

    after.save(update_fields=changes.keys())
    log_change("event_changed", event_id=after.id, fields=" ".join(sorted(changes)))
    return before, after


def find_event(event_id: int) -> Event:
    """Return an event of any status. Raises: EventNotFound."""
    event = Event.objects.filter(id=event_id).first()
    if event is None:
        raise EventNotFound
    return event


def require_on_sale(event: Event | None) -> Event:
    """Return the event if a seat of it may be booked now. Raises: EventNotFound, EventNotOnSale."""
    if event is None or event.status == Event.Status.DRAFT:
        raise EventNotFound
    if not event.is_on_sale:
        raise EventNotOnSale
    return event


def take_next_seat(gate: Gate) -> Seat | None:
    """Lock and return the first available seat, or None when there is none to be had.

    Sellers beside each other skip the seats that others are just selling. Whoever is alone waits:
    then a locked seat is locked by a stranger to the gate, and isn't sold.
    """
    available = Seat.objects.filter(event_id=gate.event_id).available()
    return available.lock(skip_locked=not gate.is_exclusive).first()


def mark_seat(seat: Seat, **changes: Any) -> None:
    """Write the state of a seat that this transaction has locked."""
    values = {"status": seat.status, "held_for_id": None, "held_until": None} | changes
    # update() names the event as well as the seat: a sharded database is told where to go.
    Seat.objects.filter(event_id=seat.event_id, id=seat.id).update(**values)
    for field, value in values.items():
        setattr(seat, field, value)


def put_on_sale(gate: Gate, *, seat_ids: list[int]) -> None:
    """Make seats available. For `waitlists.services.release` only, which saw that nobody waits."""
    Seat.objects.filter(event_id=gate.event_id, id__in=seat_ids).update(
        status=Seat.Status.AVAILABLE, held_for=None, held_until=None
    )
    log_change("seats_released", event_id=gate.event_id, seats=len(seat_ids))


def block_seats(*, event_id: int, seat_ids: list[int]) -> int:
    """Take available seats out of the sale; return how many. Others stay as they are."""
    with gate.exclusive(event_id):
        available = Seat.objects.filter(event_id=event_id, id__in=seat_ids).available()
        blocked = available.update(status=Seat.Status.BLOCKED)
        log_change("seats_blocked", event_id=event_id, seats=blocked)
    return blocked


def block_every_seat(gate: Gate) -> None:
    """Take all of a cancelled event's seats out of the sale, held and booked ones too."""
    gate.require_exclusive()
    Seat.objects.filter(event_id=gate.event_id).update(
        status=Seat.Status.BLOCKED, held_for=None, held_until=None
    )


def _numbered_seats(event: Event) -> Iterator[Seat]:
    for position in range(1, event.total_seats + 1):
        yield Seat(event=event, seat_number=f"Seat-{position}", position=position)


def _refuse_going_back(before: str, after: str) -> None:
    order = [Event.Status.DRAFT, Event.Status.PUBLISHED, Event.Status.CANCELLED]
    if order.index(Event.Status(after)) < order.index(Event.Status(before)):
        raise StatusChangeRefused
