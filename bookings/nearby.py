"""What else is near the seats that somebody wants and can't have."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from events.models import Seat

# So far around what was asked for, on either side: more than are ever asked for.
SEATS_LOOKED_AT = 200
_COLUMNS = ("id", "seat_number", "section", "row", "place", "position")


class _Candidate(NamedTuple):
    id: int
    seat_number: str
    section: str
    row: str
    place: int | None
    position: int

    def is_left_of(self, other: "_Candidate") -> bool:
        """Tell whether the other is the next one in the same row."""
        if (self.section, self.row) != (other.section, other.row):
            return False
        if self.place is None or other.place is None:
            return other.position - self.position == 1
        return other.place - self.place == 1


def nearest(event_id: int, seats: Sequence[Seat]) -> list[dict[str, Any]]:
    """Return as many available seats as these, near them, by position; none where there are fewer.

    One block if there is one: in their section, in their row, close by, in this order. Otherwise
    those that are the closest by position. Two queries.
    """
    middle = sum(seat.position for seat in seats) // len(seats)
    around = list(_around(event_id, middle))
    blocks = list(_blocks(around, len(seats)))
    if blocks:
        return shown(min(blocks, key=lambda block: _distance(block, seats, middle)))
    if len(around) < len(seats):
        return []
    closest = sorted(around, key=lambda seat: abs(seat.position - middle))[: len(seats)]
    return shown(sorted(closest, key=lambda seat: seat.position))


def shown(seats: Sequence[Any]) -> list[dict[str, Any]]:
    return [{"id": seat.id, "seat_number": seat.seat_number} for seat in seats]


def _around(event_id: int, middle: int) -> Iterator[_Candidate]:
    seats = Seat.objects.filter(event_id=event_id).available().values_list(*_COLUMNS)
    before = seats.filter(position__lt=middle).order_by("-position")[:SEATS_LOOKED_AT]
    after = seats.filter(position__gte=middle).order_by("position")[:SEATS_LOOKED_AT]
    for columns in [*reversed(before), *after]:
        yield _Candidate(*columns)


def _blocks(seats: list[_Candidate], size: int) -> Iterator[list[_Candidate]]:
    length = 0
    for index, seat in enumerate(seats):
        length = length + 1 if index and seats[index - 1].is_left_of(seat) else 1
        if length >= size:
            yield seats[index + 1 - size : index + 1]


def _distance(
    block: list[_Candidate], seats: Sequence[Seat], middle: int
) -> tuple[bool, bool, float]:
    place = block[0].section, block[0].row
    is_elsewhere = place[0] not in {seat.section for seat in seats}
    is_other_row = place not in {(seat.section, seat.row) for seat in seats}
    return is_elsewhere, is_other_row, abs(block[0].position + block[-1].position - 2 * middle)
