"""`manage.py worker`: what a pass does, what ends it, and what doesn't."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from urllib.request import urlopen

import pytest
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connection

from bookings.cancelling import begin_cancelling
from bookings.services import cancel_booking
from evently.management.commands.worker import do_what_is_due
from events.models import SeatChange, SeatCount
from notifications.models import Notification
from tests.factories import (
    NOW,
    NotificationFactory,
    expire_offer,
    make_booking,
    make_entry,
    make_full_event,
)
from waitlists.models import WaitlistEntry
from waitlists.tests.line import make_offer

# The worker closes connections that look unfit, such as one inside of a test's transaction.
with_commits = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]


class EndingMailServer(BaseEmailBackend):
    """While it takes a mail, somebody tells the worker to end."""

    def send_messages(self, email_messages):
        os.kill(os.getpid(), signal.SIGTERM)
        return in_memory().send_messages(email_messages)


class CuttingMailServer(BaseEmailBackend):
    """While it takes the first mail, the database drops the worker; with the second, it ends."""

    def send_messages(self, email_messages):
        taken = in_memory().send_messages(email_messages)
        if Notification.objects.filter(attempts=1).count() == 1:
            cut(connection.connection.info.backend_pid)
        else:
            os.kill(os.getpid(), signal.SIGTERM)
        return taken


def in_memory():
    return get_connection("django.core.mail.backends.locmem.EmailBackend")


def cut(backend_pid):
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend_pid])
    other.close()


def passes(caplog):
    """Return what the worker said of its passes."""
    lines = [record.msg for record in caplog.records if record.name == "evently.worker"]
    names = ("event", "lapsed", "finished", "delivered", "failed")
    return [{name: line[name] for name in names if name in line} for line in lines]


@pytest.fixture
def without_tables(tmp_path):
    """The environment of a process whose database has no tables yet."""
    return os.environ | {
        "EVENTLY_DEMO": "1",
        "LOG_FORMAT": "text",
        "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
    }


@with_commits
def test_worker_once_passes_an_expired_offer_on_and_tells_both(mailoutbox):
    event, [booking] = make_full_event()
    first, second = make_entry(event), make_entry(event)
    cancel_booking(booking_id=booking.id)
    expire_offer(first)

    call_command("worker", "--once")

    assert list(WaitlistEntry.objects.values_list("status", flat=True)) == ["lapsed", "offered"]
    subjects = [mail.subject for mail in mailoutbox if mail.to == [second.user.email]]
    assert subjects == ["You are in the line", "A seat is kept for you"]
    assert not Notification.objects.exclude(deliver_at=None).exists()


@with_commits
def test_worker_once_says_in_one_line_what_it_did(mailoutbox, caplog):
    for _ in range(3):
        NotificationFactory()

    call_command("worker", "--once")

    assert passes(caplog) == [
        {"event": "worker_pass", "lapsed": 0, "finished": 0, "delivered": 3, "failed": 0}
    ]


@with_commits
def test_worker_once_with_nothing_due_says_nothing(caplog):
    call_command("worker", "--once")

    assert passes(caplog) == []


@with_commits
def test_worker_told_to_end_finishes_the_mail_it_is_sending(mailoutbox, settings):
    settings.EMAIL_BACKEND = f"{__name__}.EndingMailServer"
    first = NotificationFactory()
    second = NotificationFactory(deliver_at=NOW + timedelta(hours=1))

    call_command("worker", "--interval", "3600")

    first.refresh_from_db()
    second.refresh_from_db()
    assert len(mailoutbox) == 1
    assert (first.deliver_at, second.attempts) == (None, 0)


@with_commits
def test_worker_folds_the_counts(event):
    make_booking(event)

    call_command("worker", "--once")

    assert not SeatChange.objects.exists()
    assert SeatCount.objects.values_list("available", "booked").get() == (2, 1)


@with_commits
def test_worker_finishes_a_cancelled_event_and_says_so(caplog, mailoutbox):
    event, [booking] = make_full_event()
    begin_cancelling(event_id=event.id)

    call_command("worker", "--once")

    booking.refresh_from_db()
    assert booking.status == "cancelled"
    assert mailoutbox[-1].subject == "An event of yours is cancelled"
    assert passes(caplog) == [
        {"event": "worker_pass", "lapsed": 0, "finished": 1, "delivered": 2, "failed": 0}
    ]


@with_commits
def test_worker_on_counts_of_another_time_zone_refuses_to_begin(event, settings):
    make_booking(event)
    settings.TIME_ZONE = "Asia/Tokyo"

    with pytest.raises(SystemCheckError, match=r"evently\.E025"):
        call_command("worker", "--once")

    assert SeatChange.objects.count() == 1


@with_commits
def test_worker_that_has_ended_leaves_signals_as_they_were():
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    call_command("worker", "--once")

    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@pytest.mark.postgresql
@with_commits
def test_worker_whose_connection_is_cut_goes_on_with_another(mailoutbox, settings, caplog):
    settings.EMAIL_BACKEND = f"{__name__}.CuttingMailServer"
    first = NotificationFactory()
    second = NotificationFactory(deliver_at=NOW + timedelta(hours=1))

    call_command("worker", "--interval", "0.01")

    first.refresh_from_db()
    second.refresh_from_db()
    # Sent, but not marked: it is due again, since at least once is what was promised.
    assert first.delivered_at is None
    assert first.deliver_at is not None
    assert second.delivered_at is not None
    assert [line["event"] for line in passes(caplog)] == [
        "worker_started",
        "worker_pass_failed",
        "worker_pass",
        "worker_ended",
    ]


@pytest.mark.postgresql
@with_commits
def test_two_workers_at_once_do_each_thing_once(mailoutbox):
    entries = [make_offer() for _ in range(5)]
    for entry in entries:
        expire_offer(entry)
    ready = threading.Barrier(2)

    def work(_):
        try:
            ready.wait()
            do_what_is_due(SimpleQueue())
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))

    sent = Counter((mail.to[0], mail.subject) for mail in mailoutbox)
    assert set(sent.values()) == {1}
    lapsed = [mail for mail in mailoutbox if mail.subject == "An offer has run out"]
    assert sorted(mail.to[0] for mail in lapsed) == sorted(entry.user.email for entry in entries)


@pytest.mark.once
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_worker_without_database_waits_for_it_until_a_signal(without_tables, number):
    command = [sys.executable, "manage.py", "worker", "--interval", "0.01"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=without_tables, stderr=subprocess.PIPE, text=True
    )
    try:
        failures = (line for line in process.stderr if "worker_pass_failed" in line)
        heard = [re.search(r"reason=(\w+)", next(failures))[1] for _ in range(2)]
        process.send_signal(number)
        _, rest = process.communicate(timeout=30)
    finally:
        process.kill()

    assert heard == ["OperationalError", "OperationalError"]
    assert process.returncode == 0
    assert "worker_ended" in rest


def start_worker(environment):
    command = [sys.executable, "manage.py", "worker", "--interval", "3600"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.once
def test_worker_pausing_ends_at_once(without_tables):
    process = start_worker(without_tables)
    try:
        next(line for line in process.stderr if "worker_pass_failed" in line)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    finally:
        process.kill()

    assert process.returncode == 0


@pytest.mark.once
def test_worker_once_without_database_fails(without_tables):
    command = [sys.executable, "manage.py", "worker", "--once"]
    done = subprocess.run(command, cwd=ROOT, env=without_tables, capture_output=True, text=True)

    assert (done.returncode, done.stderr.strip()) == (
        1,
        "CommandError: The database failed: OperationalError.",
    )


@pytest.mark.once
def test_worker_serves_its_own_figures_where_a_port_is_set(without_tables):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    process = start_worker(without_tables | {"EVENTLY_WORKER_METRICS_PORT": str(port)})
    try:
        next(line for line in process.stderr if "worker_pass_failed" in line)
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            text = answer.read().decode()
    finally:
        process.terminate()
        process.communicate(timeout=30)

    assert 'evently_worker_passes_total{outcome="failed"} 1.0' in text


@pytest.mark.once
def test_worker_on_a_taken_port_says_so(without_tables):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start_worker(without_tables | {"EVENTLY_WORKER_METRICS_PORT": str(port)})
        _, words = process.communicate(timeout=30)

    assert (process.returncode, words.strip()) == (
        1,
        f"CommandError: Can't serve metrics on 127.0.0.1:{port}: Address already in use.",
    )


@pytest.mark.parametrize("interval", ["0", "-1", "soon", "nan", "86400"])
def test_worker_with_a_senseless_interval_is_refused(interval):
    with pytest.raises(CommandError, match="more than 0 seconds and less than a day"):
        call_command("worker", f"--interval={interval}")
