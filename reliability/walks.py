"""Walk through the services at random, one call after the other, judged by the little machine."""

import argparse
import os
import secrets
import subprocess
import sys

from reliability.cluster import ROOT

WALKS = 300
TESTS = ["tests/test_state_machine.py", "tests/test_group_machine.py"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--number", type=int, default=WALKS, help="of walks, of 40 calls at most")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="runs it again")


def main(options: argparse.Namespace) -> int:
    print(f"{options.number} walks, seed {options.seed}", flush=True)
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-q", *TESTS, f"--hypothesis-seed={options.seed}"],
        cwd=ROOT,
        env=os.environ
        | {
            "DATABASE_URL": "sqlite://:memory:",
            "EVENTLY_DEMO": "1",
            "EVENTLY_WALKS": str(options.number),
        },
    )
