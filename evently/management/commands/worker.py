"""`manage.py worker`: do what is due, from offers to mails, pass after pass."""

import os
import signal
from argparse import ArgumentParser, ArgumentTypeError
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from django.conf import settings
from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseTrouble
from django.db import close_old_connections
from prometheus_client import start_http_server

from bookings.cancelling import finish_cancelled_events
from evently.idempotency.services import clear_expired_answers
from evently.metrics import note_pool, worker_passes
from evently.transactions import database_now
from evently.users.login_services import clear_login_failures
from evently.watching.models import note_pass
from events.counts import fold_all
from notifications.services import Outcome, deliver_due
from waitlists.lapsing import lapse_all

LONGEST_PAUSE_SECONDS = 24 * 3600

logger = structlog.get_logger("evently.worker")


class Command(BaseCommand):
    help = (
        "Lapse expired offers, finish cancelled events, fold the counts, deliver notifications and "
        "clear what is kept no longer, for ever or once. SIGTERM and Ctrl-C end it after what it "
        "is just doing. Several at once do no harm."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due, and end")
        parser.add_argument(
            "--interval",
            type=_positive_seconds,
            default=settings.EVENTLY_WORKER_SECONDS,
            metavar="SECONDS",
            help="pause between two passes (default: EVENTLY_WORKER_SECONDS)",
        )

    def handle(self, *args: Any, once: bool, interval: float, **options: Any) -> None:
        # Checks that ask a database something run only where it is named.
        self.check(tags=[Tags.database], databases=["default"])
        with _signals_to_end() as signals:
            if once:
                _do_one_pass(signals)
            else:
                _do_passes(signals, interval)


def _do_one_pass(signals: SimpleQueue) -> None:
    try:
        do_what_is_due(signals)
    except DatabaseTrouble as trouble:
        raise CommandError(f"The database failed: {type(trouble).__name__}.") from trouble


def _do_passes(signals: SimpleQueue, interval: float) -> None:
    _serve_metrics()
    logger.info("worker_started", interval=interval)
    is_told_to_end = False
    while not is_told_to_end:
        try:
            do_what_is_due(signals)
        except DatabaseTrouble as trouble:  # it comes back; the next pass tries again
            worker_passes.labels("failed").inc()
            logger.warning("worker_pass_failed", reason=type(trouble).__name__)
        note_pool()
        is_told_to_end = _wait_for_signal(signals, interval)
    logger.info("worker_ended")


def _serve_metrics() -> None:
    """Serve this process's own figures where that is wanted; any path, and no token."""
    if port := settings.EVENTLY_WORKER_METRICS_PORT:
        address = os.environ.get("EVENTLY_BIND", "127.0.0.1")
        try:
            start_http_server(port, address)
        except OSError as reason:
            raise CommandError(
                f"Can't serve metrics on {address}:{port}: {reason.strerror}."
            ) from None


def do_what_is_due(signals: SimpleQueue) -> None:
    """Make one pass, which a signal ends before the next mail."""
    close_old_connections()
    lapsed = lapse_all()
    finished = finish_cancelled_events()
    fold_all()
    clear_expired_answers()
    clear_login_failures()
    outcomes = _deliver_all_due(signals)
    note_pass()
    worker_passes.labels("done").inc()
    if lapsed or finished or outcomes:
        logger.info(
            "worker_pass",
            lapsed=lapsed,
            finished=finished,
            delivered=outcomes[Outcome.DELIVERED],
            failed=outcomes[Outcome.FAILED],
        )


def _deliver_all_due(signals: SimpleQueue) -> Counter[Outcome]:
    """Try everything that is due by now once. A try moves it on, so this ends."""
    outcomes: Counter[Outcome] = Counter()
    now = database_now()
    # One by one: a slow mail server doesn't keep us from ending.
    while signals.empty() and (outcome := deliver_due(due_by=now, limit=1)):
        outcomes += outcome
    return outcomes


@contextmanager
def _signals_to_end() -> Iterator[SimpleQueue]:
    """Yield a queue that the signals to end are put into, instead of ending us at once."""
    # Not a threading.Event: its set() can deadlock in a handler that interrupts its wait(), while
    # this queue's put() is made to be called from anywhere.
    signals: SimpleQueue = SimpleQueue()
    before = {
        number: signal.signal(number, lambda number, _: signals.put(number))
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait_for_signal(signals: SimpleQueue, seconds: float) -> bool:
    """Pause, and tell whether a signal to end came before or meanwhile."""
    try:
        signals.get(timeout=seconds)
    except Empty:
        return False
    return True


def _positive_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < LONGEST_PAUSE_SECONDS:
        raise ArgumentTypeError(f"must be more than 0 seconds and less than a day, not {text!r}")
    return seconds
