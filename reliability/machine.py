"""One event as a little state machine: what each call may answer, and what is so afterwards.

It is written from the promises, not from the services, and knows nothing of transactions: every
call happens at one moment. A state is a value: immutable, hashable, cheap to compare.
"""

from typing import NamedTuple

from reliability.history import Answer, Call

LIMIT_REACHED = "limit_reached"


class Seat(NamedTuple):
    """`row` is the booking of a booked seat, and the entry that a held one is kept for."""

    status: str = "available"
    user: int = 0
    row: int = 0
    is_expired: bool = False


class Entry(NamedTuple):
    id: int
    user: int


AVAILABLE = Seat()
BLOCKED = Seat("blocked")


class State(NamedTuple):
    """An event. `past` are its cancelled bookings, (id, user, place); `ended`, (id, user, how).

    `limit`: how many seats a person may have booked at a time; 0: any number.
    """

    seats: tuple[Seat, ...] = ()
    line: tuple[Entry, ...] = ()
    past: frozenset[tuple[int, int, int]] = frozenset()
    ended: frozenset[tuple[int, int, str]] = frozenset()
    status: str = "published"
    limit: int = 0

    @property
    def is_on_sale(self) -> bool:
        return self.status == "published"

    @property
    def is_deleted(self) -> bool:
        return self.status == "deleted"

    @property
    def is_full(self) -> bool:
        """Nothing is on sale, and nothing will be as soon as somebody looks at the clock."""
        return AVAILABLE not in self.seats and not self.has_expired

    @property
    def has_expired(self) -> bool:
        return any(seat.is_expired for seat in self.seats)

    def is_beyond_limit(self, user: int) -> bool:
        theirs = sum(seat.status == "booked" and seat.user == user for seat in self.seats)
        return bool(self.limit) and theirs >= self.limit

    def offer_of(self, user: int) -> int | None:
        """Return the place that is kept for the user, if the deadline lies ahead."""
        for place, seat in enumerate(self.seats):
            if seat.status == "held" and seat.user == user and not seat.is_expired:
                return place
        return None

    def live_entry(self, user: int) -> int | None:
        waiting = [entry.id for entry in self.line if entry.user == user]
        held = [seat.row for seat in self.seats if seat.status == "held" and seat.user == user]
        return next(iter(waiting + held), None)


def after(state: State, call: Call, answer: Answer) -> State | None:
    """Return the state after the call, or None: in this state it can't be answered so."""
    return _AFTER[call.kind](state, call, answer)


def lapse(state: State) -> State:
    """End every offer that has run out, and pass the seats on, as worker and bookers do."""
    places = [place for place, seat in enumerate(state.seats) if seat.is_expired]
    for place in places:
        seat = state.seats[place]
        state = state._replace(ended=state.ended | {(seat.row, seat.user, "lapsed")})
    for place in places:
        state = _release(state, place)
    return state


def begin_cancelling(state: State) -> State:
    """Take the event off sale, and close its line; who has booked has their seat for now."""
    if not state.is_on_sale:
        return state
    live = {(seat.row, seat.user, "closed") for seat in state.seats if seat.status == "held"}
    live |= {(*entry, "closed") for entry in state.line}
    return state._replace(
        seats=tuple(seat if seat.status == "booked" else BLOCKED for seat in state.seats),
        line=(),
        ended=state.ended | live,
        status="cancelled",
    )


def cancel_bookings(state: State, number: int) -> State:
    """Cancel the next bookings of a cancelled event, by their seats."""
    booked = [place for place, seat in enumerate(state.seats) if seat.status == "booked"]
    for place in booked[:number]:
        seat = state.seats[place]
        past = state.past | {(seat.row, seat.user, place)}
        state = _put(state._replace(past=past), place, BLOCKED)
    return state


def _book(state: State, call: Call, answer: Answer) -> State | None:
    if answer.word == "booked":
        kept = state.offer_of(call.user)
        if kept is not None and kept != answer.place:
            return None  # never a new seat beside one that is being kept for them
        return _take(state, call.user, answer)
    if answer.code == LIMIT_REACHED:
        return _unless_allowed(state, call.user)
    if answer.word == "waitlisted":
        return None if state.is_beyond_limit(call.user) else _wait(state, call, answer)
    return _unless_on_sale(state, answer)


def _book_seat(state: State, call: Call, answer: Answer) -> State | None:
    if answer.word == "booked":
        if answer.place != call.place:
            return None
        kept = state.offer_of(call.user)
        taken = _take(state, call.user, answer)
        if taken is not None and kept not in (None, call.place):
            return _give_up(taken, kept)  # they have made up their mind
        return taken
    if answer.code == LIMIT_REACHED:
        return _unless_allowed(state, call.user)
    if answer.code == "seat_unavailable" and state.is_on_sale:
        if state.is_beyond_limit(call.user):
            return None
        seat = state.seats[call.place]
        is_lost = seat.status in ("booked", "blocked")
        is_kept = seat.status == "held" and seat.user != call.user and not seat.is_expired
        return state if is_lost or is_kept else None
    return _unless_on_sale(state, answer)


def _accept(state: State, call: Call, answer: Answer) -> State | None:
    kept = _place_kept_for(state, call.row)
    is_open = kept is not None and not state.seats[kept].is_expired
    if answer.word == "booked":
        if not is_open or kept != answer.place:
            return None
        return _take(state, state.seats[kept].user, answer)
    if answer.code == LIMIT_REACHED:
        return _unless_allowed(state, call.user) if is_open else None
    if answer.code == "no_open_offer":
        return state if state.is_on_sale and not is_open else None
    return _unless_on_sale(state, answer)


def _cancel(state: State, call: Call, answer: Answer) -> State | None:
    if answer.word != "done":
        return _unless_there(state, answer)
    for place, seat in enumerate(state.seats):
        if seat.status == "booked" and seat.row == call.row:
            past = state.past | {(seat.row, seat.user, place)}
            return _release(state._replace(past=past), place)
    is_past = any(row == call.row for row, *_ in state.past)
    return state if is_past else None


def _join(state: State, call: Call, answer: Answer) -> State | None:
    if answer.word in ("joined", "waiting"):
        is_new = state.live_entry(call.user) is None
        if is_new != (answer.word == "joined"):
            return None
        return _wait(state, call, answer)
    if answer.code == "seats_available" and state.is_on_sale:
        has_no_reason = AVAILABLE in state.seats and state.live_entry(call.user) is None
        return state if has_no_reason and not state.has_expired else None
    return _unless_on_sale(state, answer)


def _leave(state: State, call: Call, answer: Answer) -> State | None:
    if answer.word != "done":
        return _unless_there(state, answer)
    kept = _place_kept_for(state, call.row)
    if kept is not None:
        return _give_up(state, kept)
    for entry in state.line:
        if entry.id == call.row:
            line = tuple(other for other in state.line if other != entry)
            return state._replace(line=line, ended=state.ended | {(*entry, "left")})
    has_ended = any(row == call.row for row, *_ in state.ended)
    return state if has_ended else None


def _expire(state: State, call: Call, answer: Answer) -> State | None:
    """The run moves every deadline into the past."""
    seats = (seat._replace(is_expired=seat.status == "held") for seat in state.seats)
    return state._replace(seats=tuple(seats))


def _delete(state: State, call: Call, answer: Answer) -> State | None:
    is_booked = any(seat.status == "booked" for seat in state.seats)
    if answer.word == "done":
        return None if is_booked or state.is_deleted else State(status="deleted")
    if answer.code == "event_has_active_bookings":
        return state if is_booked else None
    return _unless_there(state, answer)


def _cancel_event(state: State, call: Call, answer: Answer) -> State | None:
    if answer.word != "done":
        return _unless_there(state, answer)
    if state.is_deleted:
        return None
    # As few as the seats of a history are cancelled at once.
    return cancel_bookings(begin_cancelling(state), len(state.seats))


def _see_event(state: State, call: Call, answer: Answer) -> State | None:
    return _seen(state, answer, state.seats.count(AVAILABLE))


def _see_seats(state: State, call: Call, answer: Answer) -> State | None:
    return _seen(state, answer, tuple(seat.status for seat in state.seats))


def _see_bookings(state: State, call: Call, answer: Answer) -> State | None:
    theirs = [row for row in bookings_of(state) if row[1] == call.user]
    return state if answer.value == tuple(theirs) else None


def _see_line(state: State, call: Call, answer: Answer) -> State | None:
    """A place in line as its owner sees it: (entry, position or 0, place kept or None)."""
    waiting = [
        (entry.id, number, None)
        for number, entry in enumerate(state.line, start=1)
        if entry.user == call.user
    ]
    kept = state.offer_of(call.user)
    offered = [] if kept is None else [(state.seats[kept].row, 0, kept)]
    return state if answer.value == tuple(waiting + offered) else None


def _see_rows(state: State, call: Call, answer: Answer) -> State | None:
    # What follows is what people were told; it outlives the event.
    return state if answer.value[:4] == rows_of(state) else None


def bookings_of(state: State) -> tuple:
    """Return (id, user, place, status) of every booking, in the order of their ids."""
    active = {
        (seat.row, seat.user, place, "active")
        for place, seat in enumerate(state.seats)
        if seat.status == "booked"
    }
    return tuple(sorted(active | {(*row, "cancelled") for row in state.past}))


def rows_of(state: State) -> tuple:
    """Return what the database's tables hold in this state."""
    seats = tuple(
        (seat.status, seat.user if seat.status == "held" else None) for seat in state.seats
    )
    entries = {(*entry, "waiting", None) for entry in state.line}
    entries |= {(*row, None) for row in state.ended}
    entries |= {
        (seat.row, seat.user, "offered", place)
        for place, seat in enumerate(state.seats)
        if seat.status == "held"
    }
    by_id = tuple(sorted(entries, key=lambda row: row[0]))
    return (state.status, seats, bookings_of(state), by_id)


def _take(state: State, user: int, answer: Answer) -> State | None:
    """Book a seat that is on sale, or kept for this user."""
    seat = state.seats[answer.place] if answer.place < len(state.seats) else BLOCKED
    is_theirs = seat.status == "held" and seat.user == user and not seat.is_expired
    is_new = all(row[0] != answer.row for row in bookings_of(state))
    if not state.is_on_sale or not is_new or not (seat == AVAILABLE or is_theirs):
        return None
    if state.is_beyond_limit(user):
        return None
    if is_theirs:
        state = state._replace(ended=state.ended | {(seat.row, user, "accepted")})
    return _put(state, answer.place, Seat("booked", user, answer.row))


def _wait(state: State, call: Call, answer: Answer) -> State | None:
    """Keep the user's live entry, or make one at the end of a full event's line."""
    if not state.is_on_sale or state.has_expired:
        return None  # whoever joins looks at the clock first
    live = state.live_entry(call.user)
    if live is not None:
        is_offered = state.offer_of(call.user) is not None
        is_refused = is_offered and answer.word == "waitlisted"
        return state if live == answer.row and not is_refused else None
    if not state.is_full or not _is_newest(state, answer.row):
        return None
    return state._replace(line=(*state.line, Entry(answer.row, call.user)))


def _is_newest(state: State, entry: int) -> bool:
    """Whoever joins has a new id. (Below 0: made up, for an entry that nobody ever saw.)"""
    ids = {other.id for other in state.line} | {row for row, *_ in state.ended}
    ids |= {seat.row for seat in state.seats if seat.status == "held"}
    return entry < 0 or entry > max(ids, default=0)


def _give_up(state: State, place: int) -> State:
    seat = state.seats[place]
    state = state._replace(ended=state.ended | {(seat.row, seat.user, "left")})
    return _release(state, place)


def _release(state: State, place: int) -> State:
    """Give a seat back: to the head of the line, or to the sale when nobody waits.

    That of a cancelled event is neither's.
    """
    if not state.is_on_sale:
        return _put(state, place, BLOCKED)
    if not state.line:
        return _put(state, place, AVAILABLE)
    head, *others = state.line
    return _put(state._replace(line=tuple(others)), place, Seat("held", head.user, head.id))


def _put(state: State, place: int, seat: Seat) -> State:
    return state._replace(seats=(*state.seats[:place], seat, *state.seats[place + 1 :]))


def _place_kept_for(state: State, entry: int) -> int | None:
    for place, seat in enumerate(state.seats):
        if seat.status == "held" and seat.row == entry:
            return place
    return None


def _seen(state: State, answer: Answer, value: object) -> State | None:
    if answer.word == "seen":
        return state if not state.is_deleted and answer.value == value else None
    return _unless_there(state, answer)


def _unless_there(state: State, answer: Answer) -> State | None:
    is_missing = answer.code in ("not_found", "event_not_found")
    return state if is_missing and state.is_deleted else None


def _unless_allowed(state: State, user: int) -> State | None:
    return state if state.is_on_sale and state.is_beyond_limit(user) else None


def _unless_on_sale(state: State, answer: Answer) -> State | None:
    if answer.code == "event_not_on_sale":
        return state if state.status == "cancelled" else None
    return _unless_there(state, answer)


_AFTER = {
    "book": _book,
    "book_seat": _book_seat,
    "accept": _accept,
    "cancel": _cancel,
    "join": _join,
    "leave": _leave,
    "expire": _expire,
    "delete": _delete,
    "cancel_event": _cancel_event,
    "see_event": _see_event,
    "see_seats": _see_seats,
    "see_bookings": _see_bookings,
    "see_line": _see_line,
    "see_rows": _see_rows,
}
