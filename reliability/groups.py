"""The calls about several seats at once: holds, orders, what a party accepts, offering back."""

from reliability.history import Answer, Call
from reliability.line import give_up, serve_line
from reliability.line import release as released
from reliability.settling import (
    LIMIT_REACHED,
    Sold,
    accepted,
    booked,
    cancelled,
    is_new_booking,
    unless_allowed,
    unless_on_sale,
    unless_there,
)
from reliability.state import Kept, State, blocks, fits

States = list[State]


def hold(state: State, call: Call, answer: Answer) -> States:
    if answer.word != "held":
        return _unless_to_be_had(state, call, answer)
    is_known = any(row == answer.row for row, *_ in state.closed) or state.held_by(answer.row)
    if is_known or not _is_allowed(state, call):
        return []
    choices = _choices(state, call) if answer.value is None else [answer.value]
    kept = Kept(call.user, hold=answer.row)
    return [state.keep(places, kept) for places in choices if _is_to_be_had(state, call, places)]


def refresh(state: State, call: Call, answer: Answer) -> States:
    is_refreshed = call.row in state.refreshed
    if not _is_open(state, call.row):
        return [state] if answer.code == "hold_ended" else []
    if answer.word == "done" and not is_refreshed:
        return [state._replace(refreshed=state.refreshed | {call.row})]
    return [state] if is_refreshed and answer.code == "hold_refreshed" else []


def release_hold(state: State, call: Call, answer: Answer) -> States:
    if answer.word != "done":
        return unless_there(state, answer)
    if not _is_open(state, call.row):
        return [state]
    return released(_closed(state, call, "released"), state.held_by(call.row))


def order(state: State, call: Call, answer: Answer) -> States:
    if answer.word != "ordered":
        return _unless_to_be_had(state, call, answer)
    places = tuple(sorted(place for _, place in answer.value))
    if not _is_allowed(state, call) or not _is_to_be_had(state, call, places):
        return []
    return give_up_offer(state, call, _ordered(state, call, answer))


def order_hold(state: State, call: Call, answer: Answer) -> States:
    is_beyond = state.is_beyond_limit(call.user, more=0, hold=call.row)
    if answer.word == "ordered":
        places = tuple(sorted(place for _, place in answer.value))
        is_held = places == state.held_by(call.row) and _is_open(state, call.row)
        if not is_held or is_beyond or not state.is_on_sale:
            return []
        return give_up_offer(state, call, _ordered(_closed(state, call, "ordered"), call, answer))
    if answer.code == LIMIT_REACHED:
        return [state] if state.is_on_sale and is_beyond else []
    if answer.code == "hold_ended":
        return [state] if state.is_on_sale and not _is_open(state, call.row) else []
    return unless_on_sale(state, answer)


def cancel_order(state: State, call: Call, answer: Answer) -> States:
    if answer.word != "done":
        return unless_there(state, answer)
    bookings = next((bookings for row, _, bookings in state.orders if row == call.row), ())
    return cancelled(state, bookings) if bookings else []


def accept(state: State, call: Call, answer: Answer) -> States:
    """All of an offer; or of what is kept the seats that are chosen, or so many."""
    is_partly = bool(call.places or call.size)
    kept = tuple(place for place in state.kept_for(call.row) if not _is_expired(state, place))
    waiting = state.waiting(call.row)
    most = waiting.size if waiting else len(kept)
    if waiting and not is_partly:
        kept = ()
    if answer.code == "no_open_offer":
        return [state] if state.is_on_sale and not kept else []
    chosen = call.places or kept[: call.size or None]
    is_kept = call.size <= len(chosen) <= most and set(chosen) <= set(kept)
    if answer.code == "seat_not_found":
        return [state] if state.is_on_sale and kept and not is_kept else []
    if answer.code == LIMIT_REACHED:
        may_be = kept and is_kept
        return unless_allowed(state, call.user, more=len(chosen)) if may_be else []
    if answer.word not in ("booked", "ordered"):
        return unless_on_sale(state, answer)

    sold = _sold(answer)
    is_right = kept and is_kept and sorted(place for _, place in sold) == sorted(chosen)
    is_allowed = state.is_on_sale and not state.is_beyond_limit(call.user, more=len(sold))
    if not is_right or not is_allowed or not all(is_new_booking(state, row) for row, _ in sold):
        return []
    if answer.word == "ordered":
        state = _with_order(state, call, answer)
    return accepted(state, call.row, call.user, sold)


def offer_back(state: State, call: Call, answer: Answer) -> States:
    place = _place_of(state, call.row)
    if answer.word != "done":
        is_over = answer.code == "booking_cancelled" and place is None
        return [state] if is_over else unless_on_sale(state, answer)
    if place is None:
        return []
    seat = state.seats[place]
    if seat.is_put_up:
        return [state]
    if not state.is_on_sale:
        return []
    return serve_line(state.put([place], seat._replace(is_put_up=True)), freed=(place,))


def take_back(state: State, call: Call, answer: Answer) -> States:
    place = _place_of(state, call.row)
    if place is None:
        is_over = answer.code == "booking_cancelled"
        return [state] if is_over else unless_there(state, answer)
    seat = state.seats[place]
    if seat.kept:
        return [state] if answer.code == "seat_on_offer" else []
    return [state.put([place], seat._replace(is_put_up=False))] if answer.word == "done" else []


def give_up_offer(state: State, call: Call, bought: States) -> States:
    """Whoever had an offer and takes other seats has made up their mind."""
    offer = state.offer_of(call.user)
    if not offer:
        return bought
    return [after for one in bought for after in give_up(one, offer[0], call.user)]


def _choices(state: State, call: Call) -> list[tuple[int, ...]]:
    if call.places:
        return [call.places]
    return list(blocks(state.available, call.size, is_adjacent=call.is_adjacent))


def _is_allowed(state: State, call: Call) -> bool:
    is_beyond = state.is_beyond_limit(call.user, more=len(call.places) or call.size)
    return state.is_on_sale and not is_beyond


def _is_to_be_had(state: State, call: Call, places: tuple[int, ...]) -> bool:
    """Tell whether all of these are on sale, and what was asked for: all or none."""
    if not set(places) <= set(state.available):
        return False
    if call.places:
        return set(places) == set(call.places)
    is_whole = len(places) == call.size
    return is_whole and fits(places, call.size, is_adjacent=call.is_adjacent)


def _unless_to_be_had(state: State, call: Call, answer: Answer) -> States:
    size = len(call.places) or call.size
    if answer.code == LIMIT_REACHED:
        return unless_allowed(state, call.user, more=size)
    if answer.code not in ("seat_unavailable", "seats_unavailable"):
        return unless_on_sale(state, answer)
    if not _is_allowed(state, call):
        return []
    if call.places:
        seats = [state.seats[place] for place in call.places]
        is_held_no_more = any(
            seat.status == "held" and seat.kept and seat.kept.is_expired for seat in seats
        )
        is_lost = not set(call.places) <= set(state.available) and not is_held_no_more
    else:
        is_lost = not _choices(state, call) and not state.expired
    return [state] if is_lost else []


def _is_open(state: State, row: int) -> bool:
    places = state.held_by(row)
    return bool(places) and not _is_expired(state, places[0])


def _is_expired(state: State, place: int) -> bool:
    kept = state.seats[place].kept
    return kept is not None and kept.is_expired


def _closed(state: State, call: Call, how: str) -> State:
    [user] = {kept.user for _, kept in state.kept() if kept.hold == call.row}
    return state._replace(closed=state.closed | {(call.row, user, how)})


def _sold(answer: Answer) -> list[Sold]:
    return [(answer.row, answer.place)] if answer.word == "booked" else list(answer.value)


def _ordered(state: State, call: Call, answer: Answer) -> States:
    sold = _sold(answer)
    if not all(is_new_booking(state, row) for row, _ in sold):
        return []
    return [booked(_with_order(state, call, answer), call.user, sold)]


def _with_order(state: State, call: Call, answer: Answer) -> State:
    bookings = tuple(sorted(row for row, _ in answer.value))
    return state._replace(orders=state.orders | {(answer.row, call.user, bookings)})


def _place_of(state: State, booking: int) -> int | None:
    found = (place for place, seat in enumerate(state.seats) if seat.booking == booking)
    return next(found, None)
