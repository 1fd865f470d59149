"""The line of a full event: who is in it, for how many, and who is next.

Functions that take a `gate` run inside the caller's transaction.
"""

from collections.abc import Collection
from functools import partial
from typing import Any

from django.db.models import Count

from evently.api.logs import log_change
from evently.audit import actor
from evently.audit.services import record
from events import counts
from events import gate as gates
from events.best_available import Adjacency
from events.errors import SeatNotFound
from events.gate import Gate
from events.halls import choose_available, hall_of
from events.models import Event, Seat
from events.services import find_event, require_on_sale, require_open_sales
from notifications.services import notify
from waitlists.entries import (
    Status,
    compose_of,
    end_entries,
    event_of,
    ids_of,
    kept_for,
    live_entry,
    lock_entry,
    step,
)
from waitlists.errors import (
    MoveUnclear,
    NoOpenOffer,
    NotWaiting,
    PartyFitsNowhere,
    SeatsAvailable,
)
from waitlists.lapsing import LapseFirst, lapse_expired, lapsing_first
from waitlists.models import WaitlistEntry
from waitlists.places import PLACE, rotate, up_to
from waitlists.releasing import release, serve_line

MAX_REASON_LENGTH = 200


def join(
    *, event_id: int, user_id: int, party_size: int = 1, adjacent: Adjacency = "no"
) -> tuple[WaitlistEntry, bool]:
    """Put the user at the end of a full event's line; return the entry and whether it is new.

    A party of several waits for as many seats, side by side where `adjacent` requires it. Whoever
    is in line already stays there as they are. Exclusive gate. Repeating is harmless.

    Raises: EventNotFound, EventNotOnSale, SalesNotStarted, SalesEnded, SeatsAvailable where what is
    asked for is on sale, PartyFitsNowhere.
    """
    party = {"party_size": party_size, "adjacent": adjacent if party_size > 1 else "no"}
    join_now = partial(_join, user_id=user_id, party=party)
    return lapsing_first(event_id, lambda: gates.run_exclusively(event_id, join_now))


def add_to_line(
    gate: Gate, *, event: Event, user_id: int, **party: Any
) -> tuple[WaitlistEntry, bool]:
    """Return the user's live entry, made at the line's end if there is none; and if it is new."""
    gate.require_exclusive()
    entry = live_entry(gate, user_id=user_id)
    if entry is not None:
        return entry, False
    facts = {"event": event, "user_id": user_id, "created_at": gate.now}
    entry = WaitlistEntry.objects.create(**facts, **party)
    notify([compose_of("waitlist_joined", gate, event, user_id)])
    log_change("waitlist_joined", event_id=event.id, entry_id=entry.id, user_id=user_id)
    return entry, True


def leave(*, entry_id: int) -> None:
    """Take the entry out of the line; a seat on offer goes to the next.

    Exclusive gate. Repeating is harmless.

    Raises: EntryNotFound.
    """

    def leave_now(gate: Gate) -> None:
        entry = lock_entry(gate, entry_id)
        if entry.is_live:
            give_up(gate, entry=entry)

    gates.run_exclusively(event_of(entry_id), leave_now)


def give_up(gate: Gate, *, entry: WaitlistEntry) -> None:
    """End a live entry by its owner's will, and release the seats that were kept for it."""
    gate.require_exclusive()
    seats = kept_for(gate, [entry])[entry.id]
    end_entries(gate, [entry], Status.LEFT)
    if not seats and actor.current().user_id == entry.user_id:
        log_change("waitlist_left", **ids_of(entry))  # their own business: no record
    else:
        record("waitlist_left", at=gate.now, **step(entry, entry.status, Status.LEFT, seats))
    _give_back(gate, seats)


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
        entry = lock_entry(gate, entry_id)
        if not entry.is_waiting:
            raise NotWaiting
        old, end = _position_and_end(entry)
        new = min(position, end)
        if new == old:
            return False
        rotate(event_id=gate.event_id, old=old, new=new, now=gate.now)
        after = {"position": new, "reason": reason}
        record("entry_moved", at=gate.now, before={"position": old}, after=after, **ids_of(entry))
        return True

    return gates.run_exclusively(event_of(entry_id), move, is_lengthy=True)


def take_offer(
    gate: Gate,
    *,
    entry_id: int,
    seat_ids: Collection[int] | None = None,
    quantity: int | None = None,
) -> tuple[WaitlistEntry, list[Seat]]:
    """Return an entry with the seats that are kept for it, for the caller to book, by position.

    All of an offer's, unless fewer are chosen; of those that are still being gathered, only those
    that are chosen. The entry ends as accepted, or goes on for the rest as it is; then the caller
    serves the line again, once the seats are booked: the rest may fit now.

    Raises: EntryNotFound, NoOpenOffer, SeatNotFound if one that is chosen isn't kept for it, or
    more are chosen than it waits for.
    """
    gate.require_exclusive()
    entry = lock_entry(gate, entry_id)
    kept = [seat for seat in kept_for(gate, [entry])[entry.id] if seat.hold_is_open(gate.now)]
    is_partly = seat_ids is not None or quantity is not None
    # An entry that has ended is kept nothing: the seats are those of its owner's next one.
    if not kept or not (entry.is_offered or (entry.is_waiting and is_partly)):
        raise NoOpenOffer
    seats = kept[:quantity] if seat_ids is None else [s for s in kept if s.id in seat_ids]
    if len(seats) < (quantity or len(seat_ids or ())):
        raise SeatNotFound("So many seats, or one of these, aren't kept for this entry.")
    if len(seats) > entry.party_size:
        raise SeatNotFound("More than the party's seats can't be accepted.")

    before, rest = entry.status, [seat for seat in kept if seat not in seats]
    if len(seats) < entry.party_size:
        _go_on_without(gate, entry, len(seats), rest)
    else:
        entry.status = Status.ACCEPTED
        end_entries(gate, [entry], entry.status)
    record("offer_accepted", at=gate.now, **step(entry, before, entry.status, seats))
    if not entry.is_live:  # more may have been gathered than it wants
        _give_back(gate, rest)
    return entry, seats


def close_line(gate: Gate, *, event: Event, kind: str) -> None:
    """End every live entry, telling each what became of the event. Seats stay as they are."""
    gate.require_exclusive()
    entries = WaitlistEntry.objects.filter(event_id=event.id).live()
    people = list(entries.order_by(PLACE).values_list("user_id", flat=True))
    notify(compose_of(kind, gate, event, user_id) for user_id in people)
    entries.update(status=Status.CLOSED, offered_seat=None, ended_at=gate.now)


def _join(gate: Gate, user_id: int, party: dict[str, Any]) -> tuple[WaitlistEntry, bool]:
    lapsed = lapse_expired(gate)
    event = require_on_sale(Event.objects.filter(id=gate.event_id).first())
    require_open_sales(event, gate.now)
    if _is_on_sale(event, **party) and live_entry(gate, user_id=user_id) is None:
        # A refusal undoes what was done here, so the seat wouldn't be on sale after all.
        raise LapseFirst if lapsed else SeatsAvailable
    _refuse_hopeless(event, **party)
    entry, is_new = add_to_line(gate, event=event, user_id=user_id, **party)
    if is_new and Seat.objects.filter(event_id=event.id).offered_back().exists():
        counts.count_change(gate, available=serve_line(gate, event=event, asking=entry))
        entry.refresh_from_db()
    return entry, is_new


def _is_on_sale(event: Event, party_size: int, adjacent: Adjacency) -> bool:
    if adjacent == "required":
        return bool(choose_available(event.id, quantity=party_size, adjacent=adjacent))
    on_sale = Seat.objects.filter(event_id=event.id).available()
    return on_sale[party_size - 1 : party_size].exists()


def _refuse_hopeless(event: Event, party_size: int, adjacent: Adjacency) -> None:
    """Let nobody wait for what can't come: a larger hall, or more than one person may book."""
    if party_size == 1:
        return
    most = min(event.total_seats, event.max_per_user or event.total_seats)
    if party_size > most:
        raise PartyFitsNowhere
    if adjacent == "required" and not hall_of(event.id).has_block(party_size):
        raise PartyFitsNowhere


def _give_back(gate: Gate, seats: list[Seat]) -> None:
    """Release what was kept for an entry that has ended, and count it."""
    if seats:
        on_sale = release(gate, event=find_event(gate.event_id), seats=seats)
        counts.count_change(gate, available=on_sale)


def _go_on_without(gate: Gate, entry: WaitlistEntry, seats: int, rest: list[Seat]) -> None:
    """Let an entry go on for what it still wants, without so many seats that it has got."""
    entry.party_size -= seats
    entry.asked_at = gate.now
    entry.offered_seat = rest[0] if entry.is_offered else None
    entry.save(update_fields=["party_size", "asked_at", "offered_seat"])


def _position_and_end(entry: WaitlistEntry) -> tuple[int, int]:
    """Return where a waiting person is in the line, and where the line ends."""
    line = WaitlistEntry.objects.filter(event_id=entry.event_id).waiting()
    ahead = up_to(entry.its_place)
    numbers = line.aggregate(position=Count("id", filter=ahead), end=Count("*"))
    return numbers["position"], numbers["end"]
