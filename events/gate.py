"""The gate: every event's readers-writer lock, and the one place that knows SQL dialects.

Whoever sells a seat, or gives one back while nobody waits, passes through the shared gate;
whoever decides about the event as a whole (its line, its offers, its life) through the exclusive
one. It is held until the transaction ends.

On PostgreSQL it is an advisory lock of the transaction. On SQLite a transaction begins with
`BEGIN IMMEDIATE` (a database setting), which lets one writer in at a time: a gate in itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from random import uniform
from time import sleep
from typing import ParamSpec, TypeVar

import structlog
from django.db import OperationalError, connection, transaction
from django.utils import timezone

logger = structlog.get_logger("evently.gate")

P = ParamSpec("P")
T = TypeVar("T")

GATE_TIMEOUT = "5s"
ROW_LOCK_TIMEOUT = "1s"
IDLE_TIMEOUT = "10s"
PAUSES_SECONDS = (0.05, 0.1, 0.2)
# serialization_failure and deadlock_detected, from appendix A of PostgreSQL's manual
UNDONE_SQLSTATES = {"40001", "40P01"}
# The first half of the lock's key keeps our locks apart from anybody else's on the same server.
NAMESPACE = 0x65767467

# The time-outs hold for this transaction only and travel with the lock, so they are in force
# behind a pooler too, which drops those of a connection's start-up. The target list is evaluated
# from left to right: the long time-out is for the gate, the short one for the rows after it, and
# the clock is read once the gate is passed. The key's other half is hashed, since there is no
# (integer, bigint) form: two events that share it merely wait for each other.
_STATEMENT = """
SELECT set_config('lock_timeout', %s, true),
       set_config('idle_in_transaction_session_timeout', %s, true),
       {lock}(%s, hashint8(%s)),
       set_config('lock_timeout', %s, true),
       clock_timestamp()
"""
_PASS_SHARED = _STATEMENT.format(lock="pg_advisory_xact_lock_shared")
_PASS_EXCLUSIVE = _STATEMENT.format(lock="pg_advisory_xact_lock")


class ExclusiveNeeded(Exception):
    """What was found under the shared gate can only be acted upon under the exclusive one."""


@dataclass(frozen=True)
class Gate:
    """A gate that was passed: proof that its event's lock is held by this transaction.

    `now` is the database's clock, read as the gate was passed: the operation's one time.
    """

    event_id: int
    is_exclusive: bool
    now: datetime

    def require_exclusive(self) -> None:
        """Go on under the exclusive gate only.

        A lock is never upgraded, since two upgraders would wait for each other for ever.

        Raises: ExclusiveNeeded.
        """
        if not self.is_exclusive:
            raise ExclusiveNeeded


@contextmanager
def shared(event_id: int) -> Iterator[Gate]:
    """Open a transaction, pass the event's gate beside other sellers, commit on leaving."""
    with transaction.atomic(durable=True):
        yield _pass(event_id, exclusive=False)


@contextmanager
def exclusive(event_id: int) -> Iterator[Gate]:
    """Open a transaction, pass the event's gate alone, commit on leaving."""
    with transaction.atomic(durable=True):
        yield _pass(event_id, exclusive=True)


def run(event_id: int, work: Callable[[Gate], T], *, exclusively: bool = False) -> T:
    """Do the work under the shared gate; where it asks for more, anew under the exclusive one.

    `exclusively` spares the first try, when an ungated look hints that it would be in vain.
    """
    if not exclusively:
        try:
            with shared(event_id) as gate:
                return work(gate)
        except ExclusiveNeeded:
            pass
    with exclusive(event_id) as gate:
        return work(gate)


def retried(service: Callable[P, T]) -> Callable[P, T]:
    """Make a service do its whole work again when PostgreSQL undid it for another session's sake.

    A deadlock's victim, or a serialization failure, has left no trace, so nothing happens twice.
    At most 3 times, after random pauses, so that two who met don't meet again.
    """

    @wraps(service)
    def persist(*args: P.args, **kwargs: P.kwargs) -> T:
        for longest_pause in PAUSES_SECONDS:
            try:
                return service(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in UNDONE_SQLSTATES:
                    raise
                logger.warning("transaction_retried", reason=type(error.__cause__).__name__)
                sleep(uniform(0, longest_pause))
        return service(*args, **kwargs)

    return persist


@contextmanager
def snapshot() -> Iterator[datetime]:
    """Open a transaction whose every read sees one moment, and yield that moment."""
    with transaction.atomic(durable=True):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield database_now()


def database_now() -> datetime:
    """Return the time by the database's clock, which all deadlines are compared with."""
    if connection.vendor != "postgresql":
        return timezone.now()  # an embedded database has this process's clock
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [now] = cursor.fetchone()
    return now


def _pass(event_id: int, *, exclusive: bool) -> Gate:
    if connection.vendor != "postgresql":
        return Gate(event_id, exclusive, database_now())
    with connection.cursor() as cursor:
        cursor.execute(
            _PASS_EXCLUSIVE if exclusive else _PASS_SHARED,
            [GATE_TIMEOUT, IDLE_TIMEOUT, NAMESPACE, event_id, ROW_LOCK_TIMEOUT],
        )
        *_, now = cursor.fetchone()
    return Gate(event_id, exclusive, now)
