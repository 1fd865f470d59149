"""What the OpenAPI description shows of bookings."""

from drf_spectacular.utils import OpenApiExample

from events.examples import GALA, SEAT

BOOKING = {
    "id": 1,
    "user_id": 1,
    "event_id": GALA["id"],
    "seat_id": SEAT["id"],
    "seat_number": SEAT["seat_number"],
    "order_id": None,
    "status": "active",
    "is_offered_back": False,
    "created_at": "2026-03-01T12:00:00+00:00",
    "cancelled_at": None,
}

ANY_SEAT_EXAMPLE = OpenApiExample("any seat", {"user_id": 1, "event_id": 1}, request_only=True)
THIS_SEAT_EXAMPLE = OpenApiExample(
    "this seat", {"user_id": 1, "event_id": 1, "seat_number": "Seat-7"}, request_only=True
)
BOOKING_EXAMPLE = OpenApiExample("booking", BOOKING, response_only=True)
LISTED_BOOKING_EXAMPLE = OpenApiExample(
    "booking", BOOKING | {"event": GALA, "seat": SEAT}, response_only=True
)
WAITLISTED_EXAMPLE = OpenApiExample(
    "waitlisted",
    {
        "status": "waitlisted",
        "detail": "The event is full. You are in its line; you will hear when a seat is kept.",
        "waitlist_entry": {
            "id": 1,
            "user_id": 1,
            "event_id": GALA["id"],
            "event": GALA,
            "status": "waiting",
            "position": 1,
            "party_size": 1,
            "adjacent": "no",
            "seats_ahead": 0,
            "likelihood": 0.87,
            "offered_seat": None,
            "offered_seats": [],
            "gathered_seats": [],
            "offer_expires_at": None,
            "created_at": "2026-03-01T12:00:00+00:00",
        },
    },
    response_only=True,
    status_codes=[202],
)


# Of several seats at once.
NAMED_EXAMPLE = OpenApiExample(
    "these seats", {"event_id": 1, "seat_numbers": ["Seat-7", "Seat-8"]}, request_only=True
)
QUANTITY_EXAMPLE = OpenApiExample(
    "the best seats", {"event_id": 1, "quantity": 4, "adjacent": "required"}, request_only=True
)
HELD_EXAMPLE = OpenApiExample("the seats of a hold", {"hold_id": 1}, request_only=True)
HOLD_EXAMPLE = OpenApiExample(
    "hold",
    {
        "id": 1,
        "user_id": 1,
        "event_id": GALA["id"],
        "event": GALA,
        "status": "open",
        "seats": [SEAT | {"section": "", "row": "", "number": None}],
        "adjacent": True,
        "created_at": "2026-03-01T12:00:00+00:00",
        "expires_at": "2026-03-01T12:10:00+00:00",
        "can_be_refreshed": True,
        "ended_at": None,
    },
    response_only=True,
)
ORDER_EXAMPLE = OpenApiExample(
    "order",
    {
        "id": 1,
        "reference": "Q5ZM-MZ0N",
        "user_id": 1,
        "event_id": GALA["id"],
        "event": GALA,
        "status": "active",
        "adjacent": True,
        "bookings": [BOOKING | {"order_id": 1}],
        "created_at": "2026-03-01T12:00:00+00:00",
    },
    response_only=True,
)
