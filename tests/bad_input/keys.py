"""Idempotency keys that name nothing, or two things."""

from tests.bad_input import ENTRY, EVENT, invalid

POSTS = [
    ("POST /bookings", {"event_id": EVENT}),
    ("POST /waitlists", {"event_id": EVENT}),
    (f"POST /waitlists/{ENTRY}/accept", None),
    ("POST /users/me/notifications/read-all", None),
    ("POST /admin/events", {}),
    ("POST /admin/users", {}),
]
NO_KEYS = {
    "empty": "",
    "blank": "   ",
    "256 characters": "x" * 256,
    "8,000 characters": "x" * 8_000,
    "a line feed": "a\nb",
    "a tab": "a\tb",
    "a NUL": "a\0b",
    "a delete": "a\x7fb",
    "beyond ASCII": "clé",
    "sent twice": "one,two",
    "sent twice, with a space": "one, two",
    "two in quotes": '"one", "two"',
    "empty quotes": '""',
    "an open quote": '"one',
    "256 characters in quotes": f'"{"x" * 256}"',
    "a control character in quotes": '"a\x01b"',
    "an escape of nothing in quotes": r'"a\nb"',
}
NO_USERS = ["a\0b", "\ud800", "x" * 60_000, [1], {}, 1.5, True, None, 0, -1, 10**400]

ROWS = [
    *(
        invalid(
            "POST /bookings",
            "Idempotency-Key",
            what=f"the key is {what}",
            body={"event_id": EVENT},
            headers={"Idempotency-Key": key},
        )
        for what, key in NO_KEYS.items()
    ),
    *(
        invalid(
            "POST /bookings",
            field,
            what=f"a key beside {ascii(body)[:40]}",
            body=body,
            caller="nobody",
            headers={"Idempotency-Key": "of-nobody"},
        )
        for field, body in (
            *(("non_field_errors", body) for body in (1, "user_id", [], [[]], True)),
            *(("user_id", {"event_id": EVENT, "user_id": id}) for id in NO_USERS),
        )
    ),
    *(
        invalid(
            call,
            "Idempotency-Key",
            what="an empty key",
            body=body,
            caller="admin",
            headers={"Idempotency-Key": ""},
        )
        for call, body in POSTS
    ),
]
