"""Bodies that aren't JSON as it should be, and media types that the API doesn't take."""

from tests.bad_input import EVENT, NOTIFICATION, Row, invalid

BOOK = "POST /bookings"
VALID = b'{"event_id": %d}' % EVENT
LIMIT = 64 * 1024


def unreadable(what, raw):
    return Row(what=what, call=BOOK, status=400, code="parse_error", raw=raw)


def unsupported(what, content_type, raw=VALID, **values):
    row = {"call": BOOK, "status": 415, "code": "unsupported_media_type"} | values
    return Row(what=what, content_type=content_type, raw=raw, **row)


def too_large(what, raw, call=BOOK):
    return Row(what=what, call=call, status=413, code="payload_too_large", raw=raw)


ROWS = [
    unreadable("cut off", b'{"event_id": '),
    unreadable("blank", b"   "),
    unreadable("a trailing comma", b'{"event_id": 1,}'),
    unreadable("single quotes", b"{'event_id': 1}"),
    unreadable("two documents", VALID + VALID),
    unreadable("a comment", b'{"event_id": 1} // please'),
    unreadable("a leading zero", b'{"event_id": 01}'),
    unreadable("a hexadecimal number", b'{"event_id": 0x1}'),
    unreadable("a raw control character", b'{"seat_number": "Seat\n1"}'),
    unreadable("NaN", b'{"event_id": NaN}'),
    unreadable("Infinity", b'{"event_id": Infinity}'),
    unreadable("-Infinity in an unknown field", b'{"event_id": 1, "x": -Infinity}'),
    unreadable("an integer of 5,000 digits", b'{"event_id": 1%s}' % (b"0" * 5_000)),
    unreadable("the same key twice", b'{"event_id": 1, "event_id": 2}'),
    unreadable("the same key twice, further in", b'{"event_id": 1, "x": {"a": 1, "a": 1}}'),
    unreadable("too deep arrays", b"[" * 40 + b"]" * 40),
    unreadable("too deep objects", b'{"a":' * 40 + b"1" + b"}" * 40),
    unreadable("30,000 deep", b"[" * 30_000 + b"]" * 30_000),
    unreadable("30,000 deep and cut off", b"[" * 30_000),
    unreadable("not UTF-8", b'{"seat_number": "\xff"}'),
    unreadable("UTF-8 cut off", '{"seat_number": "é'.encode()[:-1]),
    unreadable("a surrogate in UTF-8", b'{"seat_number": "\xed\xa0\x80"}'),
    unreadable("UTF-16", VALID.decode().encode("utf-16")),
    unreadable("a byte-order mark", b"\xef\xbb\xbf" + VALID),
    invalid(BOOK, "event_id", what="empty", raw=b""),
    invalid(BOOK, "event_id", what="an empty object", raw=b"{}"),
    invalid(BOOK, "non_field_errors", what="null", raw=b"null"),
    invalid(BOOK, "non_field_errors", what="an array", raw=b"[%s]" % VALID),
    invalid(BOOK, "non_field_errors", what="a string", raw=b'"event_id"'),
    invalid(BOOK, "non_field_errors", what="a number", raw=b"1"),
    invalid(BOOK, "non_field_errors", what="true", raw=b"true"),
    invalid(BOOK, "event_id", what="1e999", raw=b'{"event_id": 1e999}'),
    invalid(BOOK, "event_id", what="-0.0", raw=b'{"event_id": -0.0}'),
    invalid("POST /admin/events", "non_field_errors", what="an array", raw=b"[]", caller="admin"),
    invalid(
        f"PUT /admin/events/{EVENT}", "non_field_errors", what="null", raw=b"null", caller="admin"
    ),
    invalid(
        f"PATCH /admin/events/{EVENT}",
        "non_field_errors",
        what="an array",
        raw=b"[]",
        caller="admin",
    ),
    invalid("POST /waitlists", "non_field_errors", what="null", raw=b"null"),
    invalid("POST /admin/users", "non_field_errors", what="a string", raw=b'"x"', caller="admin"),
    too_large("one byte too many", VALID.ljust(LIMIT + 1)),
    too_large("three megabytes", VALID.ljust(3_000_000)),
    too_large("too large", VALID.ljust(LIMIT + 1), f"PATCH /users/me/notifications/{NOTIFICATION}"),
    unsupported("a form", "application/x-www-form-urlencoded", b"event_id=1"),
    unsupported(
        "a multipart form",
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="event_id"\r\n\r\n1\r\n--x--\r\n',
    ),
    unsupported("a multipart form without boundary", "multipart/form-data"),
    unsupported("plain text", "text/plain"),
    unsupported("XML", "application/xml", b"<event_id>1</event_id>"),
    unsupported("no media type", ""),
    *(
        unsupported(
            f"encoded: {encoding}", "application/json", headers={"Content-Encoding": encoding}
        )
        for encoding in ("gzip", "br", "deflate", "identity, gzip", "GZIP", "", " ", "x" * 5_000)
    ),
    unsupported("nonsense", "json"),
    unsupported("nonsense with a slash", "/"),
    unsupported("a kin of JSON", "application/json-patch+json", b"[]"),
    unsupported("a problem", "application/problem+json"),
    unsupported("UTF-16", "application/json; charset=utf-16", VALID.decode().encode("utf-16")),
    unsupported("Latin-1", "application/json; charset=iso-8859-1"),
    unsupported("an unknown charset", "application/json; charset=klingon"),
    unsupported(
        "a merge patch",
        "application/merge-patch+json",
        b"{}",
        call=f"PATCH /admin/events/{EVENT}",
        caller="admin",
    ),
    unsupported("a form", "application/x-www-form-urlencoded", b"a=b", call="POST /waitlists"),
]
