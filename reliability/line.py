"""Who in line gets which of the seats that come free: the rule, as people are told it.

Which of several seats that fit a party it gets isn't promised, so each choice is a state of its
own. All else follows: who is passed over, how often, and for whom seats are gathered.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reliability.state import BLOCKED, Entry, Kept, State, blocks


class Shares(NamedTuple):
    """What is left to be had, after some in line have had theirs."""

    freed: tuple[int, ...]
    others: tuple[int, ...]  # on sale, or put up by their holders
    offers: tuple[tuple[Entry, tuple[int, ...]], ...] = ()
    gatherer: Entry | None = None
    gathered: tuple[int, ...] = ()
    last: int = -1  # the index of the last one in line who got anything

    @property
    def pool(self) -> tuple[int, ...]:
        return self.freed + self.others

    def without(self, places: tuple[int, ...]) -> "Shares":
        return self._replace(
            freed=tuple(place for place in self.freed if place not in places),
            others=tuple(place for place in self.others if place not in places),
        )


def release(state: State, places: Iterable[int]) -> list[State]:
    """Give seats back: to the line, or to the sale. Those of a cancelled event are neither's."""
    places = tuple(places)
    if not places:
        return [state]
    if not state.is_on_sale:
        return [state.put(places, BLOCKED)]
    return serve_line(state.keep(places, None), freed=places)


def serve_line(state: State, *, freed: tuple[int, ...] = ()) -> list[State]:
    """Share out what came free, with what is gathered, on sale and put up."""
    ids = {entry.id for entry in state.line}
    gathered = {place: kept for place, kept in state.kept() if kept.entry in ids}
    loose = tuple(sorted({*freed, *gathered}))
    others = tuple(place for place in (*state.available, *state.put_up()) if place not in loose)
    found = {
        _settled(state, shares, gathered)
        for shares in _share_out(Shares(loose, others), state, 0, gathered)
    }
    return list(found)


def lapse(state: State) -> list[State]:
    """End what has run out, and pass the seats on, as worker and bookers do."""
    places = state.expired
    over = {state.seats[place].kept for place in places}
    waiting = {entry.id for entry in state.line}
    state = state._replace(
        closed=state.closed | {(kept.hold, kept.user, "lapsed") for kept in over if kept.hold},
        ended=state.ended
        | {
            (kept.entry, kept.user, "lapsed")
            for kept in over
            if kept.entry and kept.entry not in waiting
        },
        # A party for which seats were gathered so long keeps its place; its patience begins anew.
        line=tuple(
            entry._replace(passed_over=0) if entry.id in {kept.entry for kept in over} else entry
            for entry in state.line
        ),
    )
    return release(state, places)


def give_up(state: State, entry: int, user: int) -> list[State]:
    """End a live entry by its owner's will."""
    places = state.kept_for(entry)
    line = tuple(other for other in state.line if other.id != entry)
    return release(state._replace(line=line, ended=state.ended | {(entry, user, "left")}), places)


def _share_out(
    shares: Shares, state: State, index: int, before: dict[int, Kept]
) -> Iterator[Shares]:
    """Yield every outcome for those in line from an index on."""
    if index == len(state.line) or not shares.pool:
        yield shares
        return
    for following in _after(shares, state, index, before):
        yield from _share_out(following, state, index + 1, before)


def _after(shares: Shares, state: State, index: int, before: dict[int, Kept]) -> Iterator[Shares]:
    entry = state.line[index]
    pool, freed = (state.but_own(places, entry.user) for places in (shares.pool, shares.freed))
    if entry.size > 1:
        choices = set(blocks(pool, entry.size, is_adjacent=entry.is_adjacent))
    else:
        new = tuple(place for place in freed if place not in before)
        choices = {pool[:1], new[:1] or pool[:1]} - {()}
    for places in choices:
        offers = (*shares.offers, (entry, places))
        yield shares.without(places)._replace(offers=offers, last=index)
    if choices:
        return
    if entry.is_impatient and not shares.gatherer:
        is_new = not before.keys() >= set(freed)
        last = index if is_new else shares.last
        gathering = shares._replace(gatherer=entry, gathered=freed, last=last)
        yield gathering.without(freed)
    else:
        yield shares


def _settled(state: State, shares: Shares, before: dict[int, Kept]) -> State:
    """Return the state in which everybody has what was shared out."""
    line = _passed_over(state.line, shares)
    state = state.keep(shares.freed, None)
    for entry, places in shares.offers:
        state = state.keep(places, Kept(entry.user, entry.id))
    state = _gathered(state, shares, before)
    served = {entry.id for entry, _ in shares.offers}
    return state._replace(line=tuple(entry for entry in line if entry.id not in served))


def _gathered(state: State, shares: Shares, before: dict[int, Kept]) -> State:
    if not shares.gatherer:
        return state
    stay = [
        place
        for place in shares.gathered
        if place in before and before[place].entry == shares.gatherer.id
    ]
    # Seats are gathered as long as for the first of them.
    is_expired = any(before[place].is_expired for place in stay)
    news = [place for place in shares.gathered if place not in stay]
    kept = Kept(shares.gatherer.user, shares.gatherer.id, is_expired=is_expired)
    return state.keep(news, kept)


def _passed_over(line: tuple[Entry, ...], shares: Shares) -> tuple[Entry, ...]:
    """Count it for parties that got nothing, while somebody behind or the sale did."""
    is_sold = bool(shares.freed)
    return tuple(
        entry._replace(passed_over=entry.passed_over + 1)
        if entry.size > 1 and not entry.is_impatient and (is_sold or index <= shares.last)
        else entry
        for index, entry in enumerate(line)
    )
