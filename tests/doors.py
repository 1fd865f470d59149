"""Every call of the API, and the few rules that tell what each caller is answered.

A new endpoint is a line of `CALLS`; its statuses follow from its view's permissions.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bookings.services import cancel_booking
from conftest import Client
from evently.api.identity import IsAdmin, IsIdentified, IsIdentifiedOrOpen, IsUser
from evently.api.views import Endpoint
from tests.factories import (
    EventFactory,
    NotificationFactory,
    make_booking,
    make_entry,
    make_full_event,
    make_hold,
    make_order,
)
from tests.routes import Route, routes

NEW_EVENT = {
    "name": "Gala",
    "venue": "City Hall",
    "start_time": "2031-07-01T19:00:00Z",
    "end_time": "2031-07-01T23:00:00Z",
    "total_seats": 3,
}
NEWCOMER = {"username": "newcomer", "email": "newcomer@example.org"}

# Each call with the row that its path names, and its body. {…} stands for a row of `MAKERS`.
CALLS: dict[str, Any] = {
    "GET /events": None,
    "GET /events/{event}": None,
    "GET /events/{event}/seats": None,
    "POST /bookings": {"user_id": "{owner}", "event_id": "{event}"},
    "GET /bookings/{booking}": None,
    "DELETE /bookings/{booking}": None,
    "POST /bookings/{booking}/offer-back": None,
    "DELETE /bookings/{booking}/offer-back": None,
    "POST /holds": {"event_id": "{event}", "quantity": 1},
    "GET /holds/{hold}": None,
    "DELETE /holds/{hold}": None,
    "POST /holds/{hold}/refresh": None,
    "POST /orders": {"event_id": "{event}", "quantity": 1},
    "GET /orders/{order}": None,
    "DELETE /orders/{order}": None,
    "GET /users/me/orders": None,
    "GET /users/me": None,
    "GET /users/me/bookings": None,
    "GET /users/me/notifications": None,
    "PATCH /users/me/notifications/{notification}": {"is_read": True},
    "POST /users/me/notifications/read-all": None,
    "GET /waitlists/me": None,
    "POST /waitlists": {"event_id": "{full}"},
    "GET /waitlists/{entry}": None,
    "DELETE /waitlists/{entry}": None,
    "POST /waitlists/{offered}/accept": None,
    "GET /admin/events": None,
    "POST /admin/events": NEW_EVENT,
    "GET /admin/events/{event}": None,
    "PUT /admin/events/{event}": NEW_EVENT,
    "PATCH /admin/events/{event}": {"name": "Gala"},
    "DELETE /admin/events/{unsold}": None,
    "POST /admin/events/{event}/publish": None,
    "POST /admin/events/{event}/cancel": None,
    "GET /admin/bookings": None,
    "GET /admin/users": None,
    "POST /admin/users": NEWCOMER,
    "GET /admin/analytics": None,
    "GET /admin/audit": None,
    "GET /healthz": None,
    "GET /readyz": None,
    "GET /metrics": None,  # on this machine
    "GET /schema": None,
    "GET /docs": None,
    "GET /redoc": None,
}
# Somebody's own, which is nobody else's to see; events are everybody's.
PERSONAL = {"booking", "hold", "order", "notification", "entry", "offered"}
# Reads in a snapshot begin a transaction themselves.
IN_A_SNAPSHOT = {"GET /admin/analytics"}
MISSING = 2**40


@dataclass(frozen=True)
class Caller:
    """Somebody at the door: whether they name a user, are staff, and claim what they aren't."""

    name: str
    user: str | None = None
    is_admin: bool = False
    is_impostor: bool = False

    @property
    def is_nobody(self) -> bool:
        return self.user is None and not self.is_admin


NOBODY = Caller("nobody")
STRANGER = Caller("stranger", "stranger")
OWNER = Caller("owner", "holder")
ADMIN = Caller("admin", "admin", is_admin=True)
BARE_ADMIN = Caller("the bare admin role", is_admin=True)
IMPOSTOR = Caller("a user who claims the admin role", "stranger", is_impostor=True)
CALLERS = {
    "headers": [NOBODY, STRANGER, OWNER, ADMIN, BARE_ADMIN, IMPOSTOR],
    "tokens": [NOBODY, STRANGER, OWNER, ADMIN],
}


@dataclass(frozen=True)
class Door:
    """One call, as it is written in `CALLS`."""

    call: str

    @property
    def verb(self) -> str:
        return self.call.split()[0]

    @property
    def routed(self) -> str:
        return re.sub(r"{\w+}", "{id}", self.call)

    @property
    def route(self) -> Route:
        return next(route for route in routes() if self.routed in route.calls)

    @property
    def row(self) -> str | None:
        """Return what kind of row the call is about, by its path or its body."""
        named = re.findall(r"{(\w+)}", f"{self.call} {json.dumps(CALLS[self.call])[1:]}")
        return next((name for name in named if name != "owner"), None)

    @property
    def kinds(self) -> set[str]:
        """Return of which kinds rows are to be there: what it is about, or what it may show."""
        return {self.row} if self.row else PERSONAL

    @property
    def rows(self) -> list[str]:
        """Return whose rows a call can be about."""
        if self.row is None:
            return ["none"]
        return ["the owner's", "another's", "missing"][:: 1 if self.row in PERSONAL else 2]

    def knock(self, client: Client, rows: dict[str, int]) -> Any:
        method, path = self.call.split()
        body = CALLS[self.call]
        if body is not None:
            # A placeholder is a whole value; its number is no string.
            filled = re.sub(r'"{(\w+)}"', lambda found: str(rows[found[1]]), json.dumps(body))
        return client.generic(
            method, path.format_map(rows), filled if body else "", "application/json"
        )

    def refusal(self, caller: Caller, row: str) -> int | None:
        """Tell the status that refuses this caller, or None for whom the door opens."""
        if caller.is_impostor and self.is_asked_for_identity:
            return 403
        for permission in self.route.permissions(self.verb):
            if status := _refused_by(permission, caller):
                return status
        if "user_id" in (CALLS[self.call] or {}) and _is_anothers(caller, row):
            return 403
        if row == "missing":
            return 404
        return 404 if self.row in PERSONAL and _is_anothers(caller, row) else None

    @property
    def is_asked_for_identity(self) -> bool:
        return issubclass(self.route.callback.cls, Endpoint)


def _refused_by(permission: Any, caller: Caller) -> int | None:
    match permission:
        case IsAdmin() if not caller.is_admin:
            return 401 if caller.is_nobody else 403
        case IsUser() if caller.user is None:
            return 401
        case IsIdentifiedOrOpen() if permission.is_open:
            return None
        case IsIdentified() if caller.is_nobody:
            return 401
    return None


def _is_anothers(caller: Caller, row: str) -> bool:
    owns = caller is OWNER and row != "another's"
    return not owns and not caller.is_admin and not caller.is_nobody


def make_rows(owner: Any, *kinds: str) -> dict[str, int]:
    """Make a row of each of these kinds that is this person's, or that they have a part in."""
    return {"owner": owner.id} | {kind: MAKERS[kind](owner) for kind in kinds}


def _be_in_line(owner: Any) -> Any:
    full, _ = make_full_event()
    return make_entry(full, owner)


def _be_offered_a_seat(owner: Any) -> Any:
    unsold, [booking] = make_full_event()
    entry = make_entry(unsold, owner)
    cancel_booking(booking_id=booking.id)
    return entry


MAKERS: dict[str, Callable[[Any], int]] = {
    "event": lambda owner: make_booking(EventFactory(), owner).event_id,
    "full": lambda owner: _be_in_line(owner).event_id,
    "unsold": lambda owner: _be_offered_a_seat(owner).event_id,
    "booking": lambda owner: make_booking(EventFactory(), owner).id,
    "hold": lambda owner: make_hold(EventFactory(), owner, ["Seat-2"]).id,
    "order": lambda owner: make_order(EventFactory(), owner, ["Seat-3"]).id,
    "notification": lambda owner: NotificationFactory(user=owner).id,
    "entry": lambda owner: _be_in_line(owner).id,
    "offered": lambda owner: _be_offered_a_seat(owner).id,
}


def missing(owner: Any) -> dict[str, int]:
    """Return ids that nothing has, except that the person is there."""
    return dict.fromkeys(MAKERS, MISSING) | {"owner": owner.id}
