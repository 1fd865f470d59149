"""Where in one row a block of neighbours is best, found for all places at once.

A row is a number with a bit per place, and so is whatever is known of a place: whether its seat is
available, or whether a block that starts there has some fault.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Found(NamedTuple):
    unwanted: int
    left_alone: int
    place: int


def best_in_row(available: int, unwanted: int, *, width: int, size: int) -> Found | None:
    """Return the start with the fewest unwanted seats, then neighbours left alone, then nearest.

    To the middle, that is: the lower of two, and of a row without a width the lowest.
    """
    starts = _starts(available, size)
    if not starts:
        return None
    least_unwanted, starts = _fewest(starts, (unwanted >> step for step in range(size)))
    left_alone, starts = _fewest(starts, _lonely_neighbours(available, size))
    return Found(least_unwanted, left_alone, _nearest(starts, width - size))


def longest_run(available: int, at_most: int) -> int:
    length = 0
    while available and length < at_most:
        available &= available >> 1
        length += 1
    return length


def _starts(available: int, size: int) -> int:
    """Return the places where so many neighbours begin, by doubling how many are sure."""
    sure = 1
    while available and sure < size:
        step = min(sure, size - sure)
        available &= available >> step
        sure += step
    return available


def _lonely_neighbours(available: int, size: int) -> Iterator[int]:
    """Tell of each start whether it leaves its left neighbour alone, then its right one."""
    yield (available << 1) & ~(available << 2)
    yield (available >> size) & ~(available >> (size + 1))


def _fewest(starts: int, faults: Iterable[int]) -> tuple[int, int]:
    """Return how many faults a start has at the least, and the starts that have so few.

    The faults of all starts are counted at once: a plane holds one binary digit of each count.
    """
    planes: list[int] = []
    for fault in faults:
        carry = fault & starts
        for digit, plane in enumerate(planes):
            planes[digit], carry = plane ^ carry, plane & carry
        if carry:
            planes.append(carry)

    fewest = 0
    for digit in reversed(range(len(planes))):
        if without := starts & ~planes[digit]:
            starts = without
        else:
            fewest += 1 << digit
    return fewest, starts


def _nearest(starts: int, doubled: int) -> int:
    """Return the start that is nearest to half of a number, the lower one of two."""
    half = max(doubled, 0) // 2
    below = starts & ((2 << half) - 1)
    above = starts ^ below
    lower, upper = below.bit_length() - 1, (above & -above).bit_length() - 1
    if not above or (below and doubled - 2 * lower <= 2 * upper - doubled):
        return lower
    return upper
