"""Calls that are too many, and changes to a version that isn't there any more."""

from tests.bad_input import EVENT, UNKNOWN, Row, invalid, missing
from tests.bad_input.fields import NEW_EVENT

READ, BOOK = "GET /events", "POST /bookings"
USER_WRITES = "EVENTLY_THROTTLE_USER_WRITES_PER_MINUTE"
ADDRESS_WRITES = "EVENTLY_THROTTLE_ADDRESS_WRITES_PER_MINUTE"
ANONYMOUS_READS = "EVENTLY_THROTTLE_ANONYMOUS_READS_PER_MINUTE"
CHANGES = {
    f"PUT /admin/events/{EVENT}": NEW_EVENT,
    f"PATCH /admin/events/{EVENT}": {"name": "Other"},
    f"DELETE /admin/events/{EVENT}": None,
}
STALE = ['"2"', '"0"', '"01"', '"-1"', '"1.0"', '""', 'W/"1"', '"x", "y"', f'"{"9" * 500}"']
MALFORMED = ["", " ", "1", '"1', '1"', "W/1", "**", '*, "1"', '"1" "2"', "'1'", '"a b"', "\\"]


def too_many(what, call, limit, **values):
    """Make a row whose call is one too many where so many per minute are granted."""
    row = {"code": "throttled", "status": 429, "settings": {limit: 2}, "sent_before": 2}
    return Row(what=what, call=call, **row | values)


def conditional(call, status, code, if_match=None, **values):
    headers = {} if if_match is None else {"If-Match": if_match}
    what = f"If-Match is {ascii(if_match)[:40]}"
    row = {"what": what, "headers": headers, "body": CHANGES[call], "caller": "admin"}
    return Row(call=call, status=status, code=code, **row | values)


ROWS = [
    too_many("nobody", READ, ANONYMOUS_READS, caller="nobody"),
    too_many("nobody, looking", "HEAD /events", ANONYMOUS_READS, caller="nobody"),
    too_many("unknown", READ, ANONYMOUS_READS, caller="nobody", headers={"X-User-ID": "x"}),
    too_many("nobody", BOOK, ADDRESS_WRITES, caller="nobody", raw=b"{"),
    too_many("their address", BOOK, ADDRESS_WRITES, raw=b"{"),
    too_many("malformed", BOOK, USER_WRITES, raw=b"{"),
    too_many("a form", BOOK, USER_WRITES, content_type="application/x-www-form-urlencoded"),
    too_many("too large", BOOK, USER_WRITES, raw=b" " * 70_000),
    too_many("not theirs", f"DELETE /bookings/{UNKNOWN}", USER_WRITES),
    too_many("forbidden", f"DELETE /admin/events/{EVENT}", USER_WRITES),
    too_many("an admin", f"DELETE /admin/events/{UNKNOWN}", USER_WRITES, caller="admin"),
    *(conditional(call, 412, "precondition_failed", tag) for call in CHANGES for tag in STALE),
    *(
        conditional(call, 400, "invalid", tag, fields=("If-Match",))
        for call in CHANGES
        for tag in MALFORMED
    ),
    *(
        conditional(call, 428, "precondition_required", settings={"EVENTLY_REQUIRE_IF_MATCH": True})
        for call in CHANGES
    ),
    invalid(
        f"PATCH /admin/events/{EVENT}",
        "name",
        what="wrong and stale",
        body={"name": ""},
        headers={"If-Match": '"2"'},
        caller="admin",
    ),
    missing(
        f"PATCH /admin/events/{UNKNOWN}",
        what="nothing there, any version",
        body={"name": "Other"},
        headers={"If-Match": "*"},
        caller="admin",
    ),
]
