"""What happened: calls with their begin, end and answer, as a file can keep them."""

import json
from pathlib import Path
from typing import Any, NamedTuple

NEVER = float("inf")


class Answer(NamedTuple):
    """What a call answered, less what doesn't matter.

    `word`: booked (`row`, `place`), waitlisted, joined, waiting (`row`: the entry), held (`row`;
    `value`: its places, or None), ordered (`row`; `value`: the id and the place of each booking),
    done, refused (`code`), seen (`value`). `place` counts seats from 0.
    """

    word: str
    row: int = 0
    place: int = 0
    code: str = ""
    value: object = None


class Call(NamedTuple):
    """One call. Without an answer its `end` is `NEVER`: it may have happened any time since.

    Of several seats at once it asks for those at `places`, or for `size`, which may have to be
    neighbours (`is_adjacent`).
    """

    kind: str
    begin: float
    end: float = NEVER
    answer: Answer | None = None
    user: int = 0
    row: int = 0
    place: int = 0
    places: tuple[int, ...] = ()
    size: int = 0
    is_adjacent: bool = False

    @property
    def is_known(self) -> bool:
        return self.answer is not None

    @property
    def party(self) -> int:
        """Return for how many somebody joins a line."""
        return self.size or 1


class History(NamedTuple):
    """All calls about one event; the last one reads its rows. `notes`: what was wrong at once.

    `limit`: how many seats a person may have booked at a time; 0: any number.
    """

    seed: str
    seats: int
    calls: tuple[Call, ...]
    notes: tuple[str, ...] = ()
    limit: int = 0

    def save(self, path: Path) -> None:
        calls = [call._asdict() | {"end": _or_none(call.end)} for call in self.calls]
        path.write_text(json.dumps(self._asdict() | {"calls": calls}, indent=1))


def load(path: Path) -> History:
    """Read a history that was saved."""
    fields = json.loads(path.read_text())
    calls = tuple(_call(**call) for call in fields["calls"])
    return History(**fields | {"calls": calls, "notes": tuple(fields["notes"])})


def _call(*, end: float | None, answer: list | None, **fields: object) -> Call:
    known = None if answer is None else Answer(*map(frozen, answer))
    about = {name: frozen(value) for name, value in fields.items()}
    return Call(end=NEVER if end is None else end, answer=known, **about)


def frozen(value: Any) -> Any:
    """Make tuples of lists, all the way down."""
    return tuple(map(frozen, value)) if isinstance(value, list | tuple) else value


def _or_none(end: float) -> float | None:
    return None if end == NEVER else end
