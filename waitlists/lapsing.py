"""What is kept until a deadline, and given back when it has passed: offers, holds, gathered seats.

The worker finds it, and so does whoever needs a seat of the event next, so no answer waits for a
worker. Functions that take a `gate` run inside the caller's transaction.
"""

from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import DatabaseError

from evently.api.logs import log_change
from evently.audit.services import record_all
from evently.transactions import accompanied, database_now
from events import counts
from events import gate as gates
from events.gate import Gate
from events.models import Event, Hold, Seat
from events.services import find_event
from notifications.services import notify
from waitlists.entries import (
    Status,
    compose_of,
    end_entries,
    event_of,
    kept_for,
    list_of,
    lock_entry,
    step,
)
from waitlists.errors import NoOpenOffer
from waitlists.models import WaitlistEntry
from waitlists.releasing import release

logger = structlog.get_logger("evently.lapses")
T = TypeVar("T")

# So often something else may run out while an attempt is made.
MOST_LAPSES = 20


class LapseFirst(Exception):
    """Something kept has run out, and has to end in a transaction that a refusal doesn't undo."""


def lapse_expired(gate: Gate) -> int:
    """End the event's offers and holds that have run out, pass their seats on; return how many.

    A party for which seats were gathered so long keeps its place, and its patience begins anew.
    """
    gate.require_exclusive()
    expired = Seat.objects.filter(event_id=gate.event_id).hold_expired(gate.now)
    seats = list(expired.order_by("position").select_related("hold"))
    if not seats:
        return 0
    event = find_event(gate.event_id)
    holds = _lapse_holds(gate, {seat.hold for seat in seats if seat.hold})
    people = {seat.held_for_id for seat in seats if seat.hold is None}
    entries = WaitlistEntry.objects.filter(event_id=event.id, user_id__in=people).live()
    offered = list(entries.offered().order_by("offered_seat__position"))
    if offered:
        _lapse_offers(gate, event, offered)
    impatient = entries.waiting().order_by()
    gatherers = impatient.update(passed_over=0, passed_over_since=None)
    counts.count_change(gate, available=release(gate, event=event, seats=seats))
    return len(offered) + holds + gatherers


def lapsing_first(event_id: int, attempt: Callable[[], T]) -> T:
    """Make an attempt again and again, lapsing what has run out, until none stands in its way.

    Not without end: what can't be lapsed is a fault, and LapseFirst tells of it then.
    """
    for _ in range(MOST_LAPSES):
        try:
            return attempt()
        except LapseFirst:
            lapse_expired_of(event_id=event_id)
    return attempt()


def lapse_expired_of(*, event_id: int) -> int:
    """Lapse what has run out in a transaction of its own; return how many.

    A refusal of what is done next doesn't undo it then. Exclusive gate.
    """
    with accompanied(None):
        return gates.run_exclusively(event_id, lapse_expired)


def lapse_all() -> int:
    """Lapse what has run out in all events, one gate after the other; return how many.

    Two at once do no harm. An event that can't be decided about now is left for the next time.
    """
    expired = Seat.objects.hold_expired(database_now())
    events = expired.order_by("event").values_list("event", flat=True).distinct()
    return sum(_lapse_if_possible(event_id) for event_id in list(events))


def cancel_offer(*, entry_id: int) -> None:
    """Let an offer lapse now, on a staff member's word; its seats go to the next.

    Exclusive gate.

    Raises: EntryNotFound, NoOpenOffer.
    """

    def cancel(gate: Gate) -> None:
        entry = lock_entry(gate, entry_id)
        if not entry.is_offered:
            raise NoOpenOffer
        event = find_event(gate.event_id)
        seats = _lapse_offers(gate, event, [entry])
        counts.count_change(gate, available=release(gate, event=event, seats=seats))

    gates.run_exclusively(event_of(entry_id), cancel)


def shorten_deadlines(gate: Gate, *, event: Event) -> None:
    """Move up deadlines that now lie beyond the event's start, where that lies ahead."""
    if event.start_time > gate.now:
        seats = Seat.objects.filter(event_id=event.id, held_until__gt=event.start_time)
        seats.update(held_until=event.start_time)
        holds = Hold.objects.filter(event_id=event.id, expires_at__gt=event.start_time)
        holds.open().update(expires_at=event.start_time)


def _lapse_if_possible(event_id: int) -> int:
    try:
        return lapse_expired_of(event_id=event_id)
    # One event's trouble, such as a lock that a stranger holds, must not stop all others.
    except DatabaseError as trouble:
        logger.warning("lapse_failed", event_id=event_id, reason=type(trouble).__name__)
        return 0


def _lapse_offers(gate: Gate, event: Event, entries: list[WaitlistEntry]) -> list[Seat]:
    """End offers, and tell; return their seats, for the caller to release."""
    kept = kept_for(gate, entries)
    notify(
        compose_of("offer_lapsed", gate, event, entry.user_id, seat=list_of(kept[entry.id]))
        for entry in entries
    )
    end_entries(gate, entries, Status.LAPSED)
    for entry in entries:
        log_change("offer_lapsed", event_id=event.id, entry_id=entry.id, user_id=entry.user_id)
    steps = (step(entry, Status.OFFERED, Status.LAPSED, kept[entry.id]) for entry in entries)
    record_all("offer_lapsed", steps, at=gate.now)
    return [seat for entry in entries for seat in kept[entry.id]]


def _lapse_holds(gate: Gate, holds: set[Hold]) -> int:
    ids = [hold.id for hold in holds]
    if not ids:
        return 0
    lapsed = Hold.objects.filter(event_id=gate.event_id, id__in=ids)
    lapsed.open().update(status=Hold.Status.LAPSED, ended_at=gate.now)
    changes = (
        {
            "before": {"status": Hold.Status.OPEN},
            "after": {"status": Hold.Status.LAPSED},
            "event_id": gate.event_id,
            "hold_id": hold.id,
            "user_id": hold.user_id,
        }
        for hold in sorted(holds, key=lambda hold: hold.id)
    )
    record_all("hold_lapsed", changes, at=gate.now)
    for hold_id in ids:
        log_change("hold_lapsed", event_id=gate.event_id, hold_id=hold_id)
    return len(ids)
