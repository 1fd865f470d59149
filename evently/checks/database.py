"""Settings of the database server by which it would lose what it acknowledged."""

from typing import Any

import structlog
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections

IDS = {
    "fsync": "evently.E013",
    "full_page_writes": "evently.E014",
    "synchronous_commit": "evently.E015",
}
# What tells the settings that are off, where a server has such; a file has ours.
OFF_BY_VENDOR = {
    "postgresql": "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting = 'off'"
}

logger = structlog.get_logger("evently")


@register(Tags.database)
def check_durability(*, databases: list[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a server that answers before it has written, outside the demo.

    One that is away is no reason not to start: liveness has to be answered, and it comes back.
    """
    if settings.EVENTLY_DEMO:
        return []
    return [
        Error(
            f"The database runs with {name} off: a crash takes bookings that were acknowledged.",
            hint="Switch it on at the server, and for the database's role.",
            id=IDS[name],
        )
        for alias in databases or []
        for name in _switched_off(alias)
    ]


def _switched_off(alias: str) -> list[str]:
    connection = connections[alias]
    query = OFF_BY_VENDOR.get(connection.vendor)
    if query is None:
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, [list(IDS)])
            return sorted(name for (name,) in cursor.fetchall())
    except DatabaseError as reason:
        logger.warning("durability_unknown", reason=type(reason).__name__)
        return []
    finally:
        connection.close()
