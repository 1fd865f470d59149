"""One line in the log per change of state, and one more in its figure: ids, no personal data."""

from functools import partial
from typing import Any

import structlog
from django.db import transaction

from evently.metrics import count_change
from evently.statements import IdOf, known

logger = structlog.get_logger("evently.changes")


def log_change(name: str, **ids: int | str | IdOf | None) -> None:
    """Log and count that something changed, once that is committed; never what was undone.

    A change of several `bookings` at once says how many.
    """
    transaction.on_commit(partial(_tell, name, ids))


def _tell(name: str, ids: dict[str, Any]) -> None:
    logger.info(name, **{key: known(value) for key, value in ids.items()})
    count_change(name, ids.get("bookings", 1))
