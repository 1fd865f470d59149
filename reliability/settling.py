"""What several calls have in common: what becomes of an event when somebody books or waits."""

from collections.abc import Iterable

from reliability.history import Answer, Call
from reliability.line import release, serve_line
from reliability.state import Entry, Seat, State, bookings_of, fits

LIMIT_REACHED = "limit_reached"

# The id of a booking, and its seat.
Sold = tuple[int, int]


def booked(state: State, user: int, sold: Iterable[Sold]) -> State:
    """Book seats; the booking of one that was put up is cancelled."""
    for booking, place in sold:
        before = state.seats[place]
        if before.booking:
            past = state.past | {(before.booking, before.user, place)}
            state = state._replace(past=past)
        state = state.put([place], Seat("booked", user, booking))
    return state


def accepted(state: State, entry: int, user: int, sold: list[Sold]) -> list[State]:
    """Book what is kept for an entry, or a part of it; the entry goes on for the rest."""
    kept = state.kept_for(entry)
    waiting = state.waiting(entry)
    wanted = waiting.size if waiting else len(kept)
    state = booked(state, user, sold)
    if len(sold) == wanted:
        line = tuple(other for other in state.line if other.id != entry)
        ended = state.ended | {(entry, user, "accepted")}
        return release(state._replace(line=line, ended=ended), state.kept_for(entry))
    if not waiting:
        return [state]
    fewer = waiting._replace(size=wanted - len(sold))
    line = tuple(fewer if other.id == entry else other for other in state.line)
    return serve_line(state._replace(line=line))  # whom what is gathered or on sale may fit now


def cancelled(state: State, bookings: Iterable[int]) -> list[State]:
    """Cancel active bookings, and release their seats together.

    One that was put up, and is on offer to somebody in line, stays kept for them.
    """
    loose = []
    for place, seat in enumerate(state.seats):
        if seat.status != "booked" or seat.booking not in bookings:
            continue
        state = state._replace(past=state.past | {(seat.booking, seat.user, place)})
        state = state.put([place], Seat("held", kept=seat.kept) if seat.kept else Seat("booked"))
        if not seat.kept:
            loose.append(place)
    return release(state, loose)


def wait(state: State, call: Call, answer: Answer) -> list[State]:
    """Keep the user's live entry, or make one at the end of a full event's line."""
    if not state.is_on_sale or state.expired:
        return []  # whoever joins looks at the clock first
    live = state.live_entry(call.user)
    if live is not None:
        return [state] if live == answer.row else []
    most = min(len(state.seats), state.limit or len(state.seats))
    is_there = fits(state.available, call.party, is_adjacent=call.is_adjacent)
    if is_there or call.party > max(most, 1) or not _is_newest(state, answer.row):
        return []
    entry = Entry(answer.row, call.user, call.party, call.is_adjacent)
    joined = state._replace(line=(*state.line, entry))
    is_served = call.kind == "join" and joined.put_up()
    return serve_line(joined) if is_served else [joined]


def is_new_booking(state: State, booking: int) -> bool:
    return all(row[0] != booking for row in bookings_of(state))


def unless_there(state: State, answer: Answer) -> list[State]:
    is_missing = answer.code in ("not_found", "event_not_found")
    return [state] if is_missing and state.is_deleted else []


def unless_allowed(state: State, user: int, more: int = 1) -> list[State]:
    is_beyond = state.is_beyond_limit(user, more=more)
    return [state] if state.is_on_sale and is_beyond else []


def unless_on_sale(state: State, answer: Answer) -> list[State]:
    if answer.code == "event_not_on_sale":
        return [state] if state.status == "cancelled" else []
    return unless_there(state, answer)


def _is_newest(state: State, entry: int) -> bool:
    """Whoever joins has a new id. (Below 0: made up, for an entry that nobody ever saw.)"""
    ids = {other.id for other in state.line} | {row for row, *_ in state.ended}
    ids |= {kept.entry for _, kept in state.kept()}
    return entry < 0 or entry > max(ids, default=0)
