"""Run every writing call to its end once, then once for every point where it can die."""

import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.management import call_command

from bookings import cancelling
from bookings.integrity import breaches
from events.halls import forget_halls
from events.next_seat import forget_all
from reliability.crash import rows
from reliability.crash.points import COMMIT_IN_FLIGHT, Answer, Point, Request, serve
from reliability.crash.prepared import Write
from reliability.crash.writes import WRITES


class Wrong(Exception):
    """A crash left something that is neither nothing nor the whole."""


@dataclass(frozen=True)
class State:
    """All rows, and where the sequences of their ids stand."""

    rows: rows.Rows
    sequences: list[tuple[str, int, bool]]


@dataclass(frozen=True)
class Whole:
    """A call that nobody disturbed: the rows before it and after each step, and its answer."""

    states: list[State]
    answer: Answer

    @property
    def points(self) -> list[Point]:
        return self.answer.points


def run(*, only: str = "", at_most: int | None = None) -> int:
    """Print a line for each call; return 1 if any crash left something half done.

    Kills at every point of each call, or at so many that are drawn.
    """
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    found = [_try(write, at_most) for write in WRITES if only in write.name]
    points = sum(number for number, _ in found)
    wrongs = [wrong for _, wrongs in found for wrong in wrongs]
    for wrong in wrongs:
        print(f"WRONG: {wrong}")
    print(f"{len(found)} writing calls, {points} kill points, {len(wrongs)} left half done")
    return 1 if wrongs or not points else 0


def _try(write: Write, at_most: int | None) -> tuple[int, list[Wrong]]:
    """Return at how many points the call was killed, and what went wrong."""
    whole = _uninterrupted(write)
    numbers = list(range(len(whole.points)))
    if at_most is not None:
        numbers = sorted(random.sample(numbers, min(at_most, len(numbers))))
    wrongs = list(_wrongs(write, whole, numbers))
    steps = len(whole.states) - 1
    print(
        f"{write.name:<55} {len(numbers):3} kill points, {steps} COMMIT{'S' * (steps > 1)}:"
        f" {'WRONG' if wrongs else 'nothing or the whole, completed by a retry'}",
        flush=True,
    )
    return len(numbers), wrongs


def _wrongs(write: Write, whole: Whole, numbers: list[int]) -> Iterator[Wrong]:
    for number in numbers:
        point = whole.points[number]
        try:
            _crash(write, whole, number)
        except Wrong as wrong:
            yield Wrong(f"{write.name}, killed before {point.before[:70]!r}: {wrong}")


def _uninterrupted(write: Write) -> Whole:
    """Serve the call undisturbed, and learn the rows after each step by dying right after it."""
    states = [_look(_begin(write))]
    request = _begin(write)
    answer = serve(request)
    if answer is None or not 200 <= answer.status < 300:
        raise RuntimeError(f"{write.name} was refused: {answer}")
    after = State(rows.everything(), rows.sequences())
    for number, point in enumerate(answer.points):
        if len(states) <= point.steps_done < answer.points[-1].steps_done:
            states.append(_look(_begin(write), die_at=number))
    return Whole([*states, after], answer)


def _look(request: Request, *, die_at: int = 0) -> State:
    serve(request, die_at=die_at)
    rows.until_alone()
    return State(rows.everything(), rows.sequences())


def _crash(write: Write, whole: Whole, number: int) -> None:
    """Die there, look at what is left, ask again, and look at that."""
    request = _begin(write)
    if serve(request, die_at=number) is not None:
        raise Wrong("it didn't come there this time")
    rows.until_alone()
    state = _judge(whole.points[number], whole)
    rows.set_back(state.sequences)  # an id that was used up in vain is no trace
    _retry(write, request, whole, is_done=state is whole.states[-1])


def _judge(point: Point, whole: Whole) -> State:
    """Return which step of the whole is done, for good and for all to see."""
    left = rows.everything()
    may_be_on = point.before == COMMIT_IN_FLIGHT
    allowed = whole.states[point.steps_done : point.steps_done + (2 if may_be_on else 1)]
    _require_promises("it")
    for state in allowed:
        if left == state.rows:
            return state
    raise Wrong(f"it left {_difference(left, allowed[0].rows)}")


def _retry(write: Write, request: Request, whole: Whole, *, is_done: bool) -> None:
    answer = serve(request)
    _require_promises("the retry")
    expected = write.again if is_done and write.again else whole.answer.status
    if answer is None or answer.status != expected:
        raise Wrong(f"the retry was answered {answer and answer.status}, not {expected}")
    if is_done and request.method == "POST" and "Idempotent-Replayed" not in answer.headers:
        raise Wrong("the retry was done anew, in spite of its key")
    if (left := rows.everything()) != whole.states[-1].rows:
        raise Wrong(f"the retry left {_difference(left, whole.states[-1].rows)}")


def _begin(write: Write) -> Request:
    rows.begin_anew()
    forget_all()  # an event's id comes back
    forget_halls()
    cancelling.BOOKINGS_PER_BATCH = write.bookings_per_batch  # whoever serves is forked from here
    return write.prepare()


def _require_promises(who: str) -> None:
    if broken := breaches():
        raise Wrong(f"{who} broke {broken}")


def _difference(left: rows.Rows, right: rows.Rows) -> str:
    """Name what is too much (+) and what is missing (-)."""
    return "; ".join(
        f"{table}: +{[row for row in left[table] if row not in right[table]]}"
        f" -{[row for row in right[table] if row not in left[table]]}"
        for table in left
        if left[table] != right[table]
    )
