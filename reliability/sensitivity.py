"""Make bugs on purpose, and see each one caught by a test that passes without it."""

import argparse
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from reliability.sabotage.catches import CATCHES, Catch
from tests import postgres as launcher

ROOT = Path(__file__).resolve().parent.parent
SQLITE = "sqlite://:memory:"
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
        said = (
            line.partition("FAILED ")[2] or line.partition("WRONG: ")[2]
            for line in self.output.splitlines()
        )
        return next(filter(None, said), None) if self.exit_code == FAILED else None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="the quickest bugs only")
    parser.add_argument("--only", default="", metavar="NAME", help="bugs whose name has this")
    parser.add_argument("--jobs", type=int, default=2, help="runs at the same time")


def main(options: argparse.Namespace) -> int:
    catches = [
        catch
        for catch in CATCHES
        if options.only in catch.bug and (catch.is_quick or not options.quick)
    ]
    with launcher.server() as url, ThreadPoolExecutor(options.jobs) as jobs:
        healthy = list(jobs.map(lambda by: _run(by, url), dict.fromkeys(_bases(catches))))
        sick = list(jobs.map(lambda catch: _run(catch, url, catch.bug), catches))
    _report_health(healthy)
    uncaught = sum(not _report(catch, run) for catch, run in zip(catches, sick, strict=True))
    print(f"{len(catches)} bugs, {len(catches) - uncaught} caught")
    is_healthy = all(run.exit_code == 0 for run in healthy)
    return 0 if catches and is_healthy and not uncaught else 1


def _bases(catches: Iterable[Catch]) -> Iterable[Catch]:
    """Return what has to pass without any bug: the tests of each kind in one run."""
    for kind in ("sqlite", "postgresql"):
        tests = dict.fromkeys(catch.tests for catch in catches if catch.on == kind)
        if tests:
            yield Catch("", " ".join(tests), on=kind)
    yield from (Catch("", catch.by, on="itself") for catch in catches if catch.on == "itself")


def _run(catch: Catch, url: str, bug: str = "") -> Run:
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, *_command(catch)],
        cwd=ROOT,
        env=_environment(catch, url, bug),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Run(done.returncode, done.stdout, time.monotonic() - begun)


def _command(catch: Catch) -> list[str]:
    if catch.on == "itself":
        return ["-m", "reliability", *shlex.split(catch.by)]
    return ["-m", "pytest", "-q", "-rf", "--tb=line", "-p", "no:randomly", *shlex.split(catch.by)]


def _environment(catch: Catch, url: str, bug: str) -> dict[str, str]:
    # A database of each run's own: its name is part of the test database's.
    mine = url.replace("/postgres?", f"/{bug or 'healthy'}?")
    environment = os.environ | {
        "DATABASE_URL": mine if catch.on == "postgresql" else SQLITE,
        "EVENTLY_DEMO": "1",
        "EVENTLY_DATABASE_POOL": "0",
        "COLUMNS": "300",
    }
    if bug:
        environment |= {
            "DJANGO_SETTINGS_MODULE": "reliability.sabotage.settings",
            "EVENTLY_SABOTAGE": bug,
        }
    return environment


def _report_health(runs: list[Run]) -> None:
    for run in runs:
        if run.exit_code:
            print(f"Failed without any bug:\n{run.output[-3000:]}")


def _report(catch: Catch, run: Run) -> bool:
    """Print a line of the table; return whether the bug was caught."""
    caught = run.reason or f"NOT CAUGHT (exit code {run.exit_code}): {run.output[-1500:]}"
    print(f"{catch.what}\n    {run.seconds:4.1f} s  {caught[:220]}")
    return run.reason is not None
