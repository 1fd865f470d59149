"""Rows as the plain objects that the serializers describe."""

from typing import Any

RECORD_COLUMNS = (
    *("id", "at", "actor_kind", "actor_id", "action", "event_id", "subject", "subject_id"),
    *("user_id", "request_id", "before", "after"),
)


def shape_record(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"at": row["at"].isoformat()}
