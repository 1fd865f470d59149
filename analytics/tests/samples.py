"""Figures as `analytics.queries` returns them, made up: what is shown needs no database."""

from datetime import UTC, date, datetime, timedelta

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


def sample_figures(*, days=2, booked=3, cancelled=1, events=(), total_events=None):
    since = date(2026, 3, 31) - timedelta(days=days - 1)
    return {
        "generated_at": NOON,
        "timezone": "UTC",
        "since": since,
        "until": date(2026, 3, 31),
        "totals": {
            "events": len(events) if total_events is None else total_events,
            "seats": sum(event["total_seats"] for event in events),
            "bookings": days * booked,
            "active": days * (booked - cancelled),
            "cancelled": days * cancelled,
            "waiting": sum(event["waiting"] for event in events),
        },
        "cancellation_rate": cancelled / booked if booked else 0.0,
        "daily": [
            {"date": since + timedelta(days=n), "booked": booked, "cancelled": cancelled}
            for n in range(days)
        ],
        "events": list(events),
    }


def sample_event(*, event_id=1, name="Exclusive Gala", seats=50, booked=20, waiting=0):
    return {
        "event_id": event_id,
        "name": name,
        "start_time": datetime(2026, 7, 1, 19, tzinfo=UTC),
        "total_seats": seats,
        "booked_seats": booked,
        "available_seats": seats - booked,
        "waiting": waiting,
        "cancelled": 1,
        "utilization": booked / seats if seats else 0.0,
    }
