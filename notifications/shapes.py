"""Rows as the plain objects that the serializers describe."""

from typing import Any

NOTIFICATION_COLUMNS = (
    *("id", "user_id", "kind", "message", "is_read", "created_at", "event_id", "booking_id"),
)


def shape_notification(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"created_at": row["created_at"].isoformat()}
