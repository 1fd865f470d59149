"""PostgreSQL that hangs, or drops its connections, behind the real server with its pool."""

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import psycopg
import pytest

from tests import postgres
from tests.served import prepare, served

pytestmark = pytest.mark.postgresql

WISH = json.dumps({"user_id": 1, "event_id": 1}).encode()
LONGEST_RECOVERY_SECONDS = 5


@pytest.fixture(scope="module")
def database_url():
    with postgres.server() as url:
        prepare(url)
        yield url


@pytest.fixture(scope="module")
def url(database_url):
    with served(database_url, EVENTLY_DATABASE_POOL="4") as url:
        yield url


def ask(url, body=None):
    """Return status, code of the problem if it is one, and after how many seconds."""
    begun = time.monotonic()
    request = Request(url, body, {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=30) as answer:
            return answer.status, None, time.monotonic() - begun
    except HTTPError as answer:
        return answer.status, json.load(answer)["code"], time.monotonic() - begun


def processes_of(database_url):
    [folder] = parse_qs(urlsplit(database_url).query)["host"]
    master = int(Path(folder, "data", "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [master, *map(int, children)]


@contextmanager
def hanging(database_url):
    """Stop every process of the server in its tracks."""
    processes = processes_of(database_url)
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def wait_for_a_booking(url):
    deadline = time.monotonic() + LONGEST_RECOVERY_SECONDS
    while (status := ask(f"{url}/bookings", WISH)[0]) != 201 and time.monotonic() < deadline:
        time.sleep(0.1)
    return status


def test_while_the_database_hangs_the_server_is_alive_and_refuses_and_then_heals(url, database_url):
    assert ask(f"{url}/bookings", WISH)[0] == 201

    with ThreadPoolExecutor(20) as crowd:
        with hanging(database_url):
            waiting = [crowd.submit(ask, f"{url}/events") for _ in range(20)]
            time.sleep(6)  # as long as anybody waits for the others
            alive = [ask(f"{url}/healthz") for _ in range(5)]
            refused = ask(f"{url}/bookings", WISH)
        answers = [answer.result() for answer in waiting]

    assert [status for status, _, _ in alive] == [200] * 5
    assert max(seconds for _, _, seconds in alive) < 3  # and not for as long as it hangs
    assert refused[:2] == (503, "database_unavailable")
    assert refused[2] < 11  # for a lane, then for a connection
    assert {answer[:2] for answer in answers} <= {(200, None), (503, "database_unavailable")}
    assert wait_for_a_booking(url) == 201


def test_connections_that_the_database_ended_in_the_pool_cost_nobody_an_answer(url, database_url):
    with ThreadPoolExecutor(4) as crowd:
        list(crowd.map(ask, [f"{url}/events"] * 20))
    with psycopg.connect(database_url, autocommit=True) as session:
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    with ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(ask, [f"{url}/events"] * 8))
        bookings = list(crowd.map(ask, [f"{url}/bookings"] * 8, [WISH] * 8))

    assert {status for status, _, _ in answers} == {200}
    assert {status for status, _, _ in bookings} == {201}


def test_reads_are_cut_off_after_three_seconds_like_everything(url, database_url):
    with psycopg.connect(database_url, autocommit=True) as session:
        session.execute("BEGIN; LOCK TABLE events_event IN ACCESS EXCLUSIVE MODE")
        status, code, seconds = ask(f"{url}/events")

    assert (status, code) == (503, "database_unavailable")
    assert 0.9 < seconds < 3.9
