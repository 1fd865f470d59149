"""Write down what changes, in the transaction of the change."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import structlog
from django.db import transaction
from django.db.transaction import TransactionManagementError

from evently.api.logs import log_change
from evently.audit import actor
from evently.audit.actions import Action
from evently.audit.models import AuditRecord
from evently.statements import IdOf, insert, made
from evently.transactions import database_now

ROWS_PER_INSERT = 1_000
# Whoever calls may send an id of their own, with a name or an address in it; not so in one of
# these digits, such as a UUID, a trace's id, or one of ours.
NAMELESS_ID = re.compile(r"[0-9a-fA-F-]{16,64}")


def record(
    action: str,
    *,
    at: datetime | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    **ids: int | str | IdOf | None,
) -> None:
    """Record a change, and log it once it is committed: one statement.

    `at` is the operation's own time; without it, the database's clock is read. The
    ids go to the log as they are; the record takes the event's, the user's and its subject's.
    """
    record_all(action, [{"at": at, "before": before, "after": after, **ids}])
    log_change(action, **ids)


def record_all(
    action: str, changes: Iterable[dict[str, Any]], *, at: datetime | None = None
) -> None:
    """Record many changes of a kind, each told as to `record`. What is logged is up to the caller.

    Raises: TransactionManagementError outside of a transaction, where a change could be without
    its record.
    """
    if not transaction.get_connection().in_atomic_block:
        raise TransactionManagementError("A change is recorded in its own transaction.")
    records = _compose_all(Action(action), changes, at)
    while batch := list(islice(records, ROWS_PER_INSERT)):
        insert(batch, needs_ids=False)


def _compose_all(
    action: Action, changes: Iterable[dict[str, Any]], at: datetime | None
) -> Iterator[AuditRecord]:
    by = actor.current()
    request_id = _request_id()
    for change in changes:
        yield made(
            AuditRecord,
            event_id=change.get("event_id"),
            at=change.get("at") or at or database_now(),
            actor_kind=by.kind,
            actor_id=by.user_id,
            action=action,
            subject=action.subject,
            subject_id=change[f"{action.subject}_id"],
            user_id=change.get("user_id"),
            request_id=request_id,
            before=change.get("before"),
            after=change.get("after"),
        )


def _request_id() -> str | None:
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return request_id if NAMELESS_ID.fullmatch(request_id) else None
