"""Figures of repeated rounds: medians with their spread, ratios, how fast something grows."""

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """The median of some rounds, and the lowest and highest of them."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        return cls(median(values), min(values), max(values))


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Figure:
    """Compare two sides round by round: what slows a whole round down slows both."""
    pairs = zip(ours, theirs, strict=True)
    return Figure.of([a / b if b else math.inf for a, b in pairs])


def growth(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the exponent k of cost ~ size^k, by least squares on logarithms: 0 is no growth."""
    x = [math.log(size) for size in sizes]
    y = [math.log(cost) for cost in costs]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return covariance / sum((a - mean_x) ** 2 for a in x)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the others doesn't exceed."""
    ordered = sorted(values)
    return ordered[min(math.ceil(share * len(ordered)), len(ordered)) - 1]
