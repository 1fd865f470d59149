"""Ask the served schema's endpoints at random, with every check of schemathesis on."""

import argparse
import re
import secrets
import subprocess
import sys
from pathlib import Path

from reliability import figures
from reliability.cluster import ROOT, cluster

LEAST_CASES = 10_000
CALLERS = {
    "nobody": (),
    "a user": ("X-User-ID: 3",),
    "an admin": ("X-User-ID: 2", "X-User-Role: admin"),
}
GENERATED = re.compile(r"([\d,]+) generated")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="runs it again")
    parser.add_argument("--cases", type=int, default=LEAST_CASES, help="at least so many")
    parser.add_argument("--examples", type=int, default=80, help="per operation and phase")


def main(options: argparse.Namespace) -> int:
    print(f"seed {options.seed}", flush=True)
    cases, failures = 0, []
    with cluster() as evently:
        evently.manage("seed")
        for number, (caller, headers) in enumerate(CALLERS.items()):
            done = ask(evently.url, headers, seed=options.seed + number, examples=options.examples)
            cases += sum(int(found.replace(",", "")) for found in GENERATED.findall(done.stdout))
            if done.returncode:
                failures.append(caller)
                print(done.stdout)
    figures.show(
        "Schemathesis", [("cases", f"{cases:,}"), ("callers with a failure", f"{len(failures)}")]
    )
    return 1 if failures or cases < options.cases else 0


def ask(
    url: str, headers: tuple[str, ...], *, seed: int, examples: int
) -> subprocess.CompletedProcess:
    """Let schemathesis ask everything as one caller; its report is the output."""
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", f"{url}/schema", "--checks", "all", "--continue-on-failure"),
            *("--seed", str(seed), "--max-examples", str(examples)),
            *(part for header in headers for part in ("--header", header)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
