"""Counts that would tell something else than what there is."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections

from events.models import Event


@register(Tags.database)
def check_counts(*, databases: list[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to serve events that aren't counted, or by another time zone's days; in the demo too.

    A database that is away, or has no tables yet, is no reason not to start.
    """
    return [
        Error(
            f"Events aren't counted by the days of TIME_ZONE, {settings.TIME_ZONE}.",
            hint="Stop what serves, run `manage.py analytics --rebuild`, and start again; "
            "or set TIME_ZONE back.",
            id="evently.E025",
        )
        for alias in databases or []
        if _has_uncounted(alias)
    ]


def _has_uncounted(alias: str) -> bool:
    try:
        return Event.objects.using(alias).uncounted().exists()
    except DatabaseError:
        return False
    finally:
        connections[alias].close()
