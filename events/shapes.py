"""Rows as the plain objects that the serializers describe, without a serializer's cost per field.

`tests/test_shapes.py` holds the two together.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

EVENT_COLUMNS = (
    *("id", "name", "venue", "start_time", "end_time", "description", "timezone", "status"),
    *("total_seats", "available_seats", "max_per_user"),
    *("sales_start", "sales_end", "cancel_until"),
)
# Of a row that belongs to an event.
ITS_EVENT_COLUMNS = (
    *("event_id", "event__name", "event__venue", "event__start_time", "event__end_time"),
    "event__timezone",
)
SEAT_COLUMNS = ("id", "seat_number", "status")
# Where it is in a hall that has a shape.
SHAPE_COLUMNS = ("section", "row", "number", "place", "is_accessible")


def shape_event(row: Row) -> Row:
    return row | {
        "start_time": _local(row["start_time"], row["timezone"]),
        "end_time": _local(row["end_time"], row["timezone"]),
        "sales_start": _local(row["sales_start"], row["timezone"]),
        "sales_end": _local(row["sales_end"], row["timezone"]),
        "cancel_until": _local(row["cancel_until"], row["timezone"]),
    }


def shape_its_event(row: Row) -> Row:
    """Return the event that a row belongs to, as far as it is shown with the row."""
    return {
        "id": row["event_id"],
        "name": row["event__name"],
        "venue": row["event__venue"],
        "start_time": _local(row["event__start_time"], row["event__timezone"]),
        "end_time": _local(row["event__end_time"], row["event__timezone"]),
    }


def _local(moment: datetime | None, zone: str) -> str | None:
    """Show a time of an event with the offset of the event's own time zone."""
    return moment and moment.astimezone(ZoneInfo(zone)).isoformat()
