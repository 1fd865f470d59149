"""Whoever can't be believed: identity headers, a gateway's secrets, tokens of ours and others'."""

import base64
import json
import time

from tests.bad_input import EVENT, HOLDER, INACTIVE, LARGEST_ID, STRANGER, UNKNOWN, Row

SECRET = "a gateway's secret of 32 characters and more"
BEHIND_GATEWAY = {"EVENTLY_GATEWAY_SECRET": SECRET}
IN_ROTATION = {
    "EVENTLY_GATEWAY_SECRET": "the secret that is to replace it, as long as that",
    "EVENTLY_GATEWAY_SECRET_FALLBACK": SECRET,
}
TOKENS = {"EVENTLY_AUTH": "tokens"}
METRICS = {"EVENTLY_METRICS_TOKEN": "a scraper's token of 32 characters and more"}
PROXIED = {"X-Forwarded-For": "203.0.113.9"}
JWT = {
    "EVENTLY_AUTH": "jwt",
    "EVENTLY_JWT_JWKS": "/no/such/keys.json",
    "EVENTLY_JWT_ISSUER": "https://id.example",
    "EVENTLY_JWT_AUDIENCE": "evently",
}
BOOKING_OF_HOLDER = {"user_id": HOLDER, "event_id": EVENT}


def refused(what, headers, call="GET /users/me", code="authentication_failed", **values):
    row = {"status": 401, "caller": "nobody"} | values
    return Row(what=what, call=call, code=code, headers=headers, **row)


def nobody(what, headers, call="GET /users/me", **values):
    return refused(what, headers, call, code="not_authenticated", **values)


def forbidden(what, headers, call):
    return refused(what, headers, call, code="permission_denied", status=403)


def lacks_scope(secret, call, **values):
    headers = {"Authorization": f"Bearer {secret}"}
    row = {"what": f"a token {secret}", "status": 403, "code": "insufficient_scope"}
    return Row(call=call, caller="nobody", headers=headers, settings=TOKENS, **row | values)


def jwt(header, **claims):
    """Write a token down that nobody signed."""
    said = {"iss": "https://id.example", "aud": "evently", "sub": "admin", "exp": time.time() + 60}
    parts = (json.dumps(part).encode() for part in (header, said | claims))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])


NO_JWTS = {
    "no token": "",
    "a token of ours": "for-admin",
    "two dots": "..",
    "four parts": "e30.e30.e30.e30",
    "no base64": "!.!.!",
    "no JSON": "eA.eA.eA",
    "a list": "W10.W10.",
    "alg none": jwt({"alg": "none"}),
    "alg nOnE": jwt({"alg": "nOnE", "kid": "1"}),
    "alg HS256": jwt({"alg": "HS256", "kid": "1"}),
    "alg null": jwt({"alg": None, "kid": "1"}),
    "alg an object": jwt({"alg": {}, "kid": "1"}),
    "no kid": jwt({"alg": "RS256"}),
    "kid a number": jwt({"alg": "RS256", "kid": 1}),
    "beyond ASCII": "é.é.é",
    "over-long": "x" * 100_000,
    "endless depth": base64.urlsafe_b64encode(b"[" * 90_000).decode() + ".e30.",
}

NO_IDENTITIES = {
    "empty": "",
    "a word": "abc",
    "negative": "-1",
    "signed": f"+{HOLDER}",
    "an underscore": "90_001",
    "spaces": f" {HOLDER} ",
    "a fraction": "1.0",
    "hexadecimal": "0x1",
    "an exponent": "1e3",
    "a list": f"{HOLDER},{STRANGER}",
    "Arabic digits": "٩٠٠٠١",
    "full-width digits": "９０００１",
    "superscript digits": "9000¹",
    "NaN": "NaN",
    "zero": "0",
    "a leading zero": f"0{HOLDER}",
    "over-long": "9" * 20,
    "ten thousand digits": "9" * 10_000,
    "larger than any id": "9" * 19,
    "the largest id": str(LARGEST_ID),
    "an unknown user": str(UNKNOWN),
    "an inactive user": str(INACTIVE),
}

ROWS = [
    *(refused(f"X-User-ID is {what}", {"X-User-ID": id}) for what, id in NO_IDENTITIES.items()),
    refused("public, malformed X-User-ID", {"X-User-ID": "me"}, "GET /events"),
    refused("public, unknown X-User-ID", {"X-User-ID": str(UNKNOWN)}, f"GET /events/{EVENT}/seats"),
    refused("unknown X-User-ID", {"X-User-ID": "0"}, "POST /bookings", body=BOOKING_OF_HOLDER),
    refused("malformed X-User-ID", {"X-User-ID": "x", "X-User-Role": "admin"}, "GET /admin/users"),
    forbidden(
        "false claim", {"X-User-ID": str(HOLDER), "X-User-Role": "admin"}, "GET /admin/users"
    ),
    forbidden("false claim", {"X-User-ID": str(HOLDER), "X-User-Role": "admin"}, "GET /events"),
    forbidden(
        "false claim",
        {"X-User-ID": str(HOLDER), "X-User-Role": "admin"},
        f"DELETE /admin/events/{EVENT}",
    ),
    forbidden("no claim", {"X-User-ID": str(HOLDER)}, "GET /admin/analytics"),
    nobody("no header", {}),
    nobody("no header", {}, "GET /admin/events"),
    nobody("an unknown role", {"X-User-Role": "superuser"}, "GET /admin/events"),
    nobody("a role in capitals", {"X-User-Role": "ADMIN"}, "GET /admin/events"),
    nobody("the role alone", {"X-User-Role": "admin"}),
    nobody("the role alone", {"X-User-Role": "admin"}, "GET /waitlists/me"),
    nobody("the role alone", {"X-User-Role": "admin"}, "POST /waitlists", body={"event_id": EVENT}),
    nobody("the role alone", {"X-User-Role": "admin"}, "POST /users/me/notifications/read-all"),
    nobody("a token", {"Authorization": "Bearer revoked"}),
    # Behind a gateway
    *(
        nobody(what, {"X-User-ID": str(HOLDER)} | headers, settings=BEHIND_GATEWAY)
        for what, headers in {
            "no secret": {},
            "an empty secret": {"X-Gateway-Secret": ""},
            "a wrong secret": {"X-Gateway-Secret": SECRET[:-1]},
            "another case": {"X-Gateway-Secret": SECRET.upper()},
            "a secret beyond ASCII": {"X-Gateway-Secret": SECRET + "é"},
        }.items()
    ),
    nobody(
        "the role without the secret",
        {"X-User-Role": "admin"},
        "GET /admin/events",
        settings=BEHIND_GATEWAY,
    ),
    nobody(
        "the body alone, behind a gateway",
        {"X-Gateway-Secret": SECRET},
        "POST /bookings",
        body=BOOKING_OF_HOLDER,
        settings=BEHIND_GATEWAY,
    ),
    refused(
        "malformed, behind the secret",
        {"X-Gateway-Secret": SECRET, "X-User-ID": "1_0"},
        settings=BEHIND_GATEWAY,
    ),
    *(
        nobody(what, {"X-User-ID": str(HOLDER)} | headers, settings=IN_ROTATION)
        for what, headers in {
            "neither secret": {},
            "an empty secret, two are good": {"X-Gateway-Secret": ""},
            "the old secret cut short": {"X-Gateway-Secret": SECRET[:-1]},
            "both secrets at once": {
                "X-Gateway-Secret": ",".join(IN_ROTATION.values()),
            },
        }.items()
    ),
    # Tokens
    *(
        refused(what, {"Authorization": value}, settings=TOKENS)
        for what, value in {
            "another scheme": "Basic aG9sZGVyOg==",
            "no scheme": "revoked",
            "no token": "Bearer",
            "a blank token": "Bearer  ",
            "an unknown token": "Bearer evently_nonsense",
            "a revoked token": "Bearer revoked",
            "an expired token": "Bearer expired",
            "a token of an inactive user": "Bearer inactive",
            "two tokens": "Bearer one two",
            "a token beyond ASCII": "Bearer é",
            "an over-long token": "Bearer " + "x" * 10_000,
        }.items()
    ),
    refused("a revoked token", {"Authorization": "Bearer revoked"}, "GET /events", settings=TOKENS),
    nobody("no token", {}, settings=TOKENS),
    nobody("an empty header", {"Authorization": ""}, settings=TOKENS),
    nobody("identity headers", {"X-User-ID": str(HOLDER)}, settings=TOKENS),
    nobody("the role alone", {"X-User-Role": "admin"}, "GET /admin/users", settings=TOKENS),
    nobody("the body alone", {}, "POST /bookings", body=BOOKING_OF_HOLDER, settings=TOKENS),
    # The figures, from behind a proxy
    nobody("no token is set", PROXIED, "GET /metrics"),
    nobody("an admin", PROXIED, "GET /metrics", caller="admin"),
    *(
        nobody(what, PROXIED | {"Authorization": value}, "GET /metrics", settings=METRICS)
        for what, value in {
            "no token": "Bearer ",
            "half a token": "Bearer a scraper's token",
            "another scheme": f"Basic {METRICS['EVENTLY_METRICS_TOKEN']}",
            "a token beyond ASCII": f"Bearer {METRICS['EVENTLY_METRICS_TOKEN']}é",
        }.items()
    ),
    lacks_scope("for-book", "GET /events"),
    lacks_scope("for-book", "HEAD /users/me"),
    lacks_scope("for-admin", f"GET /events/{EVENT}/seats"),
    lacks_scope("for-admin", "GET /users/me/bookings"),
    lacks_scope("for-read", "POST /bookings", body={"event_id": EVENT}),
    lacks_scope("for-admin", "POST /waitlists", body={"event_id": EVENT}),
    lacks_scope("for-read", "POST /users/me/notifications/read-all"),
    lacks_scope("for-read", "GET /admin/analytics"),
    lacks_scope("for-book", f"DELETE /admin/events/{EVENT}"),
    lacks_scope("for-read", "POST /admin/users", body={"username": "x"}),
    # Tokens of an identity provider
    *(
        refused(f"as a JWT {what}", {"Authorization": f"Bearer {value}"}, settings=JWT)
        for what, value in NO_JWTS.items()
    ),
    refused("public, no JWT", {"Authorization": "Bearer x"}, "GET /events", settings=JWT),
    refused("Basic", {"Authorization": "Basic aG9sZGVyOg=="}, "GET /events", settings=JWT),
    nobody("no JWT", {}, settings=JWT),
    nobody("identity headers, no JWT", {"X-User-ID": str(HOLDER)}, settings=JWT),
    nobody("the role alone, no JWT", {"X-User-Role": "admin"}, "GET /admin/users", settings=JWT),
    nobody("the body alone, no JWT", {}, "POST /bookings", body=BOOKING_OF_HOLDER, settings=JWT),
]
