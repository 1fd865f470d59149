"""`python -m bench [SCENARIO …]`: measure, tell, and exit 1 when a floor is missed."""

import argparse
import importlib
import os
import signal
import sys
import time

from bench import charts, floors, report
from bench.outcome import Outcome
from bench.servers import ROOT
from bench.workplace import Workplace, opened

# Each is a module of `bench.scenarios` with `run(place) -> Outcome`.
SCENARIOS = [
    "book", "list", "mine", "fill", "analytics", "flash", "longtx", "sqlite", "seed", "worker",
]  # fmt: skip
DRAWN = charts.FOLDER.relative_to(ROOT)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--quick", action="store_true", help="try the harness: no floor is judged")
    parser.add_argument("--charts", action="store_true", help=f"draw pictures into {DRAWN}")
    options = parser.parse_args()
    if unknown := set(options.scenarios) - set(SCENARIOS):
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")

    # A polite end from outside must reach every `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    outcomes = measure(options.scenarios or SCENARIOS, is_quick=options.quick)
    figures = {name: at for outcome in outcomes.values() for name, at in outcome.figures.items()}
    verdicts = floors.judge(floors.read(), outcomes, figures)
    report.show_verdicts(verdicts)
    results = report.as_data(outcomes, verdicts, is_quick=options.quick)
    report.write(results, "-".join(options.scenarios) or "latest")
    if options.charts:
        charts.draw_all(results)
    return 0 if options.quick else _exit_status(verdicts)


def measure(scenarios: list[str], *, is_quick: bool) -> dict[str, Outcome]:
    print(
        f"{os.cpu_count()} cores, shared by the load, the servers and PostgreSQL, "
        "which waits for no disk (fsync and synchronous_commit are off).",
        flush=True,
    )
    outcomes = {}
    with opened(is_quick=is_quick) as place:
        for name in scenarios:
            outcomes[name] = _run(name, place)
    return outcomes


def _run(name: str, place: Workplace) -> Outcome:
    begun = time.monotonic()
    try:
        outcome = importlib.import_module(f"bench.scenarios.{name}").run(place)
    finally:
        place.close()
    report.show_outcome(name, outcome)
    print(f"{name}: {time.monotonic() - begun:.0f} s\n", flush=True)
    return outcome


def _exit_status(verdicts: list[floors.Verdict]) -> int:
    missed = [verdict.floor.words for verdict in verdicts if not verdict.is_met]
    for words in missed:
        print(f"MISSED: {words}")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
