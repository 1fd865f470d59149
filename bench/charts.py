"""A picture of each scenario, drawn from the results of a run: how fast each side is, at what cost.

`python -m bench.charts` draws those of the last run of all anew.
"""

import json
import re
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.report import RESULTS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "performance"
# The same figures give the same file, and its words stay words.
STYLE = {"svg.hashsalt": "evently", "svg.fonttype": "none"}
OURS, THEIRS, PYTHON, POSTGRES = "#2563eb", "#9ca3af", "#2563eb", "#f59e0b"
# How the names of other sides end, and of what is there to compare with.
OTHERS = re.compile(r"FastAPI$|pgbench|does nothing$")


def draw_all(results: dict[str, Any], folder: Path = FOLDER) -> list[Path]:
    """Draw every scenario that took samples; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, outcome in results["scenarios"].items():
        if outcome["sides"]:
            file = folder / f"{name}.svg"
            with mpl.rc_context(STYLE):
                _draw(outcome["sides"]).savefig(file, metadata={"Date": None})
            files.append(file)
    return files


def _draw(sides: dict[str, list[dict[str, float]]]) -> Figure:
    figure = Figure(figsize=(11, 0.9 + 0.42 * len(sides)), layout="constrained")
    rates, costs = figure.subplots(1, 2, sharey=True)
    names = list(sides)
    _draw_rates(rates, names, [[s["rate"] for s in sides[name]] for name in names])
    _draw_costs(costs, sides)
    rates.invert_yaxis()  # the first side on top
    for axes in (rates, costs):
        axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_rates(axes: Axes, names: list[str], rates: list[list[float]]) -> None:
    """Show medians, and the lowest and highest round as a line."""
    middles = [median(values) for values in rates]
    below = [middle - min(values) for middle, values in zip(middles, rates, strict=True)]
    above = [max(values) - middle for middle, values in zip(middles, rates, strict=True)]
    colours = [THEIRS if OTHERS.search(name) else OURS for name in names]
    axes.barh(names, middles, xerr=[below, above], color=colours, ecolor="#374151", capsize=2)
    axes.set_xlabel("requests per second")
    if max(middles) > 20 * min(middles) > 0:
        axes.set_xscale("log")


def _draw_costs(axes: Axes, sides: dict[str, list[dict[str, float]]]) -> None:
    names = list(sides)
    python = [median(s["python_ms"] for s in sides[name]) for name in names]
    postgres = [median(s["postgres_ms"] for s in sides[name]) for name in names]
    axes.barh(names, python, color=PYTHON, label="Python")
    axes.barh(names, postgres, left=python, color=POSTGRES, label="PostgreSQL")
    axes.set_xlabel("CPU per request, ms")
    axes.legend(frameon=False)


if __name__ == "__main__":
    for drawn in draw_all(json.loads((RESULTS / "latest.json").read_text())):
        print(f"Drew {drawn}")
