"""A whole hall in one answer: a letter for each seat, and what can be counted isn't told.

A row's seats have consecutive ids and are numbered from 1, as seats are made; where they aren't,
the ids or the seat numbers are listed.
"""

from collections.abc import Iterable
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from events.models import Seat
from events.seat_versions import Version

LETTERS = {
    Seat.Status.AVAILABLE.value: "a",
    Seat.Status.HELD.value: "h",
    Seat.Status.BOOKED.value: "b",
    Seat.Status.BLOCKED.value: "x",
}
# As the functions below want their tuples.
COLUMNS = ("section", "row", "id", "seat_number", "status", "place")
CHANGE_COLUMNS = ("position", "status")
# Of more than so many seats that have changed, the whole map is hardly longer.
MAX_CHANGES = 5_000


def shown(
    seats: QuerySet, *, total: int, version: Version, since: Version | None
) -> dict[str, Any]:
    """Return an event's seats by position: what has changed since, or the whole hall."""
    settled = version.settled(seats.latest_change(before=version.number))
    told = {"version": str(settled), "total_seats": total}
    if since:
        changed = seats.changed_since(since.number).values_list(*CHANGE_COLUMNS)
        changes = list(changed[: MAX_CHANGES + 1])
        if len(changes) <= MAX_CHANGES:
            return told | {"changed": changes_of(changes)}
    accessible = set(seats.filter(is_accessible=True).values_list("id", flat=True))
    return told | {"sections": sections_of(seats.values_list(*COLUMNS), accessible)}


def sections_of(seats: Iterable[tuple], accessible: set[int]) -> list[dict[str, Any]]:
    """Return the sections, with their rows, of all seats of a hall by position.

    `accessible` are the ids of some. (To ask each seat takes a third of the whole time.)
    """
    return [
        {
            "name": section,
            "rows": [
                _row(section, row, list(its_seats), accessible)
                for row, its_seats in groupby(of_section, itemgetter(1))
            ],
        }
        for section, of_section in groupby(seats, itemgetter(0))
    ]


def changes_of(seats: Iterable[tuple]) -> dict[str, list[int]]:
    """Return the positions of seats, by the letter of their status."""
    changes: dict[str, list[int]] = {}
    for position, status in seats:
        changes.setdefault(LETTERS[status], []).append(position)
    return changes


def _row(section: str, name: str, seats: list[tuple], accessible: set[int]) -> dict[str, Any]:
    # Column by column, as tuples, of which two are compared at once.
    ids, seat_numbers, statuses, places = (tuple(map(itemgetter(n), seats)) for n in range(2, 6))
    row: dict[str, Any] = {"name": name}
    if ids == tuple(range(ids[0], ids[0] + len(ids))):
        row["first_id"] = ids[0]
    else:
        row["ids"] = ids
    row["seats"] = "".join(map(LETTERS.__getitem__, statuses))
    stem = "-".join(filter(None, (section, name))) or "Seat"
    if seat_numbers != tuple([f"{stem}-{number}" for number in range(1, len(seats) + 1)]):
        row["seat_numbers"] = seat_numbers
    if places[-1] is not None and places[-1] > len(places):
        row["gaps_after"] = _gaps(places)
    if not accessible.isdisjoint(ids):
        row["accessible"] = [number for number, id in enumerate(ids, 1) if id in accessible]
    return row


def _gaps(places: tuple[int, ...]) -> list[int]:
    """Return after how many seats of the row a place without a seat comes: each such place."""
    return [
        number
        for number, (place, following) in enumerate(pairwise((0, *places)))
        for _ in range(place + 1, following)
    ]
