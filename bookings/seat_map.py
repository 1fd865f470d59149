"""The seats of an event as its page on the staff site shows them, and changes them."""

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse

from bookings.models import Booking
from evently.api.staff import REFUSALS, explain
from events.models import Event, Seat
from events.services import block_seats
from waitlists.services import unblock_seats

SEATS_PER_CHANGE = 1_000
ACTIONS: dict[str, tuple[Callable[..., int], str]] = {
    "block": (block_seats, "blocked"),
    "unblock": (unblock_seats, "given back"),
}


def seats_of(event: Event) -> list[tuple[Any, ...]]:
    """Return id, number, status, holder and since when (or until when), by position: two queries.

    The holder is who has booked the seat, or whom it is kept for.
    """
    booked = Booking.objects.filter(event=event).active().order_by()
    holders = {
        seat_id: (username, f"{event.local_time(made_at)}")
        for seat_id, username, made_at in booked.values_list(
            "seat_id", "user__username", "created_at"
        )
    }
    rows = Seat.objects.filter(event=event).order_by("position")
    return [
        (seat_id, number, status, *holders.get(seat_id, _kept(event, kept_for, until)))
        for seat_id, number, status, kept_for, until in rows.values_list(
            "id", "seat_number", "status", "held_for__username", "held_until"
        )
    ]


def _kept(event: Event, kept_for: str | None, until: Any) -> tuple[str, str]:
    return (kept_for or "", f"→ {event.local_time(until)}" if until else "")


def show(request: HttpRequest, event: Event) -> HttpResponse:
    """Answer the seats as JSON, with an ETag."""
    body = orjson.dumps({"seats": seats_of(event)})
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": etag})
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    return HttpResponse(body, content_type="application/json", headers=headers)


def change(request: HttpRequest, event: Event) -> HttpResponse:
    """Block seats or give them back, as `{"action": …, "seats": [ids]}` asks; tell the outcome."""
    try:
        wish = json.loads(request.body)
        service, done = ACTIONS[wish["action"]]
        seat_ids = [int(seat_id) for seat_id in wish["seats"][:SEATS_PER_CHANGE]]
    except (ValueError, KeyError, TypeError):
        return _told("That can't be understood.", HTTPStatus.BAD_REQUEST)
    try:
        number = service(event_id=event.id, seat_ids=seat_ids)
    except REFUSALS as refusal:
        return _told(explain(refusal), HTTPStatus.CONFLICT)
    left = len(seat_ids) - number
    return _told(f"{number} {done}." + (f" {left} left as they are." if left else ""))


def _told(message: str, status: int = HTTPStatus.OK) -> JsonResponse:
    return JsonResponse({"message": message}, status=status)
