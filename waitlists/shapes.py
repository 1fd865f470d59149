"""Rows as the plain objects that the serializers describe."""

from events.shapes import ITS_EVENT_COLUMNS, Row, shape_its_event
from waitlists.likelihood import likelihood

ENTRY_COLUMNS = (
    *("id", "user_id", "status", "position", "seats_ahead", "created_at"),
    *("party_size", "adjacent", "booked", "cancelled"),
    *("offered_seat_id", "offered_seat__seat_number", "offered_seat__held_until"),
    *ITS_EVENT_COLUMNS,
)


def shape_entry(row: Row) -> Row:
    held_until = row["offered_seat__held_until"]
    offered_seat, kept = _shape_offered_seat(row), row.get("kept_seats", [])
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "event_id": row["event_id"],
        "event": shape_its_event(row),
        "status": row["status"],
        "position": row["position"],
        "party_size": row["party_size"],
        "adjacent": row["adjacent"],
        "seats_ahead": row["seats_ahead"],
        "likelihood": _likelihood(row),
        "offered_seat": offered_seat,
        "offered_seats": (kept or [offered_seat]) if offered_seat else [],
        "gathered_seats": [] if offered_seat else kept,
        "offer_expires_at": held_until and held_until.isoformat(),
        "created_at": row["created_at"].isoformat(),
    }


def _likelihood(row: Row) -> float | None:
    if row["seats_ahead"] is None:
        return None
    seats = row["seats_ahead"] + row["party_size"]
    chance = likelihood(booked=row["booked"], cancelled=row["cancelled"], seats=seats)
    return round(chance, 3)


def _shape_offered_seat(row: Row) -> Row | None:
    if row["offered_seat_id"] is None:
        return None
    return {"id": row["offered_seat_id"], "seat_number": row["offered_seat__seat_number"]}
