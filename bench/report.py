"""What a run tells: a table for people, JSON for machines."""

import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.floors import Verdict
from bench.outcome import Outcome
from bench.postgres import SETTINGS
from bench.rounds import values

# A file or a pipe is as wide as the tables.
WIDE = 170
RESULTS = Path(__file__).parent / "results"
MEASURES = {
    "rate": ("requests/s", "{:,.0f}"),
    "python_ms": ("Python, ms", "{:.2f}"),
    "postgres_ms": ("PostgreSQL, ms", "{:.2f}"),
    "p50_ms": ("p50, ms", "{:.1f}"),
    "p99_ms": ("p99, ms", "{:.1f}"),
    "memory_mb": ("memory, MB", "{:.0f}"),
}


def show_outcome(name: str, outcome: Outcome) -> None:
    if outcome.samples:
        table = Table(title=f"{name}: medians (lowest to highest)", title_justify="left")
        table.add_column("")
        for heading, _ in MEASURES.values():
            table.add_column(heading, justify="right")
        table.add_column("errors", justify="right")
        for side in outcome.samples:
            table.add_row(side, *_cells(outcome, side), str(outcome.errors(side)))
        _print(table)
    if outcome.facts:
        table = Table(title=name, title_justify="left", show_header=False)
        for words, value in outcome.facts:
            table.add_row(words, value)
        _print(table)


def show_verdicts(verdicts: list[Verdict]) -> None:
    table = Table(title="Floors", title_justify="left")
    for heading in ("figure", "measured", "spread", "must", "aim", ""):
        table.add_column(heading, justify="left" if heading in ("figure", "") else "right")
    for verdict in verdicts:
        table.add_row(*_row(verdict))
    _print(table)


def as_data(
    outcomes: dict[str, Outcome], verdicts: list[Verdict], *, is_quick: bool
) -> dict[str, Any]:
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "fsync": SETTINGS["fsync"],
        },
        "is_quick": is_quick,
        "scenarios": {name: _outcome_data(outcome) for name, outcome in outcomes.items()},
        "floors": [_verdict_data(verdict) for verdict in verdicts],
    }


def write(results: dict[str, Any], name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}.json"
    file.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    print(f"Wrote {file}")


def _outcome_data(outcome: Outcome) -> dict[str, Any]:
    return {
        "sides": {
            side: [sample._asdict() for sample in samples]
            for side, samples in outcome.samples.items()
        },
        "facts": [list(fact) for fact in outcome.facts],
        "figures": {name: figure._asdict() for name, figure in outcome.figures.items()},
    }


def _print(table: Table) -> None:
    console = Console()
    console.width = console.width if console.is_terminal else WIDE
    console.print(table)


def _cells(outcome: Outcome, side: str) -> list[str]:
    return [
        _spread(Figure.of(values(outcome.samples, side, measure)), form)
        for measure, (_, form) in MEASURES.items()
    ]


def _spread(figure: Figure, form: str) -> str:
    low, high = form.format(figure.low), form.format(figure.high)
    return f"{form.format(figure.value)} ({low}-{high})"


def _row(verdict: Verdict) -> tuple[str, ...]:
    floor, figure = verdict.floor, verdict.figure
    must = "" if floor.must is None else f"{floor.must:g} {floor.unit}".rstrip()
    aim = f"{floor.aim:g} {floor.unit}".rstrip()
    if figure is None:
        return floor.words, "nothing", "", must, aim, "[red]MISSED[/red]"
    word = "aim" if verdict.is_aim_met else "met" if verdict.is_met else "[red]MISSED[/red]"
    return (
        floor.words,
        f"{figure.value:.3g}",
        f"{figure.low:.3g}-{figure.high:.3g}",
        must,
        aim,
        word,
    )


def _verdict_data(verdict: Verdict) -> dict[str, Any]:
    figure = verdict.figure
    return {
        "name": verdict.floor.name,
        "words": verdict.floor.words,
        "at": verdict.floor.at,
        "unit": verdict.floor.unit,
        "must": verdict.floor.must,
        "aim": verdict.floor.aim,
        "measured": figure._asdict() if figure else None,
        "is_met": verdict.is_met,
    }
