"""Several seats at once, all or none: those that are named, or the best of what is available.

Seats are chosen before they are locked, so another may be faster. Whoever that happens to begins
anew, in a new transaction, without the seats that were busy: at most `TRIES` times, then alone,
under the exclusive gate. There offers and holds that have run out are lapsed first, and nobody
else sells: so nobody is refused while seats that fit are to be had.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from bookings.errors import SeatsTaken, SeatsUnavailable
from bookings.nearby import nearest, shown
from events import gate as gates
from events.best_available import Adjacency
from events.errors import SeatNotFound
from events.gate import Ahead, Gate
from events.halls import choose_available
from events.models import Seat
from waitlists import services as waitlists

TRIES = 3
T = TypeVar("T")

# Locks the seats of a wish and returns them by position.
Take = Callable[[], list[Seat]]


@dataclass(frozen=True)
class Wish:
    """Seats that are named by id or by number; or how many, for us to choose."""

    seat_ids: Sequence[int] = ()
    seat_numbers: Sequence[str] = ()
    quantity: int = 0
    adjacent: Adjacency = "preferred"
    accessible: bool = False

    @property
    def size(self) -> int:
        return self.quantity or len(self.seat_ids) or len(self.seat_numbers)


class Busy(Exception):
    """Seats that were chosen are being sold, or were sold meanwhile."""

    def __init__(self, seat_ids: Collection[int]) -> None:
        self.seat_ids = seat_ids
        super().__init__(str(seat_ids))


def take_and(
    event_id: int, wish: Wish, work: Callable[[Gate, Take], T], *, ahead: Sequence[Ahead] = ()
) -> T:
    """Do the work under the gate; it calls what it is given when it has taken its other locks.

    Shared gate; exclusive where the work asks for it, and before anybody is told that what they
    want isn't there. What stands in the way and has run out is lapsed first, in a transaction of
    its own, so that a refusal doesn't undo it.

    Raises: SeatNotFound, SeatsTaken, SeatsUnavailable.
    """
    take = _take_chosen if wish.quantity else _take_named
    return waitlists.lapsing_first(event_id, lambda: take(event_id, wish, work, ahead))


def _take_named(
    event_id: int, wish: Wish, work: Callable[[Gate, Take], T], ahead: Sequence[Ahead]
) -> T:
    return gates.run(
        event_id, lambda gate: work(gate, partial(_lock_named, gate, wish)), ahead=ahead
    )


def _take_chosen(
    event_id: int, wish: Wish, work: Callable[[Gate, Take], T], ahead: Sequence[Ahead]
) -> T:
    busy: set[int] = set()

    def attempt(gate: Gate) -> T:
        lapsed = waitlists.lapse_expired(gate) if gate.is_exclusive else 0
        choose = _choose_finally if gate.is_exclusive else _choose_among_others
        try:
            return work(gate, partial(choose, gate, wish, busy))
        except SeatsUnavailable as refusal:
            # It would undo the lapse, and those seats wouldn't be on sale after all.
            raise (waitlists.LapseFirst if lapsed else refusal) from None

    for _ in range(TRIES):
        try:
            return gates.run(event_id, attempt, ahead=ahead)
        except Busy as others:
            busy.update(others.seat_ids)
    return gates.run_exclusively(event_id, attempt)


def _lock_named(gate: Gate, wish: Wish) -> list[Seat]:
    by_number = {"seat_number__in": wish.seat_numbers}
    named = {"id__in": wish.seat_ids} if wish.seat_ids else by_number
    # One statement for all of them, and then what the locked rows say.
    seats = list(Seat.objects.filter(event_id=gate.event_id, **named).lock())
    if len(seats) < wish.size:
        raise SeatNotFound
    if any(seat.is_held and not seat.hold_is_open(gate.now) for seat in seats):
        raise waitlists.LapseFirst
    taken = [seat for seat in seats if not seat.is_available]
    if taken:
        unavailable = [
            {"id": seat.id, "seat_number": seat.seat_number, "status": seat.status}
            for seat in taken
        ]
        raise SeatsTaken(unavailable=unavailable, nearby=nearest(gate.event_id, seats))
    return seats


def _choose_among_others(gate: Gate, wish: Wish, busy: Collection[int]) -> list[Seat]:
    chosen = _choose(gate, wish, busy)
    if chosen is None:
        raise gates.ExclusiveNeeded  # what is busy or has run out may be had all the same
    seats = _lock_available(gate, chosen, skip_locked=True)
    if len(seats) < len(chosen):
        raise Busy(set(chosen) - {seat.id for seat in seats})
    return seats


def _choose_finally(gate: Gate, wish: Wish, _: Collection[int]) -> list[Seat]:
    while True:
        chosen = _choose(gate, wish)
        if chosen is None:
            raise _refusal(gate, wish)
        # Whoever holds a lock now is a stranger to the gate: wait for what they do.
        seats = _lock_available(gate, chosen, skip_locked=False)
        if len(seats) == len(chosen):
            return seats


def _choose(gate: Gate, wish: Wish, busy: Collection[int] = ()) -> list[int] | None:
    return choose_available(
        gate.event_id,
        busy=busy,
        quantity=wish.quantity,
        adjacent=wish.adjacent,
        accessible=wish.accessible,
    )


def _lock_available(gate: Gate, seat_ids: Collection[int], *, skip_locked: bool) -> list[Seat]:
    seats = Seat.objects.filter(event_id=gate.event_id, id__in=seat_ids).available()
    return list(seats.lock(skip_locked=skip_locked))


def _refusal(gate: Gate, wish: Wish) -> SeatsUnavailable:
    """Tell how many there are, and as many that aren't neighbours if there are so many."""
    available = Seat.objects.filter(event_id=gate.event_id).available().count()
    apart = Wish(quantity=wish.quantity, accessible=wish.accessible)
    seat_ids = _choose(gate, apart) or []
    seats = Seat.objects.filter(event_id=gate.event_id, id__in=seat_ids).order_by("position")
    return SeatsUnavailable(available_seats=available, nearby=shown(seats))
