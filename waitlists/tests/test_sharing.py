"""Who gets which seats: the four rules told once more, by looking at every set of seats."""

from itertools import combinations
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.halls import Hall, HallRow
from waitlists.sharing import Pool, Wish, share_out

pytestmark = pytest.mark.once

bounded = settings(max_examples=300, deadline=None)

# A gap is `_`, and `x` a seat that is taken in any case.
rows = st.sampled_from(["......", "...._..", ".._...", "..", "."])
rows_without_room = st.sampled_from(["x.x.x.x.x.", "..x..x.._.."])
states = st.sampled_from(["taken", "freed", "gathered", "on sale"])
adjacencies = st.sampled_from(["required", "preferred", "no"])
lines = st.lists(st.tuples(st.integers(1, 4), adjacencies, st.booleans()), max_size=5)
impatient_parties = st.tuples(
    st.tuples(st.integers(2, 3), st.just("required"), st.just(True)),
    st.tuples(st.integers(1, 3), adjacencies, st.booleans()),
)


class Case(NamedTuple):
    """A hall, where each seat is and its state, by position; and who waits."""

    hall: Hall
    where: dict
    states: dict
    line: list

    def those(self, *states):
        return [seat_id for seat_id, state in self.states.items() if state in states]


@st.composite
def cases(draw, rows, lines):
    """Return a hall of one or two rows, and a line; ids go the other way."""
    hall, where, states_by_id = [], {}, {}
    for order, picture in enumerate(draw(st.lists(rows, min_size=1, max_size=2))):
        hall.append(HallRow("", order, len(picture)))
        for place in [place for place, seat in enumerate(picture) if seat != "_"]:
            seat_id = 100 - len(where)
            hall[order].seat_ids[place] = seat_id
            where[seat_id] = order, place
            states_by_id[seat_id] = "taken" if picture[place] == "x" else draw(states)
    owns = st.frozensets(st.sampled_from(list(where)), max_size=2)
    line = [Wish(9 - place, *asked, draw(owns)) for place, asked in enumerate(draw(lines))]
    return Case(Hall(hall), where, states_by_id, line)


@bounded
@given(cases(rows, lines))
def test_everybody_gets_what_the_rules_say(case):
    check_shares(case)


@bounded
@given(cases(rows_without_room, impatient_parties))
def test_the_most_promising_seats_are_gathered_where_a_hall_has_no_block(case):
    check_shares(case)


def check_shares(case):
    freed, gathered_before = case.those("freed", "gathered"), set(case.those("gathered"))
    on_sale = case.those("on sale")
    pool = Pool(case.hall, list(freed), on_sale=on_sale, gathered=gathered_before)

    shares = share_out(pool, case.line)

    left, gatherer = follow(case, shares, set(freed), set(on_sale))
    assert shares.left == [seat_id for seat_id in freed if seat_id in left]
    assert not shares.gathered or pool.gatherer == gatherer
    got_more = {*shares.offers, gatherer if set(shares.gathered) - gathered_before else None}
    in_order = [wish.entry_id for wish in case.line if wish.entry_id in got_more]
    assert shares.last == (in_order[-1] if in_order else None)


def follow(case, shares, freed, on_sale):
    """Check each one's share, from the head of the line on; return what is left, and who gathers.

    Which is the best of several sets that fit is told elsewhere, so what is offered is taken.
    """
    gatherer = None
    for wish in case.line:
        offer = shares.offers.get(wish.entry_id, [])
        fitting = sets_that_fit(case, wish, (freed | on_sale) - wish.own)
        assert frozenset(offer) in (fitting or {frozenset()})
        assert offer == sorted(offer, key=case.where.get)
        freed, on_sale = freed - set(offer), on_sale - set(offer)
        if not fitting and wish.has_lost_patience and gatherer is None:
            gatherer = wish.entry_id
            check_gathered(case, wish, set(shares.gathered), freed - wish.own, on_sale - wish.own)
            freed -= set(shares.gathered)
    return freed, gatherer


def check_gathered(case, wish, gathered, freed, on_sale):
    """All that came free is gathered; for neighbours the most promising seats, within a bound."""
    if wish.adjacent != "required":
        assert gathered == freed
        return
    promise = dict.fromkeys(freed, 0)
    for block in sets_that_fit(case, wish, set(case.where)):
        for seat_id in block & freed:
            promise[seat_id] = max(promise[seat_id], len(block & (freed | on_sale)))
    hopeful = {seat_id for seat_id in freed if promise[seat_id]}
    assert gathered <= hopeful
    assert len(gathered) == min(len(hopeful), 2 * wish.size)
    left = [promise[seat_id] for seat_id in hopeful - gathered]
    assert max(left, default=0) <= min((promise[seat_id] for seat_id in gathered), default=0)


def sets_that_fit(case, wish, seat_ids):
    """Return every set of so many of these seats; in a row, one beside the other, if required."""
    sets = set(map(frozenset, combinations(seat_ids, wish.size)))
    return {seats for seats in sets if wish.adjacent != "required" or is_block(case, seats)}


def is_block(case, seats):
    (row, first), *rest = sorted(case.where[seat_id] for seat_id in seats)
    return rest == [(row, first + step) for step in range(1, len(seats))]
