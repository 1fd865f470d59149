"""Which seat is sold next, of those that nobody chose."""

import time
from functools import partial

from django.db.models import QuerySet

from evently.statements import Argument, Statement, made
from events.gate import Ahead, Gate
from events.models import Seat

# So long a sale goes on where it was, before it looks at the front again.
START_KEPT_SECONDS = 1
# More events than a process sells at a time.
MAX_STARTS = 10_000

# By event: behind which position to look, until when by this process's clock.
_starts: dict[int, tuple[int, float]] = {}
# Events that had no limit per user when this process sold a seat of them last.
_without_limit: set[int] = set()


def take_next_seat(gate: Gate) -> Seat | None:
    """Lock and return the first available seat, or None when there is none to be had.

    Sellers beside each other skip the seats that others are just selling. Whoever is alone waits:
    then a locked seat is locked by a stranger to the gate, and isn't sold.

    While seats are sold one after the other, each is looked for behind the last one, and a seat
    that came back further in front is found a second later, or when there is no other. For a seat
    that was sold leaves an entry in the index, to be passed over by whoever begins at the front;
    PostgreSQL clears it away, but not before the oldest transaction on the server has ended.
    """
    start, until = _start_of(gate.event_id)
    seat = _find(gate, start)
    if seat is None and start:
        _starts.pop(gate.event_id, None)
        seat = _find(gate, 0)
    if seat is not None:
        _starts[gate.event_id] = seat.position, until
    return seat


def ahead_of_sale(event_id: int) -> list[Ahead]:
    """Return the look for the next seat, to be sent along with the shared gate's statement.

    None for an event that isn't known to have no limit per user: the lock of a user whose bookings
    are counted comes before the seat's.
    """
    if event_id not in _without_limit:
        return []
    start, _ = _start_of(event_id)
    return [Ahead(_AMONG_OTHERS, {"event_id": event_id, "start": start})]


def remember_no_limit(event_id: int) -> None:
    """Note that an event which is being sold has no limit per user."""
    if len(_without_limit) >= MAX_STARTS:
        _without_limit.clear()
    _without_limit.add(event_id)


def forget_no_limit(event_id: int) -> bool:
    """Note that an event has a limit, and tell whether that is news."""
    is_news = event_id in _without_limit
    _without_limit.discard(event_id)
    return is_news


def forget_all() -> None:
    """Begin at the front of every hall, and know of no limits."""
    _starts.clear()
    _without_limit.clear()


def _start_of(event_id: int) -> tuple[int, float]:
    now = time.monotonic()
    start, until = _starts.get(event_id, (0, 0))
    if now < until:
        return start, until
    if len(_starts) >= MAX_STARTS:
        _starts.clear()
    return 0, now + START_KEPT_SECONDS


def _find(gate: Gate, start: int) -> Seat | None:
    statement = _ALONE if gate.is_exclusive else _AMONG_OTHERS
    row = gate.first(statement, event_id=gate.event_id, start=start)
    if row is None:
        return None
    seat_id, seat_number, position = row
    return made(
        Seat, id=seat_id, event_id=gate.event_id, seat_number=seat_number, position=position
    )


def _behind_start(*, skip_locked: bool) -> QuerySet:
    seats = Seat.objects.filter(event_id=Argument("event_id"), position__gt=Argument("start"))
    found = seats.available().lock(skip_locked=skip_locked)
    return found.values_list("id", "seat_number", "position")[:1]


_AMONG_OTHERS = Statement(partial(_behind_start, skip_locked=True))
_ALONE = Statement(partial(_behind_start, skip_locked=False))
