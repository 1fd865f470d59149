"""Ids, paths, methods and hosts that lead nowhere."""

from tests.bad_input import BOOKING, EVENT, LARGEST_ID, UNKNOWN, Row, invalid, missing

CALLS_WITH_AN_ID = {
    "GET /events/{}": "holder",
    "GET /events/{}/seats": "holder",
    "GET /bookings/{}": "holder",
    "DELETE /bookings/{}": "holder",
    "POST /bookings/{}/offer-back": "holder",
    "DELETE /bookings/{}/offer-back": "holder",
    "GET /holds/{}": "holder",
    "DELETE /holds/{}": "holder",
    "POST /holds/{}/refresh": "holder",
    "GET /orders/{}": "holder",
    "DELETE /orders/{}": "holder",
    "GET /waitlists/{}": "holder",
    "DELETE /waitlists/{}": "holder",
    "POST /waitlists/{}/accept": "holder",
    "GET /admin/events/{}": "admin",
    "POST /admin/events/{}/publish": "admin",
    "POST /admin/events/{}/cancel": "admin",
}
BEYOND_64_BITS = [LARGEST_ID + 1, 10**30]
NO_NUMBERS = ["-1", "+1", "abc", "1.0", "1_0", "0x1", "٣", "1%00", "1%0a", "%20", "null"]

UNKNOWN_PATHS = [
    *("/", "/nope", "/EVENTS", "//events", "/events/", f"/events/{EVENT}/", "/bookings/"),
    *("/users", "/users/me/", "/users/1", "/waitlists/me/", f"/events/{EVENT}/seats/"),
    *("/admin/nope", "/admin/events/", "/healthz/", "/schema/", "/docs/", "/static/nope.js"),
    *("/events;x", "/events%00", "/.env", "/..%2f..%2fetc/passwd", "/%ff"),
]

ALLOWED = {
    "GET /bookings": "POST",
    "PUT /bookings": "POST",
    f"PUT /bookings/{BOOKING}": "GET, DELETE, HEAD",
    f"PATCH /bookings/{BOOKING}": "GET, DELETE, HEAD",
    f"POST /bookings/{BOOKING}": "GET, DELETE, HEAD",
    "POST /events": "GET, HEAD",
    "DELETE /events": "GET, HEAD",
    f"PUT /events/{EVENT}": "GET, HEAD",
    f"DELETE /events/{EVENT}/seats": "GET, HEAD",
    "POST /users/me": "GET, HEAD",
    "DELETE /users/me/bookings": "GET, HEAD",
    "GET /users/me/notifications/read-all": "POST",
    "GET /users/me/notifications/1": "PATCH",
    "GET /waitlists": "POST",
    "PUT /waitlists/1": "GET, DELETE, HEAD",
    "GET /waitlists/1/accept": "POST",
    "DELETE /admin/events": "GET, POST, HEAD",
    f"POST /admin/events/{EVENT}": "GET, PUT, PATCH, DELETE, HEAD",
    f"GET /admin/events/{EVENT}/publish": "POST",
    f"DELETE /admin/events/{EVENT}/cancel": "POST",
    "POST /admin/analytics": "GET, HEAD",
    "POST /admin/bookings": "GET, HEAD",
    "DELETE /admin/users": "GET, POST, HEAD",
    "OPTIONS /events": "GET, HEAD",
    "OPTIONS /bookings": "POST",
    "TRACE /events": "GET, HEAD",
    "BREW /events": "GET, HEAD",
    "POST /healthz": "GET, HEAD",
    "DELETE /readyz": "GET, HEAD",
    "POST /schema": "GET, HEAD",
    "POST /docs": "GET, HEAD",
    "DELETE /redoc": "GET, HEAD",
}


def not_allowed(call, allow, caller):
    code = "method_not_allowed"
    return Row(
        what=f"by {caller}", call=call, status=405, code=code, allow=allow, caller=caller, body={}
    )


ROWS = [
    *(
        missing(call.format(id), "not_found", what=f"id {id}", caller=caller)
        for call, caller in CALLS_WITH_AN_ID.items()
        for id in (0, UNKNOWN, LARGEST_ID)
    ),
    *(
        invalid(call.format(id), "id", what=f"id {id}", caller=caller)
        for call, caller in CALLS_WITH_AN_ID.items()
        for id in BEYOND_64_BITS
    ),
    *(
        missing(call.format(id), what=f"id {id!a}", caller="admin")
        for call in ("GET /events/{}", "DELETE /bookings/{}", "DELETE /admin/events/{}")
        for id in NO_NUMBERS
    ),
    *(missing(f"GET {path}", what="unknown path") for path in UNKNOWN_PATHS),
    *(missing(f"POST {path}", what="unknown path", body={}) for path in ("/nope", "/bookings/")),
    *(missing(f"HEAD /{path}", what="nothing there") for path in ("nope", f"events/{UNKNOWN}")),
    missing("OPTIONS /nope", what="unknown path"),
    *(
        not_allowed(call, allow, caller)
        for call, allow in ALLOWED.items()
        for caller in ("nobody", "admin")
    ),
    *(
        Row(
            what=f"Host is {host}",
            call="GET /events",
            status=400,
            code="bad_request",
            headers={"Host": host},
        )
        for host in ("evil.example", "evil.example:80", "a b", "testserver@evil.example")
    ),
]
