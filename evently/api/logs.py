"""One line in the log per change of state: ids, no personal data."""

from functools import partial

import structlog
from django.db import transaction

logger = structlog.get_logger("evently.changes")


def log_change(name: str, **ids: int | str | None) -> None:
    """Log that something changed, once the change is committed; never for one that was undone."""
    transaction.on_commit(partial(logger.info, name, **ids))
