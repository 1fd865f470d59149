"""What can't be asked for: pages, cursors, filters, figures."""

import base64
import json

from tests.bad_input import invalid

NO_COUNTS = ["", "abc", "-1", "+1", "1.5", "1_0", "%20", "٣", "%00", "1e3", "9" * 19, "9" * 5_000]


def cursor(*token, ordering="-start_time,-id"):
    return base64.urlsafe_b64encode(json.dumps([ordering, *token]).encode()).decode()


def queried(path, name, values, **more):
    """Make a row for each wrong value of one query parameter."""
    joint = "&" if "?" in path else "?"
    for value in values:
        what = f"{name} is {ascii(value)[:60]}"
        yield invalid(f"GET {path}{joint}{name}={value}", name, what=what, **more)


NO_CURSORS = [
    "",
    "nonsense",
    "ä",
    "%00",
    "W10=",
    "bnVsbA==",
    "//8=",
    cursor(False),
    cursor(1, 2, 3),
    cursor(False, "text"),
    cursor(False, {"id": 1}),
    cursor(False, []),
    cursor(False, [None, 1]),
    cursor(False, [True, 1]),
    cursor(False, [[], 1]),
    cursor(False, [float("nan"), 1]),
    cursor(False, ["2026-01-01 00:00:00+00:00", 1.5]),
    cursor(False, ["2026-01-01 00:00:00+00:00", 10**30]),
    cursor(False, ["2026-01-01 00:00:00+00:00", "9" * 30]),
    cursor(False, ["2026-01-01 00:00:00+00:00", "one"]),
    cursor(False, ["2026-01-01 00:00:00+00:00"]),
    cursor(False, ["2026-01-01 00:00:00+00:00", 1, 1]),
    cursor(False, ["2026-01-01 00:00:00", 1]),
    cursor(False, ["2026-01-01", 1]),
    cursor(False, ["2026-13-01 00:00:00+00:00", 1]),
    cursor(False, ["0001-01-01 00:00:00+14:00", 1]),
    cursor(False, ["9999-12-31 23:59:59-14:00", 1]),
    cursor(False, [1, 1]),
    cursor(False, ["Concert", 1]),
    base64.urlsafe_b64encode(b"[" * 50_000).decode(),
]
CURSOR_OF_EVENTS = cursor(False, ["2026-01-01 00:00:00+00:00", 1])

NO_MOMENTS = [
    *("soon", "2026-13-01", "2026-02-30T00:00:00Z", "1782932400", "%00"),
    *("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"),
]
NO_VERSIONS = ["7", "-1", "-1-0", "0-0", "1-", "1-x", "1-0%0A", "%201-0", "٣-0", "9" * 20 + "-0"]
NO_CHOICES = ["yes", "1", "True", "%00", "true,false"]

ROWS = [
    *queried("/events", "limit", ["0", *NO_COUNTS]),
    *queried("/waitlists/me", "limit", ["0", "-1"]),
    *queried("/waitlists/me", "offset", NO_COUNTS),
    *queried("/admin/users", "offset", ["-1", "9" * 19], caller="admin"),
    *queried("/events", "cursor", NO_CURSORS),
    *queried("/events?ordering=name", "cursor", [CURSOR_OF_EVENTS]),
    *queried("/events?ordering=name", "cursor", [cursor(False, ["a\0b", 1], ordering="name,id")]),
    *queried("/events?ordering=name", "cursor", [cursor(False, ["\ud800", 1], ordering="name,id")]),
    *queried(
        "/users/me/bookings",
        "cursor",
        [CURSOR_OF_EVENTS, cursor(False, ["one"], ordering="-id")],
    ),
    *queried("/users/me/notifications", "cursor", [CURSOR_OF_EVENTS]),
    *queried("/admin/bookings", "cursor", [CURSOR_OF_EVENTS], caller="admin"),
    *queried("/events", "search", ["%00", "x" * 201]),
    *queried("/events", "venue", ["Hall%00", "x" * 201]),
    *queried("/events", "upcoming", NO_CHOICES),
    *queried("/events", "available", NO_CHOICES),
    *queried("/events", "include", ["everything", "seats,venue", "%00"]),
    *queried("/events", "ordering", ["price", "start_time,id", "?", "--id", "event__id", "%00"]),
    *queried("/events", "starts_after", NO_MOMENTS),
    *queried("/events", "starts_before", NO_MOMENTS),
    *queried("/events?starts_after=2026-02-01", "starts_before", ["2026-01-01"]),
    *queried("/events/90001/seats", "status", ["sold", "AVAILABLE", "%00"]),
    *queried("/events/90001/seats", "limit", ["0", "all"]),
    *queried("/events/90001/seats", "since", NO_VERSIONS),
    *queried("/events/90001/seats", "compact", NO_CHOICES),
    *queried("/events/90001/seats?since=1-0", "status", ["available"]),
    *queried("/events/90001/seats?compact=true", "status", ["available"]),
    *queried("/users/me/bookings", "status", ["gone", "ACTIVE", "active,cancelled"]),
    *queried("/users/me/notifications", "unread", NO_CHOICES),
    *queried("/admin/events", "status", ["gone", "all"], caller="admin"),
    *queried("/admin/bookings", "status", ["gone"], caller="admin"),
    *queried("/admin/bookings", "user_id", ["0", *NO_COUNTS[1:]], caller="admin"),
    *queried("/admin/bookings", "event_id", ["0", *NO_COUNTS[1:]], caller="admin"),
    *queried("/admin/users", "role", ["root"], caller="admin"),
    *queried("/admin/users", "search", ["%00", "x" * 201], caller="admin"),
    *queried("/admin/audit", "limit", ["0", "all"], caller="admin"),
    *queried("/admin/audit", "cursor", ["nonsense", CURSOR_OF_EVENTS], caller="admin"),
    *(
        row
        for name in ("event_id", "user_id", "actor_id", "subject_id")
        for row in queried("/admin/audit", name, ["0", *NO_COUNTS[1:]], caller="admin")
    ),
    *queried("/admin/audit", "action", ["BOOKING_MADE", "waitlist_joined", "%00"], caller="admin"),
    *queried("/admin/audit", "subject", ["bookings", "booking,seat", "%00"], caller="admin"),
    *queried("/admin/audit", "since", NO_MOMENTS, caller="admin"),
    *queried("/admin/audit", "until", NO_MOMENTS, caller="admin"),
    *queried("/admin/audit?since=2026-02-01", "until", ["2026-01-31"], caller="admin"),
    *queried(
        "/admin/analytics",
        "since",
        ["soon", "2026-02-30", "1899-12-31", "3000-01-01", "%00", "2026-01-01T00:00:00"],
        caller="admin",
    ),
    *queried("/admin/analytics", "until", ["0001-01-01", "9999-12-31", "later"], caller="admin"),
    *queried("/admin/analytics?since=2026-02-01", "until", ["2026-01-31"], caller="admin"),
    # Longer than 3,660 days: with both ends, and up to today.
    *queried("/admin/analytics?until=2026-01-01", "since", ["2015-01-01"], caller="admin"),
    *queried("/admin/analytics", "since", ["2000-01-01"], caller="admin"),
    *queried("/admin/analytics", "events_limit", ["0", *NO_COUNTS[1:]], caller="admin"),
]
