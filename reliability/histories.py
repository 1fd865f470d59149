"""Crowds book, cancel and wait at once; is there an order that explains what each was told?"""

import argparse
import os
import secrets
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from reliability import figures
from reliability.checker import Finding, Verdict, check
from reliability.cluster import Cluster, cluster
from reliability.hall import Hall, create_people
from reliability.history import History, load
from reliability.plans import GROUP_TEMPERS, TEMPERS, Plan, plan_for

HISTORIES = 520
KNOWN = [*TEMPERS, *GROUP_TEMPERS]
# Crowds at once: as many as keep both of the server's processes busy.
HALLS = 3
MOST_PEOPLE = 8
# Then others come: a list of one's places in lines has a hundred at most.
VISITS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--number", type=int, default=HISTORIES, help="of histories")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="to run the same plans again")
    parser.add_argument("--temper", default="", choices=KNOWN, help="of all crowds; else any")
    parser.add_argument("--save", type=Path, default=Path("data"), help="where unexplained ones go")
    parser.add_argument("--check", type=Path, metavar="FILE", help="look at a saved one again")


def main(options: argparse.Namespace) -> int:
    if options.check:
        history = load(options.check)
        print(explain(history, check(history)))
        return 0
    print(f"seed {options.seed}")
    with cluster() as evently:
        tally = run(
            evently,
            seed=options.seed,
            number=options.number,
            save=options.save,
            temper=options.temper,
        )
        tally.integrity = evently.manage("check_integrity").strip()
    figures.show("Histories", tally.rows())
    return tally.is_bad


class Tally:
    """What came of many histories."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.verdicts: Counter[Verdict] = Counter()
        self.unknown = self.steps = self.notes = 0
        self.seconds = 0.0
        self.integrity = "not looked at"
        self._lock = threading.Lock()

    def add(self, history: History, finding: Finding) -> bool:
        """Count a history; return whether all is well with it."""
        with self._lock:
            self.calls.update(call.kind for call in history.calls if call.kind != "see_rows")
            self.words.update(call.answer.word for call in history.calls if call.answer)
            self.verdicts[finding.verdict] += 1
            self.unknown += sum(not call.is_known for call in history.calls)
            self.steps = max(self.steps, finding.steps)
            self.notes += len(history.notes)
        return finding.verdict is Verdict.EXPLAINED and not history.notes

    @property
    def is_bad(self) -> bool:
        fine = {Verdict.EXPLAINED: self.verdicts.total()}
        return bool(self.notes) or +self.verdicts != fine

    def rows(self) -> list[tuple[str, str]]:
        total = self.calls.total()
        return [
            ("histories", f"{self.verdicts.total():,}"),
            *((str(verdict), f"{self.verdicts[verdict]:,}") for verdict in Verdict),
            ("operations", f"{total:,}"),
            ("holds, orders that were made", f"{self.words['held']:,}, {self.words['ordered']:,}"),
            ("of unknown outcome", f"{self.unknown:,}"),
            ("answers that nobody may get", f"{self.notes:,}"),
            ("most steps of the checker", f"{self.steps:,}"),
            ("seconds", f"{self.seconds:.0f}"),
            ("operations per second", f"{total / max(self.seconds, 0.001):.0f}"),
            (
                "load average",
                f"{os.getloadavg()[1]:.1f} on {os.cpu_count()} cores",
            ),
            ("check_integrity", self.integrity),
        ]


def run(evently: Cluster, *, seed: str, number: int, save: Path, temper: str = "") -> Tally:
    """Play and check so many histories, some at once; save those that aren't explained."""
    tally = Tally()
    begun = time.monotonic()

    def play_some(hall: int) -> None:
        crowd: list[int] = []
        for played, n in enumerate(range(hall, number, HALLS)):
            if played % VISITS == 0:
                crowd = create_people(evently.web.port, number=MOST_PEOPLE)
            history = play(evently, plan_for(f"{seed}-{n}", temper), crowd)
            finding = check(history)
            if not tally.add(history, finding):
                report(history, finding, save)

    with ThreadPoolExecutor(HALLS) as halls:
        list(halls.map(play_some, range(HALLS)))
    tally.seconds = time.monotonic() - begun
    return tally


def play(evently: Cluster, plan: Plan, users: list[int]) -> History:
    return Hall(plan, port=evently.web.port, postgres=evently.postgres, users=users).play()


def report(history: History, finding: Finding, save: Path) -> None:
    """Keep a history that must not be, and say what is wrong with it."""
    save.mkdir(exist_ok=True)
    path = save / f"history-{history.seed}.json"
    history.save(path)
    print(f"{explain(history, finding)}\nsaved as {path}")


def explain(history: History, finding: Finding) -> str:
    """Describe how far the checker came, and what could not follow."""
    lines = [
        f"history {history.seed}: {finding.verdict}, after {finding.steps} steps "
        f"{finding.explained} of {len(history.calls)} calls; {history.seats} seats, "
        f"{history.limit or 'any number'} for a person",
        *history.notes,
        f"the farthest state: {finding.state}",
        *(f"  could not follow: {call}" for call in finding.stuck),
    ]
    return "\n".join(lines)
