"""Values that can't be right, or that the state of things doesn't allow."""

from tests.bad_input import (
    ABSENT,
    AFTER_SALES,
    BEFORE_SALES,
    CANCELLED,
    DRAFT,
    EVENT,
    FOREIGN_BOOKING,
    FOREIGN_NOTIFICATION,
    FULL,
    INACTIVE,
    LATE_BOOKING,
    NO_IDS,
    NOTIFICATION,
    STRANGER,
    UNKNOWN,
    invalid,
    missing,
    refused,
    wrong,
)

BOOK, JOIN = "POST /bookings", "POST /waitlists"
CREATE, MAKE_USER = "POST /admin/events", "POST /admin/users"
PUT, PATCH = f"PUT /admin/events/{EVENT}", f"PATCH /admin/events/{EVENT}"
MARK = f"PATCH /users/me/notifications/{NOTIFICATION}"

NEW_EVENT = {
    "name": "Exclusive Gala",
    "venue": "City Hall",
    "start_time": "2026-07-01T19:00:00",
    "end_time": "2026-07-01T23:00:00",
    "total_seats": 50,
}
SALES = {"sales_start": "2026-05-01T10:00:00"}
MOMENTS_OR_NULL = ["sales_start", "sales_end", "cancel_until"]
NEW_USER = {"username": "newcomer", "email": "newcomer@example.org"}

NO_TEXTS = [1, True, ["x"], {}, None, "", " \t ", "a\0b", "\ud800", "\udfff tail"]
NO_TIMES = [
    *(ABSENT, None, 0, 1782932400, True, [], "", "tomorrow", "19:00"),
    *("2026-13-01T00:00:00", "2026-02-30T19:00:00", "2026-07-01T25:00:00", "2026-07-01T19:00:61"),
    *("2026-07-01T19:00:00+99:00", "2026-07-01T19:00:00 Europe/Berlin", "2026-07-01T19:00\0"),
    *("0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "1899-12-31T23:59:59Z"),
    *("9999-12-31T23:59:59", "9999-12-31T23:59:59-14:00", "3000-01-01T00:00:00Z"),
    *("10000-01-01T00:00:00", "-2026-07-01T19:00:00", "\ud800"),
]

ROWS_OF_BOOKINGS = [
    *wrong(BOOK, {}, "event_id", [ABSENT, *NO_IDS]),
    *wrong(BOOK, {"event_id": EVENT}, "user_id", NO_IDS),
    *wrong(BOOK, {"event_id": EVENT}, "seat_id", NO_IDS),
    *wrong(BOOK, {"event_id": EVENT}, "seat_number", [*NO_TEXTS, "x" * 33]),
    invalid(BOOK, "user_id", what="nobody's", body={"event_id": EVENT}, caller="nobody"),
    refused(BOOK, 403, "user_mismatch", "another's", {"user_id": STRANGER, "event_id": EVENT}),
    refused(BOOK, 403, "user_mismatch", "unknown user", {"user_id": UNKNOWN, "event_id": EVENT}),
    *(
        missing(
            BOOK,
            "user_not_found",
            what=f"{what}, by {caller}",
            caller=caller,
            body={"user_id": id, "event_id": EVENT},
        )
        for caller in ("nobody", "admin")
        for what, id in (("unknown user", UNKNOWN), ("inactive user", INACTIVE))
    ),
    missing(BOOK, "event_not_found", what="unknown event", body={"event_id": UNKNOWN}),
    missing(BOOK, "event_not_found", what="a draft", body={"event_id": DRAFT}),
    refused(BOOK, 409, "event_not_on_sale", "cancelled", {"event_id": CANCELLED}),
    *(
        refused(call, 409, code, "out of its sales", body)
        for id, code in ((BEFORE_SALES, "sales_not_started"), (AFTER_SALES, "sales_ended"))
        for call, body in (
            (BOOK, {"event_id": id}),
            (BOOK, {"event_id": id, "seat_number": "Seat-1"}),
            (JOIN, {"event_id": id}),
        )
    ),
    refused(BOOK, 409, "seat_unavailable", "taken", {"event_id": FULL, "seat_number": "Seat-1"}),
    *(
        missing(BOOK, "seat_not_found", what=f"no {seat}", body={"event_id": EVENT, **seat})
        for seat in (
            {"seat_number": "Seat-4"},
            {"seat_number": "seat-2"},
            {"seat_number": "Seat-2'; --"},
            {"seat_id": 2**63 - 1},
            {"seat_id": 1, "seat_number": "Seat-2"},
        )
    ),
    missing(f"DELETE /bookings/{FOREIGN_BOOKING}", what="another's"),
    refused(f"DELETE /bookings/{LATE_BOOKING}", 409, "cancellation_closed", "too late"),
    missing(f"GET /bookings/{FOREIGN_BOOKING}", what="another's"),
    *(
        missing(f"{method} /bookings/{FOREIGN_BOOKING}/offer-back", what="another's")
        for method in ("POST", "DELETE")
    ),
    refused(f"POST /bookings/{LATE_BOOKING}/offer-back", 409, "cancellation_closed", "too late"),
]

ROWS_OF_EVENTS = [
    *wrong(CREATE, NEW_EVENT, "name", [ABSENT, *NO_TEXTS, "x" * 201], caller="admin"),
    *wrong(CREATE, NEW_EVENT, "venue", [ABSENT, *NO_TEXTS, "x" * 201], caller="admin"),
    *wrong(CREATE, NEW_EVENT, "start_time", NO_TIMES, caller="admin"),
    *wrong(
        CREATE,
        NEW_EVENT,
        "end_time",
        [*NO_TIMES, "2026-07-01T19:00:00", "2026-07-01T18:59:59", "2026-07-01T20:00:00+02:00"],
        caller="admin",
    ),
    # The hour that is skipped in spring: 02:30 is 01:30 UTC, and 03:15 is 01:15.
    *wrong(
        CREATE,
        NEW_EVENT | {"timezone": "Europe/Berlin", "start_time": "2026-03-29T02:30:00"},
        "end_time",
        ["2026-03-29T03:15:00"],
        caller="admin",
    ),
    *wrong(
        CREATE,
        NEW_EVENT,
        "total_seats",
        [ABSENT, None, "50", 50.0, True, [], -1, 100_001, 10**30, 1e300],
        caller="admin",
    ),
    *wrong(
        CREATE,
        NEW_EVENT,
        "timezone",
        [None, 1, [], "", "Mars/Olympus", "../UTC", "europe/berlin", "UTC\0", "\ud800"],
        caller="admin",
    ),
    *wrong(
        CREATE,
        NEW_EVENT,
        "status",
        [None, 1, True, [], {}, "", "sold_out", "Published", "\ud800"],
        caller="admin",
    ),
    *wrong(
        CREATE,
        NEW_EVENT,
        "description",
        [None, 1, [], "a\0b", "\ud800", "x" * 10_001],
        caller="admin",
    ),
    *(
        row
        for call in (CREATE, PUT, PATCH)
        for row in wrong(
            call,
            {} if call == PATCH else NEW_EVENT,
            "max_per_user",
            [0, -1, 100_001, 10**30, "4", 4.0, 1e300, True, "", [], {}],
            caller="admin",
        )
    ),
    *(
        row
        for call in (CREATE, PUT, PATCH)
        for name in MOMENTS_OR_NULL
        for row in wrong(
            call,
            {} if call == PATCH else NEW_EVENT,
            name,
            [value for value in NO_TIMES if value not in (ABSENT, None)],
            caller="admin",
        )
    ),
    *(
        row
        for call in (CREATE, PUT, PATCH)
        for row in wrong(
            call,
            SALES if call == PATCH else NEW_EVENT | SALES,
            "sales_end",
            ["2026-05-01T10:00:00", "2026-05-01T09:59:59Z", "2026-05-01T12:00:00+02:00"],
            caller="admin",
        )
    ),
    *wrong(PUT, NEW_EVENT, "name", [ABSENT, None, 1], caller="admin"),
    *wrong(PUT, NEW_EVENT, "end_time", [ABSENT, "2026-07-01T19:00:00"], caller="admin"),
    *wrong(PUT, NEW_EVENT, "total_seats", [None, "3", 3.0, 100_001], caller="admin"),
    *wrong(PATCH, {}, "start_time", [None, "soon"], caller="admin"),
    *wrong(PATCH, {}, "end_time", [None, "2030-06-01T19:00:00Z"], caller="admin"),
    invalid(
        PATCH,
        "end_time",
        what="a start after its end",
        body={"start_time": "2031-01-01T00:00:00Z"},
        caller="admin",
    ),
    *wrong(PATCH, {}, "status", [None, "gone", ["draft"]], caller="admin"),
    *(
        refused(call, 400, "total_seats_immutable", "other seats", body, caller="admin")
        for call, body in ((PUT, NEW_EVENT), (PATCH, {"total_seats": 4, "name": "Other"}))
    ),
    refused(PATCH, 409, "status_change_refused", "back", {"status": "draft"}, caller="admin"),
    refused(
        f"PATCH /admin/events/{CANCELLED}",
        409,
        "status_change_refused",
        "back from cancelled",
        {"status": "published"},
        caller="admin",
    ),
    *(
        refused(
            f"POST /admin/events/{event}/{step}", 409, "status_change_refused", what, caller="admin"
        )
        for event, step, what in ((CANCELLED, "publish", "cancelled"), (DRAFT, "cancel", "a draft"))
    ),
    refused(
        f"DELETE /admin/events/{EVENT}", 409, "event_has_active_bookings", "sold", caller="admin"
    ),
    missing(f"PUT /admin/events/{UNKNOWN}", what="unknown", body=NEW_EVENT, caller="admin"),
    missing(f"PATCH /admin/events/{UNKNOWN}", what="unknown", body={}, caller="admin"),
    missing(f"DELETE /admin/events/{UNKNOWN}", "event_not_found", what="unknown", caller="admin"),
]

ROWS_OF_PEOPLE = [
    *wrong(
        MAKE_USER,
        NEW_USER,
        "username",
        [ABSENT, *NO_TEXTS, "two words", "x" * 151, "holder"],
        caller="admin",
    ),
    *wrong(
        MAKE_USER,
        NEW_USER,
        "email",
        [ABSENT, *NO_TEXTS, "nobody", "a@b", "a@b@c.org", f"{'x' * 250}@example.org"],
        caller="admin",
    ),
    *wrong(
        MAKE_USER, NEW_USER, "email", ["holder@example.org", "HOLDER@example.ORG"], caller="admin"
    ),
    *wrong(MAKE_USER, NEW_USER, "role", [None, "", "root", 1, ["admin"], "\ud800"], caller="admin"),
    *wrong(MARK, {}, "is_read", [ABSENT, None, "true", "", 1, 0, "yes", [], {}]),
    missing(
        f"PATCH /users/me/notifications/{FOREIGN_NOTIFICATION}",
        what="another's",
        body={"is_read": True},
    ),
]

ROWS = [*ROWS_OF_BOOKINGS, *ROWS_OF_EVENTS, *ROWS_OF_PEOPLE]
