"""What the OpenAPI description shows of events."""

from drf_spectacular.utils import OpenApiExample

GALA = {
    "id": 1,
    "name": "Exclusive Gala",
    "venue": "Grand Hotel",
    "start_time": "2026-07-01T19:00:00+02:00",
    "end_time": "2026-07-01T23:00:00+02:00",
}
SEAT = {"id": 7, "seat_number": "Seat-7"}

EVENT_EXAMPLE = OpenApiExample(
    "event",
    GALA
    | {
        "description": "",
        "timezone": "Europe/Berlin",
        "status": "published",
        "total_seats": 50,
        "available_seats": 49,
        "max_per_user": None,
        "sales_start": "2026-05-01T10:00:00+02:00",
        "sales_end": None,
        "cancel_until": "2026-06-30T19:00:00+02:00",
    },
    response_only=True,
)
NEW_HALL_EXAMPLE = OpenApiExample(
    "new event in a hall with a shape",
    {
        "name": "Exclusive Gala",
        "venue": "Grand Hotel",
        "start_time": "2026-07-01T19:00:00+02:00",
        "end_time": "2026-07-01T23:00:00+02:00",
        "layout": {
            "sections": [
                {
                    "name": "Stalls",
                    "rows": [
                        {"name": "A", "seats": 12, "gaps_after": [6], "accessible": [1, 12]},
                        {"name": "B", "seats": 14, "gaps_after": [7], "blocked": [14]},
                    ],
                }
            ]
        },
    },
    request_only=True,
)
NEW_EVENT_EXAMPLE = OpenApiExample(
    "new event",
    {
        "name": "Exclusive Gala",
        "venue": "Grand Hotel",
        "start_time": "2026-07-01T19:00:00+02:00",
        "end_time": "2026-07-01T23:00:00+02:00",
        "timezone": "Europe/Berlin",
        "total_seats": 50,
        "max_per_user": 4,
        "sales_start": "2026-05-01T10:00:00",
        "cancel_until": "2026-06-30T19:00:00",
    },
    request_only=True,
)
COMPACT_MAP_EXAMPLE = OpenApiExample(
    "whole hall",
    {
        "version": "812-5f3759df",
        "total_seats": 10,
        "sections": [
            {
                "name": "Stalls",
                "rows": [
                    {
                        "name": "A",
                        "first_id": 1,
                        "seats": "abbaxx",
                        "gaps_after": [3],
                        "accessible": [1, 6],
                    },
                    {"name": "B", "first_id": 7, "seats": "ahaa"},
                ],
            }
        ],
    },
    response_only=True,
)
COMPACT_CHANGES_EXAMPLE = OpenApiExample(
    "what has changed",
    {"version": "815-5f3759df", "total_seats": 10, "changed": {"a": [2], "b": [8, 10]}},
    response_only=True,
)
