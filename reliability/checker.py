"""Is there an order of the calls that explains every answer?

The search of Wing and Gong, with Lowe's memory: a call may come next if no call that is still to
come had ended before it began, and if the state machine allows its answer. What was tried once,
the same calls done and the same state, isn't tried again. Calls of unknown outcome may come at
any time after their begin, or never.
"""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from reliability.history import NEVER, Answer, Call, History
from reliability.machine import AVAILABLE, State, after, lapse

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
        self._answers = _possible_answers(self._calls, history.seats)
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
        if state.has_expired:
            yield done, lapse(state)
        for i in sorted(self._open(done), key=lambda i: -self._calls[i].end):
            for answer in self._answers[i]:
                following = after(state, self._calls[i], answer)
                if following is not None:
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


def _possible_answers(calls: list[Call], seats: int) -> list[list[Answer]]:
    """Return what each call may have answered: one thing, where it is known.

    Whoever booked without hearing of it made a row that some reader saw, or that nobody saw
    because the event was deleted; its id is made up then.
    """
    rows = _Rows(calls)
    return [
        [call.answer] if call.answer else rows.answers_to(call, made_up=-i, seats=seats)
        for i, call in enumerate(calls, start=1)
    ]


class _Rows:
    """What is known of rows that no answer has told of, from whoever saw some, and at the end.

    Rows of a deleted event are gone, but not what its people were told.
    """

    def __init__(self, calls: list[Call]) -> None:
        self._bookings: dict[int, tuple[int, int | None]] = {}  # the user, and the place if known
        self._entries: dict[int, int] = {}
        self._ended: set[tuple[str, int]] | None = None  # None: nobody looked at the end
        self._joins: Counter[int] = Counter()
        self._is_deleted = True
        for call in calls:
            if call.answer and call.answer.word == "seen":
                self._see(call, call.answer.value)
            elif call.answer and call.answer.word in ("waitlisted", "joined", "waiting"):
                self._entries[call.answer.row] = call.user
        self._joins -= Counter(self._entries.values())
        # These were made by the calls that told of them. (Waitlisted is whoever is so already.)
        for call in calls:
            if call.answer and call.answer.word == "booked":
                self._bookings.pop(call.answer.row, None)
            elif call.answer and call.answer.word == "joined":
                self._entries.pop(call.answer.row, None)

    def answers_to(self, call: Call, *, made_up: int, seats: int) -> list[Answer]:
        match call.kind:
            case "cancel" | "leave":
                may_be = self._ended is None or (call.kind, call.row) in self._ended
                return [Answer("done")] if may_be else []
            case "delete" | "cancel_event" | "expire":
                return [Answer("done")]
            case "book" | "book_seat" | "accept":
                waits = self._joined(call, "waitlisted", made_up) if call.kind == "book" else []
                return self._booked(call, made_up, seats) + waits
            case "join":
                return self._joined(call, "joined", made_up)
        return []

    def _see(self, call: Call, value: object) -> None:
        match call.kind:
            case "see_bookings":
                self._see_bookings(value)
            case "see_line":
                self._entries |= {row: call.user for row, *_ in value}
            case "see_rows":
                status, _, bookings, entries, *heard = value
                self._is_deleted = status == "deleted"
                self._ended = {("leave", row) for row, _, how, _ in entries if how == "left"}
                self._entries |= {row: user for row, user, *_ in entries}
                self._see_bookings(bookings)
                self._hear(heard)
                if self._is_deleted:
                    self._ended |= {("leave", row) for row in self._entries}

    def _see_bookings(self, rows: tuple) -> None:
        self._bookings |= {row: (user, place) for row, user, place, _ in rows}

    def _hear(self, heard: list[tuple]) -> None:
        for kind, user, booking in (news for some in heard for news in some):
            match kind:
                case "booking_confirmed":
                    self._bookings.setdefault(booking, (user, None))
                case "waitlist_joined":
                    self._joins[user] += 1
                case _:
                    self._ended.add(("cancel", booking))

    def _booked(self, call: Call, made_up: int, seats: int) -> list[Answer]:
        known = sorted(self._bookings.items())
        rows = [(row, place) for row, (user, place) in known if user == call.user]
        if self._ended is None:
            rows.append((made_up, None))
        return [
            Answer("booked", row, possible)
            for row, place in rows
            for possible in (range(seats) if place is None else [place])
        ]

    def _joined(self, call: Call, word: str, made_up: int) -> list[Answer]:
        rows = [row for row, user in sorted(self._entries.items()) if user == call.user]
        is_unseen = self._is_deleted and (self._ended is None or self._joins[call.user] > 0)
        return [Answer(word, row) for row in [*rows, *([made_up] if is_unseen else [])]]
