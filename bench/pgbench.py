"""pgbench, from the wheel that PostgreSQL comes from: the same work in SQL, as fast as it gets."""

import re
import subprocess
import tempfile
from pathlib import Path

from bench.figures import percentile
from tests.postgres import client_program

SCRIPTS = Path(__file__).parent / "sql"
SAMPLED = 0.1
SECONDS_BEYOND = 60


def send(script: str, url: str, seconds: float, *, clients: int = 8, **variables: int) -> dict:
    """Run a script of `bench/sql/` for so long from so many sessions, prepared; tell what came."""
    with tempfile.TemporaryDirectory(prefix="evently-pgbench-") as folder:
        values = [f"--define={name}={value}" for name, value in variables.items()]
        done = subprocess.run(
            [str(client_program("pgbench")), "--no-vacuum", "--protocol=prepared",
             f"--client={clients}", "--jobs=1", f"--time={max(round(seconds), 1)}",
             f"--file={SCRIPTS / script}", *values,
             "--log", f"--log-prefix={folder}/log", f"--sampling-rate={SAMPLED}", url],
            capture_output=True, text=True, timeout=seconds + SECONDS_BEYOND,
        )  # fmt: skip
        lines = [line for log in Path(folder).iterdir() for line in log.read_text().splitlines()]
    return read(done.stdout + done.stderr) | latencies(lines)


def read(output: str) -> dict:
    """Return the rate and the failures that pgbench printed."""
    rate = re.search(r"^tps = ([\d.]+)", output, re.MULTILINE)
    number = re.search(r"^number of transactions actually processed: (\d+)", output, re.MULTILINE)
    failed = re.search(r"^number of failed transactions: (\d+)", output, re.MULTILINE)
    if not (rate and number):
        raise RuntimeError(f"pgbench told no result:\n{output}")
    requests = int(number[1])
    return {
        "requests": requests,
        "seconds": requests / float(rate[1]),
        "errors": int(failed[1]) if failed else 0,
    }


def latencies(lines: list[str]) -> dict[str, float]:
    """Return p50 and p99 of a log's lines, whose third column is a transaction's microseconds."""
    taken = [int(line.split()[2]) / 1000 for line in lines]
    return {"p50_ms": percentile(taken, 0.5), "p99_ms": percentile(taken, 0.99)}
