"""One event as a little state machine: what each call may answer, and what is so afterwards.

It is written from the promises, not from the services, and knows nothing of transactions: every
call happens at one moment. Where a promise leaves open which seats somebody gets, several states
may follow.

What answers alone can't decide, `manage.py check_integrity` looks at in the rows, at the end of
each run, or it is left to other tests:

- Which of several seats that fit a party it is offered: any are right here. (Promise 2 there: an
  offer has as many as are wanted; promise 6: they would have fitted nobody ahead.)
- Which seats are kept for a party, as its owner sees them: they are read a moment after the
  entry, so only the first one is judged meanwhile; all of them are at the end.
- That patience ends with time: no run lasts an hour. Deadlines are moved into the past instead.
- Rows, aisles, accessible seats: a history's hall is one row. (`tests/test_group_machine.py`)
"""

from reliability import groups
from reliability.history import Answer, Call
from reliability.line import give_up
from reliability.settling import (
    LIMIT_REACHED,
    accepted,
    booked,
    cancelled,
    is_new_booking,
    unless_allowed,
    unless_on_sale,
    unless_there,
    wait,
)
from reliability.state import BLOCKED, State, bookings_of, fits, rows_of

States = list[State]


def after(state: State, call: Call, answer: Answer) -> States:
    """Return the states that may follow the call; none: it can't be answered so in this one."""
    return _AFTER[call.kind](state, call, answer)


def begin_cancelling(state: State) -> State:
    """Take the event off sale, and close its line and holds; who has booked keeps it for now."""
    if not state.is_on_sale:
        return state
    ended = {(entry.id, entry.user, "closed") for entry in state.line}
    closed = set()
    for _, kept in state.kept():
        if kept.hold:
            closed.add((kept.hold, kept.user, "closed"))
        else:
            ended.add((kept.entry, kept.user, "closed"))
    return state._replace(
        seats=tuple(
            seat._replace(is_put_up=False, kept=None) if seat.status == "booked" else BLOCKED
            for seat in state.seats
        ),
        line=(),
        ended=state.ended | ended,
        closed=state.closed | closed,
        status="cancelled",
    )


def cancel_bookings(state: State, number: int) -> State:
    """Cancel the next bookings of a cancelled event, by their seats."""
    places = [place for place, seat in enumerate(state.seats) if seat.status == "booked"]
    for place in places[:number]:
        seat = state.seats[place]
        past = state.past | {(seat.booking, seat.user, place)}
        state = state._replace(past=past).put([place], BLOCKED)
    return state


def _book(state: State, call: Call, answer: Answer) -> States:
    offer = state.offer_of(call.user)
    if answer.word == "booked":
        if offer:  # never a new seat beside one that is being kept for them
            is_first = answer.place == offer[1][0]
            return _book_offered(state, call, answer) if is_first else []
        is_last_resort = not state.available and not state.expired
        put_up = state.put_up(but_of=call.user) if is_last_resort else ()
        return _buy(state, call, answer, (*state.available, *put_up))
    if answer.code == LIMIT_REACHED:
        return unless_allowed(state, call.user)
    if answer.word == "waitlisted":
        is_to_be_had = state.available or state.put_up(but_of=call.user) or offer
        is_refused = is_to_be_had or state.is_beyond_limit(call.user)
        return [] if is_refused else wait(state, call, answer)
    return unless_on_sale(state, answer)


def _book_seat(state: State, call: Call, answer: Answer) -> States:
    offer = state.offer_of(call.user)
    is_offered = offer is not None and call.place in offer[1]
    if answer.word == "booked":
        if answer.place != call.place:
            return []
        if is_offered:
            return _book_offered(state, call, answer)
        return groups.give_up_offer(state, call, _buy(state, call, answer, state.available))
    if answer.code == LIMIT_REACHED:
        return unless_allowed(state, call.user)
    if answer.code == "seat_unavailable" and state.is_on_sale:
        seat = state.seats[call.place]
        is_open = seat.status == "held" and seat.kept and not seat.kept.is_expired
        is_lost = seat.status in ("booked", "blocked") or is_open
        may_be = is_lost and not is_offered and not state.is_beyond_limit(call.user)
        return [state] if may_be else []
    return unless_on_sale(state, answer)


def _buy(state: State, call: Call, answer: Answer, places: tuple[int, ...]) -> States:
    """Book a seat that is to be had by anybody."""
    is_allowed = state.is_on_sale and not state.is_beyond_limit(call.user)
    is_new = is_new_booking(state, answer.row)
    if not is_allowed or not is_new or answer.place not in places:
        return []
    return [booked(state, call.user, [(answer.row, answer.place)])]


def _book_offered(state: State, call: Call, answer: Answer) -> States:
    """Book one of the seats on offer; of a party's, the others stay on offer."""
    offer = state.offer_of(call.user)
    is_allowed = state.is_on_sale and not state.is_beyond_limit(call.user)
    if not offer or not is_allowed or not is_new_booking(state, answer.row):
        return []
    return accepted(state, offer[0], call.user, [(answer.row, answer.place)])


def _cancel(state: State, call: Call, answer: Answer) -> States:
    if answer.word != "done":
        return unless_there(state, answer)
    is_active = any(seat.booking == call.row for seat in state.seats)
    is_past = any(row == call.row for row, *_ in state.past)
    if is_active:
        return cancelled(state, [call.row])
    return [state] if is_past else []


def _join(state: State, call: Call, answer: Answer) -> States:
    if answer.word in ("joined", "waiting"):
        is_new = state.live_entry(call.user) is None
        return wait(state, call, answer) if is_new == (answer.word == "joined") else []
    if answer.code == "seats_available" and state.is_on_sale:
        is_there = fits(state.available, call.party, is_adjacent=call.is_adjacent)
        has_no_reason = is_there and state.live_entry(call.user) is None
        return [state] if has_no_reason and not state.expired else []
    if answer.code == "party_fits_nowhere" and state.is_on_sale:
        most = min(len(state.seats), state.limit or len(state.seats))
        return [state] if call.party > max(most, 1) else []
    return unless_on_sale(state, answer)


def _leave(state: State, call: Call, answer: Answer) -> States:
    if answer.word != "done":
        return unless_there(state, answer)
    owners = {entry.id: entry.user for entry in state.line}
    owners |= {kept.entry: kept.user for _, kept in state.kept() if kept.entry}
    if call.row in owners:
        return give_up(state, call.row, owners[call.row])
    has_ended = any(row == call.row for row, *_ in state.ended)
    return [state] if has_ended else []


def _expire(state: State, call: Call, answer: Answer) -> States:
    """The run moves every deadline into the past."""
    seats = (
        seat._replace(kept=seat.kept._replace(is_expired=True)) if seat.kept else seat
        for seat in state.seats
    )
    return [state._replace(seats=tuple(seats))]


def _delete(state: State, call: Call, answer: Answer) -> States:
    is_booked = any(seat.status == "booked" for seat in state.seats)
    if answer.word == "done":
        return [] if is_booked or state.is_deleted else [State(status="deleted")]
    if answer.code == "event_has_active_bookings":
        return [state] if is_booked else []
    return unless_there(state, answer)


def _cancel_event(state: State, call: Call, answer: Answer) -> States:
    if answer.word != "done":
        return unless_there(state, answer)
    if state.is_deleted:
        return []
    # As few as the seats of a history are cancelled at once.
    return [cancel_bookings(begin_cancelling(state), len(state.seats))]


def _meddle(state: State, call: Call, answer: Answer) -> States:
    """To whom a row doesn't belong, it isn't there."""
    return [state] if answer.code in ("not_found", "hold_not_found") else []


def _see_event(state: State, call: Call, answer: Answer) -> States:
    return _seen(state, answer, len(state.available))


def _see_seats(state: State, call: Call, answer: Answer) -> States:
    return _seen(state, answer, tuple(seat.status for seat in state.seats))


def _see_bookings(state: State, call: Call, answer: Answer) -> States:
    theirs = [row for row in bookings_of(state) if row[1] == call.user]
    return [state] if answer.value == tuple(theirs) else []


def _see_line(state: State, call: Call, answer: Answer) -> States:
    """A place in line as its owner sees it: (entry, position or 0, first seat or None, size)."""
    waiting = [
        (entry.id, number, None, entry.size)
        for number, entry in enumerate(state.line, start=1)
        if entry.user == call.user
    ]
    offer = state.offer_of(call.user)
    offered = [(offer[0], 0, offer[1][0], len(offer[1]))] if offer else []
    return [state] if answer.value == tuple(waiting + offered) else []


def _see_rows(state: State, call: Call, answer: Answer) -> States:
    # What follows is what people were told; it outlives the event.
    rows = rows_of(state)
    return [state] if answer.value[: len(rows)] == rows else []


def _seen(state: State, answer: Answer, value: object) -> States:
    if answer.word == "seen":
        return [state] if not state.is_deleted and answer.value == value else []
    return unless_there(state, answer)


_AFTER = {
    "book": _book,
    "book_seat": _book_seat,
    "accept": groups.accept,
    "cancel": _cancel,
    "join": _join,
    "leave": _leave,
    "hold": groups.hold,
    "refresh": groups.refresh,
    "release": groups.release_hold,
    "order": groups.order,
    "order_hold": groups.order_hold,
    "cancel_order": groups.cancel_order,
    "offer_back": groups.offer_back,
    "take_back": groups.take_back,
    "expire": _expire,
    "delete": _delete,
    "cancel_event": _cancel_event,
    "meddle_with_booking": _meddle,
    "meddle_with_hold": _meddle,
    "meddle_with_order": _meddle,
    "meddle_with_entry": _meddle,
    "see_event": _see_event,
    "see_seats": _see_seats,
    "see_bookings": _see_bookings,
    "see_line": _see_line,
    "see_rows": _see_rows,
}
