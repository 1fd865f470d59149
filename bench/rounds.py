"""Rounds: every side in turn, again and again, so that a slow minute of the machine hits all."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.sides import Sample, Side


@dataclass(frozen=True)
class Pace:
    """How long a side is measured at a time, and how often."""

    seconds: float
    rounds: int
    warm_up_seconds: float


FULL = Pace(seconds=4, rounds=4, warm_up_seconds=2)
QUICK = Pace(seconds=1, rounds=1, warm_up_seconds=1)

Samples = dict[str, list[Sample]]


def alternate(sides: Sequence[Side], pace: Pace) -> Samples:
    """Warm every side up, then measure A B C A B C …; return each side's samples by its name."""
    for side in sides:
        side.run(pace.warm_up_seconds)
    samples: Samples = {side.name: [] for side in sides}
    for _ in range(pace.rounds):
        for side in sides:
            samples[side.name].append(side.run(pace.seconds))
    return samples


def values(samples: Samples, side: str, measure: str) -> list[float]:
    return [getattr(sample, measure) for sample in samples[side]]
