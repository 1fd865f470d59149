"""Seeding a million seats over ten events: how long it takes, and the memory at its highest."""

import os
import subprocess
import sys
import time

from bench.data import EMPTY
from bench.outcome import Outcome
from bench.servers import ROOT, evently_environment
from bench.workplace import Workplace

EVENTS, SEATS = 10, 100_000


def run(place: Workplace) -> Outcome:
    seats = place.size(SEATS, quick=1_000)
    place.data.copy(EMPTY, "seed")
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "seed", "--events", str(EVENTS), "--seats", str(seats)],
        cwd=ROOT, env=evently_environment(place.postgres.url("seed")),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    complaint = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)  # the only way to hear of its memory
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(complaint)
    seconds = time.monotonic() - begun
    outcome = Outcome()
    outcome.facts = [
        (f"seeding {EVENTS * seats:,} seats, seconds", f"{seconds:.1f}"),
        ("its memory at the highest, MB", f"{used.ru_maxrss / 1024:.0f}"),
    ]
    return outcome
