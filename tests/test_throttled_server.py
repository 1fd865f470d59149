"""Limits of a real server: two processes count as one in Redis, and sell on while that is away."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from evently.api.counters import PAUSE_SECONDS
from tests.redis import server
from tests.served import fresh_database, served

pytestmark = pytest.mark.once

READS = "EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE"


@pytest.fixture
def redis():
    with server() as running:
        yield running


@pytest.fixture
def serve(tmp_path, redis):
    """Serve two processes that count in Redis, with this limit on anonymous reads."""

    def start(limit):
        return served(database_url, WEB_CONCURRENCY="2", CACHE_URL=redis.url, **{READS: str(limit)})

    with fresh_database(tmp_path) as database_url:
        yield start


def read(url):
    """Read the events; return the status and the limit that the answer tells."""
    try:
        with urlopen(f"{url}/events?limit=1", timeout=30) as answer:
            return answer.status, answer.headers["RateLimit-Policy"]
    except HTTPError as refusal:
        return refusal.code, refusal.headers["RateLimit-Policy"]


def test_two_processes_together_grant_exactly_the_limit(serve):
    with serve(50) as url, ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(lambda _: read(url), range(200)))

    assert Counter(answers) == {
        (200, '"anonymous-reads";q=50;w=60'): 50,
        (429, '"anonymous-reads";q=50;w=60'): 150,
    }


def test_redis_killed_and_restarted_under_load_stops_nothing_and_is_found_again(serve, redis):
    shared, share = (f'"anonymous-reads";q={limit};w=60' for limit in (60_000, 30_000))
    with serve(60_000) as url, ThreadPoolExecutor(4) as clients:
        is_over = Event()
        load = [clients.submit(read_until, is_over, url) for _ in range(3)]
        time.sleep(1)
        redis.kill()
        time.sleep(2)
        while_away = [read(url) for _ in range(10)]
        redis.start()
        time.sleep(PAUSE_SECONDS + 1)
        is_over.set()
        answers = [answer for client in load for answer in client.result()]
        afterwards = [read(url) for _ in range(10)]

    assert {status for status, _ in answers} == {200}
    assert set(while_away) == {(200, share)}
    assert set(afterwards) == {(200, shared)}


def read_until(is_over, url):
    answers = []
    while not is_over.is_set():
        answers.append(read(url))
        time.sleep(0.02)
    return answers
