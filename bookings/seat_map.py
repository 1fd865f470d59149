"""The seats of an event as its page on the staff site shows them, and changes them."""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from django.core.exceptions import PermissionDenied
from django.db.models import Case, When
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy
from django.views.decorators.http import conditional_page

from bookings.models import Booking
from evently.api.conditional import VERSION_HEADER
from evently.api.identity import MAX_ID
from evently.api.staff_actions import REFUSALS, explain
from events.models import Event, Seat
from events.queries import map_version
from events.seat_versions import Version
from events.services import block_seats
from waitlists.releasing import offer_seats, unblock_seats

SEATS_PER_CHANGE = 1_000


class Change(NamedTuple):
    """What can be done to chosen seats: by whom, by which service, and how it is told."""

    permission: str
    service: Callable[..., int]
    done: Any


CHANGES = {
    "block": Change("events.change_seat", block_seats, ngettext_lazy("%d blocked.", "%d blocked.")),
    "unblock": Change(
        "events.change_seat", unblock_seats, ngettext_lazy("%d given back.", "%d given back.")
    ),
    "offer": Change(
        "waitlists.change_waitlistentry",
        offer_seats,
        ngettext_lazy("%d offered to the line.", "%d offered to the line."),
    ),
}


def allowed(user: Any) -> list[str]:
    """Return what that user may do to seats."""
    return [name for name, change in CHANGES.items() if user.has_perm(change.permission)]


def seats_of(event: Event, since: Version | None = None) -> list[tuple[Any, ...]]:
    """Return a tuple for each seat, or each that has changed since, by position: two queries.

    They are id, number, status, holder, since when (or until when), and the id of the booking, or
    of the hold that keeps it still. The holder is who has booked the seat, or whom it is kept for.
    """
    rows = Seat.objects.filter(event=event).order_by("position")
    booked = Booking.objects.filter(event=event).active().order_by()
    if since:
        rows = rows.changed_since(since.number)
        booked = booked.filter(seat__in=rows.order_by().values("id"))
    still = Case(When(held_until__gt=Now(), then="hold_id"))
    holders = {
        seat_id: (username, event.local_time(made_at), booking_id)
        for seat_id, username, made_at, booking_id in booked.values_list(
            "seat_id", "user__username", "created_at", "id"
        )
    }
    return [
        (seat_id, number, status, *holders.get(seat_id, _kept(event, *kept)))
        for seat_id, number, status, *kept in rows.values_list(
            "id", "seat_number", "status", "held_for__username", "held_until", still
        )
    ]


def _kept(
    event: Event, kept_for: str | None, until: datetime | None, hold_id: int | None
) -> tuple[str, str, int | None]:
    return (kept_for or "", f"→ {event.local_time(until)}" if until else "", hold_id)


@conditional_page
def show(request: HttpRequest, event: Event) -> HttpResponse:
    """Answer the seats as JSON, with an ETag; 304 to who has them.

    `?since=` the version that an answer tells: only those whose status has changed.
    """
    version = map_version(event_id=event.id)
    since = Version.read(request.GET.get("since", ""))
    seats = seats_of(event, since if since and since.precedes(version) else None)
    if not request.user.has_perm("bookings.view_booking"):
        seats = [seat[:3] for seat in seats]  # nobody's name
    headers = {"Cache-Control": "private, no-cache", VERSION_HEADER: str(version)}
    body = orjson.dumps({"seats": seats})
    return HttpResponse(body, content_type="application/json", headers=headers)


def change(request: HttpRequest, event: Event) -> HttpResponse:
    """Change seats, as `{"action": …, "seats": [ids]}` asks; tell the outcome."""
    try:
        wish = orjson.loads(request.body)
        change = CHANGES[wish["action"]]
        seat_ids = wish["seats"][:SEATS_PER_CHANGE]
        if not all(isinstance(seat_id, int) and 0 < seat_id <= MAX_ID for seat_id in seat_ids):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        return _told(_("That can't be understood."), HTTPStatus.BAD_REQUEST)
    if not request.user.has_perm(change.permission):
        raise PermissionDenied
    try:
        number = change.service(event_id=event.id, seat_ids=seat_ids)
    except REFUSALS as refusal:
        return _told(explain(refusal), HTTPStatus.CONFLICT)
    left = len(seat_ids) - number
    told = ngettext("%d left as it is.", "%d left as they are.", left) % left if left else ""
    return _told(f"{change.done % number} {told}".strip())


def _told(message: str, status: int = HTTPStatus.OK) -> JsonResponse:
    return JsonResponse({"message": message}, status=status)
