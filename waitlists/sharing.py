"""Who in line gets which of the seats that have come free: the rule, without a database.

People are told this list:

1. First come, first served, among those whom the seats fit. Seats fit a party if they are as many
   as it wants and, where it requires that, one block of neighbours; seats that are on sale already,
   since they fit nobody, count with those that have just come free. Seats that are given back as
   soon as somebody takes them come free like others, but for nobody whose own they are.
2. A party that they don't fit keeps its place. It is passed over when seats go to somebody behind
   it, or on sale.
3. A party that has been passed over too often, or too long ago, has lost patience. For the first of
   those, seats are gathered: what comes free and fits nobody ahead of it is kept for it, and for
   nobody behind it, until together they fit. Seats that can't help aren't gathered: those in no
   row with room for a block where the party requires one; and then at most twice as many as it
   wants, the most promising ones.
4. What is left goes on sale.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from events.best_available import Adjacency
from events.halls import Hall

# Where neighbours are required, so many seats are gathered for each that is wanted.
GATHERED_PER_SEAT = 2


class Wish(NamedTuple):
    """What an entry of the line asks for."""

    entry_id: int
    size: int
    adjacent: Adjacency
    has_lost_patience: bool = False
    # Seats that are theirs already, who give them back: for everybody else.
    own: frozenset[int] = frozenset()


@dataclass
class Shares:
    """Which seats go where. Seats are told by their ids, those of one party from front to back."""

    offers: dict[int, list[int]] = field(default_factory=dict)
    # Kept for the pool's `gatherer`.
    gathered: list[int] = field(default_factory=list)
    # Of those that came free: for the sale. Those on sale that somebody got are in the offers.
    left: list[int] = field(default_factory=list)
    # The last one in line who got anything.
    last: int | None = None


class Pool:
    """What is free: seats that came free, by position, and those that are on sale already.

    Of those that came free, some may have been gathered before.
    """

    def __init__(
        self,
        hall: Hall,
        freed: list[int],
        *,
        on_sale: Iterable[int] = (),
        gathered: Iterable[int] = (),
    ) -> None:
        self.hall = hall
        self.freed = freed
        self.on_sale = list(on_sale)
        self.gathered = set(gathered)
        # The entry for whom seats are gathered from now on, once it is known.
        self.gatherer: int | None = None

    @property
    def seats(self) -> list[int]:
        return self.freed + self.on_sale

    @property
    def longest_block(self) -> int:
        return self.hall.longest_block(self.seats)

    def choose(self, wish: Wish) -> list[int] | None:
        """Return the seats for a wish, which are taken then; None if none fit."""
        if wish.size == 1:
            return self._choose_one(wish)
        seats = [seat_id for seat_id in self.seats if seat_id not in wish.own]
        if wish.size > len(seats):
            return None
        chosen = self.hall.choose(seats, quantity=wish.size, adjacent=wish.adjacent)
        if chosen:
            self._take(chosen)
        return chosen

    def _choose_one(self, wish: Wish) -> list[int] | None:
        for seats in (self.freed, self.on_sale):
            for seat_id in seats:
                if seat_id not in wish.own:
                    seats.remove(seat_id)
                    return [seat_id]
        return None

    def gather(self, wish: Wish) -> list[int]:
        """Return those of the seats that came free that help a party; they are taken then."""
        self.gatherer = wish.entry_id
        gathered = [seat_id for seat_id in self.freed if seat_id not in wish.own]
        if wish.adjacent == "required":
            gathered = self._most_promising(gathered, wish)
        self._take(gathered)
        return gathered

    def _most_promising(self, seat_ids: list[int], wish: Wish) -> list[int]:
        free = set(self.seats) - wish.own
        by_promise = {seat_id: self.hall.promise(seat_id, free, wish.size) for seat_id in seat_ids}
        hopeful = [seat_id for seat_id in seat_ids if by_promise[seat_id]]
        hopeful.sort(key=lambda seat_id: -by_promise[seat_id])
        kept = set(hopeful[: GATHERED_PER_SEAT * wish.size])
        return [seat_id for seat_id in seat_ids if seat_id in kept]

    def _take(self, seat_ids: list[int]) -> None:
        taken = set(seat_ids)
        self.freed = [seat_id for seat_id in self.freed if seat_id not in taken]
        self.on_sale = [seat_id for seat_id in self.on_sale if seat_id not in taken]


def share_out(pool: Pool, line: Iterable[Wish]) -> Shares:
    """Give the pool's seats to those in line; who can't be served may be left out of it."""
    shares = Shares()
    for wish in line:
        if chosen := pool.choose(wish):
            shares.offers[wish.entry_id] = chosen
            shares.last = wish.entry_id
        elif wish.has_lost_patience and pool.gatherer is None:
            shares.gathered = pool.gather(wish)
            if not pool.gathered.issuperset(shares.gathered):
                shares.last = wish.entry_id
        if not pool.seats:
            break
    shares.left = pool.freed
    return shares
