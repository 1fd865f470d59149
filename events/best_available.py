"""The best seats for a group, of those that are available.

People are told this list. What stands further up decides:

1. Together. `required`: all in one block, which is neighbours in one row, or none at all.
   `preferred`: in as few blocks as can be; of two blocks, in two rows right behind one another.
   `no`: it doesn't matter.
2. Accessible seats are kept until last. Who asks for them is given as many as can be.
3. No available seat is left alone, that is without an available neighbour, which had one before.
4. The front before the back. Of two rows behind one another, the one in front counts.
5. The middle of a row before its edges: the seats' distances from there, added up.
6. The lower place.

Two blocks right behind one another are chosen as a pair. Other blocks are chosen in turn, each as
large as can be, and by this list as if those before it were taken. With `no` single seats are
chosen in turn; two that have no other neighbour are chosen as one, where two are still wanted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from events.blocks_in_row import best_in_row, longest_run

Adjacency = Literal["required", "preferred", "no"]
# The index of its row, and its place there.
Seat = tuple[int, int]
# Seats that are kept until last, and seats that are left alone.
Faults = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """Places from left to right, the lowest bit first. A place that is no seat is a gap.

    The row right behind has the next `order` in the same `section`. A width of 0 says that the row
    has no shape, as in a hall without rows: then its lowest place is the best one.
    """

    section: str | int
    order: int
    width: int
    available: int
    accessible: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """Seats, from front to back and from left to right, and whether they are one block.

    A choice that is faultless takes no seat that is kept until last, and leaves none alone: no
    seats further back would be better.
    """

    seats: tuple[Seat, ...]
    is_adjacent: bool
    is_faultless: bool


def choose_best(
    *, rows: Sequence[Row], quantity: int, adjacent: Adjacency, accessible: bool = False
) -> Choice | None:
    """Return the best available seats, or None where nothing fits; rows come front to back."""
    if quantity < 1:
        raise ValueError("at least one seat has to be asked for")
    if quantity > sum(row.available.bit_count() for row in rows):
        return None

    hall = _Hall(rows, accessible)
    if adjacent == "no":
        return _choice(hall, _blocks_in_turn(hall, quantity, in_large_blocks=False))
    if block := hall.best_block(quantity):
        return _choice(hall, [block])
    if adjacent == "required":
        return None
    # What is split might not have to be, further back.
    if pair := _best_pair(hall, quantity):
        return _choice(hall, pair, is_split=True)
    blocks = _blocks_in_turn(hall, quantity, in_large_blocks=True)
    return _choice(hall, blocks, is_split=True)


class _Block(NamedTuple):
    """Neighbours in one row; the better of two blocks of one size is the lesser."""

    unwanted: int
    left_alone: int
    row: int
    place: int
    size: int

    def seats(self) -> list[Seat]:
        return [(self.row, place) for place in range(self.place, self.place + self.size)]


class _Pair(NamedTuple):
    front: _Block
    back: _Block

    @property
    def faults(self) -> Faults:
        (unwanted, left_alone), (more_unwanted, more_alone) = self.front[:2], self.back[:2]
        return unwanted + more_unwanted, left_alone + more_alone

    def seats(self) -> list[Seat]:
        return self.front.seats() + self.back.seats()


class _Hall:
    """What is available, and what was found out about it while seats are chosen."""

    def __init__(self, rows: Sequence[Row], accessible: bool) -> None:
        self.rows = rows
        self.available = [row.available for row in rows]
        self.unwanted = [
            row.available & (~row.accessible if accessible else row.accessible) for row in rows
        ]
        # It makes no difference then, and the search would never be content.
        self.is_unwanted = self.unwanted == self.available
        if self.is_unwanted:
            self.unwanted = [0] * len(rows)
        self._known: list[dict[int, _Block | None]] = [{} for _ in rows]
        masks = zip(self.available, self.unwanted, strict=True)
        self._wanted = [(available & ~unwanted).bit_count() for available, unwanted in masks]

    def best_block(self, size: int) -> _Block | None:
        best = None
        for row in range(len(self.rows)):
            if best and best[:2] == (0, 0):
                break
            if best and best[:2] <= self.fewest_faults(size, row):
                continue
            if block := self.best_in_row(row, size):
                best = min(best or block, block)
        return best

    def fewest_faults(self, size: int, *rows: int) -> Faults:
        """Return how little may be wrong at best with so many seats in these rows, as a bound."""
        return max(0, size - sum([self._wanted[row] for row in rows])), 0

    def best_in_row(self, row: int, size: int) -> _Block | None:
        known = self._known[row]
        if size not in known:
            width = self.rows[row].width
            found = best_in_row(self.available[row], self.unwanted[row], width=width, size=size)
            known[size] = found and _Block(*found[:2], row, found.place, size)
        return known[size]

    def longest(self, at_most: int) -> int:
        return max(longest_run(available, at_most) for available in self.available)

    def rank(self, pair: _Pair) -> tuple[Faults, int, list[Seat]]:
        seats = pair.seats()
        off_middle = sum(abs(2 * place + 1 - self.rows[row].width) for row, place in seats)
        return pair.faults, off_middle, seats

    def take(self, block: _Block) -> None:
        self.available[block.row] &= ~(((1 << block.size) - 1) << block.place)
        self._known[block.row] = {}
        self._wanted[block.row] -= block.size - block.unwanted


def _blocks_in_turn(hall: _Hall, quantity: int, *, in_large_blocks: bool) -> list[_Block]:
    blocks: list[_Block] = []
    while left := quantity - sum(block.size for block in blocks):
        sizes = (hall.longest(left),) if in_large_blocks else (1, 2)[:left]
        block = min(filter(None, map(hall.best_block, sizes)), key=_rank_of_any_size)
        hall.take(block)
        blocks.append(block)
    return blocks


def _rank_of_any_size(block: _Block) -> tuple[float, int, int]:
    return block.unwanted / block.size, block.left_alone, block.row


def _best_pair(hall: _Hall, quantity: int) -> _Pair | None:
    best: _Pair | None = None
    for front, back in _behind_one_another(hall.rows):
        if best and best.faults <= hall.fewest_faults(quantity, front, back):
            continue
        pairs = _pairs(hall, front, back, quantity)
        better = [pair for pair in pairs if best is None or pair.faults < best.faults]
        best = min(better, key=hall.rank, default=best)
    return best


def _pairs(hall: _Hall, front: int, back: int, quantity: int) -> Iterator[_Pair]:
    most, rest = (longest_run(hall.available[row], quantity) for row in (front, back))
    for size in range(quantity - rest, most + 1):
        one, other = hall.best_in_row(front, size), hall.best_in_row(back, quantity - size)
        if one and other:
            yield _Pair(one, other)


def _behind_one_another(rows: Sequence[Row]) -> Iterator[tuple[int, int]]:
    index = {(row.section, row.order): number for number, row in enumerate(rows)}
    for number, row in enumerate(rows):
        if (row.section, row.order + 1) in index:
            yield number, index[row.section, row.order + 1]


def _choice(hall: _Hall, blocks: Sequence[_Block], *, is_split: bool = False) -> Choice:
    seats = tuple(sorted(seat for block in blocks for seat in block.seats()))
    (first_row, first), (last_row, last) = seats[0], seats[-1]
    is_adjacent = first_row == last_row and last - first == len(seats) - 1
    has_faults = any(block.unwanted or block.left_alone for block in blocks)
    return Choice(seats, is_adjacent, not (has_faults or is_split or hall.is_unwanted))
