"""Reads of events that take more than one table."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from events.models import Event, Seat

INCLUDED_SEATS = 500


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
