"""A service's transaction: the whole or nothing, done again when it left no trace, never endless.

Beside the gate and the seat map's versions, no other module knows SQL dialects.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from random import uniform
from threading import Lock
from time import sleep
from typing import Any, Protocol, TypeVar

import structlog
from django.db import InterfaceError, InternalError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg_pool import PoolTimeout

from evently.metrics import lock_waits_ran_out, retried

logger = structlog.get_logger("evently.transactions")

T = TypeVar("T")

ROW_LOCK_TIMEOUT = "1s"
STATEMENT_TIMEOUT = "3s"
# For reports, and for what touches every seat of a great hall.
LENGTHY_STATEMENT_TIMEOUT = "30s"
IDLE_TIMEOUT = "10s"
TURN_SECONDS = 20
PAUSES_SECONDS = (0.05, 0.1, 0.2)

# From appendix A of PostgreSQL's manual: serialization_failure and deadlock_detected,
UNDONE_SQLSTATES = {"40001", "40P01"}
LOCK_NOT_AVAILABLE = "55P03"
# then connection exceptions, a server that shuts down, crashed or starts, and a session that was
# ended because it idled. A psycopg error without any means that the server didn't answer at all.
CUT_OFF_SQLSTATES = ("08", "57P", "25P03")


# psycopg has an ended session for an InternalError.
TROUBLE = (OperationalError, InterfaceError, InternalError)


class OutcomeUnknown(OperationalError):
    """The connection was lost during COMMIT: the change was made as a whole, or not at all."""


class Companion(Protocol):
    """What goes along in the transaction of whatever service a request calls.

    It is begun anew with every try, so it leaves a trace if and only if the service does.
    """

    def begin(self) -> None:
        """Do what comes before the service's first statement."""

    def end(self, outcome: Any) -> None:
        """Do what comes after its last one, knowing what it is going to return."""


_writing = Lock()
_companion: ContextVar[Companion | None] = ContextVar("companion", default=None)


def run(work: Callable[[], T]) -> T:
    """Do the work in a transaction of its own, the outermost one, and return what it returns.

    Undone for another session's sake, or cut off before COMMIT, it has left no trace: it is done
    again as a whole, at most 3 times, after random pauses, so that two who met don't meet again.

    Raises: OutcomeUnknown.
    """
    for longest_pause in PAUSES_SECONDS:
        try:
            return _try(work)
        except TROUBLE as error:
            if not _left_no_trace(error):
                raise
            reason = type(error.__cause__ or error).__name__
            retried.labels(reason).inc()
            logger.warning("transaction_retried", reason=reason)
            sleep(uniform(0, longest_pause))
    return _try(work)


@contextmanager
def accompanied(companion: Companion | None) -> Iterator[None]:
    """Let the companion go along in every transaction that begins meanwhile; None: nobody."""
    token = _companion.set(companion)
    try:
        yield
    finally:
        _companion.reset(token)


@contextmanager
def snapshot(*, statement_timeout: str = LENGTHY_STATEMENT_TIMEOUT) -> Iterator[datetime]:
    """Open a transaction whose every read sees one moment, and yield that moment."""
    with transaction.atomic(durable=True):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        limit(statement_timeout=statement_timeout)
        yield database_now()


def limit(**timeouts: str) -> None:
    """Set time-outs, such as `lock_timeout="1s"`, until the transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {set_local(*timeouts)}", list(timeouts.values()))


def set_local(*names: str) -> str:
    """Return the expressions that set these time-outs, a parameter each, until the end.

    Set with the transaction, they hold behind a pooler too, which drops those of a connection's
    start-up.
    """
    return ", ".join(f"set_config('{name}', %s, true)" for name in names)


def limited_row() -> str:
    """Return a FROM item of one row that has set the row locks' time-out before it is read."""
    if connection.vendor != "postgresql":
        return "(SELECT 1) AS limited"
    return f"(SELECT set_config('lock_timeout', '{ROW_LOCK_TIMEOUT}', true)) AS limited"


def database_now() -> datetime:
    """Return the time by the database's clock, which all deadlines are compared with."""
    if connection.vendor != "postgresql":
        return timezone.now()  # an embedded database has this process's clock
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [now] = cursor.fetchone()
    return now


def _try(work: Callable[[], T]) -> T:
    companion = _companion.get()
    is_through = False
    try:
        with _turn_to_write(), transaction.atomic(durable=True):
            if companion:
                companion.begin()
            outcome = work()
            if companion:
                companion.end(outcome)
            is_through = True
    except TROUBLE as error:
        if _sqlstate(error) == LOCK_NOT_AVAILABLE:
            lock_waits_ran_out.inc()
        if is_through and _is_cut_off(error):
            raise OutcomeUnknown from error
        raise
    return outcome


@contextmanager
def _turn_to_write() -> Iterator[None]:
    """On SQLite let one thread of this process write at a time.

    Who waits here is woken at once; SQLite itself sleeps, and looks again. (Its own time-out goes
    on where this one ends.)
    """
    if connection.vendor == "postgresql":
        yield
        return
    has_turn = _writing.acquire(timeout=TURN_SECONDS)
    try:
        yield
    finally:
        if has_turn:
            _writing.release()


def _left_no_trace(error: Exception) -> bool:
    return _sqlstate(error) in UNDONE_SQLSTATES or _is_cut_off(error)


def _is_cut_off(error: Exception) -> bool:
    # Who waited in vain for a connection of the pool has waited long enough.
    if isinstance(error.__cause__, PoolTimeout | OperationalError):
        return False
    state = _sqlstate(error)
    return state is None or state.startswith(CUT_OFF_SQLSTATES)


def _sqlstate(error: Exception) -> str | None:
    """Return what the server said; None: it said nothing; empty: it isn't a server."""
    if isinstance(error, InterfaceError) and error.__cause__ is None:
        return None  # Django's own, of a connection that is closed already
    return getattr(error.__cause__, "sqlstate", "")
