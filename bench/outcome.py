"""What a scenario found: every side's samples, further facts, and figures that floors judge."""

from dataclasses import dataclass, field

from bench.figures import Figure, ratio
from bench.rounds import Samples, values


@dataclass
class Outcome:
    samples: Samples = field(default_factory=dict)
    # Rows of words and numbers that aren't samples, such as a size and what it cost.
    facts: list[tuple[str, str]] = field(default_factory=list)
    figures: dict[str, Figure] = field(default_factory=dict)

    def compare(self, figure: str, side: str, other: str, measure: str = "rate") -> None:
        """Note the ratio of two sides' rates (or what else was measured) under a floor's name."""
        self.figures[figure] = ratio(
            values(self.samples, side, measure), values(self.samples, other, measure)
        )

    def note(self, figure: str, *numbers: float) -> None:
        self.figures[figure] = Figure.of(numbers)

    def errors(self, side: str) -> int:
        return sum(sample.errors for sample in self.samples[side])
