"""Make bugs on purpose, and see each one caught by a test that passes without it."""

import argparse
import ast
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path

from reliability.sabotage.catches import CATCHES, Catch
from tests import postgres as launcher

_numbers = count()
ROOT = Path(__file__).resolve().parent.parent
SQLITE = "sqlite://:memory:"
# What each bug is, without importing it: that would need the product's settings.
WHAT = {
    node.name: ast.get_docstring(node)
    for module in (ROOT / "reliability/sabotage").glob("*bugs.py")
    for node in ast.parse(module.read_text()).body
    if isinstance(node, ast.FunctionDef)
}
# A failing test, a crash, promises that `check_integrity` finds broken, a history.
WRONG = re.compile(
    r"^(FAILED .*|WRONG: .*|.*\d+ broken promises.*|history .*: unexplained.*)$", re.MULTILINE
)
FAILED = 1  # pytest's, and this package's, exit code where something was found to be wrong


@dataclass(frozen=True)
class Run:
    """One run of what is to catch a bug, with or without the bug."""

    exit_code: int
    output: str
    seconds: float

    @property
    def reason(self) -> str | None:
        """Return the first thing that was found to be wrong; None where nothing was."""
        found = WRONG.search(self.output) if self.exit_code == FAILED else None
        return found and found[0].removeprefix("FAILED ")

    @property
    def is_healthy(self) -> bool:
        """Nothing was wrong; on a busy machine a server may well have been late."""
        return self.exit_code == 0 or (
            self.exit_code == FAILED and "LATE: " in self.output and not self.reason
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quick",
        action="store_true",
        help="the quickest bugs only, without the runs that must pass",
    )
    parser.add_argument("--only", default="", metavar="NAME", help="bugs whose name has this")
    parser.add_argument("--jobs", type=int, default=2, help="runs at the same time")


def main(options: argparse.Namespace) -> int:
    catches = [
        catch
        for catch in CATCHES
        if options.only in catch.bug and (catch.is_quick or not options.quick)
    ]
    with launcher.server() as url, ThreadPoolExecutor(options.jobs) as jobs:
        run = partial(_run, url=url)
        healthy = [] if options.quick else list(jobs.map(run, _without_bug(catches)))
        sick = list(jobs.map(run, catches))
    _report_health(healthy)
    uncaught = sum(not _report(catch, run) for catch, run in zip(catches, sick, strict=True))
    bugs = len({catch.bug for catch in catches})
    print(f"{bugs} bugs, {uncaught} times not caught")
    is_healthy = all(run.is_healthy for run in healthy)
    return 0 if catches and is_healthy and not uncaught else 1


def _without_bug(catches: Iterable[Catch]) -> Iterable[Catch]:
    """Return what has to pass without any bug."""
    return dict.fromkeys(replace(catch, bug="", is_quick=False) for catch in catches)


def _run(catch: Catch, url: str) -> Run:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, *_command(catch)],
        cwd=ROOT,
        env=_environment(catch, url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Run(done.returncode, done.stdout, time.monotonic() - begun)


def _command(catch: Catch) -> list[str]:
    if catch.on == "itself":
        return ["-m", "reliability", *shlex.split(catch.by)]
    return ["-m", "pytest", "-q", "-rf", "--tb=line", "-p", "no:randomly", *shlex.split(catch.by)]


def _environment(catch: Catch, url: str) -> dict[str, str]:
    # A database of each run's own: its name is part of the test database's.
    mine = url.replace("/postgres?", f"/run_{next(_numbers)}?")
    environment = os.environ | {
        "DATABASE_URL": mine if catch.on == "postgresql" else SQLITE,
        "EVENTLY_DEMO": "1",
        "EVENTLY_DATABASE_POOL": "0",
        "COLUMNS": "300",
    }
    if catch.bug:
        environment |= {
            "DJANGO_SETTINGS_MODULE": "reliability.sabotage.settings",
            "EVENTLY_SABOTAGE": catch.bug,
        }
    return environment


def _report_health(runs: list[Run]) -> None:
    for run in runs:
        if not run.is_healthy:
            print(f"Failed without any bug:\n{run.output[-3000:]}")


def _report(catch: Catch, run: Run) -> bool:
    """Print a line of the table; return whether the bug was caught."""
    caught = run.reason or f"NOT CAUGHT (exit code {run.exit_code}): {run.output[-1500:]}"
    what = WHAT[catch.bug]
    print(f"{what}\n    {run.seconds:4.1f} s  {caught[:220]}")
    return run.reason is not None
