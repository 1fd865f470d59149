"""The gate: every event's readers-writer lock, held until the transaction ends.

Whoever sells a seat, or gives one back while nobody waits, passes through the shared gate;
whoever decides about the event as a whole (its line, its offers, its life) through the exclusive
one.

On PostgreSQL it is an advisory lock of the transaction. On SQLite a transaction begins with
`BEGIN IMMEDIATE` (a database setting), which lets one writer in at a time: a gate in itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, TypeVar

from django.db import connection
from django.db.models import QuerySet

from evently import transactions
from evently.metrics import gate_waits
from evently.preparing import Query
from evently.statements import Statement, execute, execute_all
from evently.transactions import database_now, set_local

T = TypeVar("T")

GATE_TIMEOUT = "5s"
# A statement's time-out cuts off its waits too; lock_timeout is to be the one that runs out.
WAIT_TIMEOUT = "7s"
# The first half of a lock's key keeps our locks apart from anybody else's on the same server. The
# other half is hashed, since there is no (integer, bigint) form: two that share it merely wait for
# each other.
NAMESPACE = 0x65767467
USER_NAMESPACE = 0x65767475

# Whoever is let in at once takes one statement, which also sets the transaction's time-outs and
# reads the clock. Who isn't takes two more, the first to be allowed to wait for as long as that
# takes. The target list is evaluated from left to right: the long time-out is for the gate, the
# short one for the rows after it, and the clock is read once the gate is passed.
_LIMITS = ["lock_timeout", "idle_in_transaction_session_timeout", "statement_timeout"]
_TRY = f"""
SELECT {set_local(*_LIMITS)}, pg_try_{{lock}}(%s::int, hashint8(%s::bigint)), clock_timestamp()
"""
_WAIT = f"""
SELECT {{lock}}(%s::int, hashint8(%s::bigint)), {set_local("lock_timeout", "statement_timeout")},
       clock_timestamp()
"""
_LOCKS = {False: "advisory_xact_lock_shared", True: "advisory_xact_lock"}
_TRIES = {exclusive: _TRY.format(lock=lock) for exclusive, lock in _LOCKS.items()}
_WAITS = {exclusive: _WAIT.format(lock=f"pg_{lock}") for exclusive, lock in _LOCKS.items()}
_LOCK_USER = "SELECT pg_advisory_xact_lock(%s::int, hashint8(%s::bigint) # hashint8(%s::bigint))"


class ExclusiveNeeded(Exception):
    """What was found under the shared gate can only be acted upon under the exclusive one."""


class Closed(Exception):
    """Who sent other statements along with the gate's wasn't let in, and has run them outside."""


class Ahead(NamedTuple):
    """A statement that is sent along with the gate's, and run as soon as the gate is passed."""

    statement: Statement
    values: dict[str, Any]


@dataclass(frozen=True)
class Gate:
    """A gate that was passed: proof that its event's lock is held by this transaction.

    `now` is the database's clock, read as the gate was passed: the operation's one time.
    """

    event_id: int
    is_exclusive: bool
    now: datetime
    # What was answered along with the gate, and not asked for yet.
    answers: dict[Statement, list[tuple]] = field(default_factory=dict, compare=False)

    def first(self, statement: Statement, **values: Any) -> tuple | None:
        """Return the first row, which may have come along with the gate, or None."""
        rows = self.answers.pop(statement, None)
        return next(iter(statement.all(**values) if rows is None else rows), None)

    def require_exclusive(self) -> None:
        """Go on under the exclusive gate only.

        A lock is never upgraded, since two upgraders would wait for each other for ever.

        Raises: ExclusiveNeeded.
        """
        if not self.is_exclusive:
            raise ExclusiveNeeded

    def lock_user(self, user_id: int) -> None:
        """Keep others from selling a seat of this event to the same user meanwhile.

        Two sellers of different seats don't see each other's bookings, so a limit per user is
        looked at under this lock, taken after the gate. Whoever is alone needs none.
        """
        if connection.vendor == "postgresql" and not self.is_exclusive:
            with connection.cursor() as cursor:
                cursor.execute(_LOCK_USER, [USER_NAMESPACE, self.event_id, user_id])


def event_of(rows: QuerySet, missing: type[Exception]) -> int:
    """Return the event whose gate a row needs; it never changes. Raises: what is `missing`."""
    event_id = rows.values_list("event_id", flat=True).first()
    if event_id is None:
        raise missing
    return event_id


def run(event_id: int, work: Callable[[Gate], T], *, ahead: Sequence[Ahead] = ()) -> T:
    """Do the work under the shared gate; where it asks for more, anew under the exclusive one.

    What is sent `ahead` costs no round trip of its own: the work finds it by `Gate.first`. It is
    run behind the gate, in order; where the gate isn't open at once, all is begun anew without.
    """
    try:
        return transactions.run(lambda: work(_pass(event_id, exclusive=False, ahead=ahead)))
    except Closed:
        return run(event_id, work)
    except ExclusiveNeeded:
        return run_exclusively(event_id, work)


def run_exclusively(event_id: int, work: Callable[[Gate], T], *, is_lengthy: bool = False) -> T:
    """Do the work under the exclusive gate.

    `is_lengthy`: it touches all that an event has, so its statements may take longer than usual.
    """
    enter = partial(_pass, event_id, exclusive=True, is_lengthy=is_lengthy)
    return transactions.run(lambda: work(enter()))


def _pass(
    event_id: int, *, exclusive: bool, is_lengthy: bool = False, ahead: Sequence[Ahead] = ()
) -> Gate:
    if connection.vendor != "postgresql":
        return Gate(event_id, exclusive, database_now())
    statement_timeout = (
        transactions.LENGTHY_STATEMENT_TIMEOUT if is_lengthy else transactions.STATEMENT_TIMEOUT
    )
    key, rows = [NAMESPACE, event_id], [transactions.ROW_LOCK_TIMEOUT]
    kind = "exclusive" if exclusive else "shared"
    with gate_waits.labels(kind).time():
        limits = [*rows, transactions.IDLE_TIMEOUT, statement_timeout]
        attempt = Query(_TRIES[exclusive], [*limits, *key])
        others = [statement.query(**values) for statement, values in ahead]
        [[*_, is_let_in, now]], *rows_ahead = execute_all([attempt, *others])
        if not is_let_in and ahead:
            raise Closed
        if not is_let_in:
            transactions.limit(lock_timeout=GATE_TIMEOUT, statement_timeout=WAIT_TIMEOUT)
            [[*_, now]] = execute(_WAITS[exclusive], [*key, *rows, statement_timeout])
    answers = {
        statement: statement.converted(rows)
        for (statement, _), rows in zip(ahead, rows_ahead, strict=True)
    }
    return Gate(event_id, exclusive, now, answers)
