"""Reads of events that take more than one table."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from evently.statements import Argument, Statement
from events.models import Event, EventQuerySet, Seat
from events.seat_versions import CurrentEra, CurrentNumber, Version
from events.shapes import EVENT_COLUMNS

INCLUDED_SEATS = 500

_LISTED_EVENT = Statement(
    lambda: _listed_event().with_available_seats().values_list(*EVENT_COLUMNS)
)
_SEAT_MAP = Statement(
    lambda: _listed_event().values_list("total_seats", CurrentNumber(), CurrentEra())
)


def listed_event(*, event_id: int) -> dict[str, Any] | None:
    """Return an event's columns with its available seats; None unless everybody sees it."""
    row = _LISTED_EVENT.first(event_id=event_id)
    return dict(zip(EVENT_COLUMNS, row, strict=True)) if row else None


def seat_map(*, event_id: int) -> tuple[int, Version] | None:
    """Return how many seats an event has, and at which version its map is.

    None unless everybody sees it. The seats themselves are read afterwards: never before.
    """
    row = _SEAT_MAP.first(event_id=event_id)
    if row is None:
        return None
    total, number, era = row
    return total, Version(number, era)


def map_version(*, event_id: int) -> Version:
    """Return at which version an event's seat map is, whoever sees the event."""
    event = Event.objects.filter(id=event_id).order_by()
    return Version(*event.values_list(CurrentNumber(), CurrentEra()).get())


def _listed_event() -> EventQuerySet:
    return Event.objects.listed().filter(id=Argument("event_id")).order_by()


def attach_first_available_seats(events: list[dict[str, Any]]) -> None:
    """Give each event its `seats`: those that are available, at most 500, by position.

    Two statements for all of them, which read no more than those seats' entries in the index:
    first the position up to which each event's lie, then the seats.
    """
    if not events:
        return
    by_position = Seat.objects.available().order_by("position")
    last = by_position.filter(event=OuterRef("pk")).values("position")[INCLUDED_SEATS - 1 :]
    bounds = Event.objects.filter(id__in=[event["id"] for event in events]).annotate(
        last=Subquery(last[:1])
    )
    wanted = [
        Q(event_id=id) if last is None else Q(event_id=id, position__lte=last)
        for id, last in bounds.order_by("id").values_list("id", "last")
    ]
    seats = by_position.filter(reduce(or_, wanted)).values_list("event_id", "id", "seat_number")
    by_event: dict[int, list[dict]] = {event["id"]: [] for event in events}
    for event_id, seat_id, seat_number in seats:
        by_event[event_id].append({"id": seat_id, "seat_number": seat_number})
    for event in events:
        event["seats"] = by_event[event["id"]]
