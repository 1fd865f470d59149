"""Where the seats of a hall are, for whoever chooses several of them at once.

A hall never changes once it is made, so each process reads it once and keeps it; what is available
is asked for anew each time.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from evently.statements import Argument, Statement
from events.best_available import Adjacency, Choice, Row, choose_best
from events.blocks_in_row import longest_run
from events.models import Seat

# So many seats a process keeps the halls of; about 200 bytes each.
MAX_SEATS_KEPT = 250_000
# So many available seats are looked at before all are.
FIRST = 500

_halls: dict[int, "Hall"] = {}


@dataclass
class HallRow:
    """Neighbours from left to right: which seat is at each place, counted from 0.

    A `width` of 0 is that of a hall without rows, whose seats are neighbours by their position.
    """

    section: str
    order: int
    width: int
    seat_ids: dict[int, int] = field(default_factory=dict)
    accessible: int = 0

    def ends_in_a_run(self, seat_ids: set[int], last: int, length: int) -> bool:
        """Tell whether all that are so near before a place are among these, none accessible."""
        run = range(last, last - length, -1)
        return all(self.seat_ids.get(place) in seat_ids for place in run) and not any(
            self.accessible >> place & 1 for place in run
        )


class Hall:
    """The rows of an event's seats, from front to back."""

    def __init__(self, rows: list[HallRow]) -> None:
        self.rows = rows
        self._where = {
            seat_id: (number, place)
            for number, row in enumerate(rows)
            for place, seat_id in row.seat_ids.items()
        }

    def __len__(self) -> int:
        return len(self._where)

    def choose(
        self,
        available: Collection[int],
        *,
        quantity: int,
        adjacent: Adjacency,
        accessible: bool = False,
    ) -> list[int] | None:
        """Return the best of these available seats, from front to back; None if none fit."""
        choice = self._choose(available, quantity, adjacent, accessible)
        return choice and self._ids(choice)

    def choose_in_front(
        self,
        first: list[int],
        *,
        quantity: int,
        adjacent: Adjacency,
        accessible: bool = False,
    ) -> list[int] | None:
        """Return what `choose` would, of the first available seats alone, which are by position.

        None where those behind might make a difference.
        """
        last_row, last = self._where[first[-1]]
        row = self.rows[last_row]
        if row.width:  # there may be more of it
            first = [seat_id for seat_id in first if self._where[seat_id][0] != last_row]
        elif accessible or not row.ends_in_a_run(set(first), last, quantity + 3):
            return None  # by what is behind it the last may turn out not to be alone
        choice = self._choose(first, quantity, adjacent, accessible)
        return self._ids(choice) if choice and choice.is_faultless else None

    def longest_block(self, available: Collection[int]) -> int:
        """Return how many of these available seats are neighbours at the most."""
        runs = (longest_run(row.available, len(available)) for row in self._rows_with(available))
        return max(runs, default=0)

    def has_block(self, size: int) -> bool:
        """Tell whether anywhere so many seats are neighbours, whatever their status."""
        rows = self._rows_with(self._where)
        return any(longest_run(row.available, size) >= size for row in rows)

    def promise(self, seat_id: int, free: Collection[int], size: int) -> int:
        """Return how many of a block of neighbours around a seat are free, where it is best.

        0 where its row has no room for such a block.
        """
        number, place = self._where[seat_id]
        at = self.rows[number].seat_ids
        blocks = (
            [at.get(first + step) for step in range(size)]
            for first in range(place - size + 1, place + 1)
        )
        return max(
            (sum(seat in free for seat in block) for block in blocks if None not in block),
            default=0,
        )

    def _choose(
        self, available: Collection[int], quantity: int, adjacent: Adjacency, accessible: bool
    ) -> Choice | None:
        rows = self._rows_with(available)
        return choose_best(rows=rows, quantity=quantity, adjacent=adjacent, accessible=accessible)

    def _ids(self, choice: Choice) -> list[int]:
        return [self.rows[row].seat_ids[place] for row, place in choice.seats]

    def _rows_with(self, available: Iterable[int]) -> list[Row]:
        """Return the rows as `choose_best` takes them, with these seats available."""
        # Bits are set in bytes, since a whole row would be copied for each bit of a number.
        masks: dict[int, bytearray] = {}
        for seat_id in available:
            number, place = self._where[seat_id]
            mask = masks.get(number)
            if mask is None:
                mask = masks[number] = bytearray((max(self.rows[number].seat_ids) >> 3) + 1)
            mask[place >> 3] |= 1 << (place & 7)
        return [
            Row(row.section, row.order, row.width, _number(masks.get(number)), row.accessible)
            for number, row in enumerate(self.rows)
        ]


def hall_of(event_id: int) -> Hall:
    """Return the hall of an event: one query, unless this process knows it."""
    hall = _halls.get(event_id)
    if hall is None:
        hall = Hall(list(_read_rows(event_id)))
        if sum(map(len, _halls.values())) + len(hall) > MAX_SEATS_KEPT:
            _halls.clear()
        _halls[event_id] = hall
    return hall


def available_ids(event_id: int) -> list[int]:
    """Return the seats of an event that are available now, by position."""
    return [seat_id for (seat_id,) in _AVAILABLE.all(event_id=event_id)]


def choose_available(event_id: int, *, busy: Collection[int] = (), **wish: Any) -> list[int] | None:
    """Return the best available seats of an event, as `Hall.choose`, but for some; None: none fit.

    Mostly the foremost ones tell, so that not all of a great hall's are read.
    """
    hall = hall_of(event_id)
    found = [seat_id for (seat_id,) in _FIRST_AVAILABLE.all(event_id=event_id)]
    first = [seat_id for seat_id in found if seat_id not in busy]
    if len(found) == FIRST:
        if first and (chosen := hall.choose_in_front(first, **wish)):
            return chosen
        first = [seat_id for seat_id in available_ids(event_id) if seat_id not in busy]
    return hall.choose(first, **wish)


def forget_halls() -> None:
    """Read every hall anew."""
    _halls.clear()


def _read_rows(event_id: int) -> Iterator[HallRow]:
    seats = Seat.objects.filter(event_id=event_id).order_by("position")
    columns = seats.values_list("section", "row", "place", "position", "is_accessible", "id")
    for section, of_section in groupby(columns, key=lambda seat: seat[0]):
        for order, (_, of_row) in enumerate(groupby(of_section, key=lambda seat: seat[1])):
            yield _row(section, order, list(of_row))


def _row(section: str, order: int, seats: list[tuple]) -> HallRow:
    has_shape = seats[0][2] is not None
    row = HallRow(section, order, width=seats[-1][2] if has_shape else 0)
    for _, _, place, position, is_accessible, seat_id in seats:
        bit = (place if has_shape else position) - 1
        row.seat_ids[bit] = seat_id
        row.accessible |= is_accessible << bit
    return row


def _number(mask: bytearray | None) -> int:
    return int.from_bytes(mask, "little") if mask else 0


def _available() -> QuerySet:
    seats = Seat.objects.filter(event=Argument("event_id")).available()
    return seats.order_by("position").values_list("id")


_AVAILABLE = Statement(_available)
_FIRST_AVAILABLE = Statement(lambda: _available()[:FIRST])
