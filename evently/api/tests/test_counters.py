"""Counting calls: exactly, for all processes together where there is a Redis."""

import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from redis import Redis
from structlog.testing import capture_logs

from evently.api import counters
from evently.api.counters import Count, counter
from tests.redis import server

pytestmark = pytest.mark.once

LIMIT = 50
# Another process: hits as often as it is told, and prints how often it was within the limit.
HIT = """
import sys
from concurrent.futures import ThreadPoolExecutor
from evently.api.counters import counter
one = counter(sys.argv[1], 2)
hits = ThreadPoolExecutor(20).map(lambda _: one.hit(50, "user-writes", "1"), range(100))
print(sum(hit.is_within for hit in hits))
"""


@pytest.fixture(scope="module")
def running():
    with server() as redis:
        yield redis


@pytest.fixture
def redis(running):
    """A running Redis that has counted nothing."""
    Redis.from_url(running.url).flushall()
    return running


def hit_together(counter, times):
    """Hit from 20 threads; return how many hits were within the limit."""
    with ThreadPoolExecutor(20) as threads:
        hits = threads.map(lambda _: counter.hit(LIMIT, "user-writes", "1"), range(times))
        return sum(hit.is_within for hit in hits)


def test_threads_together_get_exactly_the_limit_from_redis(redis):
    assert hit_together(counter(redis.url, 1), 200) == LIMIT


def test_processes_together_get_exactly_the_limit_from_redis(redis):
    command = [sys.executable, "-c", HIT, redis.url]
    processes = [
        subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE) for _ in range(2)
    ]

    within = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(within) == LIMIT


def test_threads_of_a_process_without_redis_get_exactly_its_share(time_machine):
    time_machine.move_to("2026-03-01T12:00:00Z", tick=False)

    assert hit_together(counter("", 2), 200) == LIMIT // 2


def test_share_of_many_processes_is_at_least_one():
    own = counter("", 1_000)

    assert [own.hit(LIMIT, "user-writes", "1").is_within for _ in range(2)] == [True, False]


def test_each_key_is_counted_by_itself(redis):
    shared = counter(redis.url, 1)
    for key in ("1", "2"):
        assert shared.hit(1, "user-writes", key).is_within
    assert not shared.hit(1, "user-writes", "1").is_within


def test_count_tells_what_is_left_and_until_when(time_machine):
    time_machine.move_to("2026-03-01T12:00:15Z", tick=False)
    own = counter("", 1)

    assert [own.hit(2, "user-writes", "1") for _ in range(3)] == [
        Count(is_within=True, limit=2, remaining=1, reset_seconds=46),
        Count(is_within=True, limit=2, remaining=0, reset_seconds=46),
        Count(is_within=False, limit=2, remaining=0, reset_seconds=46),
    ]


def test_burst_at_the_edge_of_a_window_is_not_doubled(time_machine):
    time_machine.move_to("2026-03-01T12:00:59Z", tick=False)
    own = counter("", 1)
    assert hit_together(own, 100) == LIMIT

    time_machine.move_to("2026-03-01T12:01:01Z", tick=False)

    assert hit_together(own, 100) == 1


def test_call_after_the_wait_that_was_told_is_within(time_machine):
    time_machine.move_to("2026-03-01T12:00:10Z", tick=False)
    own = counter("", 1)
    hit_together(own, LIMIT)
    refused = own.hit(LIMIT, "user-writes", "1")

    time_machine.shift(refused.reset_seconds)

    assert not refused.is_within
    assert own.hit(LIMIT, "user-writes", "1").is_within


# --- Redis goes away ----------------------------------------------------------------------------


def test_redis_that_was_never_there_is_replaced_by_the_share(tmp_path):
    assert hit_together(counter(f"unix://{tmp_path}/nobody", 2), 100) == LIMIT // 2


def test_redis_that_is_away_is_not_waited_for_by_every_call(redis_that_hangs):
    shared = counter(redis_that_hangs, 1)
    begun = time.monotonic()
    shared.hit(LIMIT, "user-writes", "1")
    first = time.monotonic() - begun

    begun = time.monotonic()
    for _ in range(100):
        shared.hit(LIMIT, "user-writes", "1")

    assert first < 3 * counters.REDIS_TIMEOUT_SECONDS
    assert time.monotonic() - begun < counters.REDIS_TIMEOUT_SECONDS


@pytest.fixture
def redis_that_hangs(tmp_path):
    """The URL of a socket where somebody listens and never answers."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "redis"))
        listener.listen()
        yield f"unix://{tmp_path}/redis"


def test_redis_that_comes_back_counts_again(monkeypatch):
    monkeypatch.setattr(counters, "PAUSE_SECONDS", 0.1)
    with server() as redis, capture_logs() as lines:
        shared = counter(redis.url, LIMIT)
        assert hit_together(shared, 10) == 10
        redis.kill()
        assert hit_together(shared, 10) == 1  # the share of one of fifty processes
        redis.start()
        time.sleep(2 * counters.PAUSE_SECONDS)
        shared.hit(LIMIT, "user-writes", "1")  # finds it; who comes in the same moment doesn't

        assert hit_together(shared, 100) == LIMIT - 1
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("redis_away", "warning"),
        ("redis_back", "info"),
    ]
