"""What the servers are asked: each a call as clients make it, with numbers of its own."""

from bench.wrk import Load

OWN = {"X-User-ID": "{user}"}


def any_seat(*, first: int = 1, events: int = 1, users: int) -> Load:
    """Book any seat, each time somebody else, in these events in turn."""
    sequences = {"user": (1, users, 1), "event": (first, events, 1)}
    return Load("POST", "/bookings", '{"event_id": {event}}', OWN, sequences, expected=(201,))


def chosen_seat(*, event: int, seats: int, users: int) -> Load:
    """Book the seats of one event by their names, one after the other."""
    body = f'{{"event_id": {event}, "seat_number": "Seat-{{seat}}"}}'
    sequences = {"user": (1, users, 1), "seat": (1, seats, 1)}
    return Load("POST", "/bookings", body, OWN, sequences, expected=(201,))


def cancel(*, bookings: int, users: int) -> Load:
    """Cancel the bookings, as `bookings.sql` has made them, each by its owner."""
    sequences = {"user": (1, users, 1), "booking": (1, bookings, 1)}
    return Load("DELETE", "/bookings/{booking}", "", OWN, sequences, expected=(204,))


def get(path: str, *, expected: int = 200, **headers: str) -> Load:
    """Read the same again and again."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return Load("GET", path, headers=sent, expected=(expected,))


def tutorial_seat(*, events: int, users: int) -> Load:
    """Book any seat with the tutorial's service."""
    body = '{"event_id": {event}, "user_id": {user}}'
    sequences = {"user": (1, users, 1), "event": (1, events, 1)}
    return Load("POST", "/bookings", body, {}, sequences, expected=(201,))
