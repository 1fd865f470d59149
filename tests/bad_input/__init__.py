"""What clients get wrong, row by row: a call, and the refusal that the contract promises for it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from bookings.models import Booking
from evently.users.models import ApiToken, digest
from events.models import Seat
from tests.factories import NOW, AdminFactory, EventFactory, NotificationFactory, UserFactory
from waitlists.models import WaitlistEntry

# Numbers that no sequence reaches, so that a row can name what `make_world` makes.
EVENT, FULL, DRAFT, CANCELLED = 90_001, 90_002, 90_003, 90_004
BEFORE_SALES, AFTER_SALES, LATE = 90_005, 90_006, 90_007
PARTIES = 90_008
HOLDER, STRANGER, ADMIN, INACTIVE = 90_001, 90_002, 90_003, 90_004
BOOKING, FOREIGN_BOOKING, LATE_BOOKING = 90_001, 90_002, 90_003
ENTRY, FOREIGN_ENTRY, PARTY, FOREIGN_PARTY = 90_001, 90_002, 90_003, 90_004
# Kept for the two parties, by position.
SEATS = [90_001, 90_002, 90_003, 90_004, 90_005]
NOTIFICATION, FOREIGN_NOTIFICATION = 90_001, 90_002
UNKNOWN = 90_999
LARGEST_ID = 2**63 - 1

ABSENT = object()
NO_IDS = [None, "1", 1.0, True, [1], {}, 0, -1, 2**63, 10**30, 1e300]

CALLERS = {
    "nobody": {},
    "holder": {"X-User-ID": str(HOLDER)},
    "admin": {"X-User-ID": str(ADMIN), "X-User-Role": "admin"},
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One wrong request and its answer. `body` is sent as JSON, `raw` as it is."""

    what: str
    call: str
    status: int
    code: str
    fields: tuple[str, ...] = ()
    caller: str = "holder"
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    raw: bytes | None = None
    content_type: str = "application/json"
    allow: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    sent_before: int = 0

    @property
    def id(self) -> str:
        return f"{self.call[:50]}: {self.what}"

    def send(self, client: Any) -> Any:
        method, path = self.call.split(" ", 1)
        data = b"" if self.body is None else json.dumps(self.body).encode()
        data = data if self.raw is None else self.raw
        headers = CALLERS[self.caller] | self.headers
        return client.generic(method, path, data, self.content_type, headers=headers)


def invalid(call: str, *fields: str, what: str, **values: Any) -> Row:
    """Make a row whose answer is 400 `invalid` and names these fields."""
    return Row(call=call, what=what, status=400, code="invalid", fields=fields, **values)


def missing(call: str, code: str = "not_found", **values: Any) -> Row:
    return Row(call=call, status=404, code=code, **values)


def wrong(
    call: str, base: dict[str, Any], name: str, values: list[Any], **more: Any
) -> Iterator[Row]:
    """Make a row for each wrong value of one field, in an otherwise right body."""
    for value in values:
        body = {key: kept for key, kept in (base | {name: value}).items() if kept is not ABSENT}
        what = f"{name} is {'missing' if value is ABSENT else ascii(value)[:40]}"
        yield invalid(call, name, what=what, body=body, **more)


def wrong_first(call: str, base: dict[str, Any], name: str, values: list[Any]) -> Iterator[Row]:
    """Make a row for each wrong value of the only item of a list."""
    for value in values:
        what = f"{name} has {ascii(value)[:40]}"
        yield invalid(call, f"{name}.0", what=what, body=base | {name: [value]})


def refused(call: str, status: int, code: str, what: str, body: Any = None, **values: Any) -> Row:
    return Row(call=call, status=status, code=code, what=what, body=body, **values)


def make_world() -> None:
    """Two people and an admin, events in every state, and something of everybody's."""
    holder, stranger = (
        UserFactory(id=id, username=name)
        for id, name in ((HOLDER, "holder"), (STRANGER, "stranger"))
    )
    admin = AdminFactory(id=ADMIN, username="admin")
    inactive = UserFactory(id=INACTIVE, is_active=False)
    _make_token(holder, "revoked", revoked_at=NOW)
    _make_token(holder, "expired", expires_at=NOW)
    _make_token(inactive, "inactive")
    for scope in ("read", "book", "admin"):
        _make_token(admin, f"for-{scope}", scope=scope)

    event = EventFactory(id=EVENT, total_seats=3)
    full = EventFactory(id=FULL, total_seats=1)
    EventFactory(id=DRAFT, total_seats=1, status="draft")
    EventFactory(id=CANCELLED, total_seats=1, status="cancelled")
    EventFactory(id=BEFORE_SALES, total_seats=1, sales_start=timezone.now() + timedelta(days=1))
    EventFactory(id=AFTER_SALES, total_seats=1, sales_end=NOW)

    _book(BOOKING, event, holder)
    _book(FOREIGN_BOOKING, full, stranger)
    _book(LATE_BOOKING, EventFactory(id=LATE, total_seats=1, cancel_until=NOW), holder)
    for id, user in ((ENTRY, holder), (FOREIGN_ENTRY, stranger)):
        WaitlistEntry.objects.create(id=id, event=full, user=user, created_at=NOW)
    _keep_for_parties(EventFactory(id=PARTIES, total_seats=5), holder, stranger)
    NotificationFactory(id=NOTIFICATION, user=holder)
    NotificationFactory(id=FOREIGN_NOTIFICATION, user=stranger)


def _make_token(user: Any, secret: str, **values: Any) -> None:
    # Used later than any test, so that its use isn't worth a note.
    used = {"last_used_at": timezone.now() + timedelta(days=1)}
    ApiToken.objects.create(user=user, digest=digest(secret), **used | values)


def _book(id: int, event: Any, user: Any) -> None:
    seat = event.seats.get(seat_number="Seat-1")
    Booking.objects.create(id=id, event=event, seat=seat, user=user, created_at=NOW)
    Seat.objects.filter(id=seat.id).update(status="booked")


def _keep_for_parties(event: Any, holder: Any, stranger: Any) -> None:
    """Gather more for the holder than their party of two wants, and offer the others."""
    kept = {"status": "held", "held_until": timezone.now() + timedelta(days=1)}
    for position, id in enumerate(SEATS, start=1):
        whom = stranger if position in (2, 4) else holder
        event.seats.filter(position=position).update(id=id, held_for=whom, **kept)
    party = {"event": event, "party_size": 2, "adjacent": "required", "created_at": NOW}
    offer = {"status": "offered", "offered_seat_id": SEATS[1], "offered_at": NOW}
    WaitlistEntry.objects.create(id=PARTY, user=holder, **party)
    WaitlistEntry.objects.create(id=FOREIGN_PARTY, user=stranger, **party | offer)
