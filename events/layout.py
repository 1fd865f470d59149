"""The shape of a hall, as staff tell it: sections of rows of seats, with gaps between some.

A layout is `{"sections": [{"name", "rows": [{"name", "seats", "gaps_after", "blocked",
"accessible"}]}]}`. A row's seats are numbered from 1; after those in `gaps_after` comes an aisle,
so who sits on its two sides are no neighbours. What a row has none of may be left out. A seat is
named by section, row and number, such as `Stalls-A-1`; a section without a name is left out: `A-1`.
"""

from collections.abc import Iterator
from typing import Any

from events.models import Event, Seat

Layout = dict[str, Any]


def size_of(layout: Layout) -> int:
    """Return how many seats the hall has."""
    return sum(row["seats"] for section in layout["sections"] for row in section["rows"])


def seats_of(layout: Layout, event: Event) -> Iterator[Seat]:
    """Yield the hall's seats, unsaved: sections, rows and seats in the order they are told."""
    position = 0
    for section in layout["sections"]:
        for row in section["rows"]:
            for seat in _seats_of_row(row, section["name"]):
                position += 1
                seat.event, seat.position = event, position
                yield seat


def _seats_of_row(row: dict[str, Any], section: str) -> Iterator[Seat]:
    gaps, blocked, accessible = (
        set(row.get(name, ())) for name in ("gaps_after", "blocked", "accessible")
    )
    place = 0
    for number in range(1, row["seats"] + 1):
        place += 2 if number - 1 in gaps else 1
        yield Seat(
            seat_number="-".join(filter(None, [section, row["name"], str(number)])),
            status=Seat.Status.BLOCKED if number in blocked else Seat.Status.AVAILABLE,
            section=section,
            row=row["name"],
            number=number,
            place=place,
            is_accessible=number in accessible,
        )
