"""One person at the API: sends a call, and writes down when it began, when it ended, and how."""

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from uuid import uuid4

from reliability.history import NEVER, Answer, Call

# Beyond any wait that the application allows itself; what takes longer has no known outcome.
TIMEOUT_SECONDS = 12
PROBLEM = "application/problem+json"
STAFF = {"X-User-Role": "admin"}
KEY_IN_USE = "idempotency_key_in_use"
# How long somebody with a key asks again until they know.
INSISTS_SECONDS = 20
PAUSE_SECONDS = 0.1


class Reply(NamedTuple):
    status: int
    body: object
    media_type: str
    retry_after: str | None

    @property
    def is_passing(self) -> bool:
        """The answer of a server in trouble that says so, or of one that is still at it.

        What it did is unknown.
        """
        is_problem = self.media_type == PROBLEM and bool(self.retry_after)
        return is_problem and (self.status == 503 or self.body["code"] == KEY_IN_USE)


class Door:
    """A connection to the server that is kept, and opened again when it is lost."""

    def __init__(self, port: int, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=timeout)

    def ask(
        self, method: str, path: str, headers: dict[str, str], body: object = None
    ) -> Reply | None:
        """Return the reply, or None: it was lost on the way, there or back."""
        if body is not None:
            headers = headers | {"Content-Type": "application/json"}
        try:
            sent = None if body is None else json.dumps(body)
            self._connection.request(method, path, sent, headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException):
            self.close()
            return None
        media_type = answer.headers.get_content_type()
        is_json = media_type in (PROBLEM, "application/json") and content
        read = json.loads(content) if is_json else content.decode(errors="replace")
        return Reply(answer.status, read, media_type, answer.headers["Retry-After"])

    def close(self) -> None:
        self._connection.close()


class Person:
    """A caller of one event, by its own door. `notes` are answers that nobody may ever get.

    Whoever is careful sends a key with every POST, and asks again until the outcome is known.
    """

    def __init__(
        self, door: Door, *, user: int, event: int, is_careful: bool, notes: list[str]
    ) -> None:
        self.user = user
        self._door = door
        self._event = event
        self._is_careful = is_careful
        self._notes = notes
        self._headers = {"X-User-ID": str(user)}

    def call(self, kind: str, *, row: int = 0, place: int = 0, as_staff: bool = False) -> Call:
        """Make a call; return it with its answer, or without one if that isn't known."""
        method, path, body = self._request(kind, row, place)
        headers = STAFF if as_staff else self._headers
        begin = time.monotonic()
        if self._is_careful and method == "POST":
            reply = self._insist(path, headers | {"Idempotency-Key": uuid4().hex}, body)
        else:
            reply = self._door.ask(method, path, headers, body)
        end = time.monotonic()
        answer = self._read(kind, reply)
        end = NEVER if answer is None else end
        return Call(kind, begin, end, answer, self.user, row, place)

    def _insist(self, path: str, headers: dict[str, str], body: object) -> Reply | None:
        """Send the same until it is known what became of it, and then once more."""
        deadline = time.monotonic() + INSISTS_SECONDS
        while True:
            reply = self._door.ask("POST", path, headers, body)
            if reply is not None and not reply.is_passing:
                break
            if time.monotonic() > deadline:
                return reply
            time.sleep(PAUSE_SECONDS)
        again = self._door.ask("POST", path, headers, body)
        if again is not None and not again.is_passing and again != reply:
            self._notes.append(f"replayed, {reply} became {again}")
        return reply

    def _request(self, kind: str, row: int, place: int) -> tuple[str, str, object]:
        event = self._event
        return {
            "book": ("POST", "/bookings", {"event_id": event}),
            "book_seat": ("POST", "/bookings", {"event_id": event, "seat_number": _name(place)}),
            "cancel": ("DELETE", f"/bookings/{row}", None),
            "join": ("POST", "/waitlists", {"event_id": event}),
            "leave": ("DELETE", f"/waitlists/{row}", None),
            "accept": ("POST", f"/waitlists/{row}/accept", None),
            "delete": ("DELETE", f"/admin/events/{event}", None),
            "cancel_event": ("PATCH", f"/admin/events/{event}", {"status": "cancelled"}),
            "see_event": ("GET", f"/events/{event}", None),
            "see_seats": ("GET", f"/events/{event}/seats", None),
            "see_bookings": ("GET", "/users/me/bookings?status=all&limit=100", None),
            "see_line": ("GET", "/waitlists/me?limit=100", None),
        }[kind]

    def _read(self, kind: str, reply: Reply | None) -> Answer | None:
        if reply is None or reply.is_passing:
            return None
        if reply.status >= 500:
            self._notes.append(f"{kind} answered {reply.status} {reply.media_type}: {reply.body}")
            return None
        if reply.status >= 400:
            return _refusal(kind, reply)
        return READERS[kind](reply, self._event)


def _refusal(kind: str, reply: Reply) -> Answer | None:
    code = reply.body["code"]
    # What was done is read again for the answer. If the event is deleted in between, the answer
    # is that there is no such thing, though it was done.
    if code == "not_found" and kind in ("book", "join", "cancel_event"):
        return None
    return Answer("refused", code=code)


def _booked(reply: Reply, event: int) -> Answer:
    if reply.status == 202:
        return Answer("waitlisted", reply.body["waitlist_entry"]["id"])
    return Answer("booked", reply.body["id"], _place(reply.body["seat_number"]))


def _joined(reply: Reply, event: int) -> Answer:
    return Answer("joined" if reply.status == 201 else "waiting", reply.body["id"])


def _done(reply: Reply, event: int) -> Answer:
    return Answer("done")


def _event_seen(reply: Reply, event: int) -> Answer:
    return Answer("seen", value=reply.body["available_seats"])


def _seats_seen(reply: Reply, event: int) -> Answer | None:
    # Deleted between the look for the event and the look for its seats: nothing is known.
    statuses = tuple(seat["status"] for seat in reply.body)
    return Answer("seen", value=statuses) if statuses else None


def _bookings_seen(reply: Reply, event: int) -> Answer:
    rows = [
        (row["id"], row["user_id"], _place(row["seat_number"]), row["status"])
        for row in reply.body
        if row["event_id"] == event
    ]
    return Answer("seen", value=tuple(sorted(rows)))


def _line_seen(reply: Reply, event: int) -> Answer:
    rows = [
        (
            row["id"],
            row["position"] or 0,
            _place(row["offered_seat"]["seat_number"]) if row["offered_seat"] else None,
        )
        for row in reply.body
        if row["event_id"] == event
    ]
    return Answer("seen", value=tuple(rows))


def _name(place: int) -> str:
    return f"Seat-{place + 1}"


def _place(name: str) -> int:
    return int(name.removeprefix("Seat-")) - 1


READERS: dict[str, Callable[[Reply, int], Answer | None]] = {
    "book": _booked,
    "book_seat": _booked,
    "accept": _booked,
    "cancel": _done,
    "leave": _done,
    "delete": _done,
    "cancel_event": _done,
    "join": _joined,
    "see_event": _event_seen,
    "see_seats": _seats_seen,
    "see_bookings": _bookings_seen,
    "see_line": _line_seen,
}
