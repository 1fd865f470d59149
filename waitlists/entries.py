"""An entry of a line, and the seats that are kept for it: what every change to it needs.

Functions that take a `gate` run inside the caller's transaction.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from events import gate as gates
from events.gate import Gate
from events.models import Event, Seat
from notifications.models import Notification
from notifications.services import compose
from waitlists.errors import EntryNotFound
from waitlists.models import WaitlistEntry

Status = WaitlistEntry.Status


def event_of(entry_id: int) -> int:
    """Return the event whose gate an entry needs; it never changes. Raises: EntryNotFound."""
    return gates.event_of(WaitlistEntry.objects.filter(id=entry_id), EntryNotFound)


def live_entry(gate: Gate, *, user_id: int) -> WaitlistEntry | None:
    """Return the user's live entry in the event's line, if there is one."""
    entries = WaitlistEntry.objects.filter(event_id=gate.event_id, user_id=user_id).live()
    return entries.select_related("offered_seat").first()


def lock_entry(gate: Gate, entry_id: int) -> WaitlistEntry:
    """Lock and return an entry of the event. Raises: EntryNotFound."""
    entry = (
        WaitlistEntry.objects.select_for_update(of=("self",))
        .select_related("offered_seat")
        .filter(event_id=gate.event_id, id=entry_id)
        .first()
    )
    if entry is None:
        raise EntryNotFound
    return entry


def kept_for(gate: Gate, entries: Iterable[WaitlistEntry]) -> dict[int, list[Seat]]:
    """Lock and return the seats that are kept for each entry, by its id; by position.

    They are the seats that are held for its user without a hold: a user is in a line once.
    """
    by_user = {entry.user_id: entry.id for entry in entries}
    seats = Seat.objects.filter(event_id=gate.event_id, held_for__in=by_user).kept_for_line()
    kept = defaultdict(list)
    for seat in seats.lock():
        kept[by_user[seat.held_for_id]].append(seat)
    return kept


def end_entries(gate: Gate, entries: list[WaitlistEntry], status: str) -> None:
    # One update() for all of them, which names the event too.
    WaitlistEntry.objects.filter(
        event_id=gate.event_id, id__in=[entry.id for entry in entries]
    ).update(status=status, offered_seat=None, ended_at=gate.now)


def step(
    entry: WaitlistEntry, before: str, after: str, seats: Iterable[Seat] = ()
) -> dict[str, Any]:
    """Tell from which state to which an entry goes, for the record of changes."""
    return {
        "before": _facts(before, seats),
        "after": _facts(after, seats),
        **ids_of(entry),
    }


def _facts(status: str, seats: Iterable[Seat]) -> dict[str, Any]:
    return {"status": status} | (named(seats) if status == Status.OFFERED else {})


def named(seats: Iterable[Seat]) -> dict[str, Any]:
    """Tell which seats, for the record of changes: one by its number, several by theirs."""
    numbers = [seat.seat_number for seat in seats]
    if len(numbers) == 1:
        return {"seat_number": numbers[0]}
    return {"seat_numbers": numbers} if numbers else {}


def ids_of(entry: WaitlistEntry) -> dict[str, int]:
    return {"event_id": entry.event_id, "entry_id": entry.id, "user_id": entry.user_id}


def compose_of(kind: str, gate: Gate, event: Event, user_id: int, **values: Any) -> Notification:
    return compose(
        kind=kind, user_id=user_id, now=gate.now, event_id=event.id, event=event.name, **values
    )


def list_of(seats: Iterable[Seat]) -> str:
    """Name seats to people."""
    return ", ".join(seat.seat_number for seat in seats)
