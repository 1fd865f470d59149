"""Is there an order of the calls that explains every answer?

The search of Wing and Gong, with Lowe's memory: a call may come next if no call that is still to
come had ended before it began, and if the state machine allows its answer. What was tried once,
the same calls done and the same state, isn't tried again. Calls of unknown outcome may come at
any time after their begin, or never.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from reliability.history import NEVER, Call, History
from reliability.line import lapse
from reliability.machine import after
from reliability.outcomes import possible_answers
from reliability.state import AVAILABLE, State

# A history of 80 calls takes some hundred steps, one with many unknown outcomes thousands, and
# one with twenty of them a million (three minutes).
MAX_STEPS = 4_000_000


class Verdict(StrEnum):
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"
    UNDECIDED = "undecided"


class Finding(NamedTuple):
    """The verdict; how many calls the best attempt explained, where it stood, what came next."""

    verdict: Verdict
    steps: int
    explained: int
    state: State
    stuck: tuple[Call, ...]


def check(history: History, *, max_steps: int = MAX_STEPS) -> Finding:
    """Look for an order of the history's calls that explains it."""
    search = _Search(history)
    return search.run(max_steps)


class _Search:
    def __init__(self, history: History) -> None:
        self._calls = sorted(history.calls, key=lambda call: call.begin)
        self._known = sum(1 << i for i, call in enumerate(self._calls) if call.is_known)
        self._answers = possible_answers(self._calls, history.seats)
        self._start = State(seats=(AVAILABLE,) * history.seats, limit=history.limit)

    def run(self, max_steps: int) -> Finding:
        best = (0, self._start)
        todo, seen = [best], {best}
        for step in range(1, max_steps + 1):
            if not todo:
                return self._finding(Verdict.UNEXPLAINED, step, best)
            done, state = todo.pop()
            if self._count(done) > self._count(best[0]):
                best = (done, state)
            if done & self._known == self._known:
                return self._finding(Verdict.EXPLAINED, step, best)
            # The last one is tried first: the known call that ended first.
            new = [node for node in self._next(done, state) if node not in seen]
            seen.update(new)
            todo += new
        return self._finding(Verdict.UNDECIDED, max_steps, best)

    def _next(self, done: int, state: State) -> Iterator[tuple[int, State]]:
        if state.expired:
            for following in lapse(state):
                yield done, following
        for i in sorted(self._open(done), key=lambda i: -self._calls[i].end):
            for answer in self._answers[i]:
                for following in after(state, self._calls[i], answer):
                    yield done | 1 << i, following

    def _open(self, done: int) -> Iterator[int]:
        """Return the calls that may come next: all that began before the first end to come."""
        first_end = NEVER
        for i, call in enumerate(self._calls):
            if done >> i & 1:
                continue
            if call.begin > first_end:
                return
            yield i
            first_end = min(first_end, call.end)

    def _count(self, done: int) -> int:
        return (done & self._known).bit_count()

    def _finding(self, verdict: Verdict, steps: int, best: tuple[int, State]) -> Finding:
        done, state = best
        stuck = tuple(self._calls[i] for i in self._open(done))
        return Finding(verdict, steps, self._count(done), state, stuck)
