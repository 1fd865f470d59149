"""`/metrics` of real servers: several processes, some of which are killed, and the worker."""

import json
import logging
import os
import runpy
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.conf import settings
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.parser import text_string_to_metric_families

from tests.served import fresh_database, served

pytestmark = pytest.mark.once

COUNT = "evently_request_duration_seconds_count"
EVENT_1 = (COUNT, ("method", "GET"), ("route", "/events/{id}"), ("status", "200"))
TOKEN = "a-token-of-thirty-two-characters-and-more"
POOL = "evently_pool_connections"
PASSES = ("evently_worker_passes_total", ("outcome", "done"))
LAPSED = ("evently_offers_lapsed_total",)
DELIVERED = ("evently_deliveries_total", ("outcome", "delivered"))
LAG = ("evently_worker_lag_seconds", ("work", "offers"))
LONGEST_SECONDS = 30
EXPIRE_EVERY_OFFER = """
from datetime import timedelta
from django.utils.timezone import now
from events.models import Seat
assert Seat.objects.kept_for_line().update(held_until=now() - timedelta(hours=2)) == 1
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("figures")


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    with fresh_database(tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture(scope="module")
def server(database, folder):
    with served(
        database,
        WEB_CONCURRENCY="2",
        EVENTLY_DATABASE_POOL="2",
        EVENTLY_METRICS_TOKEN=TOKEN,
        PROMETHEUS_MULTIPROC_DIR=str(folder),
    ) as url:
        yield url


def figures(url):
    with urlopen(f"{url}/metrics", timeout=LONGEST_SECONDS) as answer:
        text = answer.read().decode()
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def get(url):
    with urlopen(url, timeout=LONGEST_SECONDS) as answer:
        answer.read()


def get_from_both(server, folder):
    """Ask for event 1 until two living processes have answered; return how often, and them."""
    asked, before = 0, counted_by_each(folder)
    with ThreadPoolExecutor(8) as clients:
        while True:
            list(clients.map(get, [f"{server}/events/1"] * 20))
            asked += 20
            after = counted_by_each(folder)
            busy = [process for process in after if after[process] != before.get(process)]
            if len(busy) == 2:
                return asked, busy
            assert asked < 2_000


def counted_by_each(folder):
    """Return what each process that lives has counted of the answers about event 1."""
    return {
        int(path.stem.split("_")[1]): sum(
            value
            for key, value, *_ in MmapedDict.read_all_values_from_file(path)
            if '"/events/{id}"' in key and "_bucket" in key
        )
        for path in folder.glob("histogram_[0-9]*.db")
    }


def pool_of(process, server):
    """Return how many connections are open, available, awaited."""
    found = figures(server)
    return tuple(
        found.get((POOL, ("pid", str(process)), ("state", state)))
        for state in ("open", "available", "awaited")
    )


def kill_and_wait(process, folder):
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: not (folder / f"histogram_{process}.db").exists())


def wait_until(condition):
    deadline = time.monotonic() + LONGEST_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert condition()


def test_figures_of_two_processes_add_up_exactly(server, folder):
    before = figures(server).get(EVENT_1, 0)

    asked, _ = get_from_both(server, folder)

    # Whichever process answers.
    assert [figures(server)[EVENT_1] - before for _ in range(10)] == [asked] * 10


def test_figures_of_a_killed_process_stay(server, folder):
    before = figures(server).get(EVENT_1, 0)
    asked, [killed, _] = get_from_both(server, folder)

    kill_and_wait(killed, folder)

    assert figures(server)[EVENT_1] - before == asked
    get(f"{server}/events/1")
    assert figures(server)[EVENT_1] - before == asked + 1


@pytest.mark.postgresql
def test_gauges_of_a_killed_process_go(server, folder):
    _, [killed, other] = get_from_both(server, folder)
    of_killed, of_other = (
        (POOL, ("pid", str(process)), ("state", "open")) for process in (killed, other)
    )
    wait_until(lambda: {of_killed, of_other} <= figures(server).keys())

    kill_and_wait(killed, folder)

    after = figures(server)
    assert (of_killed in after, of_other in after) == (False, True)


@pytest.mark.postgresql
def test_pool_is_shown_as_the_last_request_left_it(server, folder):
    _, processes = get_from_both(server, folder)

    for process in processes:
        wait_until(lambda id=process: pool_of(id, server) in {(1, 1, 0), (2, 2, 0)})


def test_token_lets_a_scraper_in_from_behind_a_proxy(server):
    through_a_proxy = {"X-Forwarded-For": "203.0.113.9"}
    with pytest.raises(HTTPError, match="401") as refusal:
        urlopen(Request(f"{server}/metrics", headers=through_a_proxy))
    refusal.value.close()

    allowed = through_a_proxy | {"Authorization": f"Bearer {TOKEN}"}
    with urlopen(Request(f"{server}/metrics", headers=allowed)) as answer:
        assert answer.status == 200


def test_reload_keeps_folder_and_figures(database, tmp_path):
    pid_file = tmp_path / "server.pid"
    with served(database, TMPDIR=str(tmp_path), GUNICORN_CMD_ARGS=f"--pid {pid_file}") as server:
        [folder] = tmp_path.glob("evently-metrics-*")
        get(f"{server}/events/1")

        os.kill(int(pid_file.read_text()), signal.SIGHUP)
        wait_until(lambda: (folder / "histogram_ended.db").exists())
        get(f"{server}/events/1")

        assert figures(server)[EVENT_1] == 2
    assert not folder.exists()


def test_figures_that_cannot_be_read_do_not_end_the_server(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    configuration = runpy.run_path("deploy/gunicorn.conf.py")
    (tmp_path / "counter_999999999.db").write_bytes(b"nonsense")

    configuration["child_exit"](
        SimpleNamespace(log=logging.getLogger("gunicorn.error")), SimpleNamespace(pid=999_999_999)
    )

    [record] = caplog.records
    assert record.getMessage() == "The figures of process 999999999 were left where they are."


CONFIGURE = """
import os, runpy
runpy.run_path("deploy/gunicorn.conf.py")
if os.fork():
    os.wait()
    print(os.path.isdir(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
"""


@pytest.mark.parametrize(("named", "stays"), [("", False), ("figures", True)])
def test_folder_goes_with_the_server_that_made_it(tmp_path, named, stays):
    folder = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / named)} if named else {}
    if named:
        (tmp_path / named).mkdir()
    environment = os.environ | {"EVENTLY_DEMO": "1", "TMPDIR": str(tmp_path)} | folder

    done = subprocess.run(
        [sys.executable, "-c", CONFIGURE],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )

    # A child that ends doesn't take it along.
    assert done.stdout == "True\n"
    assert list(tmp_path.iterdir()) == ([tmp_path / named] if stays else [])


@contextmanager
def manage(database, *command, **environment):
    """Run a command of `manage.py` beside the server; tell it to end at the end."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": database, "EVENTLY_DEMO": "1", "EMAIL_URL": "dummymail://"}
        | environment,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(LONGEST_SECONDS)


def give_a_seat_back(server):
    """Cancel a booking of the seeded event that is full, so that its line gets an offer."""
    as_admin = {"X-User-Role": "admin"}
    with urlopen(Request(f"{server}/admin/bookings?event_id=2", headers=as_admin)) as answer:
        booking = json.load(answer)[0]["id"]
    urlopen(Request(f"{server}/bookings/{booking}", headers=as_admin, method="DELETE")).close()


def test_lapse_by_the_worker_is_among_the_figures(server, database, folder):
    give_a_seat_back(server)
    with manage(database, "shell", "--command", EXPIRE_EVERY_OFFER) as expiring:
        assert expiring.wait(LONGEST_SECONDS) == 0
    overdue = figures(server)

    with manage(
        database, "worker", "--interval", "3600", PROMETHEUS_MULTIPROC_DIR=str(folder)
    ) as worker:
        wait_until(lambda: figures(server)[PASSES] == 1)
        done = figures(server)

    assert (overdue[PASSES], overdue[LAPSED], overdue[DELIVERED]) == (0, 0, 0)
    assert (done[PASSES], done[LAPSED]) == (1, 1)
    assert done[DELIVERED] >= 2
    assert (overdue[LAG] > 3600, done[LAG]) == (True, 0)
    assert (folder / f"counter_{worker.pid}.db").exists()
