"""One person at the API: sends a call, and writes down when it began, when it ended, and how."""

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple
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
        self,
        door: Door,
        *,
        user: int,
        event: int,
        seat_ids: tuple[int, ...],
        is_careful: bool,
        notes: list[str],
    ) -> None:
        self.user = user
        self._door = door
        self._event = event
        self._seat_ids = seat_ids
        self._is_careful = is_careful
        self._notes = notes
        self._headers = {"X-User-ID": str(user)}

    def call(self, kind: str, *, as_staff: bool = False, **about: Any) -> Call:
        """Make a call; return it with its answer, or without one if that isn't known."""
        asked = Call(kind, 0, user=self.user, **about)
        method, path, body = self._request(asked)
        headers = STAFF if as_staff else self._headers
        begin = time.monotonic()
        if self._is_careful and method == "POST":
            reply = self._insist(path, headers | {"Idempotency-Key": uuid4().hex}, body)
        else:
            reply = self._door.ask(method, path, headers, body)
        end = time.monotonic()
        answer = self._read(asked, reply)
        end = NEVER if answer is None else end
        return asked._replace(begin=begin, end=end, answer=answer)

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

    def _request(self, call: Call) -> tuple[str, str, object]:
        event, row = self._event, call.row
        chosen = {"event_id": event, "seat_number": _name(call.place)}
        party = {"party_size": call.size, "adjacent": _adjacent(call)} if call.size else {}
        several = {"event_id": event} | self._wish(call)
        return {
            "book": ("POST", "/bookings", {"event_id": event}),
            "book_seat": ("POST", "/bookings", chosen),
            "cancel": ("DELETE", f"/bookings/{row}", None),
            "offer_back": ("POST", f"/bookings/{row}/offer-back", None),
            "take_back": ("DELETE", f"/bookings/{row}/offer-back", None),
            "hold": ("POST", "/holds", several),
            "refresh": ("POST", f"/holds/{row}/refresh", None),
            "release": ("DELETE", f"/holds/{row}", None),
            "order": ("POST", "/orders", several),
            "order_hold": ("POST", "/orders", {"hold_id": row}),
            "cancel_order": ("DELETE", f"/orders/{row}", None),
            "join": ("POST", "/waitlists", {"event_id": event} | party),
            "leave": ("DELETE", f"/waitlists/{row}", None),
            "accept": ("POST", f"/waitlists/{row}/accept", self._part(call)),
            "meddle_with_booking": ("DELETE", f"/bookings/{row}", None),
            "meddle_with_hold": ("POST", "/orders", {"hold_id": row}),
            "meddle_with_order": ("DELETE", f"/orders/{row}", None),
            "meddle_with_entry": ("POST", f"/waitlists/{row}/accept", None),
            "delete": ("DELETE", f"/admin/events/{event}", None),
            "cancel_event": ("PATCH", f"/admin/events/{event}", {"status": "cancelled"}),
            "see_event": ("GET", f"/events/{event}", None),
            "see_seats": ("GET", f"/events/{event}/seats", None),
            "see_bookings": ("GET", "/users/me/bookings?status=all&limit=100", None),
            "see_line": ("GET", "/waitlists/me?limit=100", None),
        }[call.kind]

    def _wish(self, call: Call) -> dict[str, object]:
        if call.places:
            return {"seat_numbers": [_name(place) for place in call.places]}
        return {"quantity": call.size, "adjacent": _adjacent(call)}

    def _part(self, call: Call) -> dict[str, object] | None:
        if call.places:
            return {"seat_ids": [self._seat_ids[place] for place in call.places]}
        return {"quantity": call.size} if call.size else None

    def _read(self, call: Call, reply: Reply | None) -> Answer | None:
        if reply is None or reply.is_passing:
            return None
        if reply.status >= 500:
            told = f"{call.kind} answered {reply.status} {reply.media_type}: {reply.body}"
            self._notes.append(told)
            return None
        if reply.status >= 400:
            return _refusal(call.kind, reply)
        answer = READERS[call.kind](reply, self._event)
        if answer and answer.word == "held" and not answer.value:
            # It was shown after it had ended: nothing is known of its seats.
            return answer._replace(value=call.places or None)
        return answer


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
    if "bookings" in reply.body:
        return _ordered(reply, event)
    return Answer("booked", reply.body["id"], _place(reply.body["seat_number"]))


def _ordered(reply: Reply, event: int) -> Answer:
    sold = ((row["id"], _place(row["seat_number"])) for row in reply.body["bookings"])
    return Answer("ordered", reply.body["id"], value=tuple(sorted(sold)))


def _held(reply: Reply, event: int) -> Answer:
    places = (_place(seat["seat_number"]) for seat in reply.body["seats"])
    return Answer("held", reply.body["id"], value=tuple(sorted(places)))


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
            row["party_size"],
        )
        for row in reply.body
        if row["event_id"] == event
    ]
    return Answer("seen", value=tuple(rows))


def _adjacent(call: Call) -> str:
    return "required" if call.is_adjacent else "no"


def _name(place: int) -> str:
    return f"Seat-{place + 1}"


def _place(name: str) -> int:
    return int(name.removeprefix("Seat-")) - 1


READERS: dict[str, Callable[[Reply, int], Answer | None]] = {
    "book": _booked,
    "book_seat": _booked,
    "accept": _booked,
    "cancel": _done,
    "offer_back": _done,
    "take_back": _done,
    "hold": _held,
    "refresh": _done,
    "release": _done,
    "order": _ordered,
    "order_hold": _ordered,
    "cancel_order": _done,
    "leave": _done,
    "meddle_with_booking": _done,
    "meddle_with_hold": _ordered,
    "meddle_with_order": _done,
    "meddle_with_entry": _booked,
    "delete": _done,
    "cancel_event": _done,
    "join": _joined,
    "see_event": _event_seen,
    "see_seats": _seats_seen,
    "see_bookings": _bookings_seen,
    "see_line": _line_seen,
}
