"""The folder that processes share: what stays, what goes, and that no figure is lost by it."""

import fcntl
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from threading import Thread

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from evently.watching import files

pytestmark = pytest.mark.once

COUNT = """
import sys
from prometheus_client import Counter, Gauge, Histogram
counted = Counter("counted", "Counted.", ["kind"])
counted.labels("a").inc(2)
counted.labels("b").inc(3)
timed = Histogram("timed", "Timed.", buckets=(1, 5))
timed.observe(0.5)
timed.observe(7)
Gauge("alive", "Alive.", multiprocess_mode="liveall").set(1)
print("counted", flush=True)
sys.stdin.read()
"""


@contextmanager
def counting(folder):
    """A process that has counted, and lives until the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", COUNT],
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        process.stdout.readline()
        yield process


def end(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def shown(folder):
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))
    lines = generate_latest(registry).decode().splitlines()
    return sorted(line for line in lines if not line.startswith("#"))


def without_gauges(lines):
    return [line for line in lines if not line.startswith("alive")]


def read(folder):
    with files.reading(folder):
        pass


def names(folder):
    return {path.name for path in folder.iterdir()} - {"lock"}


def test_figures_of_killed_processes_stay_and_their_gauges_go(tmp_path):
    for _ in range(3):
        with counting(tmp_path) as process:
            end(process)
    before = shown(tmp_path)

    files.tidy(tmp_path)

    assert 'counted_total{kind="b"} 9.0' in before
    assert shown(tmp_path) == without_gauges(before)
    assert names(tmp_path) == {"counter_ended.db", "histogram_ended.db"}


def test_figures_of_ended_processes_add_up_and_take_no_more_room(tmp_path):
    sizes = set()
    for _ in range(3):
        with counting(tmp_path) as process:
            end(process)
        files.tidy(tmp_path)
        sizes.add(sum(path.stat().st_size for path in tmp_path.iterdir()))

    assert len(sizes) == 1
    assert without_gauges(shown(tmp_path)) == [
        'counted_total{kind="a"} 6.0',
        'counted_total{kind="b"} 9.0',
        'timed_bucket{le="+Inf"} 6.0',
        'timed_bucket{le="1.0"} 3.0',
        'timed_bucket{le="5.0"} 3.0',
        "timed_count 6.0",
        "timed_sum 22.5",
    ]


def test_tidying_leaves_living_processes_alone(tmp_path):
    with counting(tmp_path):
        before = shown(tmp_path), names(tmp_path)

        files.tidy(tmp_path)

        assert (shown(tmp_path), names(tmp_path)) == before


def test_tidying_waits_for_another_time_while_somebody_reads(tmp_path):
    with counting(tmp_path) as process:
        end(process)
    before = names(tmp_path)

    with files.reading(tmp_path):
        files.tidy(tmp_path)

    assert names(tmp_path) == before


def test_reading_waits_while_somebody_tidies(tmp_path):
    with (tmp_path / "lock").open("a") as tidying:
        fcntl.flock(tidying, fcntl.LOCK_EX)
        reader = Thread(target=read, args=[tmp_path])
        reader.start()
        reader.join(0.3)
        waits = reader.is_alive()
    reader.join(10)

    assert (waits, reader.is_alive()) == (True, False)


def test_tidying_a_folder_that_somebody_took_away_makes_it_again(tmp_path):
    files.tidy(tmp_path / "gone")

    assert names(tmp_path / "gone") == set()


def test_emptying_takes_what_an_earlier_server_left(tmp_path):
    for _ in range(2):
        with counting(tmp_path) as process:
            end(process)
        files.tidy(tmp_path)
    with counting(tmp_path) as process:
        end(process)

    files.empty(tmp_path)

    assert names(tmp_path) == set()


def test_emptying_keeps_what_a_process_has_just_begun(tmp_path):
    with counting(tmp_path) as worker:
        files.empty(tmp_path)

        assert names(tmp_path) == {
            f"{kind}_{worker.pid}.db" for kind in ("counter", "histogram", "gauge_liveall")
        }


def test_emptying_makes_the_folder_that_is_not_there(tmp_path):
    files.empty(tmp_path / "not" / "yet")

    assert names(tmp_path / "not" / "yet") == set()
