"""One event at one moment, as a value: immutable, hashable, cheap to compare."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

# How often a party is passed over before seats are gathered for it, as the servers are set up.
PATIENCE = 3


class Kept(NamedTuple):
    """For whom a seat is kept: for their entry in the line, or by a hold of theirs."""

    user: int
    entry: int = 0
    hold: int = 0
    is_expired: bool = False


class Seat(NamedTuple):
    """`user` and `booking` of a booked seat; one that is put up may be `kept` for another."""

    status: str = "available"
    user: int = 0
    booking: int = 0
    is_put_up: bool = False
    kept: Kept | None = None


class Entry(NamedTuple):
    """Somebody in line, and the seats that they still want."""

    id: int
    user: int
    size: int = 1
    is_adjacent: bool = False
    passed_over: int = 0

    @property
    def is_impatient(self) -> bool:
        return self.size > 1 and self.passed_over >= PATIENCE


AVAILABLE = Seat()
BLOCKED = Seat("blocked")


class State(NamedTuple):
    """An event.

    `past` are its cancelled bookings, (id, user, place); `ended` its entries, (id, user, how);
    `closed` its holds that have ended, (id, user, how); `refreshed` the ids of holds; `orders`
    (id, user, bookings). `limit`: how many seats a person may have at a time; 0: any number.
    """

    seats: tuple[Seat, ...] = ()
    line: tuple[Entry, ...] = ()
    past: frozenset[tuple[int, int, int]] = frozenset()
    ended: frozenset[tuple[int, int, str]] = frozenset()
    status: str = "published"
    limit: int = 0
    closed: frozenset[tuple[int, int, str]] = frozenset()
    refreshed: frozenset[int] = frozenset()
    orders: frozenset[tuple[int, int, tuple[int, ...]]] = frozenset()

    @property
    def is_on_sale(self) -> bool:
        return self.status == "published"

    @property
    def is_deleted(self) -> bool:
        return self.status == "deleted"

    @property
    def available(self) -> tuple[int, ...]:
        return tuple(place for place, seat in enumerate(self.seats) if seat == AVAILABLE)

    @property
    def expired(self) -> tuple[int, ...]:
        return tuple(place for place, kept in self.kept() if kept.is_expired)

    def kept(self) -> Iterator[tuple[int, Kept]]:
        for place, seat in enumerate(self.seats):
            if seat.kept:
                yield place, seat.kept

    def put_up(self, *, but_of: int = 0) -> tuple[int, ...]:
        """Return the seats that are offered back, and kept for nobody yet."""
        return tuple(
            place
            for place, seat in enumerate(self.seats)
            if seat.is_put_up and not seat.kept and seat.user != but_of
        )

    def but_own(self, places: tuple[int, ...], user: int) -> tuple[int, ...]:
        """Return those of these places that aren't the user's already, who has put them up."""
        return tuple(place for place in places if self.seats[place].user != user)

    def kept_for(self, entry: int) -> tuple[int, ...]:
        return tuple(place for place, kept in self.kept() if kept.entry == entry)

    def held_by(self, hold: int) -> tuple[int, ...]:
        return tuple(place for place, kept in self.kept() if kept.hold == hold)

    def waiting(self, entry: int) -> Entry | None:
        return next((one for one in self.line if one.id == entry), None)

    def offer_of(self, user: int) -> tuple[int, tuple[int, ...]] | None:
        """Return the user's offered entry and its seats, if their deadline lies ahead."""
        for _, kept in self.kept():
            is_theirs = kept.entry and kept.user == user and not kept.is_expired
            if is_theirs and not self.waiting(kept.entry):
                return kept.entry, self.kept_for(kept.entry)
        return None

    def live_entry(self, user: int) -> int | None:
        waiting = [entry.id for entry in self.line if entry.user == user]
        offered = [kept.entry for _, kept in self.kept() if kept.entry and kept.user == user]
        return next(iter(waiting + offered), None)

    def is_beyond_limit(self, user: int, *, more: int = 1, hold: int = 0) -> bool:
        """Tell whether so many more seats are too many; those of this hold count anyway."""
        if not self.limit:
            return False
        booked = sum(seat.status == "booked" and seat.user == user for seat in self.seats)
        held = sum(
            kept.user == user and kept.hold > 0 and (not kept.is_expired or kept.hold == hold)
            for _, kept in self.kept()
        )
        return booked + held + more > self.limit

    def put(self, places: Iterable[int], seat: Seat) -> "State":
        seats = list(self.seats)
        for place in places:
            seats[place] = seat
        return self._replace(seats=tuple(seats))

    def keep(self, places: Iterable[int], kept: Kept | None) -> "State":
        """Keep seats for somebody, or for nobody; one that is put up stays its holder's."""
        seats = list(self.seats)
        for place in places:
            booked = seats[place].is_put_up
            base = seats[place] if booked else Seat("held") if kept else AVAILABLE
            seats[place] = base._replace(kept=kept)
        return self._replace(seats=tuple(seats))


def blocks(places: Iterable[int], size: int, *, is_adjacent: bool) -> Iterator[tuple[int, ...]]:
    """Yield every so many of these places, or every so many of them that are neighbours."""
    for chosen in combinations(sorted(places), size):
        if not is_adjacent or chosen[-1] - chosen[0] == size - 1:
            yield chosen


def fits(places: Iterable[int], size: int, *, is_adjacent: bool) -> bool:
    return any(blocks(places, size, is_adjacent=is_adjacent))


def bookings_of(state: State) -> tuple:
    """Return (id, user, place, status) of every booking, in the order of their ids."""
    active = {
        (seat.booking, seat.user, place, "active")
        for place, seat in enumerate(state.seats)
        if seat.status == "booked"
    }
    return tuple(sorted(active | {(*row, "cancelled") for row in state.past}))


def rows_of(state: State) -> tuple:
    """Return what the database's tables hold in this state: the event's status, and then

    seats: (status, for whom it is kept, by which hold, whether it is put up);
    bookings; entries: (id, user, status, first seat on offer, seats wanted while it is live);
    holds: (id, user, status, whether it is refreshed); orders: (id, user, bookings).
    """
    seats = tuple(
        (
            seat.status,
            seat.kept and seat.kept.user,
            (seat.kept and seat.kept.hold) or None,
            seat.is_put_up,
        )
        for seat in state.seats
    )
    entries = {(entry.id, entry.user, "waiting", None, entry.size) for entry in state.line}
    entries |= {(*row, None, None) for row in state.ended}
    holds = {(*row, row[0] in state.refreshed) for row in state.closed}
    for _, kept in state.kept():
        if kept.hold:
            holds.add((kept.hold, kept.user, "open", kept.hold in state.refreshed))
        elif not state.waiting(kept.entry):
            places = state.kept_for(kept.entry)
            entries.add((kept.entry, kept.user, "offered", places[0], len(places)))
    by_id = tuple(sorted(entries, key=lambda row: row[0]))
    return (
        *(state.status, seats, bookings_of(state), by_id),
        *(tuple(sorted(holds)), tuple(sorted(state.orders))),
    )
