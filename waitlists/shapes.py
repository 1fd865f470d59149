"""Rows as the plain objects that the serializers describe."""

from events.shapes import ITS_EVENT_COLUMNS, Row, shape_its_event

ENTRY_COLUMNS = (
    *("id", "user_id", "status", "position", "created_at"),
    *("offered_seat_id", "offered_seat__seat_number", "offered_seat__held_until"),
    *ITS_EVENT_COLUMNS,
)


def shape_entry(row: Row) -> Row:
    held_until = row["offered_seat__held_until"]
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "event_id": row["event_id"],
        "event": shape_its_event(row),
        "status": row["status"],
        "position": row["position"],
        "offered_seat": _shape_offered_seat(row),
        "offer_expires_at": held_until and held_until.isoformat(),
        "created_at": row["created_at"].isoformat(),
    }


def _shape_offered_seat(row: Row) -> Row | None:
    if row["offered_seat_id"] is None:
        return None
    return {"id": row["offered_seat_id"], "seat_number": row["offered_seat__seat_number"]}
