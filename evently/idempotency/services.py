"""Do what a request asks for once, however often it is sent with the same key.

As the Internet-Draft draft-ietf-httpapi-idempotency-key-header describes it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import OperationalError, connection

from evently import transactions
from evently.api.exceptions import IdempotencyKeyInUse, IdempotencyKeyReused
from evently.idempotency.models import StoredAnswer

T = TypeVar("T")

LOCK_NOT_AVAILABLE = "55P03"
# Waits for whoever is just answering a request with the same key, up to the row locks' time-out.
# (SQLite takes ON CONFLICT for a join's without the WHERE.)
_CLAIM = """
INSERT INTO idempotency_storedanswer (caller, key, fingerprint, created_at)
SELECT %s, %s, %s, CURRENT_TIMESTAMP FROM {limited_row} WHERE true
ON CONFLICT DO NOTHING
"""


class AnsweredBefore(Exception):
    """The request was answered before; what was asked for isn't done again."""

    def __init__(self, answer: StoredAnswer) -> None:
        self.answer = answer
        super().__init__(str(answer))


@dataclass(frozen=True)
class Claim:
    """Who sends which request under which key; `fingerprint` is a hash of the request."""

    caller: str
    key: str
    fingerprint: str

    def take(self) -> None:
        """Insert the key's row, unless it was answered.

        Raises: AnsweredBefore, IdempotencyKeyReused, IdempotencyKeyInUse.
        """
        while not self._insert():
            if not self._rows.expired().delete()[0]:
                self.look_up()

    def look_up(self) -> None:
        """Tell by an exception that the key has an answer.

        Raises: AnsweredBefore, IdempotencyKeyReused.
        """
        answer = self._rows.kept().first()
        if answer is None:
            return
        if answer.fingerprint != self.fingerprint:
            raise IdempotencyKeyReused
        raise AnsweredBefore(answer)

    def complete(self, *, status: int, headers: dict[str, str], body: str) -> None:
        """Write down the answer beside the key, in the transaction that inserted its row."""
        self._rows.update(status=status, headers=headers, body=body)

    @property
    def _rows(self) -> Any:
        return StoredAnswer.objects.filter(caller=self.caller, key=self.key)

    def _insert(self) -> bool:
        statement = _CLAIM.format(limited_row=transactions.limited_row())
        with connection.cursor() as cursor:
            try:
                cursor.execute(statement, [self.caller, self.key, self.fingerprint])
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                    raise IdempotencyKeyInUse from error
                raise
            return cursor.rowcount == 1


@dataclass
class Once(Generic[T]):
    """A companion that claims the key before the service's work, and keeps the answer after it.

    `answer` makes the outcome an answer, of which `parts` are kept: status, headers, body.
    """

    claim: Claim
    answer: Callable[[Any], T]
    parts: Callable[[T], dict[str, Any]]
    given: T | None = field(default=None, init=False)

    def begin(self) -> None:
        self.claim.take()

    def end(self, outcome: Any) -> None:
        self.given = self.answer(outcome)
        self.claim.complete(**self.parts(self.given))


def clear_expired_answers() -> int:
    """Delete what is kept no longer; return how many. Repeating is harmless."""
    deleted, _ = StoredAnswer.objects.expired().delete()
    return deleted
