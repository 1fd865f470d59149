"""The floors of `floors.toml`, and how what was measured compares."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Floor:
    """One row of the table. `at`: "least", where more is better, or "most"."""

    name: str
    scenario: str
    words: str
    at: str
    aim: float
    must: float | None = None
    unit: str = ""

    def is_met(self, value: float) -> bool:
        return self.must is None or self._reaches(value, self.must)

    def is_aim_met(self, value: float) -> bool:
        return self._reaches(value, self.aim)

    def _reaches(self, value: float, mark: float) -> bool:
        return value >= mark if self.at == "least" else value <= mark


@dataclass(frozen=True)
class Verdict:
    """What became of one floor. No figure: the scenario ran, and didn't measure it."""

    floor: Floor
    figure: Figure | None

    @property
    def is_met(self) -> bool:
        return self.figure is not None and self.floor.is_met(self.figure.value)

    @property
    def is_aim_met(self) -> bool:
        return self.figure is not None and self.floor.is_aim_met(self.figure.value)


def read(file: Path = FILE) -> list[Floor]:
    rows = tomllib.loads(file.read_text())
    return [Floor(name=name, **row) for name, row in rows.items()]


def judge(
    floors: Iterable[Floor], scenarios: Iterable[str], figures: Mapping[str, Figure]
) -> list[Verdict]:
    """Compare the floors of the scenarios that ran with what was measured."""
    ran = set(scenarios)
    return [Verdict(floor, figures.get(floor.name)) for floor in floors if floor.scenario in ran]
