"""Pass an event's gate around what a test calls, where the product calls it from within."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from events import gate


@contextmanager
def shared(event_id: int) -> Iterator[gate.Gate]:
    """Open a transaction, pass the gate beside other sellers, commit on leaving."""
    with transaction.atomic(durable=True):
        yield gate._pass(event_id, exclusive=False)


@contextmanager
def exclusive(event_id: int) -> Iterator[gate.Gate]:
    """Open a transaction, pass the gate alone, commit on leaving."""
    with transaction.atomic(durable=True):
        yield gate._pass(event_id, exclusive=True)
