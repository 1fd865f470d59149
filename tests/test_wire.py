"""Requests in bytes to a real server: whatever comes is answered, never in HTML, never by 500."""

import gzip
import json

import pytest

from tests.served import fresh_database, served
from tests.wire import ask, chunks, request

pytestmark = pytest.mark.once

JSON = "Content-Type: application/json"
IN_CHUNKS = "Transfer-Encoding: chunked"
# User 1 books a seat of event 1: of what is cut off or lies about its length nothing is booked.
WISH = b'{"user_id": 1, "event_id": 1}'
PACKED = gzip.compress(WISH)


def sized(body, *headers, length=None):
    length = len(body) if length is None else length
    return request("POST /bookings HTTP/1.1", *headers, f"Content-Length: {length}", body=body)


def in_chunks(body, *headers):
    return request("POST /bookings HTTP/1.1", JSON, IN_CHUNKS, *headers, body=body)


def get(*headers, line="GET /events HTTP/1.1"):
    return request(line, *headers)


LONG_LINE = f"GET /events?search={'x' * 9_000} HTTP/1.1"
UNREADABLE = {
    "a chunk of no size": (400, in_chunks(b"zz\r\n{}\r\n0\r\n\r\n")),
    "a chunk of negative size": (400, in_chunks(b"-1\r\n{}\r\n0\r\n\r\n")),
    "a chunk without an end": (400, in_chunks(b"2\r\n{}XX0\r\n\r\n")),
    "chunks and a length": (400, in_chunks(chunks(WISH), "Content-Length: 3")),
    "an unknown coding": (501, request("POST /bookings HTTP/1.1", "Transfer-Encoding: odd")),
    "two lengths": (400, sized(WISH, JSON, "Content-Length: 3")),
    "a negative length": (400, sized(WISH, JSON, length=-1)),
    "a length in words": (400, sized(WISH, JSON, length="many")),
    "a signed length": (400, sized(WISH, JSON, length=f"+{len(WISH)}")),
    "a length of 30 digits and a sign": (400, sized(WISH, JSON, length=f"-{'9' * 30}")),
    "an unknown expectation": (417, sized(WISH, JSON, "Expect: wonders")),
    "a header of 9 KB": (431, get(f"X-Big: {'x' * 9_000}")),
    "a header of 200 KB": (431, get(f"X-Big: {'x' * 200_000}")),
    "200 headers": (431, get(*(f"X-{n}: 1" for n in range(200)))),
    "a line of 9 KB": (414, get(line=LONG_LINE)),
    "a method with a bracket": (400, get(line="GE(T /events HTTP/1.1")),
    "a method in small letters": (400, get(line="get /events HTTP/1.1")),
    "HTTP/9.1": (400, get(line="GET /events HTTP/9.1")),
    "no version": (400, b"GET /events\r\n\r\n"),
    "nothing": (400, b"\r\n\r\n"),
    "the beginning of TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
    "the beginning of HTTP/2": (400, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "a proxy's own protocol": (400, b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n" + get()),
    "a header without a colon": (400, get("Nonsense")),
    "a space before the colon": (400, get("X-User-ID : 1")),
    "a folded header": (400, get("X-A: 1\r\n 2")),
    "a NUL in a header": (400, get("X-User-ID: 1\0")),
    "two hosts": (400, get("Host: evil.example")),
    "two media types": (400, sized(WISH, JSON, "Content-Type: text/plain")),
    "a raw byte in the path": (400, get(line="GET /ev\xffents HTTP/1.1")),
}
REFUSED = {
    "chunks that are too large": (
        413,
        "payload_too_large",
        in_chunks(chunks(*[b" " * 60_000] * 3)),
    ),
    "chunks of gzip": (400, "parse_error", in_chunks(chunks(PACKED))),
    "a length shorter than the body": (400, "parse_error", sized(WISH, JSON, length=5)),
    "gzip": (415, "unsupported_media_type", sized(PACKED, JSON, "Content-Encoding: gzip")),
    "gzip in name only": (415, "unsupported_media_type", sized(WISH, JSON, "Content-Encoding: br")),
    "two encodings": (
        415,
        "unsupported_media_type",
        sized(WISH, JSON, "Content-Encoding: identity, gzip"),
    ),
    "60,000 deep": (400, "parse_error", sized(b"[" * 60_000, JSON)),
    "an extended parameter": (
        415,
        "unsupported_media_type",
        sized(WISH, "Content-Type: application/json; charset*=x''%41"),
    ),
    "no letters": (415, "unsupported_media_type", sized(WISH, "Content-Type: \xff\xfe")),
    "an empty charset": (415, "unsupported_media_type", sized(WISH, f"{JSON}; charset=")),
    "a form": (
        415,
        "unsupported_media_type",
        sized(b"event_id=1", "Content-Type: application/x-www-form-urlencoded"),
    ),
    "a long boundary": (
        415,
        "unsupported_media_type",
        sized(WISH, f"Content-Type: multipart/form-data; boundary={'x' * 5_000}"),
    ),
    "another method by header": (
        405,
        "method_not_allowed",
        request("PUT /bookings HTTP/1.1", "X-HTTP-Method-Override: POST"),
    ),
    "a large body that nobody asks for": (
        404,
        "not_found",
        request(
            "DELETE /bookings/999 HTTP/1.1",
            "X-User-ID: 1",
            "Content-Length: 3000000",
            body=b" " * 3_000_000,
        ),
    ),
    "an identity that could pass for another's": (
        401,
        "not_authenticated",
        get("X_User_ID: 1", line="GET /users/me HTTP/1.1"),
    ),
    "an identity beyond ASCII": (
        401,
        "authentication_failed",
        get("X-User-ID: \xe9", line="GET /users/me HTTP/1.1"),
    ),
    "another server's address": (
        404,
        "not_found",
        get(line="GET http://evil.example/events/999 HTTP/1.1"),
    ),
    "a star": (404, "not_found", get(line="OPTIONS * HTTP/1.1")),
    "a tunnel": (404, "not_found", get(line="CONNECT localhost:80 HTTP/1.1")),
}
# The client says that no more will come, or waits for an answer without sending what it promised.
CUT_OFF = {
    "a length longer than the body": (400, "parse_error", sized(WISH, JSON, length=500), True),
    "chunks without the last": (400, "parse_error", in_chunks(b"1d\r\n" + WISH + b"\r\n"), True),
    "a chunk cut off": (400, "parse_error", in_chunks(b"ff\r\n" + WISH), True),
    "a body that stalls": (400, "parse_error", sized(WISH, JSON, length=500), False),
    "a chunk that stalls": (400, "parse_error", in_chunks(b"f" * 16 + b"\r\n{}"), False),
    "20 MB that are only promised": (
        413,
        "payload_too_large",
        sized(WISH, JSON, length=20_000_000),
        False,
    ),
    "a length of 30 digits": (413, "payload_too_large", sized(WISH, JSON, length="9" * 30), False),
    "1 MB that is asked for first": (
        413,
        "payload_too_large",
        sized(b"", JSON, "Expect: 100-continue", length=1_000_000),
        False,
    ),
}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wire")
    with fresh_database(folder) as database_url, served(database_url) as url:
        yield url


def bookings(url):
    """Count what user 1 has booked."""
    answer = ask(url, get("X-User-ID: 1", line="GET /users/me/bookings?status=all HTTP/1.1"))
    assert answer.status == 200
    return len(json.loads(answer.body))


@pytest.mark.parametrize(
    ("status", "sent"), [pytest.param(*row, id=what) for what, row in UNREADABLE.items()]
)
def test_what_is_no_http_is_refused_with_a_problem(url, status, sent):
    answer = ask(url, sent)

    problem = answer.problem
    assert answer.status == problem["status"] == status
    assert problem["type"] == f"urn:evently:problem:{problem['code']}"
    assert problem["detail"] == "This isn't a request that the server can read."


@pytest.mark.parametrize(
    ("status", "code", "sent"), [pytest.param(*row, id=what) for what, row in REFUSED.items()]
)
def test_what_evently_does_not_take_is_refused_with_a_problem(url, status, code, sent):
    answer = ask(url, sent)

    assert (answer.status, answer.problem["code"]) == (status, code)


@pytest.mark.parametrize(
    ("status", "code", "sent", "hang_up"),
    [pytest.param(*row, id=what) for what, row in CUT_OFF.items()],
)
def test_body_that_never_comes_is_refused_and_books_nothing(url, status, code, sent, hang_up):
    before = bookings(url)

    answer = ask(url, sent, hang_up=hang_up)

    assert (answer.status, answer.problem["code"]) == (status, code)
    assert bookings(url) == before


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(in_chunks(chunks(WISH[:7], WISH[7:])), id="in chunks"),
        pytest.param(sized(WISH, JSON, "Expect: 100-continue"), id="asked for first"),
        pytest.param(sized(WISH, JSON, "Content-Encoding: identity"), id="no encoding"),
        pytest.param(sized(WISH, f'{JSON}; charset="UTF-8"'), id="a quoted charset"),
        pytest.param(sized(WISH, "Content-Type: APPLICATION/JSON;a=b"), id="in capitals"),
    ],
)
def test_body_that_is_right_in_an_unusual_way_is_taken(url, sent):
    answer = ask(url, sent)

    assert (answer.status, json.loads(answer.body)["user_id"]) == (201, 1)
