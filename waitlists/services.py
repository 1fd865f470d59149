"""The line: who is next, and the only way a seat is given back.

A seat that comes free is first the line's: it is held for the head, as an offer, and goes on sale
only when nobody waits. Functions that take a `gate` run inside the caller's transaction.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, QuerySet

from evently.api.logs import log_change
from evently.audit import actor
from evently.audit.services import record, record_all
from evently.transactions import accompanied, database_now
from events import counts
from events import gate as gates
from events.errors import EventNotOnSale
from events.gate import Gate
from events.models import Event, Seat, SeatQuerySet
from events.services import (
    block_for_good,
    find_event,
    put_on_sale,
    require_on_sale,
    require_open_sales,
    seat_change,
)
from notifications.models import Notification
from notifications.services import compose, notify
from waitlists.errors import (
    EntryNotFound,
    MoveUnclear,
    NobodyWaits,
    NoOpenOffer,
    NotWaiting,
    SeatsAvailable,
)
from waitlists.models import WaitlistEntry
from waitlists.places import PLACE, rotate, up_to

Status = WaitlistEntry.Status
logger = structlog.get_logger("evently.lapses")
MAX_REASON_LENGTH = 200
T = TypeVar("T")


class LapseFirst(Exception):
    """An offer has run out, and has to end in a transaction that a refusal doesn't undo."""


def join(*, event_id: int, user_id: int) -> tuple[WaitlistEntry, bool]:
    """Put the user at the end of a full event's line; return the entry and whether it is new.

    Exclusive gate. Repeating is harmless.

    Raises: EventNotFound, EventNotOnSale, SalesNotStarted, SalesEnded, SeatsAvailable.
    """
    join_now = partial(_join, user_id=user_id)
    return lapsing_first(event_id, lambda: gates.run_exclusively(event_id, join_now))


def add_to_line(gate: Gate, *, event: Event, user_id: int) -> tuple[WaitlistEntry, bool]:
    """Return the user's live entry, made at the line's end if there is none; and if it is new."""
    gate.require_exclusive()
    entry = live_entry(gate, user_id=user_id)
    if entry is not None:
        return entry, False
    entry = WaitlistEntry.objects.create(event=event, user_id=user_id, created_at=gate.now)
    notify([_compose("waitlist_joined", gate, event, user_id)])
    log_change("waitlist_joined", event_id=event.id, entry_id=entry.id, user_id=user_id)
    return entry, True


def leave(*, entry_id: int) -> None:
    """Take the entry out of the line; a seat on offer goes to the next.

    Exclusive gate. Repeating is harmless.

    Raises: EntryNotFound.
    """

    def leave_now(gate: Gate) -> None:
        entry = _lock_entry(gate, entry_id)
        if entry.is_live:
            give_up(gate, entry=entry)

    gates.run_exclusively(event_of(entry_id), leave_now)


def give_up(gate: Gate, *, entry: WaitlistEntry) -> None:
    """End a live entry by its owner's will, and release the seat that was kept for it."""
    gate.require_exclusive()
    seat = entry.offered_seat
    _end(gate, [entry], Status.LEFT)
    if seat is None and actor.current().user_id == entry.user_id:
        log_change("waitlist_left", **_ids(entry))  # their own business: no record
    else:
        record("waitlist_left", at=gate.now, **_step(entry, entry.status, Status.LEFT))
    if seat is not None:
        on_sale = release(gate, event=find_event(gate.event_id), seats=[seat])
        counts.count_change(gate, available=on_sale)


def cancel_offer(*, entry_id: int) -> None:
    """Let an offer lapse now, on a staff member's word; the seat goes to the next.

    Exclusive gate.

    Raises: EntryNotFound, NoOpenOffer.
    """

    def cancel(gate: Gate) -> None:
        entry = _lock_entry(gate, entry_id)
        if not entry.is_offered:
            raise NoOpenOffer
        _lapse(gate, find_event(gate.event_id), [entry])

    gates.run_exclusively(event_of(entry_id), cancel)


def move_entry(*, entry_id: int, position: int, reason: str) -> bool:
    """Move a waiting person to a position in the line, for a reason; return whether they moved.

    Beyond the end is the end. Exclusive gate. Recorded with the reason; nobody is told. Moving to
    where one already is changes nothing.

    Raises: MoveUnclear, EntryNotFound, NotWaiting.
    """
    reason = reason.strip()
    if position < 1 or not 1 <= len(reason) <= MAX_REASON_LENGTH:
        raise MoveUnclear

    def move(gate: Gate) -> bool:
        entry = _lock_entry(gate, entry_id)
        if not entry.is_waiting:
            raise NotWaiting
        old, end = _position_and_end(entry)
        new = min(position, end)
        if new == old:
            return False
        rotate(event_id=gate.event_id, old=old, new=new)
        after = {"position": new, "reason": reason}
        record("entry_moved", at=gate.now, before={"position": old}, after=after, **_ids(entry))
        return True

    return gates.run_exclusively(event_of(entry_id), move, is_lengthy=True)


def take_offer(gate: Gate, *, entry_id: int) -> tuple[WaitlistEntry, Seat]:
    """End an entry as accepted; return it with the seat that was kept, for the caller to book.

    Raises: EntryNotFound, NoOpenOffer.
    """
    gate.require_exclusive()
    entry = _lock_entry(gate, entry_id)
    seat = entry.offered_seat
    if seat is None or not seat.hold_is_open(gate.now):
        raise NoOpenOffer
    _end(gate, [entry], Status.ACCEPTED)
    step = _step(entry, Status.OFFERED, Status.ACCEPTED)
    record("offer_accepted", at=gate.now, seat_id=seat.id, **step)
    return entry, seat


def release(gate: Gate, *, event: Event, seats: list[Seat]) -> int:
    """Give seats back: each to the next in line, or to the sale when nobody waits.

    Those of a cancelled event are blocked. Return how many went on sale, for the caller to count
    with what else has changed. Nobody else sets a seat free. Needs the exclusive gate as soon as
    somebody waits.
    """
    if event.status == Event.Status.CANCELLED:
        block_for_good(gate, seat_ids=[seat.id for seat in seats])
        return 0
    heads = list(WaitlistEntry.objects.filter(event_id=event.id).waiting()[: len(seats)])
    if heads:
        gate.require_exclusive()
        _offer(gate, event, list(zip(seats, heads, strict=False)))
    left = [seat.id for seat in seats[len(heads) :]]
    return put_on_sale(gate, seat_ids=left) if left else 0


def lapse_expired_offers(gate: Gate) -> int:
    """End the event's offers that have run out, pass their seats on, return how many."""
    gate.require_exclusive()
    expired = Seat.objects.filter(event_id=gate.event_id).hold_expired(gate.now)
    entries = list(
        WaitlistEntry.objects.filter(event_id=gate.event_id, offered_seat__in=expired)
        .select_related("offered_seat")
        .order_by("offered_seat__position")
    )
    if entries:
        _lapse(gate, find_event(gate.event_id), entries)
    return len(entries)


def lapsing_first(event_id: int, attempt: Callable[[], T]) -> T:
    """Make an attempt again and again, offers lapsed in between, until none stands in its way."""
    while True:
        try:
            return attempt()
        except LapseFirst:
            lapse_offers_of(event_id=event_id)


def lapse_offers_of(*, event_id: int) -> int:
    """Lapse the event's expired offers in a transaction of their own; return how many.

    A refusal of what is done next doesn't undo it then. Exclusive gate.
    """
    with accompanied(None):
        return gates.run_exclusively(event_id, lapse_expired_offers)


def lapse_all() -> int:
    """Lapse the expired offers of all events, one gate after the other; return how many.

    Two at once do no harm. An event that can't be decided about now is left for the next time.
    """
    expired = Seat.objects.hold_expired(database_now())
    events = expired.order_by("event").values_list("event", flat=True).distinct()
    return sum(_lapse_if_possible(event_id) for event_id in list(events))


def shorten_offers(gate: Gate, *, event: Event) -> None:
    """Move up deadlines that now lie beyond the event's start, where that lies ahead."""
    if event.start_time > gate.now:
        Seat.objects.filter(
            event_id=event.id, status=Seat.Status.HELD, held_until__gt=event.start_time
        ).update(held_until=event.start_time)


def unblock_seats(*, event_id: int, seat_ids: list[int]) -> int:
    """Give blocked seats back, to the line first; return how many. Exclusive gate.

    Raises: EventNotFound, EventNotOnSale for a cancelled event, whose seats stay out of the sale.
    """

    def unblock(gate: Gate) -> int:
        event = find_event(event_id)
        if event.status == Event.Status.CANCELLED:
            raise EventNotOnSale
        return _unblock(gate, event, _blocked(event_id, seat_ids).lock())

    return gates.run_exclusively(event_id, unblock)


def offer_seats(*, event_id: int, seat_ids: list[int]) -> int:
    """Offer blocked seats to those first in line, without a sale between; return how many.

    The seats are taken by position; what is left when everybody has an offer stays blocked.
    Exclusive gate.

    Raises: EventNotFound, EventNotOnSale, NobodyWaits.
    """

    def offer(gate: Gate) -> int:
        event = find_event(event_id)
        if not event.is_on_sale:
            raise EventNotOnSale
        people = WaitlistEntry.objects.filter(event_id=event_id).waiting().count()
        if not people:
            raise NobodyWaits
        return _unblock(gate, event, _blocked(event_id, seat_ids).lock()[:people])

    return gates.run_exclusively(event_id, offer)


def close_line(gate: Gate, *, event: Event, kind: str) -> None:
    """End every live entry, telling each what became of the event. Seats stay as they are."""
    gate.require_exclusive()
    entries = WaitlistEntry.objects.filter(event_id=event.id).live()
    people = list(entries.order_by(PLACE).values_list("user_id", flat=True))
    notify(_compose(kind, gate, event, user_id) for user_id in people)
    entries.update(status=Status.CLOSED, offered_seat=None, ended_at=gate.now)


def live_entry(gate: Gate, *, user_id: int) -> WaitlistEntry | None:
    """Return the user's live entry in the event's line, if there is one."""
    entries = WaitlistEntry.objects.filter(event_id=gate.event_id, user_id=user_id).live()
    return entries.select_related("offered_seat").first()


def event_of(entry_id: int) -> int:
    """Return the event whose gate an entry needs; it never changes. Raises: EntryNotFound."""
    event_id = WaitlistEntry.objects.filter(id=entry_id).values_list("event_id", flat=True).first()
    if event_id is None:
        raise EntryNotFound
    return event_id


def _join(gate: Gate, user_id: int) -> tuple[WaitlistEntry, bool]:
    lapsed = lapse_expired_offers(gate)
    event = require_on_sale(Event.objects.filter(id=gate.event_id).first())
    require_open_sales(event, gate.now)
    has_seats = Seat.objects.filter(event_id=gate.event_id).available().exists()
    if has_seats and live_entry(gate, user_id=user_id) is None:
        # A refusal undoes what was done here, so the seat wouldn't be on sale after all.
        raise LapseFirst if lapsed else SeatsAvailable
    return add_to_line(gate, event=event, user_id=user_id)


def _position_and_end(entry: WaitlistEntry) -> tuple[int, int]:
    """Return where a waiting person is in the line, and where the line ends."""
    line = WaitlistEntry.objects.filter(event_id=entry.event_id).waiting()
    place = entry.id if entry.place is None else entry.place
    numbers = line.aggregate(position=Count("id", filter=up_to(place)), end=Count("*"))
    return numbers["position"], numbers["end"]


def _blocked(event_id: int, seat_ids: list[int]) -> SeatQuerySet:
    return Seat.objects.filter(event_id=event_id, id__in=seat_ids, status=Seat.Status.BLOCKED)


def _unblock(gate: Gate, event: Event, blocked: QuerySet[Seat]) -> int:
    """Release seats that are locked as they are read, and record it; return how many."""
    seats = list(blocked)
    counts.count_change(gate, available=release(gate, event=event, seats=seats))
    log_change("seats_unblocked", event_id=event.id, seats=len(seats))
    record_all("seats_unblocked", map(_unblocked, seats), at=gate.now)
    return len(seats)


def _offer(gate: Gate, event: Event, pairs: list[tuple[Seat, WaitlistEntry]]) -> None:
    """Hold each seat for its entry: three statements, however many seats come free at once."""
    until = _deadline(event, gate.now)
    for seat, entry in pairs:
        seat.status, seat.held_for_id, seat.held_until = Seat.Status.HELD, entry.user_id, until
        entry.status, entry.offered_seat = Status.OFFERED, seat
    # Both name the event as well as the rows: a sharded database is told where to go.
    Seat.objects.filter(event_id=event.id).bulk_update(
        [seat for seat, _ in pairs], ["status", "held_for", "held_until"]
    )
    WaitlistEntry.objects.filter(event_id=event.id).bulk_update(
        [entry for _, entry in pairs], ["status", "offered_seat"]
    )
    notify(_compose_offer(gate, event, seat, entry, until) for seat, entry in pairs)
    for seat, entry in pairs:
        log_change("seat_offered", event_id=event.id, entry_id=entry.id, seat_id=seat.id)
    steps = (_step(entry, Status.WAITING, Status.OFFERED) for _, entry in pairs)
    record_all("seat_offered", steps, at=gate.now)


def _compose_offer(
    gate: Gate, event: Event, seat: Seat, entry: WaitlistEntry, until: datetime
) -> Notification:
    shown = event.local_time(until)
    seat_number = seat.seat_number
    return _compose("seat_offered", gate, event, entry.user_id, seat=seat_number, until=shown)


def _lapse_if_possible(event_id: int) -> int:
    try:
        return lapse_offers_of(event_id=event_id)
    # One event's trouble, such as a lock that a stranger holds, must not stop all others.
    except DatabaseError as trouble:
        logger.warning("lapse_failed", event_id=event_id, reason=type(trouble).__name__)
        return 0


def _lapse(gate: Gate, event: Event, entries: list[WaitlistEntry]) -> None:
    seats = [entry.offered_seat for entry in entries if entry.offered_seat]
    notify(
        _compose("offer_lapsed", gate, event, entry.user_id, seat=seat.seat_number)
        for entry, seat in zip(entries, seats, strict=True)
    )
    _end(gate, entries, Status.LAPSED)
    for entry in entries:
        log_change("offer_lapsed", event_id=event.id, entry_id=entry.id, user_id=entry.user_id)
    steps = (_step(entry, Status.OFFERED, Status.LAPSED) for entry in entries)
    record_all("offer_lapsed", steps, at=gate.now)
    counts.count_change(gate, available=release(gate, event=event, seats=seats))


def _end(gate: Gate, entries: list[WaitlistEntry], status: str) -> None:
    # One update() for all of them, which names the event too.
    WaitlistEntry.objects.filter(
        event_id=gate.event_id, id__in=[entry.id for entry in entries]
    ).update(status=status, offered_seat=None, ended_at=gate.now)


def _step(entry: WaitlistEntry, before: str, after: str) -> dict[str, Any]:
    """Tell from which state to which an entry goes, for the record of changes."""
    return {"before": _facts(entry, before), "after": _facts(entry, after), **_ids(entry)}


def _facts(entry: WaitlistEntry, status: str) -> dict[str, str]:
    seat = entry.offered_seat if status == Status.OFFERED else None
    return {"status": status} | ({"seat_number": seat.seat_number} if seat else {})


def _ids(entry: WaitlistEntry) -> dict[str, int]:
    return {"event_id": entry.event_id, "entry_id": entry.id, "user_id": entry.user_id}


def _unblocked(seat: Seat) -> dict[str, Any]:
    # As `release` left it: held where it was offered to somebody, else on sale.
    status = Seat.Status.HELD if seat.is_held else Seat.Status.AVAILABLE
    return seat_change(seat.event_id, seat.id, Seat.Status.BLOCKED, status)


def _deadline(event: Event, now: datetime) -> datetime:
    deadline = now + timedelta(minutes=settings.EVENTLY_OFFER_MINUTES)
    return min(deadline, event.start_time) if event.start_time > now else deadline


def _lock_entry(gate: Gate, entry_id: int) -> WaitlistEntry:
    entry = (
        WaitlistEntry.objects.select_for_update(of=("self",))
        .select_related("offered_seat")
        .filter(event_id=gate.event_id, id=entry_id)
        .first()
    )
    if entry is None:
        raise EntryNotFound
    return entry


def _compose(kind: str, gate: Gate, event: Event, user_id: int, **values: Any) -> Notification:
    return compose(
        kind=kind, user_id=user_id, now=gate.now, event_id=event.id, event=event.name, **values
    )
